import { ISCSI_HARVESTER } from '../../test/support/iscsi-harvester-plant.ts';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { bootKeyOfOtherOs } from './boot-key-of-other-os.ts';

const FIRST = 'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }';

ruleTest(bootKeyOfOtherOs, {
  'a kernel without os: linux, which would install Harvester': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { kernel: vmlinuz, args: [quiet], arch: amd64 } }')]],
    finds: [
      {
        at: '24:65',
        message: 'boot.kernel, boot.args and boot.arch say nothing here: harv-2 boots Harvester.',
        help: 'say `os: linux` beside it, or take them out',
      },
    ],
  },
  'a profile without os: linux, of a site without Harvester': {
    of: LINUX_PLANT,
    edits: [['      os: linux\n', '']],
    finds: [
      {
        at: '16:7',
        message: 'boot.kernel, boot.initrd, boot.root and boot.args say nothing here: cg01 boots Harvester.',
      },
    ],
  },
  'an architecture alone': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { arch: amd64 } }')]],
    finds: [
      {
        at: '24:65',
        message: 'boot.arch says nothing here: harv-2 boots Harvester.',
        help: 'say harvester.arch',
      },
    ],
  },
  'a boot loader of a machine that boots its disk': {
    edits: [[FIRST, FIRST.replace(' }', ', boot: { os: local, loader: grub, arch: arm64 } }')]],
    silence: ['two-node-cluster'],
    finds: [{ at: '24:76', message: 'boot.loader says nothing here: harv-2 boots its disk.' }],
  },
  'what a layer says for others': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute] }', 'profiles: [compute], boot: { os: local } }']],
  },
  'an image without os: iscsi': {
    edits: [
      [
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { image: rocky9, fallback: disk } }',
      ],
    ],
    finds: [
      {
        at: '24:65',
        message: 'boot.image and boot.fallback say nothing here: harv-2 boots Harvester.',
        help: 'say `os: iscsi` beside it, or take them out',
      },
    ],
  },
  'a layer with an image and without os: iscsi, of a site without Harvester': {
    of: ISCSI_PLANT,
    edits: [
      ['    os: iscsi\n', ''],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [{ at: '17:5', message: 'boot.image says nothing here: cn01 boots Harvester.' }],
  },
  'a target without what it is for': {
    edits: [
      [
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        'harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { target: "iqn.2015-02.oracle.boot:uefi" } }',
      ],
    ],
    finds: [
      {
        at: '24:65',
        message: 'boot.target says nothing here: harv-2 boots Harvester.',
        help: 'say `os: iscsi` beside it, `disk: iscsi` where Harvester is to be on such a disk, or take it out',
      },
    ],
  },
  'an image of a blank disk': {
    of: ISCSI_HARVESTER,
    edits: [['boot: { disk: iscsi,', 'boot: { disk: iscsi, image: rocky9,']],
    finds: [
      {
        at: '19:24',
        message: 'boot.image says nothing here: harv-1 has Harvester installed on a blank disk.',
        help: 'take it out; or say `os: iscsi` in place of disk, and the node boots its image',
      },
    ],
  },
  'a kernel beside os: iscsi': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { kernel: vmlinuz, loader: grub } }',
      ],
    ],
    finds: [
      {
        at: '22:75',
        message: 'boot.kernel and boot.loader say nothing here: cn02 boots a disk by iSCSI.',
        help: 'say `os: linux` beside it, or take them out',
      },
    ],
  },
  "where Harvester's disk is, of a node without Harvester": {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { disk: iscsi } }',
      ],
    ],
    finds: [
      {
        at: '21:91',
        message: 'boot.disk says nothing here: cn01 boots a disk by iSCSI.',
        help: 'take it out: it says where Harvester is installed',
      },
    ],
  },
  'an image without os, and another one of that disk': {
    of: ISCSI_PLANT,
    edits: [['    os: iscsi\n', '']],
    finds: [
      {
        at: '18:5',
        message: 'boot.image says nothing here: cn01 boots Harvester.',
        help: 'say `os: iscsi` beside it, or take it out',
      },
    ],
  },
  'GRUB before a disk by iSCSI': {
    of: ISCSI_PLANT,
    edits: [['    os: iscsi\n', '    os: iscsi\n    loader: grub\n']],
    finds: [
      {
        at: '19:5',
        message: 'boot.loader says nothing here: cn01 boots a disk by iSCSI.',
        help: 'say `ipxe` or `pxelinux` here, or take it out',
      },
    ],
  },
  'CHAP of a machine that boots its disk': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { os: local, chap: none } }',
      ],
    ],
    finds: [
      {
        at: '21:102',
        message: 'boot.chap says nothing here: cn01 boots its disk.',
        help: 'say `os: iscsi` beside it, or take it out',
      },
    ],
  },
  'pxelinux of any, an architecture, and an image that a layer says for others': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux, arch: amd64 } }',
      ],
      ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { os: local } }'],
    ],
  },
});
