import { effective } from '../site/effective.ts';
import type { Node } from '../site/model.ts';
import { type Read, unlikeOthers } from '../site/unlike-others.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const bondModeDiffers: Rule = {
  code: 'bond-mode-differs',
  severity: 'warning',
  what: 'The management bonds of a cluster that have several NICs have one mode.',
  why: 'Switch ports must fit the mode of the bond: one set of ports for nodes with different modes leaves some without failover, which shows when a cable fails.',
  check(site, report) {
    for (const { node, value, at, usual } of unlikeOthers(site, modeOf)) {
      report({
        node,
        message: `The management bond is in mode ${value} here, and that of ${usual.node.name} of the same cluster in ${usual.value}: their switch ports would have to differ, too.`,
        at,
        related: [{ message: `${usual.node.name} has its own from`, at: usual.at }],
        help: 'set bond_options once, in defaults or a profile, for all nodes of the cluster',
      });
    }
  },
};

/** The mode of a bond that has a choice: of one NIC every mode makes the same. */
function modeOf(node: Draft<Node>): Read<string> | undefined {
  const nics = effective(node, 'install.management_interface.interfaces')?.value;
  const mode = effective(node, 'install.management_interface.bond_options.mode');
  if (!Array.isArray(nics) || nics.length < 2 || typeof mode?.value !== 'string') return undefined;
  return { value: mode.value, at: () => mode.at };
}
