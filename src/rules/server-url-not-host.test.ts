import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { serverUrlNotHost } from './server-url-not-host.ts';

const url = (host: string): readonly [string, string] => ['url: http://192.168.150.1', `url: http://${host}`];
const BRIDGE: readonly [string, string] = [
  'dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }',
  'interface: br0\n    dhcp: { server: external }',
];

ruleTest(serverUrlNotHost, {
  'another machine': {
    edits: [url('192.168.150.2')],
    of: NESTED,
    finds: [
      {
        at: '3:16',
        message:
          'Machines fetch from 192.168.150.2, which is no address of the host that is known: the host has 192.168.150.1.',
        related: ['16:14'],
      },
    ],
  },
  'the gateway, where the host has another address': {
    edits: [['dhcp: {', 'libvirt: { address: 192.168.150.2 }\n    dhcp: {']],
    of: NESTED,
    finds: [
      {
        at: '3:16',
        message:
          'Machines fetch from 192.168.150.1, which is no address of the host that is known: the host has 192.168.150.2.',
        related: ['18:25'],
      },
    ],
  },
  'the address by which people reach the host': {
    edits: [url('203.0.113.7'), ['lab.example.org', '203.0.113.7']],
    of: NESTED,
  },
  'another network of the host': {
    edits: [
      url('192.168.151.1'),
      ['cluster:', '  other: { subnet: 192.168.151.0/24, gateway: 192.168.151.1, libvirt: {} }\ncluster:'],
    ],
    of: NESTED,
  },
  "a bridge of the host's own": { edits: [url('10.0.0.5'), BRIDGE], of: NESTED },
});
