import { FIRST_RELEASE_WITHOUT_BIOS } from '../knowledge/tables/harvester-hardware.ts';
import { keyPlaceOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const biosOnArm64: Rule = {
  code: 'bios-on-arm64',
  severity: 'error',
  what: 'Nodes with arm64 boot by UEFI.',
  why: 'There is no BIOS for arm64: iPXE has no program for it, and libvirt no such machine.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const { version } = node?.cluster ?? {};
      if (node?.firmware !== 'bios' || node.arch !== 'arm64') continue;
      // Of a release that takes no BIOS at all, firmware-bios says so.
      if (version && isAtLeast(version, FIRST_RELEASE_WITHOUT_BIOS)) continue;
      report({
        node,
        message: `The firmware of ${node.name} is bios, and it is a machine of arm64: such a one boots by UEFI only.`,
        at: keyPlaceOf(node, 'firmware'),
        help: 'remove firmware: UEFI is what holds without it',
      });
    }
  },
};
