import { isSharedBmc } from '../site/is-shared-bmc.ts';
import type { Node } from '../site/model.ts';
import { type Place, placeOf, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { bmcXname, plainXname } from '../values/xname.ts';
import type { Rule } from './rule.ts';

/** Whose an xname is, and where that is said. */
interface Owner {
  readonly node: Draft<Node>;
  readonly at: Place;
}

export const duplicateXname: Rule = {
  code: 'duplicate-xname',
  severity: 'error',
  what: 'No xname stands for two nodes, nor that of a management controller, which follows from it, for two controllers. One controller may stand at several nodes.',
  why: "OpenCHAMI's services know a machine by its xname: of two with one, one gets the other's kernel line, and is not in the lists.",
  essential: true,
  check({ nodes = [] }, report) {
    const xnames = new Map<string, Owner>();
    const controllers = new Map<string, Owner>();
    for (const node of nodes) {
      if (node?.xname === undefined) continue;
      const xname = plainXname(node.xname);
      const other = see(xnames, xname, { node, at: placeOf(node, 'xname') });
      if (other)
        report({
          node,
          message: `The xname ${xname} of ${node.name} is also that of ${other.node.name}: one of them would get the other's script.`,
          at: placeOf(node, 'xname'),
          related: [{ message: `${other.node.name} has it at`, at: other.at }],
          help: 'each node has a place of its own: count the slots, and the nodes of a slot (b0n0, b0n1)',
        });
      if (other || !node.facts?.bmc) continue;
      const bmc = bmcXname(xname);
      const declared = see(controllers, bmc, { node, at: selfPlace(node.facts.bmc) });
      if (declared && !isSharedBmc(node, declared.node))
        report({
          node,
          message: `The management controllers of ${node.name} and ${declared.node.name} are both ${bmc} by the xnames of these: one of them would not be in the lists.`,
          at: selfPlace(node.facts.bmc),
          related: [{ message: `${declared.node.name} has one at`, at: declared.at }],
          help: 'where they are one, say its address and its MAC address alike at both; where each has its own, their xnames differ before the n',
        });
    }
  },
};

/** Notes whose a name is; gives whose it was already. */
function see(owners: Map<string, Owner>, name: string, owner: Owner): Owner | undefined {
  const other = owners.get(name);
  if (!other) owners.set(name, owner);
  return other;
}
