import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../../test/support/linux-plant.ts';
import { NESTED } from '../../../test/support/nested-plant.ts';
import type { Edit } from '../../../test/support/plant.ts';
import { HARV_3 } from '../../../test/support/resolved.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const BIOS: readonly [string, string] = ['defaults:\n', 'defaults:\n  firmware: bios\n'];

ruleTest('firmware-bios', {
  'BIOS in the first release without it: reported once for all nodes': {
    edits: [['version: v1.4.1', 'version: v1.8.0'], BIOS],
    finds: [
      {
        at: '17:3',
        message:
          'The firmware is bios, but Harvester v1.8.0 requires UEFI: the installer rejects the machine.',
      },
    ],
  },
  'a node that skips the checks': {
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
          'The firmware is bios, but Harvester v1.8.1 requires UEFI: the installer rejects the machine.',
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
  'BIOS on a machine without Harvester that boots its own disk': {
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

ruleTest('last-release-with-bios', {
  'BIOS with v1.7': {
    edits: [release('v1.7.1'), SKIP, BIOS_OF_HARV_1],
    finds: [
      {
        at: '25:57',
        message:
          'Harvester v1.7.1 is the last release that installs on a machine with a BIOS: v1.8.0 rejects it.',
      },
    ],
  },
  'BIOS in the defaults: reported once': {
    edits: [release('v1.7.0'), SKIP, ['defaults:\n', 'defaults:\n  firmware: bios\n']],
    finds: [
      {
        at: '17:3',
        message:
          'Harvester v1.7.0 is the last release that installs on a machine with a BIOS: v1.8.0 rejects it.',
      },
    ],
  },
  'BIOS with v1.6': { edits: [release('v1.6.1'), SKIP, BIOS_OF_HARV_1] },
  'UEFI with v1.7': { edits: [release('v1.7.1'), SKIP] },
  'a machine with a BIOS that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      release('v1.7.1'),
      SKIP,
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios, boot: { os: local } }'],
    ],
  },
});

const BIOS_OF_ARM64 = ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: bios }'] as const;

fixableRuleTest('bios-on-arm64', {
  'BIOS in an arm64 cluster': {
    edits: [['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'], BIOS_OF_ARM64],
    finds: [
      {
        at: '25:57',
        message: 'The firmware of harv-2 is bios, but an arm64 machine boots only with UEFI.',
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
        message: 'The firmware of harv-3 is bios, but an arm64 machine boots only with UEFI.',
      },
    ],
  },
  'BIOS in an amd64 cluster': { edits: [BIOS_OF_ARM64] },
  'UEFI in an arm64 cluster': {
    edits: [
      ['version: v1.4.1', 'version: v1.4.1\n  arch: arm64'],
      ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, firmware: uefi }'],
    ],
  },
});

