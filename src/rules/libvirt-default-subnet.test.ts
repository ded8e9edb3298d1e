import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { libvirtDefaultSubnet } from './libvirt-default-subnet.ts';

ruleTest(libvirtDefaultSubnet, {
  'the subnet of the default network': {
    of: NESTED.replaceAll('192.168.150.', '192.168.122.'),
    edits: [],
    finds: [
      {
        at: '15:13',
        message:
          "The subnet 192.168.122.0/24 of mgmt shares addresses with libvirt's own default network, 192.168.122.0/24: libvirt starts but one of them.",
      },
    ],
  },
  'a subnet around it': {
    of: NESTED,
    edits: [
      ['cluster:', '  vms: { subnet: 192.168.120.0/22, gateway: 192.168.120.1, libvirt: {} }\ncluster:'],
    ],
    finds: [
      {
        at: '19:18',
        message:
          "The subnet 192.168.120.0/22 of vms shares addresses with libvirt's own default network, 192.168.122.0/24: libvirt starts but one of them.",
      },
    ],
  },
  'the subnets next to it': {
    of: NESTED.replaceAll('192.168.150.', '192.168.121.'),
    edits: [
      ['cluster:', '  vms: { subnet: 192.168.123.0/24, gateway: 192.168.123.1, libvirt: {} }\ncluster:'],
    ],
  },
  'a network that libvirt does not make': {
    of: NESTED,
    edits: [['cluster:', '  lan: { subnet: 192.168.122.0/24, interface: br0 }\ncluster:']],
  },
});
