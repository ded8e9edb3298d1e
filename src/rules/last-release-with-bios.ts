import {
  FIRST_RELEASE_CHECKING_BIOS,
  FIRST_RELEASE_WITHOUT_BIOS,
} from '../knowledge/tables/harvester-hardware.ts';
import { keyPlaceOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const lastReleaseWithBios: Rule = {
  code: 'last-release-with-bios',
  severity: 'warning',
  what: 'From v1.7.0 on, machines boot by UEFI.',
  why: 'A machine that boots by BIOS can have v1.7 at the most, and that only with skipchecks; the next ones refuse it (harvester/harvester#9854).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.cluster?.version;
      if (node?.firmware !== 'bios' || node.os !== 'harvester' || !release) continue;
      if (!isAtLeast(release, FIRST_RELEASE_CHECKING_BIOS) || isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
        continue;
      // Without skipchecks the installer stops, which is said as an error.
      if (!node.config?.install?.skipchecks) continue;
      report({
        node,
        oncePerPlace: true,
        message: `Harvester ${release.text} is the last that installs on a machine which boots by BIOS: ${FIRST_RELEASE_WITHOUT_BIOS} refuses it.`,
        at: keyPlaceOf(node, 'firmware'),
        help: 'switch the machine to UEFI before it is installed, and say firmware: uefi',
      });
    }
  },
};
