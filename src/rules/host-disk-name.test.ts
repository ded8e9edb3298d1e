import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostDiskName } from './host-disk-name.ts';

const device = (name: string): readonly [string, string] => ['/dev/disk/by-id/google-data1', name];
const finding = (message: string) => ({ of: NESTED, finds: [{ at: '9:22', message }] });

ruleTest(hostDiskName, {
  'a disk by its number': {
    edits: [device('/dev/sdb')],
    ...finding(
      "The host's disk data1 is /dev/sdb, which is whatever disk the kernel finds in that place at a boot.",
    ),
  },
  'an NVMe disk by its number': {
    edits: [device('/dev/nvme1n1')],
    ...finding(
      "The host's disk data1 is /dev/nvme1n1, which is whatever disk the kernel finds in that place at a boot.",
    ),
  },
  'a partition': {
    edits: [device('/dev/disk/by-id/google-data1-part1')],
    ...finding(
      "The host's disk data1 is /dev/disk/by-id/google-data1-part1, a partition, and not a whole disk.",
    ),
  },
  'a file system, which the disk may not have yet': {
    edits: [device('/dev/disk/by-uuid/0b3ee4a3-7d6a-4a0c-8f0f-2f4a4a7c5a11')],
    ...finding(
      "The host's disk data1 is /dev/disk/by-uuid/0b3ee4a3-7d6a-4a0c-8f0f-2f4a4a7c5a11, a file system, and not a whole disk.",
    ),
  },
  'an NVMe controller': {
    edits: [device('/dev/nvme1')],
    ...finding("The host's disk data1 is /dev/nvme1, an NVMe controller, and not a whole disk."),
  },
  'a RAID by its number': {
    edits: [device('/dev/md127')],
    ...finding(
      "The host's disk data1 is /dev/md127, a software RAID that the kernel numbers anew at each boot.",
    ),
  },
  'a volume by its number': {
    edits: [device('/dev/dm-3')],
    ...finding(
      "The host's disk data1 is /dev/dm-3, a device-mapper volume that the kernel numbers anew at each boot.",
    ),
  },
  'the partition of a RAID': {
    edits: [device('/dev/disk/by-id/md-name-host:data-part1')],
    ...finding(
      "The host's disk data1 is /dev/disk/by-id/md-name-host:data-part1, a partition, and not a whole disk.",
    ),
  },
  'a disk by its number, with slashes too many': {
    edits: [device('/dev//sdb/')],
    ...finding(
      "The host's disk data1 is /dev//sdb/, which is whatever disk the kernel finds in that place at a boot.",
    ),
  },
  'a partition by the name that Azure gives it': {
    edits: [device('/dev/disk/azure/scsi1/lun0-part1')],
    ...finding(
      "The host's disk data1 is /dev/disk/azure/scsi1/lun0-part1, a partition, and not a whole disk.",
    ),
  },
  'a RAID by its name': { edits: [device('/dev/md/data')], of: NESTED },
  'a volume by its name': { edits: [device('/dev/mapper/vg0-images')], of: NESTED },
  'a disk by its place': { edits: [device('/dev/disk/by-path/pci-0000:00:1f.0-nvme-1')], of: NESTED },
  'a name that a provider gives': { edits: [device('/dev/disk/azure/scsi1/lun0')], of: NESTED },
});
