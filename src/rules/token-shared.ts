import { type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const tokenShared: Rule = {
  code: 'token-shared',
  severity: 'warning',
  what: 'Each cluster of a site has a token of its own.',
  why: 'The token is what keeps a node out of a cluster that it does not belong to: with one for two, a wrong server_url goes unnoticed, and who learns the token of one cluster has both.',
  check({ clusters = [] }, report) {
    const first = new Map<string, { name: string | undefined; at: Place }>();
    for (const cluster of clusters) {
      if (!cluster?.token) continue;
      const other = first.get(cluster.token);
      if (!other) {
        first.set(cluster.token, { name: cluster.name, at: placeOf(cluster, 'token') });
        continue;
      }
      report({
        message: `The cluster ${cluster.name} has the token of ${other.name}: a node of one could join the other.`,
        at: placeOf(cluster, 'token'),
        related: [{ message: `${other.name} has it at`, at: other.at }],
        help: `give ${cluster.name} a token of its own, by another secret: token: \${secret:other_token}`,
      });
    }
  },
};
