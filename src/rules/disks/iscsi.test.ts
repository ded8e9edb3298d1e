import { ISCSI_HARVESTER, onBootVolume } from '../../../test/support/iscsi-harvester-plant.ts';
import { bootsOf, ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { type Edit, edited } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('iscsi-image-or-target', {
  'neither an image nor a target': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '']],
    finds: [
      {
        at: '18:9',
        message: 'cn01 boots by iSCSI but sets neither an image nor a target: it has no disk.',
        help: "set `image: …` to one of the site's images, or `target: iqn.…` to a target of another server",
      },
    ],
  },
  'an image and a target': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.3 } }',
      ],
    ],
    finds: [
      {
        at: '21:91',
        message: 'cn01 sets both boot.image and boot.target: its disk can be only one of them.',
        help: 'remove boot.image or boot.target; or move an image in the defaults to a profile of the nodes that boot it',
      },
    ],
  },
  'a server without a target': {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { server: 10.1.0.3 } }'],
    ],
    finds: [
      {
        at: '22:75',
        message:
          "cn02 sets boot.server, a key of another server's target, but no target: its disk is on the site's own iSCSI server.",
        help: "set server.iscsi.address for the site's own server; or name the target, `target: iqn.…`",
      },
    ],
  },
  'a port without a target': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { port: 3261 } }']],
    finds: [
      {
        at: '22:75',
        message:
          "cn02 sets boot.port, a key of another server's target, but no target: its disk is on the site's own iSCSI server.",
        help: "set server.iscsi.port for the site's own server; or name the target, `target: iqn.…`",
      },
    ],
  },
  'the size of an external disk': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf('image: rocky9', 'image: rocky9', 'target: iqn.2015-02.oracle.boot:uefi, size: 40Gi'),
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '21:113',
        message:
          "cn03 sets boot.size, but its disk is at another server's target, which determines the size.",
      },
    ],
  },
  'an image and its size, and a target with its server and port': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9, size: 40Gi',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.2.0.3, port: 3261, chap: { password: "${secret:oracle}" }',
        'image: rocky9',
      ),
    ],
  },
});

const withArguments = (args: string): Edit => [
  '    os: { ntp_servers',
  `    os: { additionalKernelArguments: "${args}", ntp_servers`,
];

ruleTest('iscsi-kernel-arguments', {
  'arguments for another purpose: reported once': {
    of: ISCSI_HARVESTER,
    edits: [withArguments('multipath=off mitigations=off')],
    finds: [
      {
        at: '21:38',
        message:
          'os.additionalKernelArguments of harv-1 do not enable iSCSI, but its disk is behind an iSCSI target: the installed system cannot find it.',
      },
    ],
  },
  'arguments that disable iSCSI': {
    of: ISCSI_HARVESTER,
    edits: [withArguments('multipath=off rd.iscsi.firmware=0')],
    finds: [
      {
        at: '21:38',
        message:
          'os.additionalKernelArguments of harv-1 do not enable iSCSI, but its disk is behind an iSCSI target: the installed system cannot find it.',
      },
    ],
  },
  'arguments that enable iSCSI': {
    of: ISCSI_HARVESTER,
    edits: [withArguments('multipath=off rd.iscsi.firmware mitigations=off')],
  },
  'arguments with a target': {
    of: ISCSI_HARVESTER,
    edits: [withArguments('multipath=off ip=dhcp netroot=iscsi:10.21.0.2::::iqn.2024-07.org.example:disk')],
  },
  'a disk of the machine': { edits: [withArguments('multipath=off mitigations=off')] },
});

ruleTest('iscsi-management-nic', {
  'one NIC for both networks: reported once': {
    of: onBootVolume(),
    edits: [],
    finds: [
      {
        at: '17:17',
        message:
          'harv-1 reaches its disk at 169.254.0.2 through 52:54:00:aa:01:01, a NIC of its management interface: when Harvester bonds it, the disk is lost.',
      },
    ],
  },
  'a second NIC that the configuration adds to the bond': {
    of: ISCSI_HARVESTER,
    edits: [
      [
        'ip: 10.21.0.12 }]',
        'ip: 10.21.0.12 }], config: { install: { management_interface: { interfaces: [{ hwAddr: "52:54:00:AA:01:02" }, { hwAddr: "52:54:00:AA:02:02" }] } } }',
      ],
    ],
    finds: [
      {
        at: '19:17',
        message:
          'harv-2 reaches its disk at 10.21.0.2 through 52:54:00:aa:02:02, a NIC of its management interface: when Harvester bonds it, the disk is lost.',
      },
    ],
  },
  'separate NICs': { of: ISCSI_HARVESTER, edits: [] },
  'one NIC for both networks on a machine that installs nothing': {
    of: edited(onBootVolume(), ['  config:\n', '  install: never\n  config:\n']),
    edits: [],
  },
});

