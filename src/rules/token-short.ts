import { secretNames } from '../source/marks.ts';
import { placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';
import { isKnownEnough } from './token-known.ts';

const ENOUGH = 16;

export const tokenShort: Rule = {
  code: 'token-short',
  severity: 'warning',
  what: `A token has ${ENOUGH} characters or more.`,
  why: 'Whoever guesses the token can join a node to the cluster, and read all that it holds.',
  check(site, report) {
    const { clusters = [], silence } = site;
    // A token in clear text is to be replaced as a whole: how long it is counts where it is to stay.
    if (silence?.['clear-text-secret'] === undefined) return;
    for (const cluster of clusters) {
      // What a secret holds is not known here.
      if (!cluster?.token || secretNames(cluster.token).length > 0 || cluster.token.length >= ENOUGH)
        continue;
      // That everybody knows it says more: token-known.
      if (isKnownEnough(cluster.token, site, 'token-short')) continue;
      report({
        message: `The token of the cluster ${cluster.name} has fewer than ${ENOUGH} characters: it can be guessed.`,
        at: placeOf(cluster, 'token'),
        help: 'write token: ${secret:cluster_token}, and make the secret: openssl rand -hex 32',
      });
    }
  },
};
