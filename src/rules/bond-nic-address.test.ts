import { ruleTest } from '../../test/support/rule-test.ts';
import { bondNicAddress } from './bond-nic-address.ts';

ruleTest(bondNicAddress, {
  'two addresses on the network that boots': {
    edits: [
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 192.168.178.44 }] }',
      ],
    ],
    finds: [
      {
        at: '25:98',
        message:
          'harv-3 has a second address, 192.168.178.44, on the network that it boots from: its NICs there form one bond.',
        related: ['25:50'],
      },
    ],
  },
  'a second address on another network': {
    edits: [
      ['  mgmt:\n', '  storage: { subnet: 10.0.0.0/24 }\n  mgmt:\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, ip: 10.0.0.3 }] }',
      ],
    ],
  },
});
