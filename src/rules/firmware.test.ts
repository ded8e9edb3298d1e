import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import type { Edit } from '../../test/support/plant.ts';
import { HARV_3 } from '../../test/support/resolved.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import {
  archTooNew,
  biosOnArm64,
  firmwareBios,
  grubByHttp,
  grubByUefi,
  lastReleaseWithBios,
  linuxUnsigned,
  pxelinuxByBios,
  pxelinuxWithoutDhcp,
  secureBootBios,
  secureBootUnsigned,
} from './firmware.ts';

const BIOS: readonly [string, string] = ['defaults:\n', 'defaults:\n  firmware: bios\n'];

ruleTest(firmwareBios, {
  'BIOS in the first release without it, said once for all nodes': {
    edits: [['version: v1.4.1', 'version: v1.8.0'], BIOS],
    finds: [
      {
        at: '17:3',
        message:
          'The firmware is bios, and Harvester v1.8.0 boots by UEFI only: the installer would refuse the machine.',
      },
    ],
  },
  'one that skips the checks': {
    edits: [
      ['version: v1.4.1', 'version: v1.8.1'],
      [
        HARV_3,
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43, firmware: bios, config: { install: { skipchecks: true } } }',
      ],
    ],
    finds: [
      {
        at: '25:57',
        message:
          'The firmware is bios, and Harvester v1.8.1 boots by UEFI only: the installer would refuse the machine.',
      },
    ],
  },
  'BIOS in the release before': {
    silence: ['last-release-with-bios'],
    edits: [
      ['version: v1.4.1', 'version: v1.7.1'],
      BIOS,
      ['    install:\n', '    install:\n      skipchecks: true\n'],
    ],
  },
  'BIOS on a machine that runs no Harvester': {
    edits: [
      ['version: v1.4.1', 'version: v1.8.0'],
      [
        HARV_3,
        `${HARV_3}\n  tools: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, boot: { os: local }, firmware: bios }`,
      ],
    ],
  },
});

const release = (version: string): Edit => ['version: v1.4.1', `version: ${version}`];
const SKIP: Edit = ['    install:\n', '    install:\n      skipchecks: true\n'];
const BIOS_OF_HARV_1: Edit = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'];

ruleTest(lastReleaseWithBios, {
  'BIOS with v1.7': {
    edits: [release('v1.7.1'), SKIP, BIOS_OF_HARV_1],
    finds: [
      {
        at: '25:57',
        message:
          'Harvester v1.7.1 is the last that installs on a machine which boots by BIOS: v1.8.0 refuses it.',
      },
    ],
  },
  'BIOS in the defaults: said once': {
    edits: [release('v1.7.0'), SKIP, ['defaults:\n', 'defaults:\n  firmware: bios\n']],
    finds: [
      {
        at: '17:3',
        message:
          'Harvester v1.7.0 is the last that installs on a machine which boots by BIOS: v1.8.0 refuses it.',
      },
    ],
  },
  'BIOS with v1.6': { edits: [release('v1.6.1'), SKIP, BIOS_OF_HARV_1] },
  'UEFI with v1.7': { edits: [release('v1.7.1'), SKIP] },
  'a machine that boots its own disk by BIOS': {
    silence: ['two-node-cluster'],
    edits: [
      release('v1.7.1'),
      SKIP,
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios, boot: { os: local } }'],
    ],
  },
});

const BIOS_OF_ARM64 = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'] as const;

ruleTest(biosOnArm64, {
  'BIOS in a cluster of arm64': {
    edits: [['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'], BIOS_OF_ARM64],
    finds: [
      {
        at: '25:57',
        message:
          'The firmware of harv-2 is bios, and it is a machine of arm64: such a one boots by UEFI only.',
      },
    ],
  },
  'BIOS on a machine without Harvester': {
    edits: [
      ['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, firmware: bios, boot: { os: local } }'],
    ],
    silence: ['two-node-cluster'],
    finds: [
      {
        at: '26:57',
        message:
          'The firmware of harv-3 is bios, and it is a machine of arm64: such a one boots by UEFI only.',
      },
    ],
  },
  'BIOS in one of amd64': { edits: [BIOS_OF_ARM64] },
  'UEFI in one of arm64': {
    edits: [
      ['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: uefi }'],
    ],
  },
});

