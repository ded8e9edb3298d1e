import { CLOUD_INIT_PLANT } from '../../test/support/cloud-init-plant.ts';
import { ISCSI_PLANT } from '../../test/support/iscsi-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudInitWithoutLinux } from './cloud-init-without-linux.ts';

const SAID = 'cloud_init: { user_data: { locale: C } }';
const LAST = 'ip: 192.168.178.42, profiles: [compute] }';

ruleTest(cloudInitWithoutLinux, {
  'a machine that boots its disk': {
    of: CLOUD_INIT_PLANT,
    edits: [[LAST, `ip: 192.168.178.42, boot: { os: local }, ${SAID} }`]],
    finds: [
      {
        at: '21:88',
        message: 'cg02 boots its disk, where nothing reads what is said of cloud-init.',
      },
    ],
  },
  'a machine that boots Harvester': {
    edits: [['ip: 192.168.178.42 }', `ip: 192.168.178.42, ${SAID} }`]],
    finds: [
      {
        at: '24:69',
        message: 'harv-2 boots Harvester, where nothing reads what is said of cloud-init.',
      },
    ],
  },
  'the defaults, which are those of other machines, too': {
    of: CLOUD_INIT_PLANT,
    edits: [
      ['profiles:\n', `defaults: { ${SAID} }\nprofiles:\n`],
      [LAST, 'ip: 192.168.178.42, boot: { os: local } }'],
    ],
  },
  'a disk by iSCSI': {
    of: ISCSI_PLANT,
    edits: [
      [
        'tenant: physics, firmware: bios }',
        'tenant: physics, firmware: bios, cloud_init: { user_data: { packages: [vim] } } }',
      ],
    ],
    finds: [
      {
        at: '21:95',
        message: 'cn01 boots a disk by iSCSI, where nothing reads what is said of cloud-init.',
        help: 'put it onto the disk, before its image is made or once it is booted; or take cloud_init out',
      },
    ],
  },
});
