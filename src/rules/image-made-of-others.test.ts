import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { imageMadeOfOthers } from './image-made-of-others.ts';

ruleTest(imageMadeOfOthers, {
  'a public one of a private one': {
    of: ISCSI_PLANT,
    edits: [['  gromacs: {', '  open: { parent: gromacs, public: true }\n  gromacs: {']],
    finds: [
      {
        at: '15:19',
        message: 'The image open is public, and made from gromacs, which is of biology and not public.',
        related: ['16:3'],
        help: 'say `public: true` of gromacs, where everybody may have what is on it; or make open one of biology, and not public',
      },
    ],
  },
  "one of another tenant's": {
    of: ISCSI_PLANT,
    edits: [['  gromacs: {', '  copy: { parent: gromacs, tenant: physics }\n  gromacs: {']],
    finds: [
      {
        at: '15:19',
        message: 'The image copy is of physics, and made from gromacs, which is of biology and not public.',
        related: ['16:3'],
      },
    ],
  },
  "of the disk of another tenant's node": {
    of: ISCSI_PLANT,
    edits: [['  gromacs: {', '  spied: { snapshot_of: cn01, tenant: biology }\n  gromacs: {']],
    finds: [
      {
        at: '15:25',
        message: 'The image spied is of biology, and made of the disk of cn01, which is of physics.',
        related: ['22:3'],
      },
    ],
  },
  "of no tenant, of a tenant's disk": {
    of: ISCSI_PLANT,
    edits: [['cn03, tenant: biology', 'cn03']],
    finds: [
      {
        at: '15:27',
        message: 'The image gromacs is of no tenant, and made of the disk of cn03, which is of biology.',
        related: ['23:3'],
      },
    ],
  },
  'by what the node boots, unless said': {
    of: ISCSI_PLANT,
    edits: [
      ['cn03, tenant: biology', 'cn03, tenant: biology, public: true'],
      ['  gromacs: {', '  private: { tenant: biology }\n  gromacs: {'],
      ['ip: 10.3.0.11, tenant: biology }', 'ip: 10.3.0.11, tenant: biology, boot: { image: private } }'],
    ],
    finds: [
      {
        at: '16:27',
        message: 'The image gromacs is public, and made from private, which is of biology and not public.',
        related: ['15:3'],
      },
    ],
  },
  'one that a tenant makes public of its own disk': {
    of: ISCSI_PLANT,
    edits: [
      ['cn03, tenant: biology', 'cn03, tenant: biology, public: true'],
      ['  gromacs: {', '  next: { parent: gromacs, tenant: physics }\n  gromacs: {'],
    ],
  },
});
