import { gzipSync } from 'node:zlib';
import { ruleTest } from '../../test/support/rule-test.ts';
import { undecodableFile } from './undecodable-file.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const ZIPPED = gzipSync('Plant 2\n').toString('base64');

function file(content: string, encoding: string): readonly [string, string] {
  return [
    KEYS,
    `${KEYS},\n      write_files: [{ path: /etc/plant, encoding: ${encoding}, content: ${content} }]`,
  ];
}

function message(encoding: string, fault: string): string {
  return `The content of /etc/plant is not of the encoding ${encoding} (${fault}): the file would be left empty.`;
}

ruleTest(undecodableFile, {
  'plain text that is said to be base64, in defaults': {
    edits: [file('"Plant, rack B"', 'b64')],
    finds: [
      {
        at: '20:65',
        message: message(
          'b64',
          'it holds blanks, and base64 may hold line breaks alone: write it below content: |',
        ),
        related: ['20:51'],
      },
    ],
  },
  'base64 that was cut off, on one node': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant, content: UGxhbnQgMgo, encoding: base64 }] } }',
      ],
    ],
    finds: [
      {
        at: '24:116',
        message: message('base64', 'its length is not a multiple of four: something is cut off'),
        related: ['24:139'],
      },
    ],
  },
  'base64 that holds no gzip': {
    edits: [file('UGxhbnQgMgo=', 'gz+b64')],
    finds: [
      { at: '20:68', message: message('gz+b64', 'what its base64 holds is not gzip'), related: ['20:51'] },
    ],
  },
  'gzip without base64': {
    edits: [file('x', 'gzip')],
    finds: [
      {
        at: '20:66',
        message: message('gzip', 'compressed data is not text, and a configuration holds text alone'),
        related: ['20:51'],
      },
    ],
  },
  'base64 with line breaks': { edits: [file('"UGxh\\nbnQg\\nMgo=\\n"', 'b64')] },
  'base64 of gzip': { edits: [file(`"${ZIPPED}"`, 'gzip+base64')] },
  'plain text, with and without an encoding': {
    edits: [
      [
        KEYS,
        `${KEYS}, write_files: [{ path: /a, content: "a b", encoding: "" }, { path: /b, content: "a b" }]`,
      ],
    ],
  },
  'a secret, and no content': {
    edits: [
      [
        KEYS,
        `${KEYS}, write_files: [{ path: /a, content: "\${secret:a}", encoding: b64 }, { path: /b, encoding: gz+b64 }]`,
      ],
    ],
  },
});
