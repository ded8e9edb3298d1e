import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostWithoutDomains } from './host-without-domains.ts';

const VM = '  vm: { preset: small, disks: [{ size: 300Gi }] }\n';
const DEVICE: readonly [string, string] = ['    os: {', '    install: { device: /dev/sda }\n    os: {'];

ruleTest(hostWithoutDomains, {
  'a host for nobody': {
    edits: [[VM, ''], DEVICE],
    of: NESTED,
    finds: [
      {
        at: '4:1',
        message:
          'The site has a host, and none of its nodes is a virtual machine: there would be nothing on it.',
      },
    ],
  },
  'one virtual machine': {
    edits: [
      [VM, ''],
      DEVICE,
      ['mode: create }', 'mode: create, vm: { preset: small, disks: [{ size: 300Gi, bus: sata }] } }'],
    ],
    of: NESTED,
  },
});
