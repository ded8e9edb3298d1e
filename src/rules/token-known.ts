import { isKnownToAll } from '../knowledge/tables/known-secrets.ts';
import type { Site } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const tokenKnown: Rule = {
  code: 'token-known',
  severity: 'warning',
  what: 'No token is one that stands in public examples.',
  why: 'Whoever has read the example can join a node to the cluster, and read all that it holds.',
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (!cluster?.token || !isKnownToAll(cluster.token)) continue;
      report({
        message: `The token of the cluster ${cluster.name} stands in public examples: it is known to everybody.`,
        at: placeOf(cluster, 'token'),
        help: 'write token: ${secret:cluster_token}, and make the secret: openssl rand -hex 32',
      });
    }
  },
};

/**
 * Says whether it is enough to say of a token that everybody knows it: another rule about it then has nothing to add,
 * unless it is silenced, and is to be heard of.
 */
export function isKnownEnough(token: string, { silence }: Draft<Site>, code: string): boolean {
  return isKnownToAll(token) && silence?.[code] === undefined && silence?.['token-known'] === undefined;
}
