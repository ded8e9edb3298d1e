import { ruleTest } from '../../test/support/rule-test.ts';
import { staticNeedsDns } from './static-needs-dns.ts';

const DNS = '    dns: [192.168.178.1]\n';
const DHCP = '    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n';
const STATIC = 'config: { install: { management_interface: { method: static } } }';

/** Names the NIC of each node, as is needed where there is no DHCP. */
const NAMED = [1, 2, 3].map((number): [string, string] => [
  `{ mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number}`,
  `{ nics: [{ name: eno1, mac: 52:54:00:aa:01:0${number}, ip: 192.168.178.4${number} }]`,
]);

ruleTest(staticNeedsDns, {
  'a network with neither DHCP nor DNS servers': {
    silence: ['static-needs-default-route'],
    edits: [[DNS + DHCP, ''], ...NAMED],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no DNS servers, and harv-1, harv-2 and harv-3 have a static address on it: the installer would stop.',
        related: ['20:3'],
      },
    ],
  },
  'an empty list of DNS servers, and one node that says static': {
    edits: [
      [DNS, '    dns: []\n'],
      ['ip: 192.168.178.42', `ip: 192.168.178.42, ${STATIC}`],
    ],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no DNS servers, and harv-2 has a static address on it: the installer would stop.',
        related: ['24:3'],
      },
    ],
  },
  'an empty list in the configuration as well': {
    edits: [
      [DNS, ''],
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { dns_nameservers: [] }, install: { management_interface: { method: static } } }',
      ],
    ],
    finds: [
      {
        at: '7:3',
        message:
          'The network mgmt has no DNS servers, and harv-2 has a static address on it: the installer would stop.',
        related: ['23:3'],
      },
    ],
  },
  'DNS servers in the network, and no DHCP': {
    silence: ['static-needs-default-route'],
    edits: [[DHCP, ''], ...NAMED],
  },
  'DNS servers in the configuration alone': {
    silence: ['static-needs-default-route'],
    edits: [
      [DNS + DHCP, ''],
      ...NAMED,
      ['ssh_authorized_keys:', 'dns_nameservers: [192.168.178.1],\n      ssh_authorized_keys:'],
    ],
  },
  'no DNS servers where DHCP gives the address': { edits: [[DNS, '']] },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      [DNS, ''],
      ['ip: 192.168.178.42', `ip: 192.168.178.42, boot: { os: local }, ${STATIC}`],
    ],
  },
});
