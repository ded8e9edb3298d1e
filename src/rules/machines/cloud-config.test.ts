import { CLOUD_INIT_PLANT, GROUP_USER_DATA, OWN_USER_DATA } from '../../../test/support/cloud-init-plant.ts';
import { fixableRuleTest, ruleTest } from '../../../test/support/rule-test.ts';

const ALIASES = Array(20).fill('*a').join(', ');

ruleTest('cloud-config-not-a-map', {
  'a text that is not YAML': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "#cloud-config\\nruncmd: [a\\npackages: [b]\\n"']],
    finds: [
      {
        at: '20:18',
        message: 'This cloud-config of user_data is not valid YAML (line 3): cloud-init drops it.',
      },
    ],
  },
  'a list': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'vendor_data: "#cloud-config\\n- a\\n"']],
    finds: [{ at: '20:20', message: 'This cloud-config of vendor_data is not a map: cloud-init drops it.' }],
  },
  'undefined aliases, too many aliases, and recursive ones': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [
        OWN_USER_DATA,
        'user_data: "#cloud-config\\nruncmd: [*a]\\n"\n      vendor_data: "#cloud-config\\nbootcmd: []\\nruncmd: &a [*a]\\n"',
      ],
      [
        GROUP_USER_DATA,
        `user_data: "#cloud-config\\na: &a [x]\\nb: &b [${ALIASES}]\\nc: [${ALIASES.replaceAll('a', 'b')}]\\n"`,
      ],
    ],
    finds: [
      {
        at: '8:18',
        message:
          'This cloud-config of user_data has aliases without an anchor, or too many: cloud-init drops it.',
      },
      {
        at: '20:18',
        message:
          'This cloud-config of user_data has aliases without an anchor, or too many: cloud-init drops it.',
      },
      {
        at: '21:20',
        message:
          'This cloud-config of vendor_data contains an alias of its own value (line 3): cloud-init drops it.',
      },
    ],
  },
  'a map, and an empty one': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [OWN_USER_DATA, 'user_data: "#cloud-config\\nruncmd: [a]\\n"\n      vendor_data: "#cloud-config\\n"'],
    ],
  },
  'a date, which a map of the inventory cannot contain': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: "#cloud-config\\nusers: [{ name: x, expiredate: 2032-09-01 }]\\n"']],
  },
});

ruleTest('cloud-config-unknown-key', {
  'a typo, and a key without a similar one': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { run_cmds: [a] }\n      vendor_data: { quux_of_ours: 1 }']],
    finds: [
      {
        at: '20:20',
        message: 'user_data has the key run_cmds, which no module of cloud-init reads: did you mean runcmd?',
      },
      { at: '21:22', message: 'vendor_data has the key quux_of_ours, which no module of cloud-init reads.' },
    ],
  },
  'a key of a group: reported once for all its nodes': {
    of: CLOUD_INIT_PLANT,
    edits: [[GROUP_USER_DATA, 'user_data: { pakages: [slurmd] }']],
    finds: [
      {
        at: '8:20',
        message: 'user_data has the key pakages, which no module of cloud-init reads: did you mean packages?',
      },
    ],
  },
  'a key that begins with x-': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { x-slurm: 1 }']],
  },
});

ruleTest('cloud-config-not-a-list', {
  'a command instead of a list, which a group has, and a file instead of a list': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [GROUP_USER_DATA, 'user_data: { runcmd: [a] }'],
      [OWN_USER_DATA, 'user_data: { runcmd: reboot, write_files: { path: /etc/x } }'],
    ],
    finds: [
      {
        at: '20:28',
        message: 'runcmd of user_data is not a list: cloud-init ignores it.',
        help: 'write a list: runcmd: […]',
      },
      {
        at: '20:49',
        message: 'write_files of user_data is not a list: cloud-init ignores it.',
        help: 'write a list: write_files: [{ path: /etc/example, content: … }]',
      },
    ],
  },
  'a key and a mount instead of lists': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { ssh_authorized_keys: ssh-ed25519 AAAA, mounts: a b }']],
    finds: [
      {
        at: '20:41',
        message: 'ssh_authorized_keys of user_data is not a list: cloud-init ignores it.',
        help: 'write a list: ssh_authorized_keys: [ssh-ed25519 …]',
      },
      {
        at: '20:67',
        message: 'mounts of user_data is not a list: cloud-init ignores it.',
        help: 'write a list: mounts: [[/dev/vdb, /scratch, xfs]]',
      },
    ],
  },
  'lists, and other values that cloud-init accepts': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { bootcmd: [a], packages: vim, users: default }']],
  },
});

