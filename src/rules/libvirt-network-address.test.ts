import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { libvirtNetworkAddress } from './libvirt-network-address.ts';

const also = (network: string) =>
  ['cluster:', `  vms: { subnet: 10.20.0.0/24, ${network} }\ncluster:`] as const;

ruleTest(libvirtNetworkAddress, {
  'DHCP on a network where the host has no address': {
    of: NESTED,
    edits: [also('dhcp: { server: libvirt }')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to serve DHCP on the network vms, and the host has no address there: nobody would answer.',
      },
    ],
  },
  'DHCP on an isolated one': {
    of: NESTED,
    edits: [also('dhcp: { server: libvirt }, libvirt: { forward: isolated }')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to serve DHCP on the network vms, and the host has no address there: nobody would answer.',
      },
    ],
  },
  'NAT without an address': {
    of: NESTED,
    edits: [also('libvirt: {}')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to forward what leaves the network vms (nat), and the host has no address there: libvirt refuses such a network.',
      },
    ],
  },
  'a routed network without an address': {
    of: NESTED,
    edits: [also('libvirt: { forward: route }')],
    finds: [
      {
        at: '19:3',
        message:
          'libvirt is to forward what leaves the network vms (route), and the host has no address there: libvirt refuses such a network.',
      },
    ],
  },
  'an isolated network of machines alone': {
    of: NESTED,
    edits: [also('libvirt: { forward: isolated }')],
  },
  'an address of the host alone': {
    of: NESTED,
    edits: [also('dhcp: { server: libvirt }, libvirt: { address: 10.20.0.9 }')],
  },
  'an address that is the gateway': {
    of: NESTED,
    edits: [also('gateway: 10.20.0.1, dhcp: { server: libvirt }')],
  },
});
