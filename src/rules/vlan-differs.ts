import { effective } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { type Read, unlikeOthers } from '../site/unlike-others.ts';
import { isBroken } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const vlanDiffers: Rule = {
  code: 'vlan-differs',
  severity: 'error',
  what: 'The management interfaces of a cluster are in one VLAN.',
  why: 'Nodes in different VLANs do not hear each other, nor the VIP: the node installs, and never joins.',
  check(site, report) {
    for (const { node, value, at, usual } of unlikeOthers(site, vlanOf)) {
      report({
        node,
        message: `The management interface is ${show(value)} here, and that of ${usual.node.name} of the same cluster ${show(usual.value)}: the nodes would not hear each other.`,
        at,
        related: [{ message: `${usual.node.name} has its own from`, at: usual.at }],
        help: 'set vlan at the network, so that it holds for all its nodes, and remove vlan_id from config',
      });
    }
  },
};

/** A node's VLAN, 0 if it is untagged. Where the network states it, a node that says another one contradicts that. */
function vlanOf(node: Draft<Node>): Read<number> | undefined {
  const network = node.bootNic?.network;
  if (!network || network.vlan !== undefined || isBroken(network, 'vlan')) return undefined;
  const found = effective(node, 'install.management_interface.vlan_id');
  const vlan = Number(found?.value ?? 0);
  return found && { value: vlan > 1 ? vlan : 0, at: () => found.at };
}

function show(vlan: number): string {
  return vlan === 0 ? 'untagged' : `in VLAN ${vlan}`;
}
