import { NESTED } from '../../../test/support/nested-plant.ts';
import type { Edit } from '../../../test/support/plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

const VM = '  vm: { preset: small, disks: [{ size: 300Gi }] }\n';
/** A bridge of the host, which physical machines can use. */
const BRIDGE: readonly [string, string] = [
  'dhcp: { server: libvirt, pool',
  'interface: br0\n    dhcp: { pool',
];
const DEVICE: readonly [string, string] = ['    os: {', '    install: { device: /dev/sda }\n    os: {'];

ruleTest('host-without-domains', {
  'a host without virtual machines': {
    silence: ['boot-server-without-dns'],
    edits: [[VM, ''], DEVICE, BRIDGE],
    of: NESTED,
    finds: [
      {
        at: '4:1',
        message: 'The site has a host, but none of its nodes is a virtual machine: the host runs nothing.',
      },
    ],
  },
  'one virtual machine': {
    silence: ['boot-server-without-dns'],
    edits: [
      [VM, ''],
      DEVICE,
      BRIDGE,
      ['mode: create }', 'mode: create, vm: { preset: small, disks: [{ size: 300Gi, bus: sata }] } }'],
    ],
    of: NESTED,
  },
});

const CLUSTERS: readonly Edit[] = [
  [
    'cluster: { vip: 192.168.150.40, token: "${secret:cluster_token}" }',
    `clusters:
  a: { vip: 192.168.150.40, token: "\${secret:a_token}" }
  b: { vip: 192.168.150.39, token: "\${secret:b_token}", harvester: { arch: arm64 } }`,
  ],
  ['{ port: 443 }', '{ port: 443, cluster: a }'],
  ['{ port: 6443, allow: [203.0.113.0/24] }', '{ port: 6443, cluster: a }'],
  ['.41, mode: create }', '.41, mode: create, cluster: a }'],
  ['  harvester-2: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }\n', ''],
  ['.43 }', '.43, mode: create, cluster: b }'],
];

ruleTest('host-two-architectures', {
  'clusters of two architectures': {
    of: NESTED,
    edits: CLUSTERS,
    finds: [
      {
        at: '21:76',
        message:
          'harvester-1 is an amd64 machine and harvester-3 an arm64 machine, but their host has one architecture: libvirt rejects one of them.',
        related: ['27:3'],
      },
    ],
  },
  'the same with an emulated CPU': {
    of: NESTED,
    edits: [...CLUSTERS, ['threads: 32', 'domain_type: qemu']],
  },
  'only arm64': { of: NESTED, edits: [['version: v1.8.1', 'version: v1.8.1, arch: arm64']] },
});

const memory = (text: string): readonly [string, string] => ['memory: 128Gi', `memory: ${text}`];
const threads = (count: number): readonly [string, string] => ['threads: 32', `threads: ${count}`];
const medium: readonly [string, string] = ['192.168.150.43 }', '192.168.150.43, vm: { preset: medium } }'];

