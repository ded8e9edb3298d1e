import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { nodeOffTenantNetwork } from './node-off-tenant-network.ts';

ruleTest(nodeOffTenantNetwork, {
  "on a network of nobody's alone": {
    of: ISCSI_PLANT,
    edits: [
      ['tenants:\n', '  storage: { subnet: 10.4.0.0/24, gateway: 10.4.0.1 }\ntenants:\n'],
      ['ip: 10.2.0.12', 'ip: 10.4.0.12'],
    ],
    finds: [
      {
        at: '23:58',
        message: 'cn02 is of physics, and has no NIC on physics, the network of physics.',
        related: ['12:23'],
      },
    ],
  },
  'on it with a second NIC': {
    of: ISCSI_PLANT,
    edits: [
      ['tenants:\n', '  storage: { subnet: 10.4.0.0/24, gateway: 10.4.0.1 }\ntenants:\n'],
      [
        '{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, tenant: physics }',
        '{ tenant: physics, nics: [{ mac: 52:54:00:0b:01:02, ip: 10.4.0.12, boot: true }, { mac: 52:54:00:0b:01:04, ip: 10.2.0.12 }] }',
      ],
    ],
  },
});
