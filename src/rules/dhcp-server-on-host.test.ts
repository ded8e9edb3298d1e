import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { dhcpServerOnHost } from './dhcp-server-on-host.ts';

const GATEWAY = '    gateway: 192.168.150.1\n';
const BRIDGE: readonly [string, string] = [GATEWAY, `${GATEWAY}    interface: br0\n`];

ruleTest(dhcpServerOnHost, {
  'a server that nobody sets up there': {
    of: NESTED,
    edits: [BRIDGE, ['{ server: libvirt,', '{ server: isc,']],
    finds: [
      {
        at: '19:21',
        message: "mgmt has ISC's dhcpd for its DHCP server, which host-setup.sh does not set up.",
      },
    ],
  },
  dnsmasq: { of: NESTED, edits: [BRIDGE, ['{ server: libvirt,', '{ server: dnsmasq,']] },
  'a site without a host': {
    edits: [['dhcp:\n      pool: 192.168.178.200-192.168.178.250', 'dhcp: { server: isc }']],
  },
});
