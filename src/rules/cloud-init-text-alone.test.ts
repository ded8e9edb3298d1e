import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudInitTextAlone } from './cloud-init-text-alone.ts';

const INCLUDE = 'user_data: "#include\\nhttp://192.168.178.7/a.yaml\\n"';

ruleTest(cloudInitTextAlone, {
  'an include beside what a group says': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, INCLUDE]],
    finds: [
      {
        at: '20:18',
        message: '#include is one of several parts of user_data, among which cloud-init does not follow it.',
        help: 'say what it stands for here, or move it to vendor_data',
      },
    ],
  },
  'an archive with a secret': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'vendor_data: "#cloud-config-archive\\n- content: ${secret:x}\\n"']],
    finds: [
      {
        at: '20:20',
        message:
          '#cloud-config-archive is handed on as it is, and this one refers to a secret, which nothing can quote there.',
      },
    ],
  },
  'an include by itself': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, INCLUDE.replace('user', 'vendor')]],
  },
  'a script with a secret, beside what a group says': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [OWN_USER_DATA, 'user_data: "#!/bin/sh\\necho ${secret:x}\\n"'],
      [GROUP_USER_DATA, 'user_data: { packages: [slurmd], locale: C }'],
    ],
  },
});
