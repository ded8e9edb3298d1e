import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { tgtLunZero } from './tgt-lun-zero.ts';

const ZERO = ['    os: iscsi\n', '    os: iscsi\n    lun: 0\n'] as const;

ruleTest(tgtLunZero, {
  'LUN 0 at targets of tgt': {
    of: ISCSI_PLANT,
    edits: [ZERO],
    finds: [
      {
        at: '19:10',
        message: "The disk of cn01 is to be LUN 0, which is the controller of tgt's targets.",
        help: 'take lun out: it is 1 unless said',
      },
    ],
  },
  'LUN 0 at targets of the kernel': {
    of: ISCSI_PLANT,
    edits: [ZERO, ['    address: 10.1.0.2\n', '    address: 10.1.0.2\n    driver: lio\n']],
  },
  "LUN 0 at somebody else's target": {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.2.0.12,', 'ip: 10.2.0.12, boot: { os: local },'],
      ['    os: iscsi\n    image: rocky9\n', ''],
      ['ip: 10.2.0.11,', 'ip: 10.2.0.11, boot: { os: iscsi, target: iqn.2015-02.a:b, lun: 0 },'],
      ['ip: 10.3.0.11,', 'ip: 10.3.0.11, boot: { os: iscsi, image: rocky9 },'],
      ['  boot:\n', '  labels: { a: b }\n'],
    ],
  },
});
