import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { imageOfOtherTenant } from './image-of-other-tenant.ts';

ruleTest(imageOfOtherTenant, {
  "another tenant's": {
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
        message: 'cn01 is of physics, and boots the image gromacs, which is of biology and not public.',
        related: ['15:3'],
        help: 'let it boot an image of physics, or a public one; or say `public: true` of gromacs, where everybody may have what is on it',
      },
    ],
  },
  "one that is nobody's": {
    of: ISCSI_PLANT,
    edits: [
      [', public: true', ''],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '18:12',
        message: 'cn01 is of physics, and boots the image rocky9, which is of no tenant and not public.',
        related: ['14:3'],
      },
    ],
  },
  'one of which an image follows': {
    of: ISCSI_PLANT,
    edits: [['public: true', 'tenant: physics']],
    finds: [
      {
        at: '19:12',
        message: 'cn03 is of biology, and boots the image rocky9, which is of physics and not public.',
        related: ['14:3'],
      },
    ],
  },
  'by a node of none': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, boot: { image: gromacs } }']],
    silence: ['node-without-tenant'],
    finds: [
      {
        at: '22:65',
        message: 'cn02 is of no tenant, and boots the image gromacs, which is of biology and not public.',
        related: ['15:3'],
      },
    ],
  },
  'its own, and a public one': {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: gromacs } }'],
    ],
    silence: ['image-of-own-clone'],
  },
});
