import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const vlanUntagged: Rule = {
  code: 'vlan-untagged',
  severity: 'warning',
  what: 'No configuration says vlan_id: 1.',
  why: "The installer takes 1 for untagged, as it does 0: frames go out without a tag, into whatever VLAN the port of the switch has for these (Harvester's documentation of vlan_id).",
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const management = node?.os === 'harvester' ? node.said?.install?.management_interface : undefined;
      if (!node || management?.vlan_id !== 1) continue;
      // Where the network has a VLAN, the two contradict each other, which is said already.
      if (node.derived?.install?.management_interface?.vlan_id !== undefined) continue;
      report({
        node,
        message: 'vlan_id: 1 means untagged: the installed node would not send with the tag of VLAN 1.',
        at: placeOf(management, 'vlan_id'),
        help: 'remove vlan_id where the port of the switch carries the network untagged; else use a VLAN from 2 to 4094',
      });
    }
  },
};
