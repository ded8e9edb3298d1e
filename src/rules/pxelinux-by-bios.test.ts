import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { pxelinuxByBios } from './pxelinux-by-bios.ts';

ruleTest(pxelinuxByBios, {
  UEFI: {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { loader: pxelinux } }'],
    ],
    finds: [
      {
        at: '22:83',
        message: 'cn02 is to boot by pxelinux, and its firmware is UEFI, which does not run it.',
      },
    ],
  },
  'no MAC address': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['{ mac: 52:54:00:0b:01:01, ', '{ uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, '],
      ['vlan: 102, dhcp: {}', 'vlan: 102, dhcp: { server: external }'],
    ],
    finds: [
      {
        at: '21:3',
        message: 'cn01 is to boot by pxelinux, which would not find its menu: its MAC address is not known.',
        related: ['21:119'],
      },
    ],
  },
  'a BIOS, and UEFI without pxelinux': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
    ],
  },
});
