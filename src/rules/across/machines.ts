import type { SecretValues } from '../../secrets/source.ts';
import { lunKey } from '../../site/iscsi.ts';
import type { Cluster, Site } from '../../site/model.ts';
import type { IscsiServer } from '../../site/model-server.ts';
import { eachNic } from '../../site/nics.ts';
import { eachMachineId, type MachineId } from '../../site/nodes.ts';
import { listed } from '../../source/diagnostics/words.ts';
import { locationOf, selfLocation } from '../../source/origin.ts';
import { secretNames } from '../../source/placeholders.ts';
import type { SourceLocation } from '../../source/source.ts';
import { grouped, groupedBy } from '../../values/grouped.ts';
import { addressAt, isSharedId, macOwners } from '../machines/identity.ts';
import { error, warning } from '../rule.ts';
import { fillReferences } from '../secrets/secret-texts.ts';
import { sharedToken } from '../secrets/tokens.ts';
import { inTwoSites, type MultiSiteRule } from './rule.ts';

export const machineRules: readonly MultiSiteRule[] = [
  error('mac-in-two-sites', {
    what: 'A MAC address must be in only one of the sites that are compiled together.',
    why: 'The machine installs itself as the node of the site that answers first. Most often it was moved, but not removed from the other site.',
    check(sites, report) {
      for (const { one, site, first, other } of inTwoSites(sites, macOwners, ({ id }) => id)) {
        report(addressAt(one), {
          message: `The MAC address ${one.id} of ${one.what} is also set for ${first.what} in the site ${other.name}: one machine can be only one of them.`,
          related: [{ message: `${first.what} of ${other.name} sets it at`, at: addressAt(first) }],
          help: `remove it from ${other.name} or ${site.name}, or correct one of the two`,
        });
      }
    },
  }),
  warning('machine-id-in-two-sites', {
    what: 'A UUID or serial number must be in only one of the sites that are compiled together.',
    why: 'It is most likely one machine, which was moved but not removed from the other site. Only serial numbers of two vendors can be equal.',
    check(sites, report) {
      // shared-machine-id reports firmware defaults in each site.
      const idsOf = (site: Site) => [...eachMachineId(site)].filter((one) => !isSharedId(one));
      for (const { one, site, first, other } of inTwoSites(sites, idsOf, ({ id }) => id)) {
        if (sharesMac(one, first)) continue;
        report(one.at, {
          message: `The ${one.what} ${one.value} of ${one.node.name} is also set for ${first.node.name} in the site ${other.name}: it is most likely one machine.`,
          related: [{ message: `${first.node.name} of ${other.name} sets it at`, at: first.at }],
          help: `remove it from ${other.name} or ${site.name}, or correct one of the two`,
        });
      }
    },
  }),
  error('vip-in-two-sites', {
    what: "A cluster's VIP must not be an IP address of another site that is compiled together with it.",
    why: 'If the sites can reach each other, nodes of one cluster join the other, or both lose their connection. Identically numbered sites that cannot reach each other can silence this rule in the file that they share.',
    check(sites, report) {
      const clusters = sites.flatMap((site) => site.clusters.map((cluster) => ({ site, cluster })));
      const byVip = groupedBy(clusters, ({ cluster }) => cluster.vip);
      const nodes = sites.flatMap((site) =>
        eachNic(site).flatMap(({ node, nic }) => {
          const { ip = '' } = nic;
          const what = `the IP address of ${node.name}`;
          return byVip.has(ip) ? [[ip, { site, what, at: locationOf(nic, 'ip') }] as const] : [];
        }),
      );
      const nodesByVip = grouped(nodes);
      for (const [vip, same] of byVip) {
        // Nodes of a second site may join the cluster of the first.
        const own = same.filter(({ cluster }) => !cluster.exists);
        const { site, cluster } = own.at(-1) ?? same[0];
        const vips = own.map((one) => {
          const what = `the VIP of ${one.cluster.name}`;
          return { site: one.site, what, at: locationOf(one.cluster, 'vip') };
        });
        const others = [...vips, ...(nodesByVip.get(vip) ?? [])].filter((one) => one.site !== site);
        if (others.length === 0) continue;
        const places = others.map(({ what, site }) => `${what} in the site ${site.name}`);
        report(locationOf(cluster, 'vip'), {
          message: `The VIP ${vip} of ${cluster.name} is also ${listed(places)}: clients reach only one.`,
          related: others.map(({ what, at }) => ({ message: `${what} is set at`, at })),
          help: 'set the VIP to a free IP address; or, for separate networks, add silence: {vip-in-two-sites: "the reason"}',
        });
      }
    },
  }),
  warning('token-in-two-sites', {
    what: 'Each cluster of the sites that are compiled together must have its own token. Secrets are compared if their values are known.',
    why: 'With a shared token, a node with a wrong server_url joins the other cluster unnoticed, and the token of one site opens both. A section for each site in the secrets file sets several values for one name.',
    check(sites, report, valuesOf) {
      const tokensOf = (site: Site) => {
        const values = valuesOf(site);
        return site.clusters.map((cluster) => ({ cluster, token: tokenOf(cluster, values) }));
      };
      for (const { one, site, first, other } of inTwoSites(sites, tokensOf, ({ token }) => token)) {
        const [a, b] = [one.cluster, first.cluster];
        if ((a.exists || b.exists) && a.vip === b.vip) continue;
        report(locationOf(one.cluster, 'token'), {
          message: `The cluster ${one.cluster.name} of ${site.name} has the same token as ${first.cluster.name} of ${other.name}: any machine with it can join both.`,
          related: [{ message: 'the other token is set at', at: locationOf(first.cluster, 'token') }],
          help: sharedToken(
            'token-in-two-sites',
            [a, b],
            `set another token for ${a.exists ? b.name : b.exists ? a.name : 'one of them'}: openssl rand -hex 32`,
          ),
        });
      }
    },
  }),
  error('disk-in-two-sites', {
    what: 'Sites that are compiled together must not boot the same iSCSI disk, or make the same image in one store.',
    why: "Two machines that write to one disk destroy its content. A site does not make an image that the store already has: the second site would boot the first site's image.",
    check(sites, report) {
      const disksAndImages = (site: Site) => [...disksIn(site), ...imagesIn(site)];
      for (const { one, first, other } of inTwoSites(sites, disksAndImages, ({ key }) => key)) {
        const how = first.verb === 'is' ? 'defined' : 'set to boot it';
        report(one.at, {
          message: `${one.name} ${one.verb} ${one.what}, like ${first.name} of the site ${other.name}: ${one.consequence}.`,
          related: [{ message: `${first.name} of ${other.name} is ${how} at`, at: first.at }],
          help: 'set another server.iscsi.prefix, directory or pool for one of the sites; or, for a target, name another for one of the nodes',
        });
      }
    },
  }),
];

