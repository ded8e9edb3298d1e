import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import type { Edit } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { chapUserShared } from './chap-user-shared.ts';

const boot = (node: string, chap: string): Edit => [node, `${node}, boot: { chap: { ${chap} } }`];
const FIRST = 'tenant: physics, firmware: bios';
const SECOND = 'ip: 10.2.0.12, tenant: physics';

ruleTest(chapUserShared, {
  'two nodes of one name': {
    of: ISCSI_PLANT,
    edits: [
      boot(FIRST, 'user: all, password: "${secret:a}"'),
      boot(SECOND, 'user: all, password: "${secret:b}"'),
    ],
    finds: [
      {
        at: '22:89',
        message:
          'The CHAP user all of cn02 has another password than that of cn01: tgt knows one for each name.',
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
          'The CHAP user two of cn02 has another password than that of its target: tgt knows one for each name.',
        related: ['22:89'],
      },
    ],
  },
  'one target user of all with one password, and a name twice where LIO serves': {
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