ruleTest('host-too-small', {
  'machines that use all memory of the host': {
    edits: [memory('96Gi')],
    of: NESTED,
    finds: [
      {
        at: '7:11',
        message:
          'The machines have 96 GiB of memory (3 of 32 GiB), but the host has 96Gi and needs 2 GiB itself: its kernel kills one.',
      },
    ],
  },
  'machines of several sizes': {
    edits: [memory('128GB'), medium],
    of: NESTED,
    finds: [
      {
        at: '7:11',
        message:
          'The machines have 128 GiB of memory (2 of 32 GiB and 1 of 64 GiB), but the host has 128GB and needs 2 GiB itself: its kernel kills one.',
      },
    ],
  },
  'sizes that are not whole GiB': {
    edits: [memory('97Gi'), ['192.168.150.43 }', '192.168.150.43, vm: { memory: 32900Mi } }']],
    of: NESTED,
    finds: [
      {
        at: '7:11',
        message:
          'The machines have 96.13 GiB of memory (2 of 32 GiB and 1 of 32.13 GiB), but the host has 97Gi and needs 2 GiB itself: its kernel kills one.',
      },
    ],
  },
  'more CPUs than the host has threads: reported once for a layer, and for a node': {
    edits: [threads(7), medium, memory('130Gi')],
    of: NESTED,
    finds: [
      {
        at: '23:17',
        message: 'The machine has 8 CPUs, but the host has 7 threads: the CPUs wait for each other.',
        related: ['6:12'],
      },
      {
        at: '27:76',
        message: 'The machine has 16 CPUs, but the host has 7 threads: the CPUs wait for each other.',
        related: ['6:12'],
      },
    ],
  },
  'memory for the machines and 2 GiB': { edits: [memory('98Gi')], of: NESTED },
  'a host of unknown size': { edits: [['  threads: 32\n  memory: 128Gi\n', '']], of: NESTED },
  'nodes that are not virtual machines': {
    silence: ['boot-server-without-dns'],
    edits: [
      memory('66Gi'),
      ['  vm: { preset: small, disks: [{ size: 300Gi }] }\n', ''],
      ['mode: create }', 'mode: create, vm: { preset: small, disks: [{ size: 300Gi }] } }'],
      ['192.168.150.42 }', '192.168.150.42, vm: { preset: small, disks: [{ size: 300Gi }] } }'],
      ['192.168.150.43 }', '192.168.150.43, config: { install: { device: /dev/sda } } }'],
      ['dhcp: { server: libvirt, pool', 'interface: br0\n    dhcp: { pool'],
    ],
    of: NESTED,
  },
});

ruleTest('host-overcommitted', {
  'more CPUs than the host has threads': {
    edits: [threads(23)],
    of: NESTED,
    finds: [
      {
        at: '6:12',
        message: 'The 3 machines have 24 CPUs, but the host has 23 threads: busy machines wait for threads.',
      },
    ],
  },
  'a thread for each CPU': { edits: [threads(24)], of: NESTED },
  'a host with an unknown number of threads': { edits: [['  threads: 32\n', '']], of: NESTED },
});

const device = (name: string): readonly [string, string] => ['/dev/disk/by-id/google-data1', name];
const finding = (message: string) => ({ of: NESTED, finds: [{ at: '9:22', message }] });

ruleTest('host-disk-name', {
  'a disk with a kernel name': {
    edits: [device('/dev/sdb')],
    ...finding(
      "The host's disk data1 is /dev/sdb, a name that the kernel can assign to any disk at each boot.",
    ),
  },
  'an NVMe disk with a kernel name': {
    edits: [device('/dev/nvme1n1')],
    ...finding(
      "The host's disk data1 is /dev/nvme1n1, a name that the kernel can assign to any disk at each boot.",
    ),
  },
  'a partition': {
    edits: [device('/dev/disk/by-id/google-data1-part1')],
    ...finding("The host's disk data1 is /dev/disk/by-id/google-data1-part1, a partition, not a whole disk."),
  },
  'a file system': {
    edits: [device('/dev/disk/by-uuid/0b3ee4a3-7d6a-4a0c-8f0f-2f4a4a7c5a11')],
    ...finding(
      "The host's disk data1 is /dev/disk/by-uuid/0b3ee4a3-7d6a-4a0c-8f0f-2f4a4a7c5a11, a file system, not a whole disk.",
    ),
  },
  'an NVMe controller': {
    edits: [device('/dev/nvme1')],
    ...finding("The host's disk data1 is /dev/nvme1, an NVMe controller, not a whole disk."),
  },
  'a RAID with a kernel name': {
    edits: [device('/dev/md127')],
    ...finding("The host's disk data1 is /dev/md127, a software RAID that the kernel numbers at each boot."),
  },
  'a volume with a kernel name': {
    edits: [device('/dev/dm-3')],
    ...finding(
      "The host's disk data1 is /dev/dm-3, a device-mapper volume that the kernel numbers at each boot.",
    ),
  },
  'the partition of a RAID': {
    edits: [device('/dev/disk/by-id/md-name-host:data-part1')],
    ...finding(
      "The host's disk data1 is /dev/disk/by-id/md-name-host:data-part1, a partition, not a whole disk.",
    ),
  },
  'a disk with a kernel name, and too many slashes': {
    edits: [device('/dev//sdb/')],
    ...finding(
      "The host's disk data1 is /dev//sdb/, a name that the kernel can assign to any disk at each boot.",
    ),
  },
  'a partition with a name of Azure': {
    edits: [device('/dev/disk/azure/scsi1/lun0-part1')],
    ...finding("The host's disk data1 is /dev/disk/azure/scsi1/lun0-part1, a partition, not a whole disk."),
  },
  'a RAID with a persistent name': { edits: [device('/dev/md/data')], of: NESTED },
  'a volume with a persistent name': { edits: [device('/dev/mapper/vg0-images')], of: NESTED },
  'a disk below by-path': { edits: [device('/dev/disk/by-path/pci-0000:00:1f.0-nvme-1')], of: NESTED },
  'a name of a provider': { edits: [device('/dev/disk/azure/scsi1/lun0')], of: NESTED },
});