ruleTest('iscsi-name-too-long', {
  'a target name with a suffix of maximum length': {
    of: ISCSI_PLANT,
    edits: [
      [
        '    suffix:',
        '    iqn: iqn.2024-07.org.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n    suffix:',
      ],
      [
        '  rocky9: { source: rocky9.qcow2, public: true }',
        '  rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr: { source: rocky9.qcow2, public: true }',
      ],
      ['    image: rocky9', '    image: rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr'],
    ],
    finds: [
      {
        at: '19:5',
        message:
          'The name of the target of cn01 has 249 characters, but iSCSI allows 223: a target rejects or truncates it.',
      },
    ],
  },
  'initiator names': {
    of: ISCSI_PLANT,
    edits: [
      [
        '    suffix: ${secret:iscsi_suffix}',
        '    iqn: iqn.2024-07.org.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      ],
      ...bootsOf(
        'target: iqn.2015-02.oracle.boot:a',
        'target: iqn.2015-02.oracle.boot:b',
        'target: iqn.2015-02.oracle.boot:c',
      ),
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
      ['  cn01: {', '  cn01-in-the-north: {'],
    ],
    finds: [
      {
        at: '19:102',
        message:
          'The name of the initiator of cn01-in-the-north has 230 characters, but iSCSI allows 223: a target rejects or truncates it.',
      },
    ],
  },
  'names of usual length': {
    of: ISCSI_PLANT,
    edits: [],
  },
});

ruleTest('iscsi-outside-subnet', {
  'an IP address of another network': {
    of: ISCSI_PLANT,
    edits: [['gateway: 10.2.0.1', 'gateway: 10.2.0.1, iscsi: 10.3.0.2']],
    finds: [
      {
        at: '8:61',
        message:
          'The iSCSI server cannot have the IP address 10.3.0.2 on physics: it is not a host address of 10.2.0.0/24.',
        related: ['8:22'],
      },
    ],
  },
  'the broadcast address': {
    of: ISCSI_PLANT,
    edits: [['iscsi: 10.3.0.2', 'iscsi: 10.3.0.255']],
    finds: [
      {
        at: '9:42',
        message:
          'The iSCSI server cannot have the IP address 10.3.0.255 on biology: it is not a host address of 10.3.0.0/24.',
        related: ['9:22'],
      },
    ],
  },
  'an IP address of the subnet': {
    of: ISCSI_PLANT,
    edits: [],
  },
});

ruleTest('iscsi-server-address', {
  'a boot server with a name': {
    of: ISCSI_PLANT,
    edits: [
      ['url: http://10.1.0.1', 'url: http://boot.example.org'],
      ['    address: 10.1.0.2\n', ''],
      ['gateway: 10.2.0.1', 'dns: [10.2.0.1], gateway: 10.2.0.1'],
      ['10.3.0.0/24, iscsi', '10.3.0.0/24, dns: [10.3.0.1], iscsi'],
    ],
    finds: [
      {
        at: '3:8',
        message:
          'The iSCSI server has no IP address, but cn01 and cn02 boot from it: boot.example.org is a name.',
        help: 'set `server: {iscsi: {address: …}}`',
      },
    ],
  },
  pods: {
    of: ISCSI_PLANT,
    edits: [
      ['url: http://10.1.0.1', 'url: http://10.1.0.1\n  kubernetes: { media_claim: media }'],
      ['    address: 10.1.0.2\n', ''],
    ],
    finds: [
      {
        at: '3:8',
        message:
          'The iSCSI server has no IP address, but cn01 and cn02 boot from it: 10.1.0.1 is the address of pods.',
      },
    ],
  },
  'a boot server that is the iSCSI server': {
    of: ISCSI_PLANT,
    edits: [['    address: 10.1.0.2\n', '']],
  },
  'a name, and an IP address on every network': {
    of: ISCSI_PLANT,
    edits: [
      ['url: http://10.1.0.1', 'url: http://boot.example.org'],
      ['    address: 10.1.0.2\n', ''],
      ['10.2.0.0/24, gateway: 10.2.0.1', '10.2.0.0/24, dns: [10.2.0.1], gateway: 10.2.0.1, iscsi: 10.2.0.2'],
      ['10.3.0.0/24, iscsi', '10.3.0.0/24, dns: [10.3.0.1], iscsi'],
    ],
  },
});

ruleTest('iscsi-size-missing', {
  'a layer without a size': {
    of: ISCSI_HARVESTER,
    edits: [[', size: 400Gi', '']],
    finds: [
      {
        at: '19:17',
        message: 'The disk of harv-1 is blank but has no size: no data would fit on it.',
        help: 'set the size next to disk: `boot: {disk: iscsi, size: 400Gi}`',
      },
    ],
  },
  'an external disk': {
    of: onBootVolume(),
    edits: [],
    silence: ['iscsi-management-nic'],
  },
});

ruleTest('iscsi-store-keys', {
  'a directory next to a pool': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    rbd: { pool: bmi }\n    files: /srv/disks\n    suffix:']],
    finds: [
      {
        at: '7:5',
        message: 'server.iscsi.files has no effect: images and disks are in a Ceph pool.',
      },
    ],
  },
  'a format next to a pool': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    rbd: { pool: bmi }\n    format: qcow2\n    suffix:']],
    finds: [
      {
        at: '7:5',
        message: 'server.iscsi.format has no effect: images and disks are in a Ceph pool.',
      },
    ],
  },
  'a snapshot of plain files': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    snapshot: golden\n    suffix:']],
    finds: [{ at: '6:5', message: 'server.iscsi.snapshot has no effect: images and disks are plain files.' }],
  },
  'a pool and its snapshot': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    rbd: { pool: bmi }\n    snapshot: golden\n    suffix:']],
  },
  'a directory and a format': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    files: /srv/disks\n    format: qcow2\n    suffix:']],
  },
});

