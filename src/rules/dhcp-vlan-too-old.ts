import { interfaceMethod } from '../site/derive-config.ts';
import { isUnknown } from '../site/is-unknown.ts';
import { isBroken, placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const dhcpVlanTooOld: Rule = {
  code: 'dhcp-vlan-too-old',
  severity: 'warning',
  what: 'Before v1.4.0, a management interface on a VLAN has a static address.',
  why: 'The installer of these releases asks for addresses without the tag, and gets none, or one of another network (harvester/harvester#3154, #6959).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const network = node?.bootNic?.network;
      const release = node?.cluster?.version;
      if (node?.os !== 'harvester' || !release || isAtLeast(release, 'v1.4.0')) continue;
      if (!network || isBroken(network, 'dhcp')) continue;
      if (isUnknown(node, 'install.management_interface.method') || interfaceMethod(node) !== 'dhcp')
        continue;
      const management = node.config?.install?.management_interface;
      const vlan = management?.vlan_id;
      if (!management || vlan === undefined || vlan < 2) continue;
      report({
        node,
        message: `The management interface is on VLAN ${vlan} and gets its address by DHCP: ${release.text} can ask for it without the tag, and would get none or one of another network.`,
        at: placeOf(management, 'vlan_id'),
        related: [{ message: 'that it is by DHCP follows from', at: placeOf(management, 'method') }],
        help: 'install v1.4.0 or newer, or set install.management_interface.method: static',
      });
    }
  },
};
