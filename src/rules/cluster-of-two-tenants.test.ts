import { ruleTest } from '../../test/support/rule-test.ts';
import { clusterOfTwoTenants } from './cluster-of-two-tenants.ts';

ruleTest(clusterOfTwoTenants, {
  'members of none, and one of a tenant': {
    edits: [
      ['cluster:\n', 'tenants: { physics: { network: mgmt } }\ncluster:\n'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, tenant: physics }'],
    ],
    silence: ['node-without-tenant'],
    finds: [
      {
        at: '26:65',
        message: 'harv-3 is of physics, and harv-1 of the cluster plant is of no tenant.',
        related: ['24:3'],
      },
    ],
  },
  'all of one': {
    edits: [
      ['cluster:\n', 'tenants: { physics: { network: mgmt } }\ncluster:\n'],
      ['defaults:\n', 'defaults:\n  tenant: physics\n'],
    ],
  },
});
