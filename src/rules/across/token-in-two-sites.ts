import type { SecretValues } from '../../secrets/source.ts';
import type { Cluster, Site } from '../../site/model.ts';
import { secretNames } from '../../source/marks.ts';
import { placeOf } from '../../source/origin.ts';
import { fillReferences } from '../values/secret-text.ts';
import type { AcrossRule } from './across-rule.ts';

export const tokenInTwoSites: AcrossRule = {
  code: 'token-in-two-sites',
  severity: 'warning',
  what: 'Each cluster of the sites that are compiled together has a token of its own; of secrets, where their values are given.',
  why: 'With one token for two clusters a wrong server_url goes unnoticed, and who learns the token of one site has both. A section for each site in the file of secrets gives one name several values.',
  check(sites, report, valuesOf) {
    const first = new Map<string, { site: Site; cluster: Cluster }>();
    for (const site of sites) {
      for (const cluster of site.clusters) {
        const token = tokenOf(cluster, valuesOf(site));
        if (token === undefined) continue;
        const other = first.get(token);
        if (!other) first.set(token, { site, cluster });
        else if (other.site !== site)
          report({
            message: `The cluster ${cluster.name} of ${site.name} has the same token as ${other.cluster.name} of ${other.site.name}: who learns one has both.`,
            at: placeOf(cluster, 'token'),
            related: [{ message: 'the other one is set at', at: placeOf(other.cluster, 'token') }],
            help: `give each a token of its own: openssl rand -hex 32`,
          });
      }
    }
  },
};

/** The token as machines read it; undefined where it refers to a secret whose value is not given. */
function tokenOf({ token }: Cluster, values: SecretValues | undefined): string | undefined {
  if (secretNames(token).every((name) => values?.has(name))) return fillReferences(token, values);
  return undefined;
}