const DATA1 = 'data1: { device: /dev/disk/by-id/google-data1, size: 400GB }';
const with2 = (device: string): readonly [string, string] => [
  DATA1,
  `${DATA1}\n    data2: { device: ${device} }`,
];

ruleTest('host-disk-twice', {
  'one device under two names': {
    edits: [with2('/dev/disk/by-id//google-data1')],
    of: NESTED,
    finds: [
      {
        at: '10:22',
        message:
          "The host's disks data2 and data1 are the same device, /dev/disk/by-id//google-data1: its space would count twice.",
        related: ['9:22'],
      },
    ],
  },
  'devices that begin alike': { edits: [with2('/dev/disk/by-id/google-data10')], of: NESTED },
});

const DISK = 'disks: [{ size: 300Gi }]';
const on = (more: string): readonly [string, string] => [DISK, `disks: [{ size: 300Gi }, ${more}]`];
const size = (text: string): readonly [string, string] => ['size: 400GB', `size: ${text}`];
const xfs: readonly [string, string] = ['size: 400GB }', 'size: 400GB, filesystem: xfs }'];

ruleTest('host-disk-too-small', {
  'images as large as the disk, without space for the file system': {
    edits: [
      on('{ size: 400GB, on: data1, format: raw, name: b }'),
      ['  harvester-2', '  # harvester-2'],
      ['  harvester-3', '  # harvester-3'],
    ],
    of: NESTED,
    silence: ['no-failover', 'replica-count-too-high'],
    finds: [
      {
        at: '9:58',
        message:
          'The image on data1 can grow to 373 GiB, but a file system of 400GB holds 365 GiB: QEMU pauses machines that write to a full disk.',
        related: ['23:57'],
      },
    ],
  },
  'qcow2 images of all machines, which also grow to full size': {
    edits: [on('{ size: 125Gi, on: data1, name: b }'), size('350Gi')],
    of: NESTED,
    finds: [
      {
        at: '9:58',
        message:
          'The 3 images on data1 can grow to 376 GiB, but a file system of 350Gi holds 343 GiB: QEMU pauses machines that write to a full disk.',
        related: ['23:57'],
      },
    ],
  },
  'images of systems, which must not become smaller than their minimum': {
    edits: [[DISK, 'disks: [{ size: 300Gi, on: data1 }]']],
    of: NESTED,
    finds: [
      {
        at: '9:58',
        message:
          'The 3 images on data1 can grow to 901 GiB, but a file system of 400GB holds 365 GiB: QEMU pauses machines that write to a full disk.',
        related: ['23:40'],
        help: 'use a disk of at least 984GB',
      },
    ],
  },
  'images of several sizes': {
    edits: [
      on('{ size: 100Gi, on: data1, name: b }'),
      ['192.168.150.43 }', '192.168.150.43, vm: { disks: [{ size: 300Gi, on: data1 }] } }'],
    ],
    of: NESTED,
    finds: [
      {
        at: '9:58',
        message:
          'The 3 images on data1 can grow to 501 GiB, but a file system of 400GB holds 365 GiB: QEMU pauses machines that write to a full disk.',
        related: ['23:57', '27:84'],
      },
    ],
  },
  'xfs, which needs more space': {
    edits: [on('{ size: 121.8Gi, on: data1, name: b }'), xfs],
    of: NESTED,
    finds: [
      {
        at: '9:58',
        message:
          'The 3 images on data1 can grow to 366 GiB, but a file system of 400GB holds 365 GiB: QEMU pauses machines that write to a full disk.',
        related: ['23:57'],
      },
    ],
  },
  'images that exactly fit': { edits: [on('{ size: 121Gi, on: data1, name: b }')], of: NESTED },
  'nine tenths of the disk': { edits: [on('{ size: 120GB, on: data1, format: raw, name: b }')], of: NESTED },
  'images on another disk, or on a disk of unknown size': {
    edits: [on('{ size: 900Gi, name: b }, { size: 900Gi, on: data1, name: c }'), [', size: 400GB', '']],
    of: NESTED,
  },
});

