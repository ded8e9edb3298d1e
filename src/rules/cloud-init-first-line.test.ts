import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudInitFirstLine } from './cloud-init-first-line.ts';

const message = (name: string) =>
  `This text of ${name} begins in no way that cloud-init knows: it would be passed over.`;

ruleTest(cloudInitFirstLine, {
  'a script without an interpreter': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "echo hello\\n"']],
    finds: [{ at: '20:18', message: message('user_data') }],
  },
  'what is nearly cloud-config, of a group': {
    of: CLOUD_INIT_PLANT,
    edits: [[GROUP_USER_DATA, 'user_data: "# cloud-config\\npackages: [slurmd]\\n"']],
    finds: [{ at: '8:18', message: message('user_data') }],
  },
  'vendor-data with nothing to go by': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'vendor_data: hello']],
    finds: [{ at: '20:20', message: message('vendor_data') }],
  },
  'a script': { of: CLOUD_INIT_PLANT, edits: [[OWN_USER_DATA, 'user_data: "#!/bin/sh\\necho hello\\n"']] },
  'a template': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "## template: jinja\\n#cloud-config\\nfqdn: {{ x }}\\n"']],
  },
  'cloud-config as text': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "#cloud-config\\n{}\\n"']],
  },
});
