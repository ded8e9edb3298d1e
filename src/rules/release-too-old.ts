import { OLDEST_RELEASE } from '../knowledge/tables/harvester-releases.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const releaseTooOld: Rule = {
  code: 'release-too-old',
  severity: 'error',
  what: "A cluster's release is one whose configuration harvgen can write.",
  why: 'Before v1.1.0 the configuration had another layout (`networks` instead of `management_interface`).',
  essential: true,
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (!cluster?.version || isAtLeast(cluster.version, OLDEST_RELEASE)) continue;
      report({
        message: `Harvester ${cluster.version.text} is older than ${OLDEST_RELEASE}, the oldest release that can be installed.`,
        at: placeOf(cluster, 'version'),
        help: 'install a newer release',
      });
    }
  },
};