const of = CLOUD_INIT_PLANT;
const userData = (text: string): [string, string] => [OWN_USER_DATA, `user_data: ${text}`];

ruleTest('cloud-config-list-item', {
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
          'This item of runcmd of user_data is a map, not a text or list: cloud-init runs nothing of runcmd.',
        help: "quote the whole line: 'echo it''s a: b'",
      },
      {
        at: '24:13',
        message:
          'This item of runcmd of user_data is a number, not a text or list: cloud-init runs nothing of runcmd.',
        help: "quote the whole line: '1'",
      },
      {
        at: '25:13',
        message:
          'This item of runcmd of user_data is a map, not a text or list: cloud-init runs nothing of runcmd.',
        help: 'quote the whole line, or write it as a text below `|`',
      },
    ],
  },
  'a map in a flow list, and within a list of words': {
    of,
    edits: [userData('{ bootcmd: [echo a: b, [sh, -c, echo c: d]] }')],
    finds: [
      {
        at: '20:30',
        message:
          'This item of bootcmd of user_data is a map, not a text or list: cloud-init runs nothing of bootcmd.',
        help: "quote the whole line: 'echo a: b'",
      },
      {
        at: '20:50',
        message:
          'This item of bootcmd of user_data is a map, not a word: cloud-init passes on its Python representation.',
        help: "quote the whole line: 'echo c: d'",
      },
    ],
  },
  'a mount that is a text, and a key that is not': {
    of,
    edits: [userData('{ mounts: [/dev/vdb], ssh_authorized_keys: [true] }')],
    finds: [
      {
        at: '20:29',
        message: 'This item of mounts of user_data is a text, not a list: cloud-init ignores it.',
        help: 'write a list of its fields: [/dev/vdb, /scratch, xfs]',
      },
      {
        at: '20:62',
        message:
          'This item of ssh_authorized_keys of user_data is true or false, not a text: cloud-init installs none of the keys.',
        help: "quote the whole line: 'true'",
      },
    ],
  },
  'values that cloud-init accepts': {
    of,
    edits: [
      userData(
        '{ runcmd: [\'echo a: b\', [sleep, 1], null, "${node:name}"], mounts: [[vdb, null]], packages: [{ snap: [lxd] }] }',
      ),
    ],
  },
});

const files = (...entries: readonly string[]): [string, string] => [
  OWN_USER_DATA,
  `user_data: { write_files: [${entries.join(', ')}] }`,
];

const NO_PATH = 'This entry of write_files of user_data has no path: cloud-init does not write it.';

fixableRuleTest('cloud-config-file-path', {
  'no path': {
    of: CLOUD_INIT_PLANT,
    edits: [files('{ path: /a, content: x }', '{ content: x }')],
    finds: [{ at: '20:60', message: NO_PATH }],
  },
  'an empty path, and an entry that is not a map': {
    of: CLOUD_INIT_PLANT,
    edits: [files("{ path: '', content: x }", '/etc/x')],
    finds: [
      { at: '20:34', message: NO_PATH },
      { at: '20:60', message: NO_PATH },
    ],
  },
  'an entry of a group: reported once for all its nodes': {
    of: CLOUD_INIT_PLANT,
    edits: [[GROUP_USER_DATA, 'user_data: { write_files: [{ content: x }] }']],
    finds: [{ at: '8:34', message: NO_PATH }],
  },
  'a relative path': {
    of: CLOUD_INIT_PLANT,
    edits: [files('{ path: etc/slurm.conf, content: x }')],
    finds: [
      {
        at: '20:42',
        message:
          'The path etc/slurm.conf of write_files of user_data does not begin with /: it depends on the directory that cloud-init started in.',
        help: 'write /etc/slurm.conf',
      },
    ],
  },
  'an absolute path': { of: CLOUD_INIT_PLANT, edits: [files('{ path: /a, content: x, append: true }')] },
});

const file = (entry: string): [string, string] => [
  OWN_USER_DATA,
  `user_data: { write_files: [{ path: /etc/x, ${entry} }] }`,
];

