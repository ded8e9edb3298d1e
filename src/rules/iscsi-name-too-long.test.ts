import { bootsOf, ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiNameTooLong } from './iscsi-name-too-long.ts';

ruleTest(iscsiNameTooLong, {
  'of a target, with the suffix as long as it may be': {
    of: ISCSI_PLANT,
    edits: [
      [
        '    suffix:',
        '    iqn: iqn.2024-07.org.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n    suffix:',
      ],
      [
        '  rocky9: { source: rocky9.qcow2, public: true }',
        '  rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr: { source: rocky9.qcow2, public: true }',
      ],
      ['    image: rocky9', '    image: rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr'],
    ],
    finds: [
      {
        at: '19:5',
        message: 'The name of the target of cn01 has 249 characters, and iSCSI takes 223 at most.',
      },
    ],
  },
  'of initiators': {
    of: ISCSI_PLANT,
    edits: [
      [
        '    suffix: ${secret:iscsi_suffix}',
        '    iqn: iqn.2024-07.org.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      ],
      ...bootsOf(
        'target: iqn.2015-02.oracle.boot:a',
        'target: iqn.2015-02.oracle.boot:b',
        'target: iqn.2015-02.oracle.boot:c',
      ),
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
      ['  cn01: {', '  cn01-in-the-north: {'],
    ],
    finds: [
      {
        at: '19:102',
        message:
          'The name of the initiator of cn01-in-the-north has 230 characters, and iSCSI takes 223 at most.',
      },
    ],
  },
  'names of usual length': {
    of: ISCSI_PLANT,
    edits: [],
  },
});
