import { ruleTest } from '../../test/support/rule-test.ts';
import { vipOutsideSubnet } from './vip-outside-subnet.ts';

const VIP = 'vip: 192.168.178.40';

ruleTest(vipOutsideSubnet, {
  'a VIP of another subnet: said once, for all nodes': {
    edits: [[VIP, 'vip: 192.168.179.40']],
    finds: [
      {
        at: '14:8',
        message:
          'The VIP 192.168.179.40 is outside 192.168.178.0/24, the subnet of the nodes of plant: nobody would hear it announced.',
        related: ['8:13'],
      },
    ],
  },
  'the network address': {
    edits: [[VIP, 'vip: 192.168.178.0']],
    finds: [
      {
        at: '14:8',
        message: 'The VIP 192.168.178.0 is the network address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address': {
    edits: [[VIP, 'vip: 192.168.178.255']],
    finds: [
      {
        at: '14:8',
        message: 'The VIP 192.168.178.255 is the broadcast address of 192.168.178.0/24: no host can have it.',
        related: ['8:13'],
      },
    ],
  },
  'members on several networks, which is said of the members': {
    silence: ['members-in-different-networks'],
    edits: [
      ['  mgmt:\n', '  far: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dhcp: {} }\n  mgmt:\n'],
      ['ip: 192.168.178.43', 'ip: 10.0.0.43'],
    ],
  },
  'the last address that a host can have': { edits: [[VIP, 'vip: 192.168.178.254']] },
  'nodes with a second NIC in another network': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3 }] }',
      ],
    ],
  },
  'a machine in another network that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      ['  mgmt:\n', '  far: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dhcp: {} }\n  mgmt:\n'],
      ['ip: 192.168.178.43', 'ip: 10.0.0.43, boot: { os: local }'],
    ],
  },
});