ruleTest(archTooNew, {
  'arm64 before the first release for it': {
    edits: [['  version: v1.4.1\n', '  version: v1.2.2\n  arch: arm64\n']],
    finds: [
      {
        at: '4:9',
        message: 'Harvester v1.2.2 is not made for arm64: the first release that is, is v1.3.0.',
        related: ['3:12'],
      },
    ],
  },
  'a cluster with an architecture of its own': {
    edits: [
      ['version: v1.4.1', 'version: v1.2.2'],
      ['  vip: 192.168.178.40\n', '  harvester: { arch: arm64 }\n  vip: 192.168.178.40\n'],
    ],
    finds: [
      {
        at: '14:22',
        message: 'Harvester v1.2.2 is not made for arm64: the first release that is, is v1.3.0.',
        related: ['3:12'],
      },
    ],
  },
  'a cluster with a release of its own': {
    edits: [
      ['  version: v1.4.1\n', '  version: v1.4.1\n  arch: arm64\n'],
      ['  vip: 192.168.178.40\n', '  harvester: { version: v1.2.2 }\n  vip: 192.168.178.40\n'],
    ],
    finds: [
      {
        at: '4:9',
        message: 'Harvester v1.2.2 is not made for arm64: the first release that is, is v1.3.0.',
        related: ['15:25'],
      },
    ],
  },
  'arm64 with the first release for it': {
    edits: [['  version: v1.4.1\n', '  version: v1.3.0\n  arch: arm64\n']],
  },
  'arm64 with a candidate of the first release for it': {
    edits: [['  version: v1.4.1\n', '  version: v1.3.0-rc1\n  arch: arm64\n']],
  },
  'amd64 with an older release': {
    edits: [['  version: v1.4.1\n', '  version: v1.2.2\n  arch: amd64\n']],
  },
  'a cluster of amd64 in a site of arm64': {
    edits: [
      ['  version: v1.4.1\n', '  version: v1.2.2\n  arch: arm64\n'],
      ['  vip: 192.168.178.40\n', '  harvester: { arch: amd64 }\n  vip: 192.168.178.40\n'],
    ],
  },
});

const node = (more: string): readonly [string, string] => [
  '192.168.150.43 }',
  `192.168.150.43 }\n  tools: { mac: 52:54:00:0c:02:09, ip: 192.168.150.49, boot: { os: local }, ${more} }`,
];
const VM = 'vcpus: 1, memory: 1Gi, disks: [{ size: 1Gi }]';
const less: readonly [string, string] = ['memory: 128Gi', 'memory: 256Gi'];

ruleTest(secureBootBios, {
  'a BIOS': {
    of: NESTED,
    edits: [less, node(`firmware: bios, vm: { ${VM}, secure_boot: true }`)],
    finds: [
      {
        at: '28:159',
        message: 'tools is to boot with Secure Boot, and its firmware is bios, which has none.',
      },
    ],
  },
  'a BIOS of which it is not asked': {
    of: NESTED,
    edits: [less, node(`firmware: bios, vm: { ${VM}, secure_boot: false }`)],
  },
  'UEFI that boots its disk': { of: NESTED, edits: [less, node(`vm: { ${VM}, secure_boot: true }`)] },
});

const tools = (boot: string): readonly [string, string] => [
  '192.168.150.43 }',
  `192.168.150.43 }\n  tools: { mac: 52:54:00:0c:02:09, ip: 192.168.150.49, boot: { ${boot} }, vm: { vcpus: 1, memory: 1Gi, secure_boot: true } }`,
];

ruleTest(secureBootUnsigned, {
  'Linux by iPXE': {
    of: NESTED,
    edits: [less, tools('os: linux, kernel: vmlinuz, initrd: initrd.img')],
    finds: [
      {
        at: '28:156',
        message:
          'tools boots with Secure Boot, and what its firmware loads is iPXE, which nobody has signed.',
        help: 'say loader: grub under boot, or leave secure_boot out',
      },
    ],
  },
  'Harvester, said once of the layer that says it': {
    of: NESTED,
    edits: [['preset: small', 'preset: small, secure_boot: true']],
    finds: [
      {
        at: '23:37',
        message:
          'harvester-1 boots with Secure Boot, and what its firmware loads is iPXE, which nobody has signed.',
        help: 'leave secure_boot out; one whose firmware has a key of yours, and an iPXE that is signed by it, may silence this',
      },
    ],
  },
  'Linux by GRUB': {
    of: NESTED,
    edits: [less, tools('os: linux, kernel: vmlinuz, initrd: initrd.img, loader: grub')],
  },
  'its own disk': {
    of: NESTED,
    edits: [
      less,
      tools('os: local').map((text) => text.replace('1Gi,', '1Gi, disks: [{ size: 1Gi }],')) as [
        string,
        string,
      ],
    ],
  },
});

