import type { SecretValues } from '../../secrets/source.ts';
import { lunKey } from '../../site/iscsi.ts';
import type { Cluster, Site } from '../../site/model.ts';
import type { IscsiServer } from '../../site/model-server.ts';
import { eachNic, hasAddress } from '../../site/nics.ts';
import { eachMachineId, type MachineId } from '../../site/nodes.ts';
import { listed, namesOf } from '../../source/diagnostics/words.ts';
import { keyLocationOf, locationOf, selfLocation } from '../../source/origin.ts';
import { secretNames } from '../../source/placeholders.ts';
import type { SourceLocation } from '../../source/source.ts';
import { contains } from '../../values/addresses.ts';
import { grouped, groupedBy } from '../../values/grouped.ts';
import { addressAt, addressOwners, isSharedId, macOwners } from '../machines/identity.ts';
import { error, warning } from '../rule.ts';
import { fillReferences } from '../secrets/secret-values.ts';
import { sharedToken } from '../secrets/secrets.ts';
import { overlap, overlapping } from '../support.ts';
import { machinesOf } from './hosts.ts';
import { inTwoSites, type MultiSiteRule } from './rule.ts';

export const machineRules: readonly MultiSiteRule[] = [
  error('mac-in-two-sites', {
    what: 'A MAC address must be in only one of the sites that are compiled together.',
    why: 'The machine installs itself as the node of the site that answers first. Most often it was moved, but not removed from the other site.',
  }).check((sites, report) => {
    for (const { later, site, first, other } of inTwoSites(sites, macOwners, ({ id }) => id))
      report(addressAt(later), {
        message: `The MAC address ${later.id} of ${later.what} is also set for ${first.what} in the site ${other.name}: one machine can be only one of them.`,
        related: [{ message: `${first.what} of ${other.name} sets it at`, at: addressAt(first) }],
        help: `remove it from ${other.name} or ${site.name}, or correct one of the two`,
      });
  }),
  warning('machine-id-in-two-sites', {
    what: 'A UUID or serial number must be in only one of the sites that are compiled together.',
    why: 'It is most likely one machine, which was moved but not removed from the other site. Only serial numbers of two vendors can be equal.',
  }).check((sites, report) => {
    // shared-machine-id reports firmware defaults in each site.
    const idsOf = (site: Site) => [...eachMachineId(site)].filter((one) => !isSharedId(one));
    for (const { later, site, first, other } of inTwoSites(sites, idsOf, ({ id }) => id))
      if (!sharesMac(later, first))
        report(later.at, {
          message: `The ${later.what} ${later.value} of ${later.node.name} is also set for ${first.node.name} in the site ${other.name}: it is most likely one machine.`,
          related: [{ message: `${first.node.name} of ${other.name} sets it at`, at: first.at }],
          help: `remove it from ${other.name} or ${site.name}, or correct one of the two`,
        });
  }),
  error('vip-in-two-sites', {
    what: "A cluster's VIP must not be an IP address of another site that is compiled together with it.",
    why: 'If the sites can reach each other, nodes of one cluster join the other, or both lose their connection. Identically numbered sites that cannot reach each other can silence this rule in the file that they share.',
  }).check((sites, report) => {
    const vips = sites.flatMap((site) =>
      site.clusters.map((cluster) => {
        const what = `the VIP of ${cluster.name}`;
        return { site, cluster, what, at: locationOf(cluster, 'vip') };
      }),
    );
    const byVip = groupedBy(vips, ({ cluster }) => cluster.vip);
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
      const created = same.filter(({ cluster }) => !cluster.exists);
      const { site, cluster } = created.at(-1) ?? same[0];
      const others = [...created, ...(nodesByVip.get(vip) ?? [])].filter((one) => one.site !== site);
      if (others.length === 0) continue;
      const places = others.map(({ what, site }) => `${what} in the site ${site.name}`);
      report(locationOf(cluster, 'vip'), {
        message: `The VIP ${vip} of ${cluster.name} is also ${listed(places)}: clients reach only one.`,
        related: others.map(({ what, at }) => ({ message: `${what} is set at`, at })),
        help: 'set the VIP to a free IP address; or, for separate networks, add silence: {vip-in-two-sites: "the reason"}',
      });
    }
  }),
  warning('token-in-two-sites', {
    what: 'Each cluster of the sites that are compiled together must have its own token. Secrets are compared if their values are known.',
    why: 'With a shared token, a node with a wrong server_url joins the other cluster unnoticed, and the token of one site opens both. A section for each site in the secrets file sets several values for one name.',
  }).check((sites, report, valuesOf) => {
    const tokensOf = (site: Site) => {
      const values = valuesOf(site);
      return site.clusters.map((cluster) => ({ cluster, token: tokenOf(cluster, values) }));
    };
    for (const { later, site, first, other } of inTwoSites(sites, tokensOf, ({ token }) => token)) {
      const [a, b] = [later.cluster, first.cluster];
      if ((a.exists || b.exists) && a.vip === b.vip) continue;
      report(locationOf(later.cluster, 'token'), {
        message: `The cluster ${later.cluster.name} of ${site.name} has the same token as ${first.cluster.name} of ${other.name}: any machine with it can join both.`,
        related: [{ message: 'the other token is set at', at: locationOf(first.cluster, 'token') }],
        help: sharedToken(
          'token-in-two-sites',
          [a, b],
          `set another token for ${a.exists ? b.name : b.exists ? a.name : 'one of them'}: openssl rand -hex 32`,
        ),
      });
    }
  }),
  error('disk-in-two-sites', {
    what: 'Sites that are compiled together must not boot the same iSCSI disk, or make the same image in one store.',
    why: "Two machines that write to one disk destroy its content. A site does not make an image that the store already has: the second site would boot the first site's image.",
  }).check((sites, report) => {
    const disksAndImages = (site: Site) => [...disksIn(site), ...imagesIn(site)];
    for (const { later, first, other } of inTwoSites(sites, disksAndImages, ({ key }) => key)) {
      const how = first.verb === 'is' ? 'defined' : 'set to boot it';
      report(later.at, {
        message: `${later.name} ${later.verb} ${later.what}, like ${first.name} of the site ${other.name}: ${later.consequence}.`,
        related: [{ message: `${first.name} of ${other.name} is ${how} at`, at: first.at }],
        help: 'set another server.iscsi.prefix, directory or pool for one of the sites; or, for a target, name another for one of the nodes',
      });
    }
  }),
];

