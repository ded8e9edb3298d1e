import { ruleTest } from '../../test/support/rule-test.ts';
import { dhcpNeedsAddress } from './dhcp-needs-address.ts';

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';

ruleTest(dhcpNeedsAddress, {
  'a boot server that is known by a name': {
    edits: [
      [DHCP, 'dhcp: { server: kea }'],
      ['http://192.168.178.7', 'http://boot.example.org'],
    ],
    finds: [
      {
        at: '11:21',
        message: 'Kea, which serves mgmt, is to say an address, and boot.example.org is a name.',
        related: ['5:8'],
        help: 'write the address in server.url; or have dnsmasq for the network',
      },
    ],
  },
  pods: {
    edits: [
      [DHCP, 'dhcp: { server: isc }'],
      ['server:\n', 'server:\n  kubernetes: { media_claim: media }\n'],
    ],
    finds: [
      {
        at: '12:21',
        message:
          "ISC's dhcpd, which serves mgmt, is to say an address, and 192.168.178.7 is that of pods, which have no TFTP.",
        related: ['6:8'],
        help: 'have dnsmasq for it, on a machine of the network',
      },
    ],
  },
  'an address': { edits: [[DHCP, 'dhcp: { server: kea }']] },
  'a name, and dnsmasq': { edits: [['http://192.168.178.7', 'http://boot.example.org']] },
});
