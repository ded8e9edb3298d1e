import { CLOUD_INIT_PLANT, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { secretInEncodedFile } from './secret-in-encoded-file.ts';

const BEFORE = 'ssh_authorized_keys: ["github:your_username"]';

function file(content: string, encoding: string): [string, string] {
  return [
    BEFORE,
    `${BEFORE},\n      write_files: [{ path: /etc/x, encoding: "${encoding}", content: "${content}" }]`,
  ];
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

ruleTest(secretInEncodedFile, {
  'a reference within base64': {
    edits: [file(base64('key: ${secret:key}\n'), 'b64')],
    finds: [
      {
        at: '20:63',
        message:
          'The content of /etc/x refers to a secret once it is decoded, and nothing fills it in there.',
      },
    ],
  },
  'a mark within base64': {
    edits: [file(base64('key: @@secret:key@@\n'), 'base64')],
    finds: [
      {
        at: '20:66',
        message:
          'The content of /etc/x refers to a secret once it is decoded, and nothing fills it in there.',
      },
    ],
  },
  'a file that cloud-init writes': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        `user_data: { write_files: [{ path: /etc/x, encoding: b64, content: "${base64('key: ${secret:key}\n')}" }] }`,
      ],
    ],
    finds: [
      {
        at: '20:74',
        message:
          'The content of /etc/x refers to a secret once it is decoded, and nothing fills it in there.',
      },
    ],
  },
  'a secret that is a part of it': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        'user_data: { write_files: [{ path: /etc/x, encoding: B64, content: "AAAA${secret:munge_key}" }] }',
      ],
    ],
    finds: [
      {
        at: '20:74',
        message:
          'A part of the content of /etc/x is a secret, and the content is encoded: the two would not fit together.',
      },
    ],
  },
  'a part of what is no more than text': { edits: [file('a ${secret:key}', '')] },
  'a content that is a secret, base64 and all': { edits: [file('${secret:key}', 'b64')] },
  'a content without one': { edits: [file(base64('key: none\n'), 'b64')] },
});