/** Whether the nodes of two things share a MAC address, which mac-in-two-sites reports. */
export function sharesMac(one: Pick<MachineId, 'node'>, other: Pick<MachineId, 'node'>): boolean {
  const [macs, others] = [one, other].map(({ node }) => node.nics?.flatMap((nic) => nic?.mac ?? []) ?? []);
  return macs?.some((mac) => others?.includes(mac)) ?? false;
}

/** Returns a token with its secrets substituted, or undefined if a value is unknown. */
function tokenOf({ token }: Cluster, values: SecretValues | undefined): string | undefined {
  return secretNames(token).every((name) => values?.has(name)) ? fillReferences(token, values) : undefined;
}

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

/** Whether two sites may have common networks. Of sites with one URL, which url-in-two-sites reports, this is unknown. */
const mayMeet = (one: Site, other: Site): boolean => one !== other && one.server.url !== other.server.url;

/** Whether a site is on networks of its own, although others have the same numbers. */
const isApart = ({ silence }: Site): boolean => silence['vip-in-two-sites'] !== undefined;

/** Whether two sites are on libvirt hosts with different addresses, whose own networks are private. */
function haveOwnHosts(one: Site, other: Site): boolean {
  const [address, another] = [one, other].map(({ host }) => host?.address?.toLowerCase());
  return address !== undefined && another !== undefined && address !== another;
}

/** Whether a site's DHCP server answers on a network. That of libvirt is private: libvirt-network-in-two-sites reports those of one host. */
const hasOwnDhcp = (server: string | undefined) =>
  server !== undefined && server !== 'external' && server !== 'libvirt';

