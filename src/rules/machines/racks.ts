import type { Node } from '../../site/model.ts';
import { rackOf } from '../../site/racks.ts';
import { locationOf } from '../../source/origin.ts';
import type { Draft } from '../../values/draft.ts';
import { type Rule, warning } from '../rule.ts';
import { nodesWith } from '../support.ts';

export const rackRules: readonly Rule[] = [
  warning('position-without-rack', {
    tag: 'unnecessary',
    what: 'A node with a position must have a rack.',
    why: 'The report draws machines in racks: it cannot draw a position in an unknown one.',
    check: nodesWith('position').each((node, report) => {
      if (rackOf(node) !== undefined) return;
      report(locationOf(node, 'position'), {
        message: `${node.name} has the position ${node.position}, but no rack: the report does not draw it there.`,
        help: 'add `rack: NAME`',
      });
    }),
  }),
  warning('rack-unit-taken', {
    what: 'A rack unit must belong to one machine only.',
    why: 'Two machines cannot be in one place: a technician who follows the inventory finds the wrong one.',
    check(site, report) {
      const owners = new Map<string, Draft<Node>>();
      for (const node of nodesWith('position').of(site)) {
        const rack = rackOf(node);
        const units = Array.from({ length: node.height ?? 1 }, (_, index) => node.position + index);
        const taken = rack === undefined ? undefined : units.find((unit) => owners.has(`${rack} ${unit}`));
        const owner = taken === undefined ? undefined : owners.get(`${rack} ${taken}`);
        if (owner)
          report(locationOf(node, 'position'), {
            node,
            message: `${node.name} and ${owner.name} both take unit ${taken} of the rack ${rack}: one of them is somewhere else.`,
            related: [{ message: `${owner.name} sets its position at`, at: locationOf(owner, 'position') }],
            help: 'set the lowest unit of each machine, and its height',
          });
        else for (const unit of units) owners.set(`${rack} ${unit}`, node);
      }
    },
  }),
];
