import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const duplicateHostname: Rule = {
  code: 'duplicate-hostname',
  severity: 'error',
  what: 'No two nodes of a site are the same host once domains are cut off.',
  why: 'The second node of a name is refused by the cluster: "Node password rejected, duplicate hostname" (harvester/harvester#1148).',
  essential: true,
  check({ nodes = [] }, report) {
    // The names of nodes are keys of a map: only what precedes a dot can be another's, too.
    if (!nodes.some((node) => node?.name?.includes('.'))) return;
    const first = new Map<string, NonNullable<(typeof nodes)[number]>>();
    for (const node of nodes) {
      if (!node?.name) continue;
      const [host = ''] = node.name.split('.');
      const other = first.get(host);
      if (!other) {
        first.set(host, node);
        continue;
      }
      report({
        node,
        message: `${node.name} and ${other.name} have the same host name, ${host}: the cluster would refuse the second.`,
        at: placeOf(node, 'name'),
        related: [{ message: `${other.name} is at`, at: placeOf(other, 'name') }],
        help: 'rename one of them: names must differ before the first dot',
      });
    }
  },
};
