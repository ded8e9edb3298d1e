import { ruleTest } from '../../test/support/rule-test.ts';
import { membersInDifferentNetworks } from './members-in-different-networks.ts';

const OFFICE: [string, string] = [
  'cluster:\n',
  '  office: { subnet: 192.168.20.0/24, gateway: 192.168.20.1, dns: [192.168.20.1], dhcp: { pool: 192.168.20.200-192.168.20.250 } }\ncluster:\n',
];

ruleTest(membersInDifferentNetworks, {
  'a node on another network by its address': {
    edits: [OFFICE, ['ip: 192.168.178.43', 'ip: 192.168.20.43']],
    finds: [
      {
        at: '26:41',
        message:
          'harv-3 boots from the network office, and harv-1 of the cluster plant from mgmt: the VIP cannot be in both.',
        related: ['24:41'],
      },
    ],
  },
  'a create node on another network than the others': {
    edits: [
      OFFICE,
      [
        'mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode',
        'nics: [{ mac: 52:54:00:aa:01:01, network: office, ip: 192.168.20.41 }], mode',
      ],
    ],
    finds: [
      {
        at: '24:55',
        message:
          'harv-1 boots from the network office, and harv-2 of the cluster plant from mgmt: the VIP cannot be in both.',
        related: ['25:41'],
      },
    ],
  },
  'a second NIC on another network': {
    edits: [
      OFFICE,
      [
        'mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        'nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03, network: office }] }',
      ],
    ],
  },
  'another cluster on another network': {
    edits: [
      OFFICE,
      [
        'cluster:\n  vip: 192.168.178.40\n  token: ${secret:cluster_token}\n',
        'clusters:\n  plant: { vip: 192.168.178.40, token: "${secret:plant}" }\n  office: { vip: 192.168.20.40, token: "${secret:office}" }\n',
      ],
      ['  config:\n', '  cluster: plant\n  config:\n'],
      [
        'ip: 192.168.178.43 }\n',
        'ip: 192.168.178.43 }\n  one: { mac: 52:54:00:aa:02:01, ip: 192.168.20.41, cluster: office, mode: create }\n',
      ],
    ],
  },
});
