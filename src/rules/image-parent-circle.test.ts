import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { imageParentCircle } from './image-parent-circle.ts';

ruleTest(imageParentCircle, {
  itself: {
    of: ISCSI_PLANT,
    edits: [['snapshot_of: cn03,', 'snapshot_of: cn03, parent: gromacs,']],
    finds: [{ at: '15:41', message: 'The image gromacs is to be made from itself.' }],
  },
  'each other, and one that leads there': {
    of: ISCSI_PLANT,
    edits: [
      [
        '  gromacs: { snapshot_of: cn03, tenant: biology }',
        '  gromacs: { parent: c, tenant: biology }\n  c: { parent: d, tenant: biology }\n  d: { parent: c, tenant: biology }',
      ],
    ],
    finds: [{ at: '16:16', message: 'The image c is to be made from itself, by way of d.' }],
  },
  'a line of them, and a node that boots what is made of its disk': {
    of: ISCSI_PLANT,
    edits: [
      [
        '  gromacs: { snapshot_of: cn03, tenant: biology }',
        '  gromacs: { snapshot_of: cn03, tenant: biology }\n  c: { parent: gromacs, tenant: biology }',
      ],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: gromacs } }'],
    ],
    silence: ['image-of-own-clone'],
  },
});
