import { ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

fixableRuleTest('node-without-tenant', {
  'on the network of a tenant': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics', 'ip: 10.2.0.12']],
    finds: [
      {
        at: '22:3',
        message:
          'cn02 is on physics, the network of physics, but has no tenant: it cannot boot the images of physics.',
        related: ['11:23'],
        help: 'set `tenant: physics`; or, for a machine without a tenant that serves this one, add silence: {node-without-tenant: "the reason"}',
      },
    ],
  },
  'on a network without a tenant': {
    of: ISCSI_PLANT,
    edits: [
      ['tenants:\n', '  storage: { subnet: 10.4.0.0/24, gateway: 10.4.0.1 }\ntenants:\n'],
      ['ip: 10.2.0.12, tenant: physics', 'ip: 10.4.0.12, boot: { os: local }'],
    ],
  },
});

ruleTest('node-in-two-tenants', {
  "an IP address on another tenant's network": {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12', 'ip: 10.3.0.12']],
    finds: [
      {
        at: '22:39',
        message:
          'cn02 is of physics, but one of its NICs is on biology, the network of biology: it connects the two networks.',
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
        message:
          'cn02 is of physics, but one of its NICs is on biology, the network of biology: it connects the two networks.',
        related: ['12:23'],
        help: 'move it to physics, or to a network without a tenant',
      },
    ],
  },
  'a node without a tenant on two networks': {
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
          'cn02 is on the network of physics, but one of its NICs is on biology, the network of biology: it connects the two networks.',
        related: ['12:23'],
      },
    ],
  },
  'a BMC': {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, bmc: { address: 10.2.0.99 } }'],
    ],
    finds: [
      {
        at: '23:83',
        message:
          'cn03 is of biology, but its BMC is on physics, the network of physics: it connects the two networks.',
        related: ['11:23'],
      },
    ],
  },
  'a second NIC on a network without a tenant': {
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

ruleTest('node-off-tenant-network', {
  'only on a network without a tenant': {
    of: ISCSI_PLANT,
    edits: [
      ['tenants:\n', '  storage: { subnet: 10.4.0.0/24, gateway: 10.4.0.1 }\ntenants:\n'],
      ['ip: 10.2.0.12', 'ip: 10.4.0.12'],
    ],
    finds: [
      {
        at: '23:58',
        message:
          'cn02 is of physics, but has no NIC on physics, the network of physics: nothing separates it from other tenants.',
        related: ['12:23'],
      },
    ],
  },
  'on the network with a second NIC': {
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

ruleTest('cluster-of-two-tenants', {
  'members without a tenant, and one with a tenant': {
    edits: [
      ['cluster:\n', 'tenants: { physics: { network: mgmt } }\ncluster:\n'],
      ['ip: 192.168.178.43 }', 'ip: 192.168.178.43, tenant: physics }'],
    ],
    silence: ['node-without-tenant'],
    finds: [
      {
        at: '26:65',
        message:
          'harv-3 is of physics, but harv-1 of the cluster plant is of no tenant: one administrator controls both.',
        related: ['24:3'],
      },
    ],
  },
  'all of one tenant': {
    edits: [
      ['cluster:\n', 'tenants: { physics: { network: mgmt } }\ncluster:\n'],
      ['defaults:\n', 'defaults:\n  tenant: physics\n'],
    ],
  },
});

ruleTest('image-of-other-tenant', {
  'an image of another tenant': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { image: gromacs } }',
      ],
    ],
    finds: [
      {
        at: '21:98',
        message:
          'cn01 is of physics, but boots the image gromacs, which is of biology and not public: the node could read its data.',
        related: ['15:3'],
        help: 'set an image of physics or a public one; or, if its content is public, set `public: true` for gromacs',
      },
    ],
  },
  'a private image without a tenant': {
    of: ISCSI_PLANT,
    edits: [
      [', public: true', ''],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '18:12',
        message:
          'cn01 is of physics, but boots the image rocky9, which is of no tenant and not public: the node could read its data.',
        related: ['14:3'],
      },
    ],
  },
  'the image of a node with a snapshot': {
    of: ISCSI_PLANT,
    edits: [['public: true', 'tenant: physics']],
    finds: [
      {
        at: '19:12',
        message:
          'cn03 is of biology, but boots the image rocky9, which is of physics and not public: the node could read its data.',
        related: ['14:3'],
      },
    ],
  },
  'a node without a tenant': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, boot: { image: gromacs } }']],
    silence: ['node-without-tenant'],
    finds: [
      {
        at: '22:65',
        message:
          'cn02 is of no tenant, but boots the image gromacs, which is of biology and not public: the node could read its data.',
        related: ['15:3'],
      },
    ],
  },
  'an image of the same tenant, and a public one': {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: gromacs } }'],
    ],
    silence: ['image-of-own-clone'],
  },
});

ruleTest('tenants-share-network', {
  'one network for two tenants': {
    of: ISCSI_PLANT,
    edits: [
      ['biology: { network: biology, allow', 'biology: { network: physics, allow'],
      ['ip: 10.3.0.11', 'ip: 10.2.0.13'],
    ],
    finds: [
      {
        at: '12:23',
        message: 'The network physics of biology is also set for physics: nothing separates the tenants.',
        related: ['11:23'],
      },
    ],
  },
  'one network for two tenants, and nodes on the other': {
    of: ISCSI_PLANT,
    edits: [['biology: { network: biology, allow', 'biology: { network: physics, allow']],
    finds: [
      {
        at: '12:23',
        message: 'The network physics of biology is also set for physics: nothing separates the tenants.',
        related: ['11:23'],
      },
    ],
  },
  'a network for each tenant': {
    of: ISCSI_PLANT,
    edits: [],
  },
});

ruleTest('tenant-untagged', {
  'one of two networks': {
    of: ISCSI_PLANT,
    edits: [[' vlan: 103,', '']],
    finds: [
      {
        at: '9:3',
        message:
          'The network biology of biology is not a VLAN: nothing separates it from that of the other tenant.',
        related: ['12:23'],
      },
    ],
  },
  'a single tenant': {
    of: ISCSI_PLANT,
    edits: [
      [' vlan: 103,', ''],
      ['  biology: { network: biology, allow: [10.9.0.0/24] }\n', ''],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
      [', tenant: biology }', ' }'],
    ],
  },
});
