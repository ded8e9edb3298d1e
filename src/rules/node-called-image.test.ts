import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { nodeCalledImage } from './node-called-image.ts';

ruleTest(nodeCalledImage, {
  'a disk that is the image': {
    of: ISCSI_PLANT,
    edits: [['  cn02: {', '  image: {']],
    finds: [
      {
        at: '22:3',
        message:
          'The node image would write its image: in the store, its disk and that are both plant-image.rocky9.',
      },
    ],
  },
  'a node of that name without a disk': {
    of: ISCSI_PLANT,
    edits: [
      ['  cn02: {', '  image: {'],
      ['ip: 10.2.0.12,', 'ip: 10.2.0.12, boot: { os: local },'],
    ],
  },
});
