import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudInitSharedIdentity } from './cloud-init-shared-identity.ts';

const of = CLOUD_INIT_PLANT;
const meta = (where: string, data: string): [string, string] => [where, `${where}\n      meta_data: ${data}`];
const SECOND = 'ip: 192.168.178.42,';

ruleTest(cloudInitSharedIdentity, {
  'what a group says of all its nodes': {
    of,
    edits: [meta(GROUP_USER_DATA, '{ instance-id: i-1, local-hostname: same }')],
    finds: [
      {
        at: '9:33',
        message: 'cg01 and cg02 have the same instance-id.',
        help: 'leave it out, and each has its own: plant.cg02; or have ${node:name} in it',
      },
      {
        at: '9:54',
        message: 'cg01 and cg02 have the same local-hostname.',
        help: 'leave it out, and each has its own: cg02; or have ${node:name} in it',
      },
    ],
  },
  'what two nodes say, each of itself': {
    of,
    edits: [
      meta(OWN_USER_DATA, '{ instance-id: i-1 }'),
      [SECOND, `${SECOND} cloud_init: { meta_data: { instance-id: i-1 } },`],
    ],
    finds: [{ at: '22:95', message: 'cg01 and cg02 have the same instance-id.', related: ['21:33'] }],
  },
  'the name of another node': {
    of,
    edits: [meta(OWN_USER_DATA, '{ local-hostname: cg02 }')],
    finds: [{ at: '21:36', message: 'cg01 and cg02 have the same local-hostname.' }],
  },
  'what is no text, of two nodes': {
    of,
    edits: [meta(GROUP_USER_DATA, '{ instance-id: { a: 1 } }')],
    finds: [{ at: '9:33', message: 'cg01 and cg02 have the same instance-id.' }],
  },
  'the name of the node in it': {
    of,
    edits: [
      meta(GROUP_USER_DATA, '{ instance-id: "2-${node:name}", local-hostname: "${node:name}", rack: b }'),
    ],
  },
});
