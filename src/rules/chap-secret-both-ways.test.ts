import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { chapSecretBothWays } from './chap-secret-both-ways.ts';

ruleTest(chapSecretBothWays, {
  "the node's own": {
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
        message: 'The target of cn01 has the CHAP password of the node: it would prove nothing.',
      },
    ],
  },
  "another node's": {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { chap: { password: "${secret:a}", target_password: "${secret:chap_cn02}" } } }',
      ],
    ],
    finds: [
      { at: '21:141', message: 'The target of cn01 has the CHAP password of cn02: it would prove nothing.' },
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