/** Whether the nodes of two things share a MAC address, which mac-in-two-sites reports. */
export function sharesMac(
  { node }: Pick<MachineId, 'node'>,
  { node: other }: Pick<MachineId, 'node'>,
): boolean {
  return Boolean(
    node.nics?.some((nic) => nic?.mac && other.nics?.some((another) => another?.mac === nic.mac)),
  );
}

/** Returns a token with its secrets substituted, or undefined if a value is unknown. */
function tokenOf({ token }: Cluster, values: SecretValues | undefined): string | undefined {
  if (secretNames(token).every((name) => values?.has(name))) return fillReferences(token, values);
  return undefined;
}

/** A disk that a site boots, or an image that it makes. */
interface Disk {
  /** Identifies the disk or image in all sites. */
  readonly key: string;
  readonly name: string;
  readonly at: SourceLocation;
  readonly verb: 'boots' | 'is';
  readonly what: string;
  readonly consequence: string;
}

function* disksIn(site: Site): Iterable<Disk> {
  const consequence = 'two machines that write to one disk destroy its content';
  for (const { name, iscsi } of site.nodes) {
    if (!iscsi) continue;
    const { disk, lun, target } = iscsi;
    const at = locationOf(iscsi, disk === undefined ? 'target' : 'disk');
    const what = disk === undefined ? `LUN ${lun} of ${target}` : `the disk ${disk} of the store`;
    const key = disk === undefined ? lunKey(iscsi) : `${storeOf(site.server.iscsi)} ${disk}`;
    if (key !== undefined) yield { key, name, at, verb: 'boots', what, consequence };
  }
}

/** Yields the images that a site makes. Sites may share an image that is already in the store. */
function* imagesIn(site: Site): Iterable<Disk> {
  const consequence = 'only the first site makes its image';
  for (const image of site.images) {
    const { name, stored, source, snapshotOf } = image;
    if ((source ?? snapshotOf) === undefined) continue;
    const what = `the image ${stored} of the store`;
    const key = `${storeOf(site.server.iscsi)} ${stored}`;
    yield { key, name, at: selfLocation(image), verb: 'is', what, consequence };
  }
}

/** Returns a unique key of a store: a pool is the same for all clients, but a directory belongs to one server. */
function storeOf({ store, address }: IscsiServer): string {
  return store.kind === 'rbd' ? `rbd ${store.conf} ${store.pool}` : `files ${address} ${store.folder}`;
}
