import type { ManifestDocuments } from '../inventory/manifests.ts';
import type { SiteFile } from '../inventory/own-files.ts';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { inherit, isBroken, keyLocationOf, lacks, markBroken } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { parseMac } from '../values/identifiers.ts';
import { parseVersion } from '../values/version.ts';
import { bootstrapFile } from './bootstrap.ts';
import { deriveConfigs } from './derive-config.ts';
import type { Underived } from './derived-facts.ts';
import { eachNamed, entries, read, valueOr, withOrigins } from './from-inventory.ts';
import type { Cluster, Site } from './model.ts';
import { deriveParents, resolveImages, resolveUnknown } from './resolve-boot.ts';
import { resolveHost } from './resolve-host.ts';
import { resolveManifests } from './resolve-manifests.ts';
import { namedNetwork, resolveGroups, resolveNetworks, resolveTenants } from './resolve-networks.ts';
import { resolveNodes } from './resolve-node.ts';
import { resolveServer } from './resolve-server.ts';

/**
 * Resolves the site of a validated inventory, with its own files and manifests: merges layers, derives values and resolves references. Broken
 * values of the inventory are missing in the site. Reports references to missing objects.
 */
export function resolveSite(
  inventory: Draft<SiteInventory>,
  report: Report,
  files: readonly SiteFile[] = [],
  documents: ManifestDocuments = { documents: [], areComplete: true },
): Draft<Site> {
  reportNestedProfiles(inventory, report);
  const server = resolveServer(inventory);
  const networks = resolveNetworks(inventory);
  const clusters = resolveClusters({ inventory, networks, report });
  const host = resolveHost(inventory, clusters, report);
  const groups = resolveGroups(inventory);
  const tenants = resolveTenants(inventory, networks, report);
  const images = resolveImages(inventory, server, tenants, report);
  const context = { inventory, server, networks, clusters, groups, tenants, images, host, report };
  const underived = resolveNodes(context);
  deriveParents(images, underived);
  const members = new Map<Underived['cluster'], Underived[]>(clusters.map((cluster) => [cluster, []]));
  for (const node of underived) members.get(node.cluster)?.push(node);
  for (const cluster of clusters) {
    // The only cycle of the site: members and their cluster refer to each other.
    (cluster as { members: readonly Underived[] }).members = members.get(cluster) ?? [];
  }
  const sha512 = inventory.harvester?.sha512 ?? {};
  const values = { name: inventory.site, server, networks, sha512, nodes: underived };
  const { manifests, areComplete } = resolveManifests({ inventory, documents, clusters, values, report });
  const nodes = deriveConfigs(underived, server, bootstrapFile(manifests));
  const resolved = {
    name: inventory.site,
    server,
    host,
    sha512,
    size: inventory.harvester?.size ?? {},
    networks,
    clusters,
    groups,
    tenants,
    images,
    nodes,
    unknownMachines: resolveUnknown(inventory, server, report),
    airGapped: inventory.air_gapped ?? false,
    silence: inventory.silence ?? {},
    files,
    manifests,
  };
  const site = withOrigins(resolved, inventory, { name: 'site', clusters: 'cluster' });
  // If one node is unknown, no conclusion about all nodes is possible.
  if (inventory.nodes && isBroken(inventory.nodes)) markBroken(site, 'nodes');
  if (!areComplete) markBroken(site, 'manifests');
  return site as Draft<Site>;
}

/** Reports profiles that list profiles: their precedence would be ambiguous. */
function reportNestedProfiles({ profiles = {} }: Draft<SiteInventory>, report: Report): void {
  for (const [name, profile] of Object.entries(profiles)) {
    if (profile?.profiles === undefined) continue;
    report.error({
      code: 'profile-of-profile',
      message: `The profile ${name} lists profiles, which only nodes and defaults may do: they would have no effect.`,
      at: keyLocationOf(profile, 'profiles'),
      help: `list them before ${name} wherever ${name} is listed`,
    });
  }
}

type ClusterInventory = NonNullable<Draft<SiteInventory>['cluster']>;

/**
 * Resolves the clusters of an inventory, without their members: the one of the short form under the site's own name, or those of
 * the long form. Reports the use of both forms.
 */
function resolveClusters(known: Parameters<typeof namedNetwork>[1]): Draft<Cluster>[] {
  const { inventory, report } = known;
  const { site, cluster, clusters } = inventory;
  if (cluster && clusters) {
    report.error({
      code: 'cluster-and-clusters',
      message:
        'The site has both cluster and clusters: cluster is the short form of clusters with one entry.',
      at: keyLocationOf(inventory, 'cluster'),
      related: [{ message: 'clusters is at', at: keyLocationOf(inventory, 'clusters') }],
      help: 'move the content of cluster to an entry of clusters',
    });
  }
  if (!clusters)
    return cluster ? [resolveCluster(site ?? '', cluster, keyLocationOf(inventory, 'cluster'), known)] : [];
  return eachNamed(clusters, (name, one, at) => resolveCluster(name, one, at, known));
}

function resolveCluster(
  name: string,
  cluster: ClusterInventory,
  self: SourceLocation,
  known: Parameters<typeof namedNetwork>[1],
): Draft<Cluster> {
  const { inventory, report } = known;
  const { harvester } = inventory;
  const own = cluster.harvester;
  const versionFrom = own && !lacks(own, 'version') ? own : harvester;
  const archFrom = own && !lacks(own, 'arch') ? own : harvester;
  const result = withOrigins<Draft<Cluster>>(
    {
      name,
      version: read(versionFrom?.version, parseVersion),
      arch: valueOr(archFrom ?? {}, 'arch', 'amd64'),
      network: namedNetwork(cluster, known, `The cluster ${name} has`),
      vip: cluster.vip,
      vipMode: valueOr(cluster, 'vip_mode', 'static'),
      vipHwAddr: read(cluster.vip_hw_addr, parseMac),
      token: cluster.token,
      exists: valueOr(cluster, 'exists', false),
      members: [],
      bootstrap: entries(cluster.bootstrap),
    },
    cluster,
    {},
    self,
  );
  if (cluster.network !== undefined && !result.network) markBroken(result, 'network');
  if (!versionFrom && !isBroken(inventory, 'harvester') && !(own && isBroken(own, 'version'))) {
    report.error({
      code: 'missing-release',
      message: `The cluster ${name} has no Harvester release: its installation media are unknown.`,
      at: self,
      help: 'add `harvester: {version: v1.4.1}`',
    });
  }
  if (versionFrom) inherit(result, 'version', versionFrom);
  if (archFrom) inherit(result, 'arch', archFrom);
  return result;
}
