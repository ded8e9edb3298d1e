import type { DomainDisk } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const diskSerialTaken: Rule = {
  code: 'disk-serial-taken',
  severity: 'error',
  what: 'No two disks of a virtual machine have the same serial number.',
  why: 'The machine finds its disks by their serial numbers, below /dev/disk/by-id: of two with the same number the wrong one could be wiped.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const first = new Map<string, Draft<DomainDisk>>();
      for (const disk of node?.domain?.disks ?? []) {
        if (!node || disk?.serial === undefined) continue;
        const other = first.get(disk.serial);
        if (!other) {
          first.set(disk.serial, disk);
          continue;
        }
        report({
          node,
          oncePerPlace: true,
          message: `Two disks of ${node.name} have the serial number ${disk.serial}: the machine could not tell one from the other.`,
          at: placeOf(disk, 'serial'),
          related: [{ message: 'the other has it at', at: placeOf(other, 'serial') }],
          help: 'give each a serial number of its own, or none: one follows from the MAC address of the node',
        });
      }
    }
  },
};