ruleTest(linuxUnsigned, {
  'a site whose boots are signed': {
    of: LINUX_PLANT,
    edits: [['  url: http://10.1.0.1\n', '  url: http://10.1.0.1\n  sign: { signer: boot.example.org }\n']],
    finds: [
      {
        at: '17:11',
        message:
          'cg01 boots Linux, and the boots of this site are signed: its kernel would have no signature.',
        related: ['4:9'],
      },
    ],
  },
  'one whose boots are not': { of: LINUX_PLANT, edits: [] },
  'a disk by iSCSI': {
    of: ISCSI_PLANT,
    edits: [['  iscsi:\n', '  sign: { signer: boot.example.org }\n  iscsi:\n']],
    finds: [
      {
        at: '19:9',
        message:
          'cn01 boots a disk by iSCSI, and the boots of this site are signed: no signature would fit its script, into which secrets are filled.',
        related: ['4:9'],
        help: 'give machines that boot a disk by iSCSI a site of their own, without server.sign',
      },
    ],
  },
});

ruleTest(grubByHttp, {
  'a kernel by https': {
    of: LINUX_PLANT,
    edits: [['kernel: rocky9/vmlinuz', 'kernel: "https://mirror.example.org/vmlinuz"']],
    finds: [
      {
        at: '17:15',
        message:
          'cg02 boots by GRUB, which cannot fetch https://mirror.example.org/vmlinuz: it speaks no https.',
      },
    ],
  },
  'a root file system, which the initrd fetches': {
    of: LINUX_PLANT,
    edits: [['squashfs: rocky9/root.squashfs', 'squashfs: "https://mirror.example.org/root.squashfs"']],
  },
});

ruleTest(grubByUefi, {
  'a BIOS': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute, grub] }', 'profiles: [compute, grub], firmware: bios }']],
    finds: [
      {
        at: '22:21',
        message: 'cg02 is to boot by GRUB, and its firmware is a BIOS.',
        related: ['25:117'],
      },
    ],
  },
  'a machine whose MAC address nobody has said': {
    of: LINUX_PLANT,
    edits: [
      ['dhcp: { pool: 10.1.0.200-10.1.0.250 }', 'dhcp: { server: external }'],
      ['mac: 52:54:00:7c:52:02, ', ''],
    ],
    finds: [
      {
        at: '25:3',
        message: 'cg02 is to boot by GRUB, which would not find its script: its MAC address is not known.',
        related: ['22:21'],
      },
    ],
  },
  'a BIOS by iPXE': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute] }', 'profiles: [compute], firmware: bios }']],
  },
});

ruleTest(pxelinuxByBios, {
  UEFI: {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { loader: pxelinux } }'],
    ],
    finds: [
      {
        at: '22:83',
        message: 'cn02 is to boot by pxelinux, and its firmware is UEFI, which does not run it.',
      },
    ],
  },
  'no MAC address': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['{ mac: 52:54:00:0b:01:01, ', '{ uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, '],
      ['vlan: 102, dhcp: {}', 'vlan: 102, dhcp: { server: external }'],
    ],
    finds: [
      {
        at: '21:3',
        message: 'cn01 is to boot by pxelinux, which would not find its menu: its MAC address is not known.',
        related: ['21:119'],
      },
    ],
  },
  'a BIOS, and UEFI without pxelinux': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
    ],
  },
});

ruleTest(pxelinuxWithoutDhcp, {
  'a network without DHCP': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['vlan: 102, dhcp: {}', 'vlan: 102'],
    ],
    finds: [
      {
        at: '21:99',
        message: 'cn01 is to boot by pxelinux, and nothing leads its firmware to it: physics has no DHCP.',
        related: ['8:3'],
      },
    ],
  },
  "somebody else's DHCP server": {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['vlan: 102, dhcp: {}', 'vlan: 102, dhcp: { server: external }'],
    ],
  },
});
