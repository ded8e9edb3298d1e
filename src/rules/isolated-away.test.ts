import { NESTED } from '../../test/support/nested-plant.ts';
import type { Edit } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { isolatedAway } from './isolated-away.ts';

const ISOLATED: Edit = ['    dhcp: {', '    libvirt: { forward: isolated }\n    dhcp: {'];
const DNS: Edit = ['dns: [192.168.150.1]', 'dns: [9.9.9.9]'];

ruleTest(isolatedAway, {
  'servers on the internet, each said once': {
    of: NESTED,
    edits: [ISOLATED, DNS],
    finds: [
      {
        at: '17:11',
        message:
          'The DNS server 9.9.9.9 is on the internet, and nothing leaves the isolated network mgmt, which harvester-1 boots from: it would never answer.',
        related: ['18:16'],
      },
      {
        at: '23:25',
        message:
          'The time server 0.suse.pool.ntp.org is on the internet, and nothing leaves the isolated network mgmt, which harvester-1 boots from: it would never answer.',
        related: ['18:16'],
      },
    ],
  },
  'servers of the site': {
    of: NESTED,
    edits: [ISOLATED, ['0.suse.pool.ntp.org', '192.168.150.1']],
  },
  'an isolated network that nothing boots from': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        '  vms: { subnet: 10.20.0.0/24, dns: [9.9.9.9], libvirt: { forward: isolated } }\ncluster:',
      ],
    ],
  },
  'a network that is let out': { of: NESTED, edits: [DNS] },
});
