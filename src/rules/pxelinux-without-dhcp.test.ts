import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { pxelinuxWithoutDhcp } from './pxelinux-without-dhcp.ts';

ruleTest(pxelinuxWithoutDhcp, {
  'a network without DHCP': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['vlan: 102, dhcp: {}', 'vlan: 102'],
    ],
    finds: [
      {
        at: '21:99',
        message: 'cn01 is to boot by pxelinux, and nothing leads its firmware to it: physics has no DHCP.',
        related: ['8:3'],
      },
    ],
  },
  "somebody else's DHCP server": {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['vlan: 102, dhcp: {}', 'vlan: 102, dhcp: { server: external }'],
    ],
  },
});
