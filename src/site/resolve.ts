import type { SiteFile } from '../inventory/own-files.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { brokenKeys, keyPlaceOf, markBroken, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { build } from './build.ts';
import { ConfigDeriver } from './derive-config.ts';
import type { Underived } from './derived-facts.ts';
import type { Site } from './model.ts';
import { resolveClusters } from './resolve-clusters.ts';
import { resolveGroups } from './resolve-groups.ts';
import { resolveHost } from './resolve-host.ts';
import { deriveParents, resolveImages } from './resolve-images.ts';
import { resolveNetworks } from './resolve-networks.ts';
import { NodeResolver } from './resolve-node.ts';
import { resolveServer } from './resolve-server.ts';
import { resolveTenants } from './resolve-tenants.ts';

/**
 * Makes the site of an inventory whose shape has been checked, and of the files of its own: layers merged, facts
 * derived, references followed.
 * What is broken in the inventory is missing in the site. Reports references to things that there are not.
 */
export function resolveSite(
  inventory: Draft<SiteInventory>,
  report: Report,
  files: readonly SiteFile[] = [],
): Draft<Site> {
  reportNestedProfiles(inventory, report);
  const server = resolveServer(inventory);
  const networks = resolveNetworks(inventory);
  const clusters = resolveClusters(inventory, report);
  const host = resolveHost(inventory, clusters, report);
  const groups = resolveGroups(inventory);
  const tenants = resolveTenants(inventory, networks, report);
  const images = resolveImages(inventory, server, tenants, report);
  const resolver = new NodeResolver({
    inventory,
    server,
    networks,
    clusters,
    groups,
    tenants,
    images,
    host,
    report,
  });
  const underived = Object.keys(inventory.nodes ?? {}).map((name) => resolver.resolve(name));
  deriveParents(images, underived);
  const members = new Map<Underived['cluster'], Underived[]>(clusters.map((cluster) => [cluster, []]));
  for (const node of underived) members.get(node.cluster)?.push(node);
  for (const cluster of clusters) {
    // The one place where the site is tied into a knot: members and their cluster know each other.
    (cluster as { members: readonly Underived[] }).members = members.get(cluster) ?? [];
  }
  const deriver = new ConfigDeriver(server);
  const nodes = underived.map((node) => deriver.complete(node));
  const values = {
    name: inventory.site,
    server,
    host,
    sha512: inventory.harvester?.sha512 ?? {},
    size: inventory.harvester?.size ?? {},
    networks,
    clusters,
    groups,
    tenants,
    images,
    nodes,
    airGapped: inventory.air_gapped ?? false,
    silence: inventory.silence ?? {},
    files,
  };
  const site = build(
    values,
    inventory,
    { name: 'site', clusters: 'cluster', airGapped: 'air_gapped' },
    selfPlace(inventory),
  );
  // With one of them unknown, nothing can be said of all.
  if (inventory.nodes && brokenKeys(inventory.nodes).length > 0) markBroken(site, 'nodes');
  return site as Draft<Site>;
}

/** A profile does not take profiles: the order in which they would count would be a riddle. */
function reportNestedProfiles({ profiles = {} }: Draft<SiteInventory>, report: Report): void {
  for (const [name, profile] of Object.entries(profiles)) {
    if (profile?.profiles === undefined) continue;
    report.error({
      code: 'profile-of-profile',
      message: `The profile ${name} lists profiles: only nodes and defaults take them, so these would not count.`,
      at: keyPlaceOf(profile, 'profiles'),
      help: `list them, and ${name} after them, where ${name} is listed`,
    });
  }
}
