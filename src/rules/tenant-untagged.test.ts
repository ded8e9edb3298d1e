import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { tenantUntagged } from './tenant-untagged.ts';

ruleTest(tenantUntagged, {
  'one of two': {
    of: ISCSI_PLANT,
    edits: [[' vlan: 103,', '']],
    finds: [
      {
        at: '9:3',
        message:
          'The network biology of biology is no VLAN: nothing says what separates it from that of the other tenant.',
        related: ['12:23'],
      },
    ],
  },
  'a single tenant': {
    of: ISCSI_PLANT,
    edits: [
      [' vlan: 103,', ''],
      ['  biology: { network: biology, allow: [10.9.0.0/24] }\n', ''],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
      [', tenant: biology }', ' }'],
    ],
  },
});
