import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiUnreachable } from './iscsi-unreachable.ts';

ruleTest(iscsiUnreachable, {
  'no gateway, and the server elsewhere': {
    of: ISCSI_PLANT,
    edits: [['10.3.0.0/24, iscsi: 10.3.0.2', '10.3.0.0/24']],
    finds: [
      {
        at: '9:3',
        message:
          'cn03 boots by iSCSI from 10.1.0.2, which is not on biology, and that has no gateway: it could not reach its disk.',
        related: ['18:9'],
        help: 'add gateway; or the address that the iSCSI server has on biology, `iscsi: …`',
      },
    ],
  },
  'two nodes of such a network': {
    of: ISCSI_PLANT,
    edits: [[', gateway: 10.2.0.1', '']],
    finds: [
      {
        at: '8:3',
        message:
          'cn01 boots by iSCSI from 10.1.0.2, which is not on physics, and that has no gateway: it could not reach its disk.',
        related: ['18:9'],
      },
    ],
  },
  "somebody else's DHCP server, which may know a gateway": {
    of: ISCSI_PLANT,
    edits: [
      ['10.3.0.0/24, iscsi: 10.3.0.2', '10.3.0.0/24'],
      ['dhcp: { pool: 10.3.0.200-10.3.0.250 }', 'dhcp: { server: external }'],
    ],
  },
});
