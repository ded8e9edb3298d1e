import { ruleTest } from '../../test/support/rule-test.ts';
import { dhcpWithoutServer } from './dhcp-without-server.ts';

ruleTest(dhcpWithoutServer, {
  'DHCP on a network without': {
    silence: ['static-needs-default-route'],
    edits: [
      ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', ''],
      [
        '{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41, mode: create }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }], mode: create }',
      ],
      [
        '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }] }',
      ],
      [
        '{ mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }',
        '{ nics: [{ name: eno1, mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }], config: { install: { management_interface: { method: dhcp } } } }',
      ],
    ],
    finds: [
      {
        at: '23:134',
        message:
          'harv-3 is to get its address by DHCP, and its network mgmt has no DHCP server: it would ask for ever.',
        related: ['7:3'],
      },
    ],
  },
  'DHCP where there is a server, and static where there is one': {
    edits: [
      [
        'ip: 192.168.178.42 }',
        'ip: 192.168.178.42, config: { install: { management_interface: { method: dhcp } } } }',
      ],
      [
        'ip: 192.168.178.43 }',
        'ip: 192.168.178.43, config: { install: { management_interface: { method: static } } } }',
      ],
    ],
  },
});
