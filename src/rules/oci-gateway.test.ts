import { OCI_PLANT } from '../../test/support/oci-plant.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { ociGateway } from './oci-gateway.ts';

ruleTest(ociGateway, {
  'the last address, as some have it at home': {
    of: OCI_PLANT,
    edits: [['gateway: 10.0.10.1\n', 'gateway: 10.0.10.254\n']],
    finds: [
      {
        at: '9:14',
        message:
          "The gateway of vcn is 10.0.10.254, and OCI's virtual router is the first address of the subnet: 10.0.10.1.",
      },
    ],
  },
  'the first address of a subnet that does not begin at 0': {
    of: edited(OCI_PLANT, ['subnet: 10.0.10.0/24', 'subnet: 10.0.8.0/22']),
    edits: [['gateway: 10.0.10.1\n', 'gateway: 10.0.8.1\n']],
  },
  'another address, of a network that is at home': {
    of: PLANT,
    edits: [['gateway: 192.168.178.1', 'gateway: 192.168.178.254']],
  },
});
