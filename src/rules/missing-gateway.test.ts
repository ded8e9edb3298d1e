import { ruleTest } from '../../test/support/rule-test.ts';
import { missingGateway } from './missing-gateway.ts';

const GATEWAY = '    gateway: 192.168.178.1\n';

ruleTest(missingGateway, {
  'a network without a gateway: said once, for all nodes': {
    edits: [[GATEWAY, '']],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no gateway, and machines boot from it: without a default route the installer stops.',
      },
    ],
  },
  'the network of the NIC that is marked to boot': {
    silence: ['two-node-cluster'],
    edits: [
      ['  mgmt:\n', '  pxe: { subnet: 10.0.0.0/24, dhcp: {} }\n  mgmt:\n'],
      ['cluster:\n', 'clusters:\n  pxe: { vip: 10.0.0.40, token: "${secret:pxe}" }\n  plant:\n'],
      ['  vip: 192.168.178.40\n  token', '    vip: 192.168.178.40\n    token'],
      ['  config:\n', '  cluster: plant\n  config:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ cluster: pxe, mode: create, nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3, boot: true }] }',
      ],
    ],
    finds: [
      {
        at: '7:3',
        message:
          'The network pxe has no gateway, and machines boot from it: without a default route the installer stops.',
      },
    ],
  },
  'a network without a gateway that no machine boots from': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3 }] }',
      ],
    ],
  },
  'a network that machines boot another Linux from': {
    silence: ['two-node-cluster'],
    edits: [
      ['  mgmt:\n', '  pxe: { subnet: 10.0.0.0/24, dhcp: {} }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ mac: 52:54:00:aa:01:03, ip: 10.0.0.3, boot: { os: linux, kernel: vmlinuz, initrd: initrd } }',
      ],
    ],
  },
  'a network whose machines boot their own disks': {
    silence: ['two-node-cluster'],
    edits: [
      ['  mgmt:\n', '  pxe: { subnet: 10.0.0.0/24, dhcp: {} }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ mac: 52:54:00:aa:01:03, ip: 10.0.0.3, boot: { os: local } }',
      ],
    ],
  },
});
