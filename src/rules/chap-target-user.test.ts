import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { chapTargetUser } from './chap-target-user.ts';

const CN02 = 'ip: 10.2.0.12, tenant: physics';
const chap = (said: string): readonly [string, string] => [CN02, `${CN02}, boot: { chap: { ${said} } }`];

ruleTest(chapTargetUser, {
  'who the target is, and nothing by which it proves that': {
    of: ISCSI_PLANT,
    edits: [chap('target_user: rack')],
    finds: [
      {
        at: '22:83',
        message: 'boot.chap.target_user says nothing here: cn02 does not ask its target to prove who it is.',
        help: "say target_password beside it, another secret than the node's own; or take it out",
      },
    ],
  },
  'who it is, and its password': {
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
