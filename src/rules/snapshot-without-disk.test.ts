import { bootsOf, ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { snapshotWithoutDisk } from './snapshot-without-disk.ts';

ruleTest(snapshotWithoutDisk, {
  'a node that boots its own disk': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { os: local } }']],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is to be made of the disk of cn03, which has none in the store: it does not boot by iSCSI.',
        related: ['23:79'],
      },
    ],
  },
  "one that boots somebody else's": {
    of: ISCSI_PLANT,
    edits: [...bootsOf('image: rocky9', 'image: rocky9', 'target: iqn.2015-02.oracle.boot:uefi')],
    finds: [
      {
        at: '15:27',
        message:
          "The image gromacs is to be made of the disk of cn03, which has none in the store: its target is somebody else's.",
        related: ['18:9'],
      },
    ],
  },
  'one that boots an image': {
    of: ISCSI_PLANT,
    edits: [],
  },
});
