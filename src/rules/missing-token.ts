import { lacks, selfPlace } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const missingToken: Rule = {
  code: 'missing-token',
  severity: 'error',
  what: 'A cluster has a token.',
  why: 'The installer stops with "token not specified" on a console that nobody watches.',
  essential: true,
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (!cluster || !lacks(cluster, 'token')) continue;
      report({
        message: `The cluster ${cluster.name} has no token: its nodes cannot prove that they belong together.`,
        at: selfPlace(cluster),
        help: 'add token: ${secret:cluster_token}',
      });
    }
  },
};
