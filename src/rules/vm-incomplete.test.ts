import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { vmIncomplete } from './vm-incomplete.ts';

const VM = 'vm: { preset: small, disks: [{ size: 300Gi }] }';
const DEVICE = '    os: { ntp_servers';
const SAID = '    install: { device: /dev/vda }\n    os: { ntp_servers';

ruleTest(vmIncomplete, {
  'machines without anything': {
    of: NESTED,
    edits: [
      [DEVICE, SAID],
      [VM, 'vm: {}'],
    ],
    finds: [
      {
        at: '24:7',
        message:
          'The virtual machines harvester-1, harvester-2 and harvester-3 have no vcpus, memory and disks: libvirt could not make them.',
      },
    ],
  },
  'one without a disk': {
    of: NESTED,
    edits: [
      ['192.168.150.42 }', '192.168.150.42, vm: { disks: [] }, config: { install: { device: /dev/vda } } }'],
    ],
    finds: [
      {
        at: '26:66',
        message: 'The virtual machine harvester-2 has no disks: libvirt could not make it.',
      },
    ],
  },
  'memory alone is not enough': {
    of: NESTED,
    edits: [['preset: small', 'memory: 32Gi']],
    finds: [
      {
        at: '23:7',
        message:
          'The virtual machines harvester-1, harvester-2 and harvester-3 have no vcpus: libvirt could not make them.',
      },
    ],
  },
  'without a preset, with all that it would have said': {
    of: NESTED,
    edits: [['preset: small', 'memory: 32Gi, vcpus: 8']],
  },
  'one that has its Linux from the network': {
    of: NESTED,
    edits: [
      ['memory: 128Gi', 'memory: 256Gi'],
      [
        '192.168.150.43 }',
        '192.168.150.43 }\n  tools: { mac: 52:54:00:0c:02:09, ip: 192.168.150.49, boot: { os: linux, kernel: vmlinuz }, vm: { disks: [] } }',
      ],
    ],
  },
  'a machine that is none of libvirt may say less': {
    edits: [['ip: 192.168.178.42 }', 'ip: 192.168.178.42, vm: { memory: 64Gi } }']],
  },
  'a virtual machine without disks that boots by iSCSI': {
    of: ISCSI_PLANT,
    edits: [
      ['networks:\n', 'host: { address: 10.1.0.1 }\nnetworks:\n'],
      ['gateway: 10.2.0.1,', 'gateway: 10.2.0.1, interface: br0,'],
      ['iscsi: 10.3.0.2,', 'iscsi: 10.3.0.2, interface: br1,'],
      ['    image: rocky9\n', '    image: rocky9\n  vm: { vcpus: 2, memory: 4Gi }\n'],
    ],
  },
});
