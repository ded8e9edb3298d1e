import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { keptDiskWiped } from './kept-disk-wiped.ts';

const PATH = '/dev/disk/by-path/pci-0000:00:17.0-ata-1';
const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const more = (said: string): readonly [string, string] => [
  `device: ${PATH}`,
  `device: ${PATH}\n      ${said}`,
];
const KEPT: readonly [string, string] = [
  'defaults:\n',
  `defaults:
  disks:
    - { path: /dev/disk/by-id/a, aliases: ["${PATH}"] }
    - { path: /dev/disk/by-id/b, aliases: [/dev/disk/by-path/b], keep: true }
    - { path: /dev/disk/by-id/c, keep: false }
`,
];
const WIPED: readonly [string, string] = [HARV_3, `${HARV_3}\nsilence: { disks-wiped: they are empty }`];
const message = (disk: string, fate: string) =>
  `The disk ${disk} is to be kept, and ${fate}: what is on it would be lost.`;

ruleTest(keptDiskWiped, {
  'a device that is to be kept': {
    edits: [['defaults:\n', `defaults:\n  disks: [{ path: "${PATH}", keep: true }]\n`]],
    finds: [{ at: '22:15', message: message(PATH, 'Harvester is installed on it'), related: ['17:69'] }],
  },
  'a data disk by an alias, with what it wipes acknowledged': {
    edits: [KEPT, more('data_disk: /dev/disk/by-path/b'), WIPED],
    finds: [
      {
        at: '26:18',
        message: message('/dev/disk/by-path/b', 'it is formatted as the data disk'),
        related: ['19:72'],
      },
    ],
  },
  'one in a list': {
    edits: [release('v1.5.1'), KEPT, more('wipe_disks_list: [/dev/disk/by-id/c, /dev/disk/by-id/b]'), WIPED],
    finds: [
      { at: '26:44', message: message('/dev/disk/by-id/b', 'it is in wipe_disks_list'), related: ['19:72'] },
    ],
  },
  'every disk': {
    edits: [KEPT, more('wipe_disks: true'), WIPED],
    finds: [
      {
        at: '26:19',
        message: message('/dev/disk/by-id/b', 'wipe_disks clears every disk of the machine'),
        related: ['19:72'],
      },
    ],
  },
  'every disk with an earlier Harvester': {
    edits: [release('v1.5.1'), KEPT, more('wipe_all_disks: true'), WIPED],
    finds: [
      {
        at: '26:23',
        message: message('/dev/disk/by-id/b', 'wipe_all_disks clears it if it bears an earlier Harvester'),
        related: ['19:72'],
      },
    ],
  },
  'another data disk': { edits: [KEPT, more('data_disk: /dev/disk/by-id/c'), WIPED] },
  'a list of others': {
    edits: [release('v1.5.1'), KEPT, more('wipe_disks_list: [/dev/disk/by-id/c]'), WIPED],
  },
});
