import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { chapNone } from './chap-none.ts';

ruleTest(chapNone, {
  'at a target of the site': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { chap: none } }']],
    finds: [
      {
        at: '22:81',
        message: 'cn02 proves nothing to its target: whoever has its address has its disk.',
        help: 'take `chap: none` out: user and password follow from the name of the node then, and `harvgen secrets` says which secrets that needs',
      },
    ],
  },
  'for all nodes': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '    image: rocky9\n    chap: none\n']],
    finds: [
      { at: '20:11', message: 'cn01 proves nothing to its target: whoever has its address has its disk.' },
    ],
  },
  "at somebody else's target": {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', ''],
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { image: rocky9 } }',
      ],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: rocky9 } }'],
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { target: iqn.2015-02.oracle.boot:uefi, chap: none } }',
      ],
    ],
  },
});
