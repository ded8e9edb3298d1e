import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { machineOffHost } from './machine-off-host.ts';

const VM = '  vm: { preset: small, disks: [{ size: 300Gi }] }\n';
const PROFILE: readonly [string, string][] = [
  [VM, ''],
  ['nodes:\n', 'profiles: { nested: { vm: { preset: small, disks: [{ size: 300Gi }] } } }\nnodes:\n'],
  ['mode: create }', 'mode: create, profiles: [nested] }'],
  ['192.168.150.42 }', '192.168.150.42, profiles: [nested] }'],
];
const REAL = 'config: { install: { device: /dev/disk/by-id/nvme-a } }';

ruleTest(machineOffHost, {
  'a machine among virtual ones': {
    of: NESTED,
    edits: [...PROFILE, ['192.168.150.43 }', `192.168.150.43, ${REAL} }`]],
    finds: [
      {
        at: '27:3',
        message:
          'harvester-3 is no virtual machine, and libvirt makes the network mgmt: it exists on the host alone, and nothing beside the host is on it.',
        related: ['14:3'],
      },
    ],
  },
  'no virtual machine at all: that alone is said': {
    of: NESTED,
    edits: [[VM, '']],
    finds: [
      {
        at: '24:3',
        message:
          'harvester-1, harvester-2 and harvester-3 are no virtual machines, and libvirt makes the network mgmt: it exists on the host alone, and nothing beside the host is on it.',
        related: ['14:3'],
      },
    ],
  },
  'all of them on a bridge of the host': {
    of: NESTED,
    edits: [
      ...PROFILE,
      ['192.168.150.43 }', `192.168.150.43, ${REAL} }`],
      ['dhcp: { server: libvirt, pool', 'interface: br0\n    dhcp: { pool'],
    ],
  },
});
