import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { nodeInTwoTenants } from './node-in-two-tenants.ts';

ruleTest(nodeInTwoTenants, {
  'an address of another tenant': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12', 'ip: 10.3.0.12']],
    finds: [
      {
        at: '22:39',
        message: 'cn02 is of physics, and a NIC of it is on biology, which is that of biology.',
        related: ['12:23'],
      },
    ],
  },
  'a second NIC': {
    of: ISCSI_PLANT,
    edits: [
      [
        '{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, tenant: physics }',
        '{ tenant: physics, nics: [{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, boot: true }, { mac: 52:54:00:0b:01:04, network: biology }] }',
      ],
    ],
    finds: [
      {
        at: '22:125',
        message: 'cn02 is of physics, and a NIC of it is on biology, which is that of biology.',
        related: ['12:23'],
        help: "move it to physics, or to a network that is no tenant's",
      },
    ],
  },
  'of none, between two': {
    of: ISCSI_PLANT,
    edits: [
      [
        '{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, tenant: physics }',
        '{ nics: [{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, boot: true }, { mac: 52:54:00:0b:01:04, ip: 10.3.0.14 }] }',
      ],
    ],
    silence: ['node-without-tenant'],
    finds: [
      {
        at: '22:103',
        message:
          'cn02 is on the network of physics, and a NIC of it is on biology, which is that of biology.',
        related: ['12:23'],
      },
    ],
  },
  'a management controller': {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, bmc: { address: 10.2.0.99 } }'],
    ],
    finds: [
      {
        at: '23:83',
        message: 'cn03 is of biology, and its management controller is on physics, which is that of physics.',
        related: ['11:23'],
      },
    ],
  },
  "a second NIC on a network of nobody's": {
    of: ISCSI_PLANT,
    edits: [
      ['tenants:\n', '  storage: { subnet: 10.4.0.0/24 }\ntenants:\n'],
      [
        '{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, tenant: physics }',
        '{ tenant: physics, nics: [{ mac: 52:54:00:0b:01:02, ip: 10.2.0.12, boot: true }, { mac: 52:54:00:0b:01:04, ip: 10.4.0.12 }] }',
      ],
    ],
  },
});