const HOST = NESTED.slice(NESTED.indexOf('host:\n'), NESTED.indexOf('networks:'));
const WITH_DEVICE: readonly [string, string] = ['    os: {', '    install: { device: /dev/vda }\n    os: {'];

ruleTest('libvirt-without-host', {
  'DHCP by libvirt without a host': {
    edits: [[HOST, ''], WITH_DEVICE],
    of: NESTED,
    finds: [
      {
        at: '9:13',
        message: 'The network mgmt is created by libvirt, but the site has no host: it never exists.',
      },
    ],
  },
  'a network without DHCP and without a host': {
    silence: ['boot-server-without-dns'],
    edits: [
      [HOST, ''],
      ['dhcp: { server: libvirt,', 'dhcp: { server: external,'],
      ['cluster:', '  vlans:\n    subnet: 192.168.151.0/24\n    libvirt: { forward: isolated }\ncluster:'],
      WITH_DEVICE,
    ],
    of: NESTED,
    finds: [
      {
        at: '12:5',
        message: 'The network vlans is created by libvirt, but the site has no host: it never exists.',
      },
    ],
  },
  'virtual machines of an external libvirt': {
    silence: ['boot-server-without-dns', 'vm-without-host'],
    edits: [[HOST, ''], ['dhcp: { server: libvirt,', 'dhcp: { server: external,'], WITH_DEVICE],
    of: NESTED,
  },
});

const PROFILE: readonly [string, string][] = [
  [VM, ''],
  ['nodes:\n', 'profiles: { nested: { vm: { preset: small, disks: [{ size: 300Gi }] } } }\nnodes:\n'],
  ['mode: create }', 'mode: create, profiles: [nested] }'],
  ['192.168.150.42 }', '192.168.150.42, profiles: [nested] }'],
];
const REAL = 'config: { install: { device: /dev/disk/by-id/nvme-a } }';

ruleTest('machine-off-host', {
  'a machine among virtual ones': {
    of: NESTED,
    edits: [...PROFILE, ['192.168.150.43 }', `192.168.150.43, ${REAL} }`]],
    finds: [
      {
        at: '27:3',
        message:
          'harvester-3 is not a virtual machine, but libvirt creates the network mgmt: it exists only on the host.',
        related: ['14:3'],
      },
    ],
  },
  'no virtual machine at all: the only finding': {
    of: NESTED,
    edits: [[VM, '']],
    finds: [
      {
        at: '24:3',
        message:
          'harvester-1, harvester-2 and harvester-3 are not virtual machines, but libvirt creates the network mgmt: it exists only on the host.',
        related: ['14:3'],
      },
    ],
  },
  'all of them on a bridge of the host': {
    silence: ['boot-server-without-dns'],
    of: NESTED,
    edits: [
      ...PROFILE,
      ['192.168.150.43 }', `192.168.150.43, ${REAL} }`],
      ['dhcp: { server: libvirt, pool', 'interface: br0\n    dhcp: { pool'],
    ],
  },
});