export const addressRules: readonly MultiSiteRule[] = [
  error('address-in-two-sites', {
    what: 'Sites on one boot server, or with boot servers in one subnet, must not have nodes with the same IP address.',
    why: 'A boot server identifies machines by their IP address: it serves the machine the files of both sites, with the tokens of both clusters. Of two machines with one IP address on a network, neither is reachable for long.',
  }).check((sites, report) => {
    const machines = machinesOf(sites);
    const nicsOf = (site: Site) =>
      eachNic(site).flatMap((one) =>
        hasAddress(one.node, one.nic) ? [{ ...one, on: machines.get(site), server: site.server.host }] : [],
      );
    type Nic = ReturnType<typeof nicsOf>[number];
    const onMachine = ({ on, nic: { ip } }: Nic) => ip && `${on} ${ip}`;
    const onNetwork = ({ server, nic: { ip, network } }: Nic) =>
      ip && network?.subnet && contains(network.subnet, server) ? `${network.subnet.text} ${ip}` : undefined;
    // dhcp-in-two-sites reports that two servers answer on the network.
    const isServed = ({ nic }: Nic) => hasOwnDhcp(nic.network?.dhcp?.server);
    for (const keyOf of [onMachine, onNetwork])
      for (const { later, site, first, other } of inTwoSites(sites, nicsOf, keyOf)) {
        if (!mayMeet(site, other) || haveOwnHosts(site, other) || sharesMac(later, first)) continue;
        const isOne = later.on === first.on;
        if (
          keyOf === onNetwork &&
          (isOne || isApart(site) || isApart(other) || (isServed(later) && isServed(first)))
        )
          continue;
        const why = isOne
          ? 'on one boot server: a machine with it may fetch the files of both'
          : `whose boot server is in ${later.nic.network?.subnet?.text}, too: on one network, only one machine can have it`;
        report(locationOf(later.nic, 'ip'), {
          message: `The IP address ${later.nic.ip} of ${later.node.name} is also set for ${first.node.name} in the site ${other.name}, ${why}.`,
          related: [
            { message: `${first.node.name} of ${other.name} sets it at`, at: locationOf(first.nic, 'ip') },
          ],
          help: `set another IP address for one of them; or, for two ${isOne ? 'boot servers' : 'networks'}, add silence: {address-in-two-sites: "the reason"}`,
        });
      }
  }),
  error('address-in-pool-of-other-site', {
    what: 'Nodes, BMCs and VIPs must be outside the DHCP pools of sites that are compiled together with theirs.',
    why: 'DHCP of the other site can lease the IP address to an unknown machine, which disconnects the node or the cluster.',
  }).check((sites, report) => {
    for (const other of sites)
      for (const { subnet, dhcp, libvirt } of other.networks) {
        const pool = dhcp?.pool;
        if (!pool || isApart(other)) continue;
        for (const site of sites) {
          if (isApart(site) || (libvirt && haveOwnHosts(site, other))) continue;
          if (!mayMeet(site, other) || !site.networks.some((network) => overlap(network.subnet, subnet)))
            continue;
          const inside = ownersOf(site).filter(({ id }) => id !== undefined && contains(pool, id));
          const [first] = inside;
          if (!first) continue;
          report(locationOf(dhcp, 'pool'), {
            message: `The DHCP pool ${pool.text} of ${other.name} contains the IP address of ${namesOf(inside.map(({ what }) => ({ name: what })))}, in the site ${site.name}: DHCP can lease it to another machine.`,
            related: [{ message: `the IP address of ${first.what} is set at`, at: addressAt(first) }],
            help: 'shrink or move the pool; or, for separate networks, add silence: {address-in-pool-of-other-site: "the reason"}',
          });
        }
      }
  }),
  error('dhcp-in-two-sites', {
    what: 'A subnet must have one DHCP server in all sites that are compiled together.',
    why: 'Both servers are authoritative: each rejects the requests of nodes that only the other knows. Sites that silence vip-in-two-sites are on separate networks.',
  }).check((sites, report) => {
    const served = sites.flatMap((site) =>
      site.networks.flatMap((network) => {
        const server = network.dhcp?.server;
        return !hasOwnDhcp(server) || isApart(site) ? [] : [{ site, network, subnet: network.subnet }];
      }),
    );
    for (const { later, furthest: other } of overlapping(served)) {
      if (!mayMeet(later.site, other.site)) continue;
      report(keyLocationOf(later.network, 'dhcp'), {
        message: `${later.site.name} and ${other.site.name} both have a DHCP server on ${later.subnet.text}: on one network, each rejects the nodes of the other.`,
        related: [{ message: `${other.site.name} sets it at`, at: keyLocationOf(other.network, 'dhcp') }],
        help: 'set `server: external` in one of them; or, for two networks, add silence: {dhcp-in-two-sites: "the reason"}',
      });
    }
  }),
];

function ownersOf(site: Site) {
  const vips = site.clusters.map((cluster) => {
    const { vip: id, name } = cluster;
    return { id, what: `the VIP of ${name}`, holder: cluster, key: 'vip' };
  });
  return [...addressOwners(site), ...vips];
}
