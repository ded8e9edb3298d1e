import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { RACK } from '../../test/support/rack.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { coredhcpNoBootFile } from './coredhcp-no-boot-file.ts';

const DHCP = 'dhcp:\n      pool: 192.168.178.200-192.168.178.250';

ruleTest(coredhcpNoBootFile, {
  'machines that boot from the network': {
    edits: [[DHCP, 'dhcp: { server: coredhcp }']],
    finds: [
      {
        at: '11:21',
        message: 'coredhcp tells no machine of mgmt what to boot: the firmware of harv-1 would find nothing.',
      },
    ],
  },
  'with what the plugin of OpenCHAMI asks': {
    edits: [
      [DHCP, 'dhcp: { server: coredhcp }'],
      ['server:\n', 'server:\n  compat: [ochami]\n'],
    ],
  },
  'GRUB, which that plugin does not hand out': {
    of: RACK,
    edits: [
      ['server: external', 'server: coredhcp'],
      ['os: linux,', 'os: linux, loader: grub,'],
    ],
    finds: [
      {
        at: '4:84',
        message: 'coredhcp hands out no GRUB: with its plugin coresmd the firmware of cg01 would load iPXE.',
        related: ['8:30'],
      },
    ],
  },
  'a network that nothing boots from': {
    edits: [
      [
        '  mgmt:\n',
        '  storage: { subnet: 10.0.0.0/24, interface: eth1, dhcp: { server: coredhcp } }\n  mgmt:\n',
      ],
      [DHCP, 'interface: eth0\n    dhcp: { server: dnsmasq }'],
    ],
  },
  pxelinux: {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { loader: pxelinux } }',
      ],
      ['vlan: 102, dhcp: {}', 'vlan: 102, dhcp: { server: coredhcp }'],
      ['dhcp: { pool: 10.3.0.200-10.3.0.250 }', 'dhcp: { server: external }'],
      ['  iscsi:\n', '  compat: [ochami]\n  iscsi:\n'],
      ['52:54:00:0b:01:01,', '52:54:00:0b:01:01, nid: 1, xname: x1000c1s7b0n0,'],
      ['52:54:00:0b:01:02,', '52:54:00:0b:01:02, nid: 2, xname: x1000c1s7b1n0,'],
      ['52:54:00:0b:01:03,', '52:54:00:0b:01:03, nid: 3, xname: x1000c1s7b2n0,'],
    ],
    finds: [
      {
        at: '9:81',
        message:
          'coredhcp hands out no pxelinux: with its plugin coresmd the firmware of cn01 would load iPXE.',
        related: ['22:129'],
      },
    ],
  },
});
