import { isUnknown } from '../site/is-unknown.ts';
import type { Node } from '../site/model.ts';
import { lacks, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const bondModeOneNic: Rule = {
  code: 'bond-mode-one-nic',
  severity: 'warning',
  what: 'A management bond of one NIC has the mode active-backup, or 802.3ad.',
  why: "The other modes spread traffic over several NICs: with one they bring nothing, and some change its MAC address or want a switch that is set up for them (the kernel's bonding documentation).",
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const options = node?.said?.install?.management_interface?.bond_options;
      const { mode } = options ?? {};
      if (node?.os !== 'harvester' || !options || !mode || bondSize(node) !== 1) continue;
      if (mode === 'active-backup' || mode === '802.3ad') continue;
      report({
        node,
        message: `The bond has one NIC, and its mode ${mode} is for several: it brings nothing, and may want something of the switch.`,
        at: placeOf(options, 'mode'),
        help: 'write mode: active-backup, or remove bond_options, which are derived; or list the other NICs',
      });
    }
  },
};

/** How many NICs the management bond has; undefined where a fault leaves that open. */
function bondSize(node: Draft<Node>): number | undefined {
  if (isUnknown(node, 'install.management_interface.interfaces')) return undefined;
  const said = node.said?.install?.management_interface?.interfaces;
  if (said) return said.length;
  // Which NICs are in the bond follows from the networks that they are on.
  const isKnown = node.nics?.every((nic) => nic?.network && (nic.mac || lacks(nic, 'mac')));
  return isKnown ? node.bond?.length : undefined;
}
