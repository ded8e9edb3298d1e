import { ruleTest } from '../../test/support/rule-test.ts';
import { gatewayOutsideSubnet } from './gateway-outside-subnet.ts';

ruleTest(gatewayOutsideSubnet, {
  'a gateway of another subnet': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.187.1']],
    finds: [
      {
        at: '9:14',
        message:
          'The gateway 192.168.187.1 of mgmt is outside its subnet, 192.168.178.0/24: no machine on it could reach the gateway.',
        related: ['8:13'],
      },
    ],
  },
  'the network address': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.0']],
    finds: [
      {
        at: '9:14',
        message:
          'The gateway 192.168.178.0 of mgmt is the network address of 192.168.178.0/24: no router can have it.',
        related: ['8:13'],
      },
    ],
  },
  'the broadcast address': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.255']],
    finds: [
      {
        at: '9:14',
        message:
          'The gateway 192.168.178.255 of mgmt is the broadcast address of 192.168.178.0/24: no router can have it.',
        related: ['8:13'],
      },
    ],
  },
  'a network that nothing boots from': {
    edits: [['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24, gateway: 10.0.1.1 }\n  mgmt:\n']],
    finds: [
      {
        at: '7:44',
        message:
          'The gateway 10.0.1.1 of storage is outside its subnet, 10.0.0.0/24: no machine on it could reach the gateway.',
        related: ['7:22'],
      },
    ],
  },
  'the last address that a router can have': {
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.254']],
  },
});
