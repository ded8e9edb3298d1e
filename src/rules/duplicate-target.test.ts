import { onBootVolume } from '../../test/support/iscsi-harvester-plant.ts';
import { bootsOf, ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { duplicateTarget } from './duplicate-target.ts';

ruleTest(duplicateTarget, {
  'by a layer': {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', '    target: iqn.2015-02.oracle.boot:uefi\n    server: 10.1.0.9\n'],
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 } }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '18:13',
        message: 'cn02 boots the disk of cn01: two machines that write one disk destroy what is on it.',
      },
    ],
  },
  'one LUN of two': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
      ),
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 } }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '21:83',
        message: 'cn03 boots the disk of cn02: two machines that write one disk destroy what is on it.',
        related: ['20:83'],
      },
    ],
  },
  'a server that each machine has of its own': {
    of: onBootVolume(),
    silence: ['iscsi-management-nic'],
    edits: [],
  },
  'two LUNs of one target': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9, lun: 2',
      ),
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 } }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
  },
  'boot volumes of a cloud, of which each machine has its own at that address': {
    of: ISCSI_PLANT,
    edits: [
      ['    image: rocky9\n', '    target: iqn.2015-02.oracle.boot:uefi\n    server: 169.254.0.2\n'],
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 } }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
  },
  'one name at two servers': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.9',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.8',
      ),
      [', dhcp: { pool: 10.3.0.200-10.3.0.250 } }', ', gateway: 10.3.0.1, dhcp: {} }'],
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
  },
});
