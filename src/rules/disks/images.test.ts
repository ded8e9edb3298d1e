import { bootsOf, ISCSI_PLANT } from '../../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';

ruleTest('image-made-of-others', {
  'a public image of a private one': {
    of: ISCSI_PLANT,
    edits: [['  gromacs: {', '  open: { parent: gromacs, public: true }\n  gromacs: {']],
    finds: [
      {
        at: '15:19',
        message:
          'The image open is public but made from gromacs, which is of biology and not public: its private data would reach other nodes.',
        related: ['16:3'],
        help: 'set `public: true` for gromacs if its content is public; or make open private and set its tenant to biology',
      },
    ],
  },
  "an image of another tenant's image": {
    of: ISCSI_PLANT,
    edits: [['  gromacs: {', '  copy: { parent: gromacs, tenant: physics }\n  gromacs: {']],
    finds: [
      {
        at: '15:19',
        message:
          'The image copy is of physics but made from gromacs, which is of biology and not public: its private data would reach other nodes.',
        related: ['16:3'],
      },
    ],
  },
  "an image of the disk of another tenant's node": {
    of: ISCSI_PLANT,
    edits: [['  gromacs: {', '  spied: { snapshot_of: cn01, tenant: biology }\n  gromacs: {']],
    finds: [
      {
        at: '15:25',
        message:
          'The image spied is of biology but made of the disk of cn01, which is of physics: its private data would reach other nodes.',
        related: ['22:3'],
      },
    ],
  },
  "an image without a tenant, of a tenant's disk": {
    of: ISCSI_PLANT,
    edits: [['cn03, tenant: biology', 'cn03']],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is of no tenant but made of the disk of cn03, which is of biology: its private data would reach other nodes.',
        related: ['23:3'],
      },
    ],
  },
  "the default parent, the image of the disk's node": {
    of: ISCSI_PLANT,
    edits: [
      ['cn03, tenant: biology', 'cn03, tenant: biology, public: true'],
      ['  gromacs: {', '  private: { tenant: biology }\n  gromacs: {'],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: private } }'],
    ],
    finds: [
      {
        at: '16:27',
        message:
          'The image gromacs is public but made from private, which is of biology and not public: its private data would reach other nodes.',
        related: ['15:3'],
      },
    ],
  },
  'a public image that a tenant makes of its own disk': {
    of: ISCSI_PLANT,
    edits: [
      ['cn03, tenant: biology', 'cn03, tenant: biology, public: true'],
      ['  gromacs: {', '  next: { parent: gromacs, tenant: physics }\n  gromacs: {'],
    ],
  },
});

const CN03 = 'ip: 10.3.0.11, tenant: biology';
const GROMACS = '  gromacs: { snapshot_of: cn03, tenant: biology }\n';

ruleTest('image-of-own-clone', {
  'a node that boots the image of its own disk': {
    of: ISCSI_PLANT,
    edits: [[CN03, `${CN03}, boot: { image: gromacs }`]],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is made of the disk of cn03, which is a clone of gromacs itself: without gromacs in the store, neither can be made.',
        help: 'remove snapshot_of once gromacs is in the store; until then, let cn03 boot the origin of gromacs',
      },
    ],
  },
  'an image with a parent': {
    of: ISCSI_PLANT,
    edits: [
      [CN03, `${CN03}, boot: { image: gromacs }`],
      ['snapshot_of: cn03,', 'snapshot_of: cn03, parent: rocky9,'],
    ],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is made of the disk of cn03, which is a clone of gromacs itself: without gromacs in the store, neither can be made.',
      },
    ],
  },
  'two images, each of the disk of a node that boots the other': {
    of: ISCSI_PLANT,
    edits: [
      [GROMACS, `${GROMACS}  namd: { snapshot_of: cn04, tenant: biology }\n`],
      [
        `${CN03} }\n`,
        `${CN03}, boot: { image: namd } }\n  cn04: { mac: 52:54:00:0b:01:04, ip: 10.3.0.12, tenant: biology, boot: { image: gromacs } }\n`,
      ],
    ],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is made of the disk of cn03, which is a clone of gromacs itself, through namd: without gromacs in the store, neither can be made.',
      },
    ],
  },
  'an image that needs another one, without a circle': {
    of: ISCSI_PLANT,
    edits: [
      [GROMACS, `${GROMACS}  namd: { snapshot_of: cn04, tenant: biology }\n`],
      [
        `${CN03} }\n`,
        `${CN03} }\n  cn04: { mac: 52:54:00:0b:01:04, ip: 10.3.0.12, tenant: biology, boot: { image: gromacs } }\n`,
      ],
    ],
  },
});

ruleTest('image-of-two-origins', {
  'a file and a disk': {
    of: ISCSI_PLANT,
    edits: [['snapshot_of: cn03,', 'source: gromacs.raw, snapshot_of: cn03,']],
    finds: [
      {
        at: '15:35',
        message:
          'The image gromacs is made of the file gromacs.raw, and also of the disk of cn03: its origin is ambiguous.',
        related: ['15:14'],
      },
    ],
  },
  'a file and a parent': {
    of: ISCSI_PLANT,
    edits: [['snapshot_of: cn03,', 'source: gromacs.raw, parent: rocky9,']],
    finds: [
      {
        at: '15:35',
        message:
          'The image gromacs is made of the file gromacs.raw, and also from the image rocky9: its origin is ambiguous.',
        related: ['15:14'],
      },
    ],
  },
  'a disk and a parent, and an image that is already in the store': {
    of: ISCSI_PLANT,
    edits: [
      ['snapshot_of: cn03,', 'snapshot_of: cn03, parent: rocky9,'],
      ['  rocky9: {', '  win11: {}\n  rocky9: {'],
    ],
  },
});

ruleTest('image-parent-circle', {
  itself: {
    of: ISCSI_PLANT,
    edits: [['snapshot_of: cn03,', 'snapshot_of: cn03, parent: gromacs,']],
    finds: [{ at: '15:41', message: 'The image gromacs is made from itself: no image can be made first.' }],
  },
  'two images of each other, and a third one of them': {
    of: ISCSI_PLANT,
    edits: [
      [
        '  gromacs: { snapshot_of: cn03, tenant: biology }',
        '  gromacs: { parent: c, tenant: biology }\n  c: { parent: d, tenant: biology }\n  d: { parent: c, tenant: biology }',
      ],
    ],
    finds: [
      { at: '16:16', message: 'The image c is made from itself, through d: no image can be made first.' },
    ],
  },
  'a chain of parents, and a node that boots the image of its own disk': {
    of: ISCSI_PLANT,
    edits: [
      [
        '  gromacs: { snapshot_of: cn03, tenant: biology }',
        '  gromacs: { snapshot_of: cn03, tenant: biology }\n  c: { parent: gromacs, tenant: biology }',
      ],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: gromacs } }'],
    ],
    silence: ['image-of-own-clone'],
  },
});

ruleTest('snapshot-without-disk', {
  'a node that boots its own disk': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { os: local } }']],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is made of the disk of cn03, which is not in the store: the node does not boot by iSCSI.',
        related: ['23:79'],
      },
    ],
  },
  'a node that boots an external target': {
    of: ISCSI_PLANT,
    edits: [...bootsOf('image: rocky9', 'image: rocky9', 'target: iqn.2015-02.oracle.boot:uefi')],
    finds: [
      {
        at: '15:27',
        message:
          'The image gromacs is made of the disk of cn03, which is not in the store: its target is on another server.',
        related: ['18:9'],
      },
    ],
  },
  'a node that boots an image': {
    of: ISCSI_PLANT,
    edits: [],
  },
});