ruleTest('cloud-config-file-key', {
  'a typo, and an unknown key': {
    of,
    edits: [file('ownr: root, shade: red')],
    finds: [
      {
        at: '20:50',
        message:
          '/etc/x in write_files of user_data has the key ownr, which cloud-init does not read: did you mean owner?',
        help: 'use one of path, content, encoding, owner, permissions, append, defer, source',
      },
      {
        at: '20:62',
        message: '/etc/x in write_files of user_data has the key shade, which cloud-init does not read.',
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
          '/etc/x in write_files of user_data has a map as its content, not a text: cloud-init fails and writes no later file.',
        help: 'write it as a text below content: |',
      },
      {
        at: '20:76',
        message:
          '/etc/x in write_files of user_data has 1000 as its owner, not a text: cloud-init fails and writes no later file.',
        help: 'write it in quotes',
      },
    ],
  },
  'an unknown encoding': {
    of,
    edits: [file('content: eA==, encoding: bas64')],
    finds: [
      {
        at: '20:75',
        message: '/etc/x in write_files of user_data has an unknown encoding: did you mean base64?',
      },
    ],
  },
  'values that cloud-init accepts': {
    of,
    edits: [file('content: "${node:name}", encoding: Text/Plain, owner: "a:b", append: true, defer: true')],
  },
});

const filesOfCloudConfigFileTwice = (where: string, ...entries: readonly string[]): [string, string] => [
  where,
  `user_data: { write_files: [${entries.join(', ')}] }`,
];
const MESSAGE =
  'write_files of user_data writes /etc/x twice: this entry replaces the content of an earlier one.';

fixableRuleTest('cloud-config-file-twice', {
  'one file twice, with two paths': {
    of,
    edits: [
      filesOfCloudConfigFileTwice(
        OWN_USER_DATA,
        '{ path: /etc/x, content: a }',
        '{ path: /etc/./x, content: b }',
      ),
    ],
    finds: [{ at: '20:72', message: MESSAGE, related: ['20:42'] }],
  },
  'in a group: reported once for all its nodes': {
    of,
    edits: [
      filesOfCloudConfigFileTwice(
        GROUP_USER_DATA,
        '{ path: /etc/x, content: a }',
        '{ path: /etc/x, content: b }',
      ),
    ],
    finds: [{ at: '8:72', message: MESSAGE, related: ['8:42'] }],
  },
  'in a text': {
    of,
    edits: [
      [OWN_USER_DATA, 'user_data: "#cloud-config\\nwrite_files: [{ path: /etc/x }, { path: /etc/x }]\\n"'],
    ],
    finds: [{ at: '20:18', message: MESSAGE, related: ['20:18'] }],
  },
  'an entry that appends, one that is deferred, and one that replaces that of a group': {
    of,
    edits: [
      filesOfCloudConfigFileTwice(GROUP_USER_DATA, '{ path: /etc/x, content: a }'),
      filesOfCloudConfigFileTwice(
        OWN_USER_DATA,
        '{ path: /etc/x, content: b }',
        '{ path: /etc/x, content: c, append: true }',
        '{ path: /etc/x, content: d, defer: true }',
      ),
    ],
  },
});

const fileOfCloudConfigPermissions = (permissions: string): [string, string] => [
  OWN_USER_DATA,
  `user_data: { write_files: [{ path: /etc/x, content: x, permissions: ${permissions} }] }`,
];

fixableRuleTest('cloud-config-permissions', {
  'octal digits with a zero': {
    of: CLOUD_INIT_PLANT,
    edits: [fileOfCloudConfigPermissions('0644')],
    finds: [
      {
        at: '20:75',
        message: 'The permissions of /etc/x are the number 644: cloud-init reads it as the mode 01204.',
        help: "write '0644', in quotes",
      },
    ],
  },
  'octal digits without a zero': {
    of: CLOUD_INIT_PLANT,
    edits: [fileOfCloudConfigPermissions('755')],
    finds: [
      {
        at: '20:75',
        message: 'The permissions of /etc/x are the number 755: cloud-init reads it as the mode 01363.',
        help: "write '0755', in quotes",
      },
    ],
  },
  'letters, and a value that is not a text': {
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
          'The permissions of /etc/x are not octal digits: cloud-init sets 0644, which all users can read.',
        help: "write '0600', in quotes",
      },
      {
        at: '20:100',
        message:
          'The permissions of /etc/y are not octal digits: cloud-init sets 0644, which all users can read.',
      },
    ],
  },
  text: { of: CLOUD_INIT_PLANT, edits: [fileOfCloudConfigPermissions("'0644'")] },
  'a number with an octal prefix': {
    of: CLOUD_INIT_PLANT,
    edits: [fileOfCloudConfigPermissions('0o644')],
  },
  'a text of cloud-config, which is YAML 1.1': {
    of: CLOUD_INIT_PLANT,
    edits: [
      [OWN_USER_DATA, 'user_data: "#cloud-config\\nwrite_files: [{ path: /etc/x, permissions: 0644 }]\\n"'],
    ],
  },
});
