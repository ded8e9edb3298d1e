import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { hostAddressTaken } from './host-address-taken.ts';

const listen = (address: string): readonly [string, string] => [
  '{ port: 443 }',
  `{ port: 443, address: ${address} }`,
];
const reach = (address: string): readonly [string, string] => ['lab.example.org', address];

ruleTest(hostAddressTaken, {
  'a port that listens at the VIP': {
    of: NESTED,
    edits: [listen('192.168.150.40')],
    finds: [
      {
        at: '11:29',
        message:
          'The address at which port 443 listens, 192.168.150.40, is that of the VIP of plant: the host does not have it.',
        related: ['19:17'],
      },
    ],
  },
  'a host that is reached by the address of a node': {
    of: NESTED,
    edits: [reach('192.168.150.42')],
    finds: [
      {
        at: '5:12',
        message:
          'The address of the host, 192.168.150.42, is that of the node harvester-2: the host does not have it.',
        related: ['26:46'],
      },
    ],
  },
  'a gateway that is another machine': {
    of: NESTED,
    edits: [
      listen('192.168.150.254'),
      ['gateway: 192.168.150.1', 'gateway: 192.168.150.254\n    libvirt: { address: 192.168.150.1 }'],
    ],
    finds: [
      {
        at: '11:29',
        message:
          'The address at which port 443 listens, 192.168.150.254, is that of the gateway of mgmt: the host does not have it.',
        related: ['16:14'],
      },
    ],
  },
  "the gateway, which is the host's own address": {
    of: NESTED,
    edits: [listen('192.168.150.1'), reach('192.168.150.1')],
  },
  'an address beside the site': { of: NESTED, edits: [listen('203.0.113.7'), reach('203.0.113.7')] },
});
