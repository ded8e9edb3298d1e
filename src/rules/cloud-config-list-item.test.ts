import { CLOUD_INIT_PLANT, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigListItem } from './cloud-config-list-item.ts';

const of = CLOUD_INIT_PLANT;
const userData = (text: string): [string, string] => [OWN_USER_DATA, `user_data: ${text}`];

ruleTest(cloudConfigListItem, {
  'lines with a colon, and a number': {
    of,
    edits: [
      userData(
        "\n        runcmd:\n          - a\n          - echo it's a: b\n          - 1\n          - c: d\n            e: f",
      ),
    ],
    finds: [
      {
        at: '23:13',
        message:
          'This item of runcmd of user_data is a map, and no text or list: cloud-init would run nothing of runcmd.',
        help: "quote the whole line: 'echo it''s a: b'",
      },
      {
        at: '24:13',
        message:
          'This item of runcmd of user_data is a number, and no text or list: cloud-init would run nothing of runcmd.',
        help: "quote the whole line: '1'",
      },
      {
        at: '25:13',
        message:
          'This item of runcmd of user_data is a map, and no text or list: cloud-init would run nothing of runcmd.',
        help: 'quote the whole line, or write it as a text below `|`',
      },
    ],
  },
  'one in brackets, and within a list of words': {
    of,
    edits: [userData('{ bootcmd: [echo a: b, [sh, -c, echo c: d]] }')],
    finds: [
      {
        at: '20:30',
        message:
          'This item of bootcmd of user_data is a map, and no text or list: cloud-init would run nothing of bootcmd.',
        help: "quote the whole line: 'echo a: b'",
      },
      {
        at: '20:50',
        message:
          'This item of bootcmd of user_data is a map, and no word: cloud-init would hand on how Python writes it.',
        help: "quote the whole line: 'echo c: d'",
      },
    ],
  },
  'a mount by itself, and a key that is none': {
    of,
    edits: [userData('{ mounts: [/dev/vdb], ssh_authorized_keys: [true] }')],
    finds: [
      {
        at: '20:29',
        message: 'This item of mounts of user_data is a text, and no list: cloud-init would pass over it.',
        help: 'write a list of its fields: [/dev/vdb, /scratch, xfs]',
      },
      {
        at: '20:62',
        message:
          'This item of ssh_authorized_keys of user_data is true or false, and no text: cloud-init would install none of the keys.',
        help: "quote the whole line: 'true'",
      },
    ],
  },
  'what cloud-init takes': {
    of,
    edits: [
      userData(
        '{ runcmd: [\'echo a: b\', [sleep, 1], null, "${node:name}"], mounts: [[vdb, null]], packages: [{ snap: [lxd] }] }',
      ),
    ],
  },
});
