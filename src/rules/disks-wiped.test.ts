import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { disksWiped } from './disks-wiped.ts';

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const release = (version: string): readonly [string, string] => ['version: v1.4.1', `version: ${version}`];
const more = (said: string): readonly [string, string] => [DEVICE, `${DEVICE}\n      ${said}`];
const LOST = 'what is there is lost without a question.';

ruleTest(disksWiped, {
  'a data disk, said once for all nodes': {
    edits: [more('data_disk: /dev/disk/by-id/b')],
    finds: [{ at: '22:18', message: `The data disk /dev/disk/by-id/b is formatted as a whole: ${LOST}` }],
  },
  'wiping every disk': {
    edits: [more('wipe_disks: true')],
    finds: [{ at: '22:19', message: `wipe_disks clears every disk of the machine: ${LOST}` }],
  },
  'wiping what bears Harvester, and a list': {
    edits: [
      release('v1.5.1'),
      more(
        'wipe_all_disks: true\n      wipe_disks_list: [/dev/disk/by-path/pci-0000:00:17.0-ata-1, /dev/disk/by-id/b, /dev/disk/by-id/c]',
      ),
    ],
    finds: [
      { at: '22:23', message: `wipe_all_disks clears every disk that bears an earlier Harvester: ${LOST}` },
      { at: '23:24', message: `wipe_disks_list clears /dev/disk/by-id/b, /dev/disk/by-id/c: ${LOST}` },
    ],
  },
  'a data disk of which a person says that it is meant': {
    edits: [
      more('data_disk: /dev/disk/by-id/b'),
      ['defaults:\n', 'defaults:\n  silence: { disks-wiped: the disks come from the maker }\n'],
    ],
  },
  'a node that says so, beside one that does not': {
    edits: [
      ['192.168.178.42 }', '192.168.178.42, config: { install: { data_disk: /dev/disk/by-id/b } } }'],
      [
        HARV_3,
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, config: { install: { data_disk: /dev/disk/by-id/b } }, silence: { disks-wiped: it is new } }',
      ],
    ],
    finds: [{ at: '24:89', message: `The data disk /dev/disk/by-id/b is formatted as a whole: ${LOST}` }],
  },
  'nothing that is wiped': { edits: [release('v1.5.1'), more('wipe_all_disks: false')] },
  'an empty list, and one of the device alone': {
    edits: [
      release('v1.5.1'),
      more('wipe_disks_list: []'),
      [
        HARV_3,
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, config: { install: { wipe_disks_list: [/dev/disk/by-path/pci-0000:00:17.0-ata-1] } } }',
      ],
    ],
  },
});
