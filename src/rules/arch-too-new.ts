import { FIRST_ARM64_RELEASE } from '../knowledge/tables/harvester-releases.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const archTooNew: Rule = {
  code: 'arch-too-new',
  severity: 'error',
  what: "A cluster's release is published for its architecture.",
  why: 'The files of a release that was never made for an architecture cannot be fetched.',
  essential: true,
  check({ clusters = [] }, report) {
    for (const cluster of clusters) {
      if (cluster?.arch !== 'arm64' || !cluster.version || isAtLeast(cluster.version, FIRST_ARM64_RELEASE))
        continue;
      report({
        message: `Harvester ${cluster.version.text} is not made for arm64: the first release that is, is ${FIRST_ARM64_RELEASE}.`,
        at: placeOf(cluster, 'arch'),
        related: [{ message: 'the release is set at', at: placeOf(cluster, 'version') }],
        help: `install ${FIRST_ARM64_RELEASE} or newer`,
      });
    }
  },
};
