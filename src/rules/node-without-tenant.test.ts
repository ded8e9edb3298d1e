import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { nodeWithoutTenant } from './node-without-tenant.ts';

ruleTest(nodeWithoutTenant, {
  'on the network of one': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics', 'ip: 10.2.0.12']],
    finds: [
      {
        at: '22:3',
        message: 'cn02 is on physics, the network of physics, and does not say whose it is.',
        related: ['11:23'],
        help: "say `tenant: physics`; silence this of a machine that serves the tenant and is nobody's",
      },
    ],
  },
  "on a network of nobody's": {
    of: ISCSI_PLANT,
    edits: [
      ['tenants:\n', '  storage: { subnet: 10.4.0.0/24, gateway: 10.4.0.1 }\ntenants:\n'],
      ['ip: 10.2.0.12, tenant: physics', 'ip: 10.4.0.12, boot: { os: local }'],
    ],
  },
});
