import { ruleTest } from '../../test/support/rule-test.ts';
import { hostsFilesWithoutDnsmasq } from './hosts-files-without-dnsmasq.ts';

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';

ruleTest(hostsFilesWithoutDnsmasq, {
  'a server that reads none': {
    edits: [[DHCP, 'dhcp: { server: isc, hosts_files: true }']],
    finds: [
      {
        at: '11:39',
        message: 'mgmt asks for hosts_files, and its DHCP server is isc, which reads none.',
        related: ['11:21'],
      },
    ],
  },
  dnsmasq: { edits: [[DHCP, 'dhcp: { hosts_files: true }']] },
  "somebody else's": { edits: [[DHCP, 'dhcp: { server: external, hosts_files: true }']] },
  'said to be none': { edits: [[DHCP, 'dhcp: { server: isc, hosts_files: false }']] },
});
