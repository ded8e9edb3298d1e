import { isPublicValue } from '../../knowledge/known-values.ts';
import type { Cluster, Site } from '../../site/model.ts';
import { lacks, locationOf, selfLocation } from '../../source/origin.ts';
import { secretNames } from '../../source/placeholders.ts';
import { setKey, suggestedFix } from '../../source/text-edit/fix.ts';
import type { Draft } from '../../values/draft.ts';
import { essential, type Rule, warning } from '../rule.ts';
import { perCluster, repeats } from '../support.ts';

const ENOUGH = 16;

/** The help for a token that can be changed. */
export const ANOTHER_TOKEN = 'generate another one: openssl rand -hex 32';

export const tokenRules: readonly Rule[] = [
  essential('missing-token', {
    what: 'A cluster must have a token.',
    why: 'The installer stops with "token not specified" at an unattended console.',
    check: perCluster((cluster, report) => {
      if (!lacks(cluster, 'token')) return;
      report(selfLocation(cluster), {
        message: `The cluster ${cluster.name} has no token: its nodes cannot join it.`,
        fix: suggestedFix(setKey(cluster, 'token', '${secret:cluster_token}')),
        help: `add token: "\${secret:cluster_token}"${cluster.exists ? `, and ${otherToken(cluster)}` : ''}`,
      });
    }),
  }),
  warning('token-known', {
    what: 'A token must not be in public examples. A running cluster keeps the token that it has.',
    why: 'Anyone who has read the example can join a node to the cluster and read all its data.',
    check: perCluster((cluster, report) => {
      if (!cluster.token || cluster.exists || !isPublicValue(cluster.token)) return;
      report(locationOf(cluster, 'token'), {
        message: `The token of the cluster ${cluster.name} is in public examples: it is publicly known.`,
        help: `set token: "\${secret:cluster_token}", and ${ANOTHER_TOKEN}`,
      });
    }),
  }),
  warning('token-short', {
    what: `A token must have at least ${ENOUGH} characters. A running cluster keeps the token that it has.`,
    why: 'Anyone who guesses the token can join a node to the cluster and read all its data.',
    check: perCluster((cluster, report, site) => {
      const { name, token } = cluster;
      // clear-text-secret reports a token in clear text: its length matters only if that rule is silenced.
      if (!token || cluster.exists || site.silence?.['clear-text-secret'] === undefined) return;
      // The value of a secret is unknown here.
      if (secretNames(token).length > 0 || token.length >= ENOUGH) return;
      // token-known reports a publicly known token.
      if (isReportedAsKnown(token, cluster, site, 'token-short')) return;
      report(locationOf(cluster, 'token'), {
        message: `The token of the cluster ${name} has fewer than ${ENOUGH} characters: it can be guessed.`,
        help: `set token: "\${secret:cluster_token}", and ${ANOTHER_TOKEN}`,
      });
    }),
  }),
  warning('token-shared', {
    what: 'Clusters of a site must not share a token.',
    why: 'The token keeps a node out of other clusters. With a shared token, a node with a wrong server_url joins the other cluster unnoticed, and one leaked token opens both.',
    check({ clusters = [] }, report) {
      for (const { one, first } of repeats(clusters, ({ token }) => token || undefined))
        report(locationOf(one, 'token'), {
          message: `The cluster ${one.name} has the token of ${first.name}: a node of one could join the other.`,
          related: [{ message: `${first.name} sets it at`, at: locationOf(first, 'token') }],
          help: sharedToken(
            'token-shared',
            [one, first],
            `set another secret for ${one.name}: token: "\${secret:other_token}"`,
          ),
        });
    },
  }),
];

/**
 * Whether token-known reports a token, so that another rule need not. A silence of the other rule keeps its finding, so that
 * the silence is used.
 */
export function isReportedAsKnown(
  token: string,
  cluster: Draft<Cluster> | undefined,
  { silence }: Draft<Site>,
  code: string,
): boolean {
  if (cluster?.exists) return false;
  return isPublicValue(token) && silence?.[code] === undefined && silence?.['token-known'] === undefined;
}

/** Returns the help for a token that must not be used: another one or, for a cluster that exists, the token that it has. */
export function otherToken(cluster: Draft<Cluster> | undefined): string {
  return cluster?.exists
    ? `set the secret to the token of the running cluster ${cluster.name}`
    : ANOTHER_TOKEN;
}

/** Returns the help for a token of two clusters: `change`, but two running clusters can really have one token. */
export function sharedToken(
  code: string,
  clusters: readonly (Draft<Cluster> | undefined)[],
  change: string,
): string {
  return clusters.every((cluster) => cluster?.exists)
    ? `set the token of each running cluster; or, if both have this one, add silence: {${code}: "the reason"}`
    : change;
}
