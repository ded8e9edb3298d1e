import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostTooSmall } from './host-too-small.ts';

const memory = (text: string): readonly [string, string] => ['memory: 128Gi', `memory: ${text}`];
const threads = (count: number): readonly [string, string] => ['threads: 32', `threads: ${count}`];
const medium: readonly [string, string] = ['192.168.150.43 }', '192.168.150.43, vm: { preset: medium } }'];

ruleTest(hostTooSmall, {
  'machines that fill the host to the last': {
    edits: [memory('96Gi')],
    of: NESTED,
    finds: [
      {
        at: '7:11',
        message:
          'The machines have 96 GiB of memory together (3 of 32 GiB), and the host has 96Gi, of which it needs 2 GiB itself: its kernel would kill one of them.',
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
          'The machines have 128 GiB of memory together (2 of 32 GiB and 1 of 64 GiB), and the host has 128GB, of which it needs 2 GiB itself: its kernel would kill one of them.',
      },
    ],
  },
  'sizes that are no whole GiB': {
    edits: [memory('97Gi'), ['192.168.150.43 }', '192.168.150.43, vm: { memory: 32900Mi } }']],
    of: NESTED,
    finds: [
      {
        at: '7:11',
        message:
          'The machines have 96.13 GiB of memory together (2 of 32 GiB and 1 of 32.13 GiB), and the host has 97Gi, of which it needs 2 GiB itself: its kernel would kill one of them.',
      },
    ],
  },
  'more CPUs than the host has threads: of a layer once, of a node by itself': {
    edits: [threads(7), medium, memory('130Gi')],
    of: NESTED,
    finds: [
      {
        at: '23:17',
        message: 'The machine has 8 CPUs, and the host has 7 threads: they would wait for each other.',
        related: ['6:12'],
      },
      {
        at: '27:76',
        message: 'The machine has 16 CPUs, and the host has 7 threads: they would wait for each other.',
        related: ['6:12'],
      },
    ],
  },
  'room for the machines and 2 GiB': { edits: [memory('98Gi')], of: NESTED },
  'a host whose size is not known': { edits: [['  threads: 32\n  memory: 128Gi\n', '']], of: NESTED },
  'nodes that are no virtual machines need nothing of the host': {
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
