import { FIRST_RELEASE_WITHOUT_BIOS, LARGEST_MBR_DISK } from '../knowledge/tables/harvester-hardware.ts';
import { sizeOf } from '../site/disks.ts';
import type { Node } from '../site/model.ts';
import { hasPlace, type Place, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

export const forceMbr: Rule = {
  code: 'force-mbr',
  severity: 'error',
  what: 'MBR is forced only on machines that boot by BIOS, on disks of less than 2 TiB.',
  why: 'The installer stops with "cannot force MBR on UEFI system" or "disk size too large for MBR partitioning table"; from v1.8.0 on, every machine boots by UEFI.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const install = node?.os === 'harvester' ? node.config?.install : undefined;
      if (!node || !install?.force_mbr) continue;
      const obstacle = obstacleOf(node);
      if (!obstacle) continue;
      report({
        node,
        message: `force_mbr is true, and ${obstacle.why}: the installer would stop.`,
        at: placeOf(install, 'force_mbr'),
        related: obstacle.related,
        help: obstacle.help,
      });
    }
  },
};

interface Obstacle {
  readonly why: string;
  readonly related: { message: string; at: Place }[];
  readonly help: string;
}

function obstacleOf(node: Draft<Node>): Obstacle | undefined {
  const release = node.cluster?.version;
  if (release && isAtLeast(release, FIRST_RELEASE_WITHOUT_BIOS))
    return { why: `Harvester ${release.text} boots by UEFI only`, related: [], help: 'remove it' };
  if (node.firmware === 'uefi') {
    const isSaid = hasPlace(node, 'firmware');
    return {
      why: 'the machine boots by UEFI',
      related: isSaid ? [{ message: 'its firmware is set at', at: placeOf(node, 'firmware') }] : [],
      help: isSaid ? 'remove it' : 'remove it; or say firmware: bios, if that is what the machine has',
    };
  }
  const size = sizeOf(node, 'device');
  if (!size || size.bytes <= LARGEST_MBR_DISK) return undefined;
  return {
    why: `the disk has ${size.text}, where MBR ends just below 2 TiB`,
    related: [{ message: "the device's size is declared at", at: size.at }],
    help: 'remove it, or name a smaller device',
  };
}
