import { FIRST_RELEASE_WITHOUT_BIOS } from '../knowledge/tables/harvester-hardware.ts';
import { keyPlaceOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const firmwareBios: Rule = {
  code: 'firmware-bios',
  severity: 'error',
  what: 'Nodes with Harvester v1.8.0 or newer boot by UEFI.',
  why: 'The installer refuses machines that boot by BIOS, whatever it is told to skip (harvester/harvester#9854, harvester/harvester#9855).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const release = node?.os === 'harvester' ? node.cluster?.version : undefined;
      if (node?.firmware !== 'bios' || !release) continue;
      if (!isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS)) continue;
      report({
        node,
        message: `The firmware is bios, and Harvester ${release.text} boots by UEFI only: the installer would refuse the machine.`,
        at: keyPlaceOf(node, 'firmware'),
        help: 'set the machine to UEFI and remove this key, or install v1.7 or older',
      });
    }
  },
};
