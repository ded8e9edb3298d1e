import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiStoreKeys } from './iscsi-store-keys.ts';

ruleTest(iscsiStoreKeys, {
  'a folder beside a pool': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    rbd: { pool: bmi }\n    files: /srv/disks\n    suffix:']],
    finds: [
      {
        at: '7:5',
        message: "server.iscsi.files says nothing here: images and disks are in a pool of Ceph's.",
      },
    ],
  },
  'a format beside a pool': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    rbd: { pool: bmi }\n    format: qcow2\n    suffix:']],
    finds: [
      {
        at: '7:5',
        message: "server.iscsi.format says nothing here: images and disks are in a pool of Ceph's.",
      },
    ],
  },
  'a snapshot of plain files': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    snapshot: golden\n    suffix:']],
    finds: [
      { at: '6:5', message: 'server.iscsi.snapshot says nothing here: images and disks are plain files.' },
    ],
  },
  'a pool and its snapshot': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    rbd: { pool: bmi }\n    snapshot: golden\n    suffix:']],
  },
  'a folder and a format': {
    of: ISCSI_PLANT,
    edits: [['    suffix:', '    files: /srv/disks\n    format: qcow2\n    suffix:']],
  },
});
