import { ruleTest } from '../../test/support/rule-test.ts';
import { writeFileTwice } from './write-file-twice.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const MESSAGE =
  'os.write_files writes /etc/plant twice: what this entry holds replaces what an earlier one does.';

ruleTest(writeFileTwice, {
  'one path twice, in defaults': {
    edits: [
      [
        KEYS,
        `${KEYS},\n      write_files: [{ path: /etc/plant, content: a }, { path: /etc/b }, { path: /etc/plant, content: c }]`,
      ],
    ],
    finds: [{ at: '20:81', message: MESSAGE, related: ['20:29'] }],
  },
  'one file under two names, on one node': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant }, { path: /etc/./plant }] } }',
      ],
    ],
    finds: [{ at: '24:117', message: MESSAGE, related: ['24:95'] }],
  },
  'paths that begin alike, and the same one on two nodes': {
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant }, { path: /etc/plant.d }] } }',
      ],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, config: { os: { write_files: [{ path: /etc/plant }] } }'],
    ],
  },
  'a list of a node, which replaces that of defaults': {
    edits: [
      [KEYS, `${KEYS}, write_files: [{ path: /etc/plant }]`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { os: { write_files: [{ path: /etc/plant }] } }'],
    ],
  },
});
