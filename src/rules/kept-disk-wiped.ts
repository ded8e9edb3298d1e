import { declaredDisk, effectiveWipe, usedDisks } from '../site/disks.ts';
import { type Place, placeOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

const FATES = {
  device: 'Harvester is installed on it',
  data_disk: 'it is formatted as the data disk',
  wipe_disks_list: 'it is in wipe_disks_list',
};

export const keptDiskWiped: Rule = {
  code: 'kept-disk-wiped',
  severity: 'error',
  what: 'A disk that is declared with `keep: true` is neither installed to, formatted nor wiped.',
  why: 'The installer wipes without asking: what was to be kept would be lost (harvester/harvester#6533).',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const install = node?.os === 'harvester' ? node.config?.install : undefined;
      const kept = node?.facts?.disks?.filter((disk) => disk?.keep && disk.path) ?? [];
      if (!node?.facts || !install || kept.length === 0) continue;
      const find = (path: string | undefined, fate: string, at: Place, keep: Place, help: string) =>
        report({
          node,
          message: `The disk ${path} is to be kept, and ${fate}: what is on it would be lost.`,
          at,
          related: [{ message: 'keep is set at', at: keep }],
          help,
        });
      const help = 'use another disk, or remove keep from this one';
      const used = new Set();
      for (const { key, name, at } of usedDisks(node)) {
        const disk = declaredDisk(node.facts, name);
        if (!disk?.keep) continue;
        used.add(disk);
        find(name, FATES[key], at, placeOf(disk, 'keep'), help);
      }
      for (const disk of kept) {
        if (used.has(disk)) continue;
        const keep = placeOf(disk, 'keep');
        if (effectiveWipe(node, 'wipe_disks')) {
          const at = placeOf(install, 'wipe_disks');
          find(disk.path, 'wipe_disks clears every disk of the machine', at, keep, 'remove wipe_disks');
        }
        if (effectiveWipe(node, 'wipe_all_disks')) {
          const at = placeOf(install, 'wipe_all_disks');
          const instead = 'name the disks to wipe in wipe_disks_list instead';
          find(disk.path, 'wipe_all_disks clears it if it bears an earlier Harvester', at, keep, instead);
        }
      }
    }
  },
};