ruleTest('iscsi-unreachable', {
  'a server on another network, without a gateway': {
    of: ISCSI_PLANT,
    edits: [
      ['10.3.0.0/24, iscsi: 10.3.0.2', '10.3.0.0/24'],
      [', gateway: 10.3.0.1', ''],
    ],
    finds: [
      {
        at: '9:3',
        message:
          'cn03 boots by iSCSI from 10.1.0.2, which is not on biology, a network without a gateway: it cannot reach its disk.',
        related: ['18:9'],
        help: "add gateway; or set the iSCSI server's IP address on biology, `iscsi: …`",
      },
    ],
  },
  'two nodes on such a network': {
    of: ISCSI_PLANT,
    edits: [[', gateway: 10.2.0.1', '']],
    finds: [
      {
        at: '8:3',
        message:
          'cn01 boots by iSCSI from 10.1.0.2, which is not on physics, a network without a gateway: it cannot reach its disk.',
        related: ['18:9'],
      },
    ],
  },
  'an external DHCP server, which may send a gateway': {
    of: ISCSI_PLANT,
    edits: [
      ['10.3.0.0/24, iscsi: 10.3.0.2', '10.3.0.0/24'],
      ['dhcp: { pool: 10.3.0.200-10.3.0.250 }, gateway: 10.3.0.1', 'dhcp: { server: external }'],
    ],
  },
});

ruleTest('harvester-iscsi-too-new', {
  'a release without iSCSI: reported once': {
    of: ISCSI_HARVESTER,
    edits: [['version: v1.4.1', 'version: v1.3.2']],
    finds: [
      {
        at: '19:17',
        message:
          'harv-1 has an iSCSI disk, but Harvester v1.3.2 cannot boot from one: v1.4.0 is the first release that can.',
        related: ['3:12'],
      },
    ],
  },
  'the first release with iSCSI': { of: ISCSI_HARVESTER, edits: [['version: v1.4.1', 'version: v1.4.0']] },
  'a node with a local disk': {
    edits: [
      ['version: v1.4.1', 'version: v1.3.2'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, boot: { disk: local } }'],
    ],
  },
});

const ZERO = ['    os: iscsi\n', '    os: iscsi\n    lun: 0\n'] as const;

fixableRuleTest('tgt-lun-zero', {
  'LUN 0 of tgt targets': {
    of: ISCSI_PLANT,
    edits: [ZERO],
    finds: [
      {
        at: '19:10',
        message: "The disk of cn01 is LUN 0, which is the controller of tgt's targets: tgt rejects the disk.",
        help: 'remove lun: the default is 1',
      },
    ],
  },
  'LUN 0 of LIO targets': {
    of: ISCSI_PLANT,
    edits: [ZERO, ['    address: 10.1.0.2\n', '    address: 10.1.0.2\n    driver: lio\n']],
  },
  'LUN 0 of an external target': {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.2.0.12,', 'ip: 10.2.0.12, boot: { os: local },'],
      ['    os: iscsi\n    image: rocky9\n', ''],
      ['ip: 10.2.0.11,', 'ip: 10.2.0.11, boot: { os: iscsi, target: iqn.2015-02.a:b, lun: 0 },'],
      ['ip: 10.3.0.11,', 'ip: 10.3.0.11, boot: { os: iscsi, image: rocky9 },'],
      ['  boot:\n', '  labels: { a: b }\n'],
    ],
  },
});
