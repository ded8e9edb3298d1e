import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { bridgeTaken } from './bridge-taken.ts';

ruleTest(bridgeTaken, {
  'names that are the same as far as Linux takes them': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        `  tenant-network-1: { subnet: 10.20.1.0/24, gateway: 10.20.1.1, libvirt: {} }
  tenant-network-2: { subnet: 10.20.2.0/24, gateway: 10.20.2.1, libvirt: {} }
cluster:`,
      ],
    ],
    finds: [
      {
        at: '20:3',
        message:
          'The bridge virbr-tenant-ne of the network tenant-network-2 is that of tenant-network-1, too: libvirt refuses the second.',
        related: ['19:3'],
      },
    ],
  },
  'bridges that every host has, or may have': {
    of: NESTED,
    edits: [
      ['    dhcp: {', '    interface: virbr0\n    dhcp: {'],
      [
        'cluster:',
        '  vms: { subnet: 10.20.0.0/24, gateway: 10.20.0.1, interface: lo, libvirt: {} }\ncluster:',
      ],
    ],
    finds: [
      {
        at: '18:16',
        message:
          "The bridge virbr0 of the network mgmt is that of libvirt's own default network: libvirt cannot make it.",
      },
      {
        at: '20:63',
        message: "The bridge lo of the network vms is the host's loopback device: libvirt cannot make it.",
      },
    ],
  },
  'a bridge of libvirt that is there already, and is used as it is': {
    of: NESTED,
    edits: [['dhcp: { server: libvirt, pool', 'interface: virbr0\n    dhcp: { server: external, pool']],
  },
  'a bridge that is named twice': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        '  vms: { subnet: 10.20.0.0/24, gateway: 10.20.0.1, interface: virbr-mgmt, libvirt: {} }\ncluster:',
      ],
    ],
    finds: [
      {
        at: '19:63',
        message: 'The bridge virbr-mgmt of the network vms is that of mgmt, too: libvirt refuses the second.',
        related: ['14:3'],
      },
    ],
  },
  'long names, and a bridge named for one of them': {
    of: NESTED,
    edits: [
      [
        'cluster:',
        `  tenant-network-1: { subnet: 10.20.1.0/24, gateway: 10.20.1.1, libvirt: {} }
  tenant-network-2: { subnet: 10.20.2.0/24, gateway: 10.20.2.1, interface: tenant-2, libvirt: {} }
cluster:`,
      ],
    ],
  },
  'a network of other addresses on a bridge that libvirt makes': {
    of: NESTED,
    edits: [['cluster:', '  vms: { subnet: 10.20.0.0/24, interface: virbr-mgmt }\ncluster:']],
    finds: [
      {
        at: '14:3',
        message:
          'The bridge virbr-mgmt that libvirt is to make for the network mgmt is the interface of vms, too: of an interface that is there libvirt makes none, and two networks would be on one wire.',
        related: ['19:43'],
      },
    ],
  },
  "a network on another bridge, which is the host's own": {
    of: NESTED,
    edits: [['cluster:', '  vms: { subnet: 10.20.0.0/24, interface: br0 }\ncluster:']],
  },
});
