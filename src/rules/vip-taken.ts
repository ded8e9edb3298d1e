import { machineAddresses } from '../site/address-owners.ts';
import { iscsiAddresses } from '../site/iscsi-addresses.ts';
import type { Site } from '../site/model.ts';
import type { Place } from '../source/origin.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const vipTaken: Rule = {
  code: 'vip-taken',
  severity: 'error',
  what: "The VIP is nobody else's address: no node's, gateway's, DNS server's, boot server's, iSCSI server's, libvirt host's or other cluster's.",
  why: 'With the VIP on another machine the cluster cannot come up; only the interactive installer notices (harvester/harvester#2229).',
  check(site, report) {
    const vips = new Set((site.clusters ?? []).flatMap((cluster) => cluster?.vip ?? []));
    const owners = addressOwners(site, vips);
    for (const cluster of site.clusters ?? []) {
      if (!cluster?.vip) continue;
      const owner = owners.get(cluster.vip);
      if (owner) {
        report({
          message: `The VIP ${cluster.vip} is already the address of ${owner.what}: the cluster could not come up.`,
          at: placeOf(cluster, 'vip'),
          related: [{ message: `${owner.what} has it at`, at: owner.at }],
          help: "give the VIP a free address of the nodes' subnet",
        });
      } else {
        owners.set(cluster.vip, { what: `the cluster ${cluster.name}`, at: placeOf(cluster, 'vip') });
      }
    }
  },
};

/** Whose those of some addresses are that somebody has. */
function addressOwners(site: Draft<Site>, wanted: ReadonlySet<string>) {
  const { networks = [], server } = site;
  const owners = new Map<string, { what: string; at: Place }>();
  const own = (address: string | undefined, what: string, at: Place) => {
    if (address && wanted.has(address) && !owners.has(address)) owners.set(address, { what, at });
  };
  for (const { address, what, at } of machineAddresses(site, wanted)) own(address, what, at);
  for (const network of networks) {
    if (!network) continue;
    own(network.gateway, `the gateway of ${network.name}`, placeOf(network, 'gateway'));
    const { libvirt } = network;
    if (libvirt) own(libvirt.address, `the host on ${network.name}`, placeOf(libvirt, 'address'));
    for (const address of network.dns ?? [])
      own(address, `a DNS server of ${network.name}`, placeOf(network, 'dns'));
    for (const { address, whose, at } of iscsiAddresses(network, server)) own(address, whose, at);
  }
  if (server) own(server.host, 'the boot server', placeOf(server, 'url'));
  return owners;
}
