import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociReservedAddress } from './oci-reserved-address.ts';

const NO_GATEWAY: [string, string] = ['    gateway: 10.0.10.1\n', '    gateway: 10.0.10.254\n'];
const WHY = 'and OCI keeps it for itself: the first two addresses of 10.0.10.0/24 and the last are reserved.';

ruleTest(ociReservedAddress, {
  "a node with the virtual router's address": {
    of: OCI_PLANT,
    silence: ['oci-gateway'],
    edits: [NO_GATEWAY, ['ip: 10.0.10.13', 'ip: 10.0.10.1']],
    finds: [{ at: '30:16', message: `10.0.10.1 is the address of oci-3, ${WHY}` }],
  },
  'a VIP with it, which is said once': {
    of: OCI_PLANT,
    silence: ['oci-gateway'],
    edits: [NO_GATEWAY, ['vip: 10.0.10.10', 'vip: 10.0.10.1']],
    finds: [{ at: '13:8', message: `10.0.10.1 is the VIP of plant, ${WHY}` }],
  },
  'the first address that is free': {
    of: OCI_PLANT,
    edits: [['ip: 10.0.10.13', 'ip: 10.0.10.2']],
  },
});
