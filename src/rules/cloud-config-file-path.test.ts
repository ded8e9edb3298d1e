import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigFilePath } from './cloud-config-file-path.ts';

const files = (...entries: readonly string[]): [string, string] => [
  OWN_USER_DATA,
  `user_data: { write_files: [${entries.join(', ')}] }`,
];

const NO_PATH = 'This entry of write_files of user_data has no path: cloud-init would write it nowhere.';

ruleTest(cloudConfigFilePath, {
  'no path': {
    of: CLOUD_INIT_PLANT,
    edits: [files('{ path: /a, content: x }', '{ content: x }')],
    finds: [{ at: '20:60', message: NO_PATH }],
  },
  'an empty one, and an entry that is no map': {
    of: CLOUD_INIT_PLANT,
    edits: [files("{ path: '', content: x }", '/etc/x')],
    finds: [
      { at: '20:34', message: NO_PATH },
      { at: '20:60', message: NO_PATH },
    ],
  },
  'once, where all the nodes of a group have it': {
    of: CLOUD_INIT_PLANT,
    edits: [[GROUP_USER_DATA, 'user_data: { write_files: [{ content: x }] }']],
    finds: [{ at: '8:34', message: NO_PATH }],
  },
  'one that does not begin at the root': {
    of: CLOUD_INIT_PLANT,
    edits: [files('{ path: etc/slurm.conf, content: x }')],
    finds: [
      {
        at: '20:42',
        message:
          'The path etc/slurm.conf of write_files of user_data does not begin with /: it counts from wherever cloud-init was started.',
        help: 'write /etc/slurm.conf',
      },
    ],
  },
  'a path': { of: CLOUD_INIT_PLANT, edits: [files('{ path: /a, content: x, append: true }')] },
});
