import { bootsOf, ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { iscsiImageOrTarget } from './iscsi-image-or-target.ts';

ruleTest(iscsiImageOrTarget, {
  'neither an image nor a target': {
    of: ISCSI_PLANT,
    edits: [['    image: rocky9\n', '']],
    finds: [
      {
        at: '18:9',
        message: 'cn01 boots by iSCSI, and no disk is said: neither an image nor a target.',
        help: "say `image: …`, one of the site's images; or `target: iqn.…`, somebody else's",
      },
    ],
  },
  'an image, and a target beside it': {
    of: ISCSI_PLANT,
    edits: [
      [
        'ip: 10.2.0.11, tenant: physics, firmware: bios }',
        'ip: 10.2.0.11, tenant: physics, firmware: bios, boot: { target: iqn.2015-02.oracle.boot:uefi, server: 10.1.0.3 } }',
      ],
    ],
    finds: [
      {
        at: '21:91',
        message: 'cn01 says both an image and a target: its disk is the one or the other.',
        help: 'take boot.image out where the target is to be booted, or boot.target where the image is; where defaults say the image, say it in a profile of the nodes that boot it',
      },
    ],
  },
  'the server of a target, and none': {
    of: ISCSI_PLANT,
    edits: [
      ['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { server: 10.1.0.3 } }'],
    ],
    finds: [
      {
        at: '22:75',
        message:
          "cn02 says boot.server, which is of somebody else's target, and names none: its disk is at the site's own iSCSI server.",
        help: "say the server of the site's own with server.iscsi.address; or the name of the target, `target: iqn.…`",
      },
    ],
  },
  'a port of a target, and none': {
    of: ISCSI_PLANT,
    edits: [['ip: 10.2.0.12, tenant: physics }', 'ip: 10.2.0.12, tenant: physics, boot: { port: 3261 } }']],
    finds: [
      {
        at: '22:75',
        message:
          "cn02 says boot.port, which is of somebody else's target, and names none: its disk is at the site's own iSCSI server.",
        help: "say the port of the site's own with server.iscsi.port; or the name of the target, `target: iqn.…`",
      },
    ],
  },
  "the size of somebody else's disk": {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf('image: rocky9', 'image: rocky9', 'target: iqn.2015-02.oracle.boot:uefi, size: 40Gi'),
      ['  gromacs: { snapshot_of: cn03, tenant: biology }\n', ''],
    ],
    finds: [
      {
        at: '21:113',
        message: "cn03 says boot.size, and its disk is at somebody else's target, who says how large it is.",
      },
    ],
  },
  'an image and its size, and a target with its server and port': {
    of: ISCSI_PLANT,
    edits: [
      ...bootsOf(
        'image: rocky9, size: 40Gi',
        'target: iqn.2015-02.oracle.boot:uefi, server: 10.2.0.3, port: 3261, chap: { password: "${secret:oracle}" }',
        'image: rocky9',
      ),
    ],
  },
});
