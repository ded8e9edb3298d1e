import { type Place, placeOf } from '../source/origin.ts';
import { plainPath } from '../values/plain-path.ts';
import type { Rule } from './rule.ts';

export const hostDiskTwice: Rule = {
  code: 'host-disk-twice',
  severity: 'error',
  what: 'Each data disk of the host is another device.',
  why: 'Of one disk under two names the room is counted twice: it is full when the machines have written half of what they were promised, and they are paused.',
  check({ host }, report) {
    const first = new Map<string, { readonly name: string | undefined; readonly at: Place }>();
    for (const disk of host?.disks ?? []) {
      const { device } = disk ?? {};
      if (!disk || device === undefined) continue;
      const at = placeOf(disk, 'device');
      const other = first.get(plainPath(device));
      if (!other) {
        first.set(plainPath(device), { name: disk.name, at });
        continue;
      }
      report({
        message: `The host's disk ${disk.name} is the same device as ${other.name}: ${device}.`,
        at,
        related: [{ message: `${other.name} has it at`, at: other.at }],
        help: `name another device, or let the images lie on ${other.name}`,
      });
    }
  },
};
