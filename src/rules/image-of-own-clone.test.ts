import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { imageOfOwnClone } from './image-of-own-clone.ts';

const CN03 = 'ip: 10.3.0.11, tenant: biology';
const GROMACS = '  gromacs: { snapshot_of: cn03, tenant: biology }\n';

ruleTest(imageOfOwnClone, {
  'a node that boots what is made of its disk': {
    of: ISCSI_PLANT,
    edits: [[CN03, `${CN03}, boot: { image: gromacs }`]],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is to be made of the disk of cn03, which is a clone of gromacs itself: without gromacs in the store neither can be made.',
        help: 'take snapshot_of out once gromacs is in the store; until then let cn03 boot what gromacs is made from',
      },
    ],
  },
  'one that says what it was made from': {
    of: ISCSI_PLANT,
    edits: [
      [CN03, `${CN03}, boot: { image: gromacs }`],
      ['snapshot_of: cn03,', 'snapshot_of: cn03, parent: rocky9,'],
    ],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is to be made of the disk of cn03, which is a clone of gromacs itself: without gromacs in the store neither can be made.',
      },
    ],
  },
  'two, each of the disk of a node that boots the other': {
    of: ISCSI_PLANT,
    edits: [
      [GROMACS, `${GROMACS}  namd: { snapshot_of: cn04, tenant: biology }\n`],
      [
        `${CN03} }\n`,
        `${CN03}, boot: { image: namd } }\n  cn04: { mac: 52:54:00:0b:01:04, ip: 10.3.0.12, tenant: biology, boot: { image: gromacs } }\n`,
      ],
    ],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is to be made of the disk of cn03, which is a clone of gromacs itself, by way of namd: without gromacs in the store neither can be made.',
      },
    ],
  },
  'one that waits for another, which waits for none': {
    of: ISCSI_PLANT,
    edits: [
      [GROMACS, `${GROMACS}  namd: { snapshot_of: cn04, tenant: biology }\n`],
      [
        `${CN03} }\n`,
        `${CN03} }\n  cn04: { mac: 52:54:00:0b:01:04, ip: 10.3.0.12, tenant: biology, boot: { image: gromacs } }\n`,
      ],
    ],
  },
});
