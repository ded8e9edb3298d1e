import { networkOf } from '../site/bmc-nic.ts';
import { eachBmc } from '../site/each-bmc.ts';
import { eachNic } from '../site/each-nic.ts';
import { foreignIscsiAddresses, iscsiAddresses } from '../site/iscsi-addresses.ts';
import type { Network, Server } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const addressOfInfrastructure: Rule = {
  code: 'address-of-infrastructure',
  severity: 'error',
  what: 'No node, nor its management controller, has the address of its gateway, of the boot server, of an iSCSI server or of the libvirt host.',
  why: 'A node that takes the address of the gateway, of the boot server, of the iSCSI server or of the host cuts every machine of the network off.',
  check(site, report) {
    const { server, nodes = [] } = site;
    const foreign = foreignIscsiAddresses(nodes);
    for (const { node, nic } of eachNic(site)) {
      const { ip, network } = nic;
      if (!ip) continue;
      // A machine with a system of its own may serve targets to others.
      const owner = ownerOf(ip, network, server) ?? (node.iscsi && foreign.get(ip));
      if (!owner) continue;
      const { whose, at } = owner;
      report({
        node,
        message: `The address ${ip} of ${node.name} is that of ${whose}: every machine of the network would be cut off.`,
        at: placeOf(nic, 'ip'),
        related: [{ message: `${whose} has it at`, at }],
        help: `give ${node.name} an address of its own`,
      });
    }
    for (const { node, bmc } of eachBmc(site)) {
      const { address } = bmc;
      if (address === undefined) continue;
      const owner = ownerOf(address, networkOf(address, site.networks ?? []), server);
      if (!owner) continue;
      report({
        node,
        message: `The address ${address} of the management controller of ${node.name} is that of ${owner.whose}: every machine of the network would be cut off.`,
        at: placeOf(bmc, 'address'),
        related: [{ message: `${owner.whose} has it at`, at: owner.at }],
        help: 'give the management controller an address of its own',
      });
    }
  },
};

function ownerOf(ip: string, network: Draft<Network> | undefined, server: Draft<Server> | undefined) {
  if (network?.gateway === ip)
    return { whose: `the gateway of ${network.name}`, at: placeOf(network, 'gateway') };
  if (server?.host === ip) return { whose: 'the boot server', at: placeOf(server, 'url') };
  if (network?.libvirt?.address === ip)
    return { whose: `the host on ${network.name}`, at: placeOf(network.libvirt, 'address') };
  if (network?.iscsi !== ip && server?.iscsi?.address !== ip) return undefined;
  return [...iscsiAddresses(network, server)].find(({ address }) => address === ip);
}
