import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { imageOfTwoOrigins } from './image-of-two-origins.ts';

ruleTest(imageOfTwoOrigins, {
  'a file and a disk': {
    of: ISCSI_PLANT,
    edits: [['snapshot_of: cn03,', 'source: gromacs.raw, snapshot_of: cn03,']],
    finds: [
      {
        at: '15:35',
        message: 'The image gromacs is to be made of the file gromacs.raw, and of the disk of cn03.',
        related: ['15:14'],
      },
    ],
  },
  'a file and a parent': {
    of: ISCSI_PLANT,
    edits: [['snapshot_of: cn03,', 'source: gromacs.raw, parent: rocky9,']],
    finds: [
      {
        at: '15:35',
        message: 'The image gromacs is to be made of the file gromacs.raw, and from the image rocky9.',
        related: ['15:14'],
      },
    ],
  },
  'a disk and a parent, and one that is in the store already': {
    of: ISCSI_PLANT,
    edits: [
      ['snapshot_of: cn03,', 'snapshot_of: cn03, parent: rocky9,'],
      ['  rocky9: {', '  win11: {}\n  rocky9: {'],
    ],
  },
});
