import { edited, PLANT } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { dataDiskIsDevice } from './data-disk-is-device.ts';

const DEVICE = 'device: /dev/disk/by-path/pci-0000:00:17.0-ata-1';
const DISKS: readonly [string, string] = [
  'defaults:\n',
  'defaults:\n  disks: [{ path: /dev/disk/by-id/a, aliases: [/dev/disk/by-path/pci-0000:00:17.0-ata-1] }, { path: /dev/disk/by-id/b }]\n',
];
const WIPED: readonly [string, string] = [HARV_3, `${HARV_3}\nsilence: { disks-wiped: it is empty }`];

ruleTest(dataDiskIsDevice, {
  'the same name twice': {
    edits: [[DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-path/pci-0000:00:17.0-ata-1`]],
    finds: [
      {
        at: '22:18',
        message:
          'data_disk is /dev/disk/by-path/pci-0000:00:17.0-ata-1, which is also the device: the installer ignores it.',
        related: ['21:15'],
      },
    ],
  },
  'two names of one disk': {
    edits: [DISKS, [DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/a`], WIPED],
    finds: [
      {
        at: '23:18',
        message:
          'data_disk /dev/disk/by-id/a and device /dev/disk/by-path/pci-0000:00:17.0-ata-1 are two names of one disk: the installer would format it twice.',
        related: ['22:15', '17:19'],
      },
    ],
  },
  'two disks': { edits: [DISKS, [DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/b`], WIPED] },
  'two names of which nothing is declared': {
    edits: [[DEVICE, `${DEVICE}\n      data_disk: /dev/disk/by-id/a`], WIPED],
  },
});

/** The name that the kernel has for the disk of one node, by the name of the node. */
const OF_NODE_17 =
  '/dev/disk/by-path/ip-192.168.178.2:3260-iscsi-iqn.2024-07.internal.harvgen:plant:node-17:harvester-lun-1';

/** Many nodes whose devices are disks by iSCSI; all are told that their data disk is that of one of them. */
const MANY =
  edited(
    PLANT,
    ['server:\n', 'server:\n  iscsi: { address: 192.168.178.2 }\n'],
    ['defaults:\n', 'defaults:\n  boot: { disk: iscsi, size: 400Gi }\n'],
    ['  config:\n', '  silence: { disks-wiped: yes, iscsi-management-nic: yes }\n  config:\n'],
    [DEVICE, `data_disk: ${OF_NODE_17}`],
  ) +
  Array.from(
    { length: 20 },
    (_, n) => `  node-${n}: { mac: 52:54:00:bb:01:${n + 10}, ip: 192.168.178.${n + 50} }\n`,
  ).join('');

ruleTest(dataDiskIsDevice, {
  'the device of one among many nodes': {
    of: MANY,
    edits: [],
    finds: [
      {
        at: '24:18',
        message: `data_disk is ${OF_NODE_17}, which is also the device: the installer ignores it.`,
        related: ['18:9'],
      },
    ],
  },
  'many nodes with another data disk': { of: MANY, edits: [[OF_NODE_17, '/dev/disk/by-id/other']] },
});
