import { NEWEST_RELEASE } from '../knowledge/tables/harvester-releases.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast, parseVersion } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const releaseUnknown: Rule = {
  code: 'release-unknown',
  severity: 'warning',
  what: "A cluster's release is known.",
  why: 'What a newer release takes is not known: it is treated like the newest known one.',
  check({ clusters = [] }, report) {
    const newest = parseVersion(NEWEST_RELEASE);
    for (const cluster of clusters) {
      if (!newest || !cluster?.version || isAtLeast(newest, cluster.version.text.replace(/-.*$/, '')))
        continue;
      report({
        message: `Harvester ${cluster.version.text} is newer than ${NEWEST_RELEASE}, the newest release known: it is treated like that one.`,
        at: placeOf(cluster, 'version'),
        help: 'see whether there is a newer harvgen, and read the release notes for changes of the configuration',
      });
    }
  },
};
