import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostWithoutDomains } from './host-without-domains.ts';

const VM = '  vm: { preset: small, disks: [{ size: 300Gi }] }\n';
/** One of the host's own, which real machines can be on. */
const BRIDGE: readonly [string, string] = [
  'dhcp: { server: libvirt, pool',
  'interface: br0\n    dhcp: { pool',
];
const DEVICE: readonly [string, string] = ['    os: {', '    install: { device: /dev/sda }\n    os: {'];

ruleTest(hostWithoutDomains, {
  'a host for nobody': {
    edits: [[VM, ''], DEVICE, BRIDGE],
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
      BRIDGE,
      ['mode: create }', 'mode: create, vm: { preset: small, disks: [{ size: 300Gi, bus: sata }] } }'],
    ],
    of: NESTED,
  },
});
