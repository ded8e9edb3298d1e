import { bootsOf, ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import type { Edit } from '../../../test/support/plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

fixableRuleTest('chap-none', {
  'a target of the site': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { chap: none } }']],
    finds: [
      {
        at: '22:81',
        message: 'cn02 uses its iSCSI target without CHAP: any host with its IP address can use its disk.',
        help: 'remove `chap: none`: by default, the node name determines user and password, and `harvgen secrets` lists the secrets',
      },
    ],
  },
  'set for all nodes': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '    image: rocky9\n    chap: none\n']],
    finds: [
      {
        at: '20:11',
        message: 'cn01 uses its iSCSI target without CHAP: any host with its IP address can use its disk.',
      },
    ],
  },
  'an external target': {
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

ruleTest('chap-secret-both-ways', {
  "the node's own password": {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { chap: { password: "${secret:a}", target_password: "${secret:a}" } } }',
      ],
    ],
    finds: [
      {
        at: '21:141',
        message:
          'The target of cn01 has the CHAP password of the node: it would not authenticate the target.',
      },
    ],
  },
  "another node's password": {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { chap: { password: "${secret:a}", target_password: "${secret:chap_cn02}" } } }',
      ],
    ],
    finds: [
      {
        at: '21:141',
        message: 'The target of cn01 has the CHAP password of cn02: it would not authenticate the target.',
      },
    ],
  },
  'two secrets': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { chap: { password: "${secret:a}", target_password: "${secret:t}" } } }',
      ],
    ],
  },
});

ruleTest('chap-secret-shared', {
  'set in a layer': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '    image: rocky9\n    chap: { password: "${secret:chap_all}" }\n']],
    finds: [
      {
        at: '20:23',
        message: 'cn02 has the CHAP password of cn01: either can log in as the other.',
        help: 'remove it from the layer: by default, each node has its own secret',
      },
    ],
  },
  'set at two nodes': {
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
        message: 'cn02 has the CHAP password of cn01: either can log in as the other.',
        related: ['21:109'],
        help: 'set another secret for cn01; by default, it has its own',
      },
    ],
  },
  'names that differ only in a dot': {
    of: ISCSI_PLANT,
    edits: [
      ['  cn02: {', '  cn-1.x: {'],
      ['  cn01: {', '  cn-1-x: {'],
    ],
    finds: [
      { at: '19:12', message: 'cn-1.x has the CHAP password of cn-1-x: either can log in as the other.' },
    ],
  },
  'one password of the target for all nodes': {
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
  'external targets': {
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

const CN02 = 'ip: 10.2.0.12, tenant: physics';
const chap = (keys: string): readonly [string, string] => [CN02, `${CN02}, boot: { chap: { ${keys} } }`];

ruleTest('chap-target-user', {
  'target_user without target_password': {
    of: ISCSI_PLANT,
    edits: [chap('target_user: rack')],
    finds: [
      {
        at: '22:83',
        message: 'boot.chap.target_user has no effect: cn02 does not authenticate its target.',
        help: "add target_password, a secret other than the node's own; or remove target_user",
      },
    ],
  },
  'target_user with target_password': {
    of: ISCSI_PLANT,
    edits: [chap('target_user: rack, target_password: "${secret:rack}"')],
  },
  'the password in a layer, and the name at the node': {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', '    image: rocky9\n    chap: { target_password: "${secret:rack}" }\n'],
      chap('target_user: rack'),
    ],
  },
});

const boot = (node: string, chap: string): Edit => [node, `${node}, boot: { chap: { ${chap} } }`];
const FIRST = 'tenant: physics, firmware: bios';
const SECOND = 'ip: 10.2.0.12, tenant: physics';

ruleTest('chap-user-shared', {
  'two nodes with one user name': {
    of: ISCSI_PLANT,
    edits: [
      boot(FIRST, 'user: all, password: "${secret:a}"'),
      boot(SECOND, 'user: all, password: "${secret:b}"'),
    ],
    finds: [
      {
        at: '22:89',
        message:
          'The CHAP user all of cn02 has a different password than that of cn01: tgt stores one password per user.',
        related: ['21:105'],
      },
    ],
  },
  'a node and its target': {
    of: ISCSI_PLANT,
    edits: [
      boot(SECOND, 'user: two, password: "${secret:b}", target_user: two, target_password: "${secret:t}"'),
    ],
    finds: [
      {
        at: '22:132',
        message:
          'The CHAP user two of cn02 has a different password than that of its target: tgt stores one password per user.',
        related: ['22:89'],
      },
    ],
  },
  'one target user and password for all nodes, and a repeated name with LIO': {
    of: ISCSI_PLANT,
    edits: [
      ['    suffix:', '    driver: lio\n    suffix:'],
      boot(FIRST, 'user: all, password: "${secret:a}"'),
      boot(SECOND, 'user: all, password: "${secret:b}"'),
    ],
  },
  'one name and one password for the targets of two nodes': {
    of: ISCSI_PLANT,
    edits: [
      boot(FIRST, 'password: "${secret:a}", target_user: t, target_password: "${secret:t}"'),
      boot(SECOND, 'password: "${secret:b}", target_user: t, target_password: "${secret:t}"'),
    ],
  },
});
