import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const networksOverlap: Rule = {
  code: 'networks-overlap',
  severity: 'error',
  what: 'No two networks of the site share addresses.',
  why: 'A machine with both, and the boot server, would send what is meant for one network into the other; and which network an address belongs to could not be told.',
  check({ networks = [] }, report) {
    const known = networks.flatMap((network) =>
      network?.subnet ? [{ network, subnet: network.subnet }] : [],
    );
    known.sort((a, b) => a.subnet.first - b.subnet.first || b.subnet.last - a.subnet.last);
    // Of two subnets that share addresses, one holds the other: it is enough to look at the one that reaches furthest.
    let furthest = known[0];
    for (const one of known.slice(1)) {
      if (!furthest || one.subnet.first > furthest.subnet.last) {
        furthest = one;
        continue;
      }
      report({
        message: `The subnet ${one.subnet.text} of ${one.network.name} overlaps ${furthest.subnet.text} of ${furthest.network.name}: what is sent to one could end up in the other.`,
        at: placeOf(one.network, 'subnet'),
        related: [
          { message: `the one of ${furthest.network.name} is at`, at: placeOf(furthest.network, 'subnet') },
        ],
        help: 'give each network a subnet of its own; where both are the same network, keep one of them',
      });
    }
  },
};
