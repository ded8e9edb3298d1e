import { bootsOf, ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { chapSecretShared } from './chap-secret-shared.ts';

ruleTest(chapSecretShared, {
  'by a layer': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '    image: rocky9\n    chap: { password: "${secret:chap_all}" }\n']],
    finds: [
      {
        at: '20:23',
        message: 'cn02 has the CHAP password of cn01: either could log in as the other.',
        help: 'take it out of the layer: unless said, each node has a secret of its own',
      },
    ],
  },
  'by two nodes': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { chap: { password: "${secret:chap_cn02}" } } }',
      ],
    ],
    finds: [
      {
        at: '19:12',
        message: 'cn02 has the CHAP password of cn01: either could log in as the other.',
        related: ['21:109'],
        help: 'give cn01 another secret; unless said, it has one of its own',
      },
    ],
  },
  'names that differ in a dot alone': {
    of: ISCSI_PLANT,
    edits: [
      ['  cn02: {', '  cn-1.x: {'],
      ['  cn01: {', '  cn-1-x: {'],
    ],
    finds: [
      { at: '19:12', message: 'cn-1.x has the CHAP password of cn-1-x: either could log in as the other.' },
    ],
  },
  'a target that proves itself to all by one': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { chap: { password: "${secret:a}", target_password: "${secret:t}" } } }',
      ],
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { chap: { password: "${secret:b}", target_password: "${secret:t}" } } }',
      ],
    ],
  },
  "somebody else's targets": {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9',
        'target: iqn.2015-02.oracle.boot:uefi, chap: { password: "${secret:chap_cn01}" }',
        'image: rocky9',
      ),
    ],
  },
});
