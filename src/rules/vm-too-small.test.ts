import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { vmTooSmall } from './vm-too-small.ts';

const VM = 'vm: { preset: small, disks: [{ size: 300Gi }] }';
const vm = (said: string): readonly [string, string] => [VM, `vm: { vcpus: 8, ${said} }`];
const OTHERS = ['vm-below-minimum'];

ruleTest(vmTooSmall, {
  'memory and a disk that nothing can be installed with': {
    of: NESTED,
    edits: [vm('memory: 1Gi, disks: [{ size: 1Gi }]')],
    finds: [
      {
        at: '23:27',
        message: 'The virtual machine has 1Gi of memory, and the installer does not run in less than 8Gi.',
      },
      {
        at: '23:48',
        message: 'The disk that Harvester is installed to has 1Gi, and its partitions and the ISO take 31Gi.',
      },
    ],
  },
  'just enough': { of: NESTED, edits: [vm('memory: 8Gi, disks: [{ size: 31Gi }]')], silence: OTHERS },
  'a small disk for data': {
    of: NESTED,
    edits: [vm('memory: 32Gi, disks: [{ size: 300Gi }, { size: 1Gi }]')],
  },
  'a machine on which nothing is installed': {
    of: NESTED,
    edits: [
      [
        '192.168.150.43 }',
        '192.168.150.43, boot: { os: local }, vm: { memory: 1Gi, disks: [{ size: 1Gi }] } }',
      ],
    ],
    silence: ['two-node-cluster'],
  },
});
