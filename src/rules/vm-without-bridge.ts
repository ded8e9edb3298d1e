import { eachNic } from '../site/each-nic.ts';
import type { Network, Node } from '../site/model.ts';
import { namesOf } from '../source/diagnostics/listed.ts';
import { isBroken, lacks, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const vmWithoutBridge: Rule = {
  code: 'vm-without-bridge',
  severity: 'error',
  what: 'Every network of a virtual machine is one that libvirt makes, or names the bridge of the host that it is on.',
  why: 'A NIC of a domain is plugged into something: without it there is nothing to write, and the machine would reach nobody.',
  essential: true,
  check(site, report) {
    const members = new Map<Draft<Network>, Set<Draft<Node>>>();
    for (const { node, nic } of eachNic(site)) {
      const { network } = nic;
      if (!node.domain || !network || !hasNoBridge(network)) continue;
      members.set(network, (members.get(network) ?? new Set()).add(node));
    }
    for (const [network, nodes] of members) {
      report({
        message: `libvirt does not make the network ${network.name}, and it names no bridge of the host: ${namesOf([...nodes])} could not be plugged into it.`,
        at: selfPlace(network),
        help: 'let libvirt make it with `dhcp: {server: libvirt}` or `libvirt: {}`, or name a bridge of the host with interface',
      });
    }
  },
};

function hasNoBridge(network: Draft<Network>): boolean {
  const { dhcp } = network;
  // A server of DHCP that was said wrongly may have been libvirt.
  const isUnclear = isBroken(network, 'dhcp') || (dhcp !== undefined && isBroken(dhcp, 'server'));
  return !isUnclear && lacks(network, 'libvirt') && lacks(network, 'interface');
}
