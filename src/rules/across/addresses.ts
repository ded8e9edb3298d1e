import type { Site } from '../../site/model.ts';
import { eachNic, hasAddress } from '../../site/nics.ts';
import { namesOf } from '../../source/diagnostics/words.ts';
import { keyLocationOf, locationOf } from '../../source/origin.ts';
import { contains } from '../../values/addresses.ts';
import { addressAt, addressOwners } from '../machines/identity.ts';
import { error } from '../rule.ts';
import { overlap } from '../support.ts';
import { machinesOf } from './hosts.ts';
import { sharesMac } from './machines.ts';
import { inTwoSites, type MultiSiteRule } from './rule.ts';

/** Whether two sites may have common networks. Of sites with one URL, which url-in-two-sites reports, this is unknown. */
function mayMeet(one: Site, other: Site): boolean {
  return one !== other && one.server.url !== other.server.url;
}

/** Whether a site is on networks of its own, although others have the same numbers. */
function isApart({ silence }: Site): boolean {
  return silence['vip-in-two-sites'] !== undefined;
}

/** Whether two sites are on libvirt hosts with different addresses, whose own networks are private. */
function haveOwnHosts(one: Site, other: Site): boolean {
  const [address, another] = [one, other].map(({ host }) => host?.address?.toLowerCase());
  return address !== undefined && another !== undefined && address !== another;
}

export const addressRules: readonly MultiSiteRule[] = [
  error('address-in-two-sites', {
    what: 'Sites on one boot server must not have nodes with the same IP address.',
    why: 'The boot server identifies machines by their IP address: it serves the machine the files of both sites, with the tokens of both clusters.',
    check(sites, report) {
      const machines = machinesOf(sites);
      const nicsOf = (site: Site) =>
        eachNic(site).flatMap((one) =>
          hasAddress(one.node, one.nic) ? [{ ...one, on: machines.get(site) }] : [],
        );
      const keyOf = ({ on, nic: { ip } }: ReturnType<typeof nicsOf>[number]) => ip && `${on} ${ip}`;
      for (const { one, site, first, other } of inTwoSites(sites, nicsOf, keyOf)) {
        if (!mayMeet(site, other) || haveOwnHosts(site, other) || sharesMac(one, first)) continue;
        report(locationOf(one.nic, 'ip'), {
          message: `The IP address ${one.nic.ip} of ${one.node.name} is also set for ${first.node.name} in the site ${other.name}, on one boot server: a machine with it may fetch the files of both.`,
          related: [
            { message: `${first.node.name} of ${other.name} sets it at`, at: locationOf(first.nic, 'ip') },
          ],
          help: 'set another IP address for one of them; or, for two boot servers, add silence: {address-in-two-sites: "the reason"}',
        });
      }
    },
  }),
  error('address-in-pool-of-other-site', {
    what: 'Nodes, BMCs and VIPs must be outside the DHCP pools of sites that are compiled together with theirs.',
    why: 'DHCP of the other site can lease the IP address to an unknown machine, which disconnects the node or the cluster.',
    check(sites, report) {
      for (const other of sites) {
        for (const { subnet, dhcp, libvirt } of other.networks) {
          const pool = dhcp?.pool;
          if (!pool || isApart(other)) continue;
          for (const site of sites) {
            if (isApart(site) || (libvirt && haveOwnHosts(site, other))) continue;
            if (!mayMeet(site, other) || !site.networks.some((one) => overlap(one.subnet, subnet))) continue;
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
      }
    },
  }),
  error('dhcp-in-two-sites', {
    what: 'A subnet must have one DHCP server in all sites that are compiled together.',
    why: 'Both servers are authoritative: each rejects the requests of nodes that only the other knows. Sites that silence vip-in-two-sites are on separate networks.',
    check(sites, report) {
      const served = sites.flatMap((site) =>
        site.networks.flatMap((network) => {
          const server = network.dhcp?.server;
          // A network of libvirt is private to its host; libvirt-network-in-two-sites reports those of one host.
          const isOwn = server === undefined || server === 'external' || server === 'libvirt';
          return isOwn || isApart(site) ? [] : [{ site, network, subnet: network.subnet }];
        }),
      );
      served.sort((a, b) => a.subnet.first - b.subnet.first || b.subnet.last - a.subnet.last);
      // As in networks-overlap: comparing with the subnet that reaches furthest is enough.
      let furthest = served[0];
      for (const one of served.slice(1)) {
        if (!furthest || one.subnet.first > furthest.subnet.last) {
          furthest = one;
          continue;
        }
        if (!mayMeet(one.site, furthest.site)) continue;
        report(keyLocationOf(one.network, 'dhcp'), {
          message: `${one.site.name} and ${furthest.site.name} both have a DHCP server on ${one.subnet.text}: on one network, each rejects the nodes of the other.`,
          related: [
            { message: `${furthest.site.name} sets it at`, at: keyLocationOf(furthest.network, 'dhcp') },
          ],
          help: 'set `server: external` in one of them; or, for two networks, add silence: {dhcp-in-two-sites: "the reason"}',
        });
      }
    },
  }),
];

function ownersOf(site: Site) {
  const vips = site.clusters.map((cluster) => ({
    id: cluster.vip,
    what: `the VIP of ${cluster.name}`,
    holder: cluster,
    key: 'vip',
  }));
  return [...addressOwners(site), ...vips];
}
