import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateInitiator } from './duplicate-initiator.ts';

ruleTest(duplicateInitiator, {
  'by a layer': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '    image: rocky9\n    initiator: iqn.2024-07.org.example:all\n']],
    finds: [{ at: '20:16', message: 'cn02 is the initiator iqn.2024-07.org.example:all, as cn01 is.' }],
  },
  'the name that follows for another': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { initiator: "iqn.2024-07.internal.harvgen:plant:cn01" } }',
      ],
    ],
    finds: [
      {
        at: '22:86',
        message: 'cn02 is the initiator iqn.2024-07.internal.harvgen:plant:cn01, as cn01 is.',
        related: ['18:5'],
        help: 'take boot.initiator out: unless said, it follows from the name of the node',
      },
    ],
  },
  'a name of its own': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.12, tenant: physics }',
        'ip: 10.2.0.12, tenant: physics, boot: { initiator: "iqn.2024-07.org.example:two" } }',
      ],
    ],
  },
});
