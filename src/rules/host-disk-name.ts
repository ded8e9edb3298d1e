import { isUnstableName, otherThanDisk } from '../site/disks.ts';
import { placeOf } from '../source/origin.ts';
import { plainPath } from '../values/plain-path.ts';
import type { Rule } from './rule.ts';

export const hostDiskName: Rule = {
  code: 'host-disk-name',
  severity: 'error',
  what: "The host's data disks are whole disks or volumes, by names that stay: those below /dev/disk/by-id, /dev/disk/by-path or /dev/mapper.",
  why: 'The kernel numbers disks anew at each boot, and a provider attaches them in any order: the blank disk that is formatted can be another one than was meant, and images come to lie where they were not to.',
  check({ host }, report) {
    for (const disk of host?.disks ?? []) {
      const { device } = disk ?? {};
      if (!disk || device === undefined) continue;
      const fault = faultOf(device);
      if (!fault) continue;
      report({
        message: `The host's disk ${disk.name} is ${device}, ${fault}.`,
        at: placeOf(disk, 'device'),
        help: 'name the whole disk as it is below /dev/disk/by-id or /dev/disk/by-path: `ls -l /dev/disk/by-*` on the host shows it',
      });
    }
  },
};

/** What is wrong with the name of a data disk; undefined where nothing is. A RAID or volume will do, if its name stays. */
function faultOf(device: string): string | undefined {
  if (isUnstableName(device)) return 'which is whatever disk the kernel finds in that place at a boot';
  const [what, path] = [otherThanDisk(device), plainPath(device)];
  if (!what || STABLE_VOLUME.test(path)) return undefined;
  return NUMBERED.test(path)
    ? `${what} that the kernel numbers anew at each boot`
    : `${what}, and not a whole disk`;
}

const STABLE_VOLUME = /^\/dev\/(md\/|mapper\/|disk\/by-id\/(md|dm|lvm)-(?!.*-part\d+$))/;
const NUMBERED = /^\/dev\/(md|dm-|loop)\d/;
