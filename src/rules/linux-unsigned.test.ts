import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { LINUX_PLANT } from '../../test/support/linux-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { linuxUnsigned } from './linux-unsigned.ts';

ruleTest(linuxUnsigned, {
  'a site whose boots are signed': {
    of: LINUX_PLANT,
    edits: [['  url: http://10.1.0.1\n', '  url: http://10.1.0.1\n  sign: { signer: boot.example.org }\n']],
    finds: [
      {
        at: '17:11',
        message:
          'cg01 boots Linux, and the boots of this site are signed: its kernel would have no signature.',
        related: ['4:9'],
      },
    ],
  },
  'one whose boots are not': { of: LINUX_PLANT, edits: [] },
  'a disk by iSCSI': {
    of: ISCSI_PLANT,
    edits: [['  iscsi:\n', '  sign: { signer: boot.example.org }\n  iscsi:\n']],
    finds: [
      {
        at: '19:9',
        message:
          'cn01 boots a disk by iSCSI, and the boots of this site are signed: no signature would fit its script, into which secrets are filled.',
        related: ['4:9'],
        help: 'give machines that boot a disk by iSCSI a site of their own, without server.sign',
      },
    ],
  },
});
