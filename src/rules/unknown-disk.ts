import { nearest } from '../inventory/nearest.ts';
import { brokenKeys, placeOf } from '../origin.ts';
import { declaredDisk, namesOf, otherThanDisk, usedDisks } from '../site/disks.ts';
import type { Draft } from '../site/draft.ts';
import type { Disk } from '../site/model.ts';
import { isAtMost } from '../site/version.ts';
import type { Rule } from './rule.ts';

export const unknownDisk: Rule = {
  code: 'unknown-disk',
  severity: 'error',
  what: 'Where a machine declares its disks, the configuration uses these and no others.',
  why: 'The installer stops at a disk that is not there ("device not found"), before v1.8.1 also at one that it is only to wipe (harvester/harvester#10591).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const disks = node?.facts?.disks;
      if (node?.os !== 'harvester' || !node.facts || !disks?.length || !areKnown(disks)) continue;
      const used = new Set(usedDisks(node).map((one) => one.name));
      const free = disks
        .map((disk) => namesOf(disk))
        .filter((names) => !names.some((name) => used.has(name)));
      const names = free.flat();
      for (const { key, name, at } of usedDisks(node)) {
        if (otherThanDisk(name) || declaredDisk(node.facts, name)) continue;
        // Since v1.8.1 the installer passes over what is not there to be wiped.
        const version = node.cluster?.version;
        if (key === 'wipe_disks_list' && version && !isAtMost(version, 'v1.8.0')) continue;
        report({
          node,
          message: `${key} names ${name}, which is none of the disks that the machine declares: the installer would stop at it.`,
          at,
          related: [{ message: 'its disks are declared at', at: placeOf(node.facts, 'disks') }],
          help: `${names.length > 0 ? `write ${nearest(name, names) ?? names.join(' or ')}; or ` : ''}declare the name under disks, as an alias where it is one`,
        });
      }
    }
  },
};

function areKnown(disks: readonly Draft<Disk>[]): boolean {
  return disks.every(
    (disk) => disk && brokenKeys(disk).length === 0 && brokenKeys(disk.aliases ?? []).length === 0,
  );
}
