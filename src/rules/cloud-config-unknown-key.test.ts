import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigUnknownKey } from './cloud-config-unknown-key.ts';

ruleTest(cloudConfigUnknownKey, {
  'a slip, and what nothing is like': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { run_cmds: [a] }\n      vendor_data: { quux_of_ours: 1 }']],
    finds: [
      {
        at: '20:20',
        message: 'user_data has the key run_cmds, and no module of cloud-init reads it: did you mean runcmd?',
      },
      { at: '21:22', message: 'vendor_data has the key quux_of_ours, and no module of cloud-init reads it.' },
    ],
  },
  'what a group says, once for all its nodes': {
    of: CLOUD_INIT_PLANT,
    edits: [[GROUP_USER_DATA, 'user_data: { pakages: [slurmd] }']],
    finds: [
      {
        at: '8:20',
        message:
          'user_data has the key pakages, and no module of cloud-init reads it: did you mean packages?',
      },
    ],
  },
  'what is for somebody else': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { x-slurm: 1 }']],
  },
});
