import { NESTED } from '../../test/support/nested-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { libvirtAddressOutside } from './libvirt-address-outside.ts';

const also = (address: string) =>
  ['cluster:', `  vms: { subnet: 10.20.0.0/24, libvirt: { address: ${address} } }\ncluster:`] as const;

ruleTest(libvirtAddressOutside, {
  'an address of another network': {
    of: NESTED,
    edits: [also('10.20.1.1')],
    finds: [
      {
        at: '19:52',
        message:
          "The host's address 10.20.1.1 on vms is outside its subnet, 10.20.0.0/24: no machine on it could reach the host.",
        related: ['19:18'],
      },
    ],
  },
  'the address of the network itself': {
    of: NESTED,
    edits: [also('10.20.0.0')],
    finds: [
      {
        at: '19:52',
        message:
          "The host's address 10.20.0.0 on vms is the network address of 10.20.0.0/24: no host can have it.",
        related: ['19:18'],
      },
    ],
  },
  'the last address that a host can have': {
    of: NESTED,
    edits: [also('10.20.0.254')],
  },
});
