import { ruleTest } from '../../test/support/rule-test.ts';
import { keaSharedAddress } from './kea-shared-address.ts';

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';
const THIRD = '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }';
const BOND = '{ nics: [{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }, { mac: 52:54:00:aa:02:03 }] }';

ruleTest(keaSharedAddress, {
  'a bond of two NICs': {
    edits: [
      [DHCP, 'dhcp: { server: kea }'],
      [THIRD, BOND],
    ],
    finds: [
      {
        at: '24:68',
        message:
          'harv-3 may ask for 192.168.178.43 by 52:54:00:aa:02:03, too: Kea gives it to one NIC at a time, until the lease of 12h ends.',
        related: ['11:21'],
      },
    ],
  },
  'one NIC each': { edits: [[DHCP, 'dhcp: { server: kea }']] },
  'a bond at another server': {
    edits: [
      [DHCP, 'dhcp: { server: isc }'],
      [THIRD, BOND],
    ],
  },
});
