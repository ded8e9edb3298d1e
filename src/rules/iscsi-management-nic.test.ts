import { ISCSI_HARVESTER, onBootVolume } from '../../test/support/iscsi-harvester-plant.ts';
import { edited } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiManagementNic } from './iscsi-management-nic.ts';

ruleTest(iscsiManagementNic, {
  'one NIC for both, which is said once': {
    of: onBootVolume(),
    edits: [],
    finds: [
      {
        at: '17:17',
        message:
          'harv-1 reaches its disk at 169.254.0.2 by 52:54:00:aa:01:01, which Harvester takes for its management interface: as that goes into a bond, the disk is gone.',
      },
    ],
  },
  'a second NIC that the configuration puts into the bond': {
    of: ISCSI_HARVESTER,
    edits: [
      [
        'ip: 10.21.0.12 }]',
        'ip: 10.21.0.12 }], config: { install: { management_interface: { interfaces: [{ hwAddr: "52:54:00:AA:01:02" }, { hwAddr: "52:54:00:AA:02:02" }] } } }',
      ],
    ],
    finds: [
      {
        at: '19:17',
        message:
          'harv-2 reaches its disk at 10.21.0.2 by 52:54:00:aa:02:02, which Harvester takes for its management interface: as that goes into a bond, the disk is gone.',
      },
    ],
  },
  'a NIC for each': { of: ISCSI_HARVESTER, edits: [] },
  'one NIC for both of a machine that installs nothing': {
    of: edited(onBootVolume(), ['  config:\n', '  install: never\n  config:\n']),
    edits: [],
  },
});
