import { ruleTest } from '../../test/support/rule-test.ts';
import { dhcpVlanTooOld } from './dhcp-vlan-too-old.ts';

const OLD = ['v1.4.1', 'v1.3.2'] as const;
const GATEWAY = '    gateway: 192.168.178.1\n';
const DEVICE = '      device: /dev/disk/by-path/pci-0000:00:17.0-ata-1\n';

ruleTest(dhcpVlanTooOld, {
  'a network with a VLAN and DHCP': {
    edits: [OLD, [GATEWAY, `${GATEWAY}    vlan: 2\n`]],
    finds: [
      {
        at: '10:11',
        message:
          'The management interface is on VLAN 2 and gets its address by DHCP: v1.3.2 can ask for it without the tag, and would get none or one of another network.',
        related: ['13:7'],
      },
    ],
  },
  'a VLAN and DHCP that the configuration says': {
    edits: [OLD, [DEVICE, `${DEVICE}      management_interface: { vlan_id: 100, method: dhcp }\n`]],
    finds: [
      {
        at: '22:40',
        message:
          'The management interface is on VLAN 100 and gets its address by DHCP: v1.3.2 can ask for it without the tag, and would get none or one of another network.',
        related: ['22:53'],
      },
    ],
  },
  'the first release without the fault': {
    edits: [
      ['v1.4.1', 'v1.4.0'],
      [GATEWAY, `${GATEWAY}    vlan: 100\n`],
    ],
  },
  'a VLAN and static addresses': {
    edits: [
      OLD,
      [GATEWAY, `${GATEWAY}    vlan: 100\n`],
      [DEVICE, `${DEVICE}      management_interface: { method: static }\n`],
    ],
  },
  'DHCP without a VLAN': { edits: [OLD] },
  'a VLAN id that means no tag': {
    edits: [
      OLD,
      ['defaults:\n', 'defaults:\n  silence: { vlan-untagged: known }\n'],
      [DEVICE, `${DEVICE}      management_interface: { vlan_id: 1 }\n`],
    ],
  },
});
