import { CLOUD_INIT_PLANT, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigPermissions } from './cloud-config-permissions.ts';

const file = (permissions: string): [string, string] => [
  OWN_USER_DATA,
  `user_data: { write_files: [{ path: /etc/x, content: x, permissions: ${permissions} }] }`,
];

ruleTest(cloudConfigPermissions, {
  'octal digits with a zero': {
    of: CLOUD_INIT_PLANT,
    edits: [file('0644')],
    finds: [
      {
        at: '20:75',
        message: 'The permissions of /etc/x are the number 644, which is the mode 01204.',
        help: "write '0644', in quotes",
      },
    ],
  },
  'octal digits without one': {
    of: CLOUD_INIT_PLANT,
    edits: [file('755')],
    finds: [
      {
        at: '20:75',
        message: 'The permissions of /etc/x are the number 755, which is the mode 01363.',
        help: "write '0755', in quotes",
      },
    ],
  },
  'letters, and what is no text': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        'user_data: { write_files: [{ path: /etc/x, permissions: u=rw }, { path: /etc/y, permissions: true }] }',
      ],
    ],
    finds: [
      {
        at: '20:63',
        message:
          'The permissions of /etc/x are no octal digits: cloud-init would make it 0644, for all to read.',
        help: "write '0600', in quotes",
      },
      {
        at: '20:100',
        message:
          'The permissions of /etc/y are no octal digits: cloud-init would make it 0644, for all to read.',
      },
    ],
  },
  text: { of: CLOUD_INIT_PLANT, edits: [file("'0644'")] },
  'a number that says that it is octal': { of: CLOUD_INIT_PLANT, edits: [file('0o644')] },
  'a text of cloud-config, which is YAML 1.1': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [OWN_USER_DATA, 'user_data: "#cloud-config\\nwrite_files: [{ path: /etc/x, permissions: 0644 }]\\n"'],
    ],
  },
});
