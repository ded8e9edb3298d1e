import { CLOUD_INIT_PLANT, OWN_USER_DATA } from '../../test/support/cloud-init-plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { cloudConfigFileKey } from './cloud-config-file-key.ts';

const of = CLOUD_INIT_PLANT;
const file = (entry: string): [string, string] => [
  OWN_USER_DATA,
  `user_data: { write_files: [{ path: /etc/x, ${entry} }] }`,
];

ruleTest(cloudConfigFileKey, {
  'a slip of the keyboard, and a key of nobody': {
    of,
    edits: [file('ownr: root, colour: red')],
    finds: [
      {
        at: '20:50',
        message:
          '/etc/x in write_files of user_data has the key ownr, which cloud-init does not read: did you mean owner?',
        help: 'there are path, content, encoding, owner, permissions, append, defer, source',
      },
      {
        at: '20:62',
        message: '/etc/x in write_files of user_data has the key colour, which cloud-init does not read.',
      },
    ],
  },
  'a content that is a map, and an owner that is a number': {
    of,
    edits: [file('content: { a: b }, owner: 1000')],
    finds: [
      {
        at: '20:59',
        message:
          '/etc/x in write_files of user_data has as its content a map, which is no text: cloud-init would fail, and write no file after it.',
        help: 'write it as a text below content: |',
      },
      {
        at: '20:76',
        message:
          '/etc/x in write_files of user_data has as its owner 1000, which is no text: cloud-init would fail, and write no file after it.',
        help: 'write it in quotes',
      },
    ],
  },
  'an encoding that is none': {
    of,
    edits: [file('content: eA==, encoding: bas64')],
    finds: [
      {
        at: '20:75',
        message:
          '/etc/x in write_files of user_data has an encoding that cloud-init does not know: did you mean base64?',
      },
    ],
  },
  'what cloud-init takes': {
    of,
    edits: [file('content: "${node:name}", encoding: Text/Plain, owner: "a:b", append: true, defer: true')],
  },
});
