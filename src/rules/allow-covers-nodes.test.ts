import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { allowCoversNodes } from './allow-covers-nodes.ts';

const allowing = (...entries: string[]) =>
  ['server:\n', `server:\n  allow: [${entries.join(', ')}]\n`] as const;
const message = (whom: string, entry: string) =>
  `server.allow covers ${whom} with ${entry}: they may fetch the configuration of any node, with its secrets.`;

ruleTest(allowCoversNodes, {
  'the whole subnet': {
    edits: [allowing('10.0.8.15', '192.168.178.0/24')],
    finds: [
      {
        at: '5:22',
        message: message(
          'harv-1 to harv-3 (3 nodes), the VIP of plant and the DHCP pool of mgmt',
          '192.168.178.0/24',
        ),
      },
    ],
  },
  'a node, the VIP, and the end of a pool': {
    edits: [allowing('192.168.178.42', '192.168.178.40', '192.168.178.250')],
    finds: [
      { at: '5:11', message: message('harv-2', '192.168.178.42') },
      { at: '5:27', message: message('the VIP of plant', '192.168.178.40') },
      { at: '5:43', message: message('the DHCP pool of mgmt', '192.168.178.250') },
    ],
  },
  'the second NIC of a node': {
    edits: [
      allowing('10.9.0.0/24'),
      ['networks:\n', 'networks:\n  storage: { subnet: 10.9.0.0/24 }\n'],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { name: eno2, mac: 52:54:00:aa:02:03, network: storage, ip: 10.9.0.43 }] }',
      ],
    ],
    finds: [{ at: '5:11', message: message('harv-3', '10.9.0.0/24') }],
  },
  'addresses beside all of them, and one twice': {
    edits: [allowing('192.168.178.44', '192.168.178.251', '192.168.178.199', '10.0.8.0/24', '10.0.8.0/24')],
  },
  "a tenant's list, which covers its own node and another's": {
    of: ISCSI_PLANT,
    edits: [['allow: [10.9.0.0/24]', 'allow: [10.2.0.0/23]']],
    finds: [
      {
        at: '12:40',
        message:
          'tenants.biology.allow covers cn01 and cn02 with 10.2.0.0/23: they may fetch the configuration of any node of biology, with its secrets.',
      },
    ],
  },
  'one node of two of a list': {
    of: ISCSI_PLANT,
    edits: [['allow: [10.9.0.0/24]', 'allow: [10.9.0.0/24, 10.2.0.12]']],
    finds: [
      {
        at: '12:53',
        message:
          'tenants.biology.allow covers cn02 with 10.2.0.12: they may fetch the configuration of any node of biology, with its secrets.',
      },
    ],
  },
});
