import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigFileTwice } from './cloud-config-file-twice.ts';

const of = CLOUD_INIT_PLANT;
const files = (where: string, ...entries: readonly string[]): [string, string] => [
  where,
  `user_data: { write_files: [${entries.join(', ')}] }`,
];
const MESSAGE =
  'write_files of user_data writes /etc/x twice: what this entry holds replaces what an earlier one does.';

ruleTest(cloudConfigFileTwice, {
  'one path twice, by two names': {
    of,
    edits: [files(OWN_USER_DATA, '{ path: /etc/x, content: a }', '{ path: /etc/./x, content: b }')],
    finds: [{ at: '20:72', message: MESSAGE, related: ['20:42'] }],
  },
  'in a group, once for all its nodes': {
    of,
    edits: [files(GROUP_USER_DATA, '{ path: /etc/x, content: a }', '{ path: /etc/x, content: b }')],
    finds: [{ at: '8:72', message: MESSAGE, related: ['8:42'] }],
  },
  'in a text': {
    of,
    edits: [
      [OWN_USER_DATA, 'user_data: "#cloud-config\\nwrite_files: [{ path: /etc/x }, { path: /etc/x }]\\n"'],
    ],
    finds: [{ at: '20:18', message: MESSAGE, related: ['20:18'] }],
  },
  'one that follows another, one for later, and one over what a group says': {
    of,
    edits: [
      files(GROUP_USER_DATA, '{ path: /etc/x, content: a }'),
      files(
        OWN_USER_DATA,
        '{ path: /etc/x, content: b }',
        '{ path: /etc/x, content: c, append: true }',
        '{ path: /etc/x, content: d, defer: true }',
      ),
    ],
  },
});