ruleTest('arch-too-new', {
  'arm64 before the first release for it': {
    edits: [['  version: v1.4.1\n', '  version: v1.2.2\n  arch: arm64\n']],
    finds: [
      {
        at: '4:9',
        message: 'Harvester v1.2.2 is not published for arm64: v1.3.0 is the first release for it.',
        related: ['3:12'],
      },
    ],
  },
  'a cluster with its own architecture': {
    edits: [
      ['version: v1.4.1', 'version: v1.2.2'],
      ['  vip: 192.168.178.40\n', '  harvester: { arch: arm64 }\n  vip: 192.168.178.40\n'],
    ],
    finds: [
      {
        at: '14:22',
        message: 'Harvester v1.2.2 is not published for arm64: v1.3.0 is the first release for it.',
        related: ['3:12'],
      },
    ],
  },
  'a cluster with its own release': {
    edits: [
      ['  version: v1.4.1\n', '  version: v1.4.1\n  arch: arm64\n'],
      ['  vip: 192.168.178.40\n', '  harvester: { version: v1.2.2 }\n  vip: 192.168.178.40\n'],
    ],
    finds: [
      {
        at: '4:9',
        message: 'Harvester v1.2.2 is not published for arm64: v1.3.0 is the first release for it.',
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
  'an amd64 cluster in an arm64 site': {
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

fixableRuleTest('secure-boot-bios', {
  'a BIOS': {
    of: NESTED,
    edits: [less, node(`firmware: bios, vm: { ${VM}, secure_boot: true }`)],
    finds: [
      {
        at: '28:159',
        message: 'tools sets Secure Boot, but its firmware is bios: nothing verifies what it boots.',
      },
    ],
  },
  'a BIOS without Secure Boot': {
    of: NESTED,
    edits: [less, node(`firmware: bios, vm: { ${VM}, secure_boot: false }`)],
  },
  'UEFI that boots its disk': { of: NESTED, edits: [less, node(`vm: { ${VM}, secure_boot: true }`)] },
});

const tools = (boot: string): readonly [string, string] => [
  '192.168.150.43 }',
  `192.168.150.43 }\n  tools: { mac: 52:54:00:0c:02:09, ip: 192.168.150.49, boot: { ${boot} }, vm: { vcpus: 1, memory: 1Gi, secure_boot: true } }`,
];

ruleTest('secure-boot-unsigned', {
  'Linux with iPXE': {
    of: NESTED,
    edits: [less, tools('os: linux, kernel: vmlinuz, initrd: initrd.img')],
    finds: [
      {
        at: '28:156',
        message: 'tools has Secure Boot, but its firmware loads iPXE, which is not signed: it boots nothing.',
        help: 'set loader: grub under boot, or remove secure_boot',
      },
    ],
  },
  'Harvester: reported once for a layer': {
    of: NESTED,
    edits: [['preset: small', 'preset: small, secure_boot: true']],
    finds: [
      {
        at: '23:37',
        message:
          'harvester-1 has Secure Boot, but its firmware loads iPXE, which is not signed: it boots nothing.',
        help: 'remove secure_boot; or, with your own key in the firmware and an iPXE signed with it, add silence: {secure-boot-unsigned: "the reason"}',
      },
    ],
  },
  'Linux with GRUB': {
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

ruleTest('linux-unsigned', {
  'a site with signed boots': {
    of: LINUX_PLANT,
    edits: [['  url: http://10.1.0.1\n', '  url: http://10.1.0.1\n  sign: { signer: boot.example.org }\n']],
    finds: [
      {
        at: '17:11',
        message: 'cg01 boots Linux, but this site has signed boots: its kernel has no signature.',
        related: ['4:9'],
      },
    ],
  },
  'a site without signed boots': { of: LINUX_PLANT, edits: [] },
  'unknown machines': {
    edits: [
      [
        'server:\n',
        'unknown_machines: { boot: { kernel: k } }\nserver:\n  sign: { signer: boot.example.org }\n',
      ],
    ],
    finds: [
      {
        at: '4:27',
        message: 'Unknown machines boot Linux, but this site has signed boots: its kernel has no signature.',
        related: ['6:9'],
        help: 'remove unknown_machines, or server.sign',
      },
    ],
  },
  'an iSCSI disk': {
    of: ISCSI_PLANT,
    edits: [['  iscsi:\n', '  sign: { signer: boot.example.org }\n  iscsi:\n']],
    finds: [
      {
        at: '19:9',
        message:
          'cn01 boots an iSCSI disk, but this site has signed boots: no signature matches its script, in which nginx substitutes secrets.',
        related: ['4:9'],
        help: 'move machines that boot an iSCSI disk to a separate site without server.sign',
      },
    ],
  },
});

fixableRuleTest('grub-by-http', {
  'a kernel with an https URL': {
    of: LINUX_PLANT,
    edits: [['kernel: rocky9/vmlinuz', 'kernel: "https://mirror.example.org/vmlinuz"']],
    finds: [
      {
        at: '17:15',
        message:
          'cg02 boots with GRUB, which cannot fetch https://mirror.example.org/vmlinuz: it does not support https.',
      },
    ],
  },
  'a root file system, which the initrd fetches': {
    of: LINUX_PLANT,
    edits: [['squashfs: rocky9/root.squashfs', 'squashfs: "https://mirror.example.org/root.squashfs"']],
  },
});

fixableRuleTest('grub-by-uefi', {
  'a BIOS': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute, grub] }', 'profiles: [compute, grub], firmware: bios }']],
    finds: [
      {
        at: '22:21',
        message: 'cg02 boots with GRUB, but its firmware is a BIOS, which gets iPXE.',
        related: ['25:117'],
      },
    ],
  },
  'a machine without a MAC address': {
    of: LINUX_PLANT,
    edits: [
      ['dhcp: { pool: 10.1.0.200-10.1.0.250 }', 'dhcp: { server: external }'],
      ['mac: 52:54:00:7c:52:02, ', ''],
    ],
    finds: [
      {
        at: '25:3',
        message: 'cg02 boots with GRUB but has no MAC address: GRUB cannot find its script.',
        related: ['22:21'],
      },
    ],
  },
  'a BIOS with iPXE': {
    of: LINUX_PLANT,
    edits: [['profiles: [compute] }', 'profiles: [compute], firmware: bios }']],
  },
});

fixableRuleTest('pxelinux-by-bios', {
  UEFI: {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { loader: pxelinux } }'],
    ],
    finds: [
      {
        at: '22:83',
        message: 'cn02 boots with pxelinux, but its firmware is UEFI, which does not run it.',
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
        message: 'cn01 boots with pxelinux but has no MAC address: pxelinux cannot find its menu.',
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

ruleTest('pxelinux-without-dhcp', {
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
        message: 'cn01 boots with pxelinux, but physics has no DHCP: its firmware never loads pxelinux.',
        related: ['8:3'],
      },
    ],
  },
  'an external DHCP server': {
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
