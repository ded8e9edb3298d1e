import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOUD_INIT_PLANT, OWN_USER_DATA } from '../../../test/support/cloud-init-plant.ts';
import { edited, PLANT } from '../../../test/support/plant.ts';
import { ruleTest } from '../../../test/support/rule-test.ts';
import { makeSite } from '../../../test/support/scratch.ts';
import { compile } from '../../compile.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const NTP = 'os: { ntp_servers: [0.suse.pool.ntp.org]';
const OS = `    ${NTP},\n      ${KEYS} }\n`;

ruleTest('missing-login', {
  'neither keys nor a password': {
    edits: [[OS, `    ${NTP} }\n`]],
    finds: [
      {
        at: '22:3',
        message:
          'harv-1, harv-2 and harv-3 have neither SSH keys nor a password: the installer stops, because no user could log in.',
      },
    ],
  },
  'an empty list of keys on one node': {
    edits: [['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { os: { ssh_authorized_keys: [] } }']],
    finds: [
      {
        at: '24:94',
        message:
          'harv-2 has neither SSH keys nor a password: the installer stops, because no user could log in.',
      },
    ],
  },
  'an empty list of keys for all nodes': {
    edits: [[KEYS, 'ssh_authorized_keys: []']],
    finds: [
      {
        at: '19:28',
        message:
          'harv-1, harv-2 and harv-3 have neither SSH keys nor a password: the installer stops, because no user could log in.',
      },
    ],
  },
  'only other keys of os': {
    edits: [
      [KEYS, 'modules: [kvm]'],
      ['mode: create', 'mode: create, config: { os: { password: "${secret:password}" } }'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, config: { os: { password: "${secret:password}" } }'],
    ],
    finds: [
      {
        at: '25:3',
        message:
          'harv-3 has neither SSH keys nor a password: the installer stops, because no user could log in.',
      },
    ],
  },
  'a password without SSH keys': { edits: [[KEYS, 'password: "${secret:password}"']] },
  'SSH keys of a profile and of a node': {
    edits: [
      [OS, `    ${NTP} }\n`],
      ['nodes:\n', `profiles:\n  keys: { config: { os: { ${KEYS} } } }\nnodes:\n`],
      ['mode: create', `mode: create, config: { os: { ${KEYS} } }`],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, profiles: [keys]'],
      ['ip: 192.168.178.43', 'ip: 192.168.178.43, profiles: [keys]'],
    ],
  },
  'a machine that boots its own disk': {
    silence: ['two-node-cluster'],
    edits: [
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, boot: { os: local }, config: { os: { ssh_authorized_keys: [] } }',
      ],
    ],
  },
});

const OFF = 'sshd: { disable_password_auth: true }';
const V180 = ['version: v1.4.1', 'version: v1.8.0'] as const;
const MESSAGE =
  'os.sshd.disable_password_auth rejects passwords, but os.ssh_authorized_keys has no key: no user can log in over SSH.';

ruleTest('password-auth-off', {
  'only a password, in defaults: reported once': {
    edits: [V180, [KEYS, `password: "\${secret:password}", ${OFF}`]],
    finds: [{ at: '19:70', message: MESSAGE, related: ['23:3'] }],
  },
  'an empty list on one node': {
    edits: [
      V180,
      [KEYS, `${KEYS}, ${OFF}`],
      [
        'ip: 192.168.178.42',
        'ip: 192.168.178.42, config: { os: { ssh_authorized_keys: [], password: "${secret:password}" } }',
      ],
    ],
    finds: [{ at: '19:85', message: MESSAGE, related: ['24:94'] }],
  },
  keys: { edits: [V180, [KEYS, `${KEYS}, ${OFF}`]] },
  'keys of a profile, and disable_password_auth on the node': {
    edits: [
      V180,
      [KEYS, 'password: "${secret:password}"'],
      ['nodes:\n', `profiles:\n  keys: { config: { os: { ${KEYS} } } }\nnodes:\n`],
      ['ip: 192.168.178.42', `ip: 192.168.178.42, profiles: [keys], config: { os: { ${OFF} } }`],
    ],
  },
  'a password, and disable_password_auth: false': {
    edits: [V180, [KEYS, 'password: "${secret:password}", sshd: { disable_password_auth: false }']],
  },
});

const test = suite('password-auth-off after another error');

test('reports nothing if the keys have an error', async () => {
  const site = edited(PLANT, V180, [KEYS, `ssh_authorized_keys: 5, ${OFF}`]);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['wrong-type'],
  );
});

test.run();

const HASH =
  '$6$Qm3vT9xKpL2w$TidkZKpFh06q6N3wQZ7Gjx4IUijSUOM1WTmUZBPR4GwX79FsSW0l7OsQ3T60Y5TSu3OMhf64.s276N.5IqQnG1';
const MESSAGE_OF_PASSWORD_HASH =
  'os.password begins like a crypt hash but is incomplete: no user can log in with a password.';

ruleTest('password-hash', {
  'an incomplete hash': {
    edits: [[KEYS, `${KEYS}, password: "${HASH.slice(0, -1)}"`]],
    finds: [{ at: '19:64', message: MESSAGE_OF_PASSWORD_HASH }],
  },
  'another scheme': {
    edits: [[KEYS, `${KEYS}, password: "$y$j9T$abc$def"`]],
    finds: [{ at: '19:64', message: MESSAGE_OF_PASSWORD_HASH }],
  },
  'a complete hash': { edits: [[KEYS, `${KEYS}, password: "${HASH}"`]] },
  'a hash with its rounds': {
    edits: [[KEYS, `${KEYS}, password: "${HASH.replace('$6$', '$6$rounds=5000$')}"`]],
  },
});

ruleTest('password-hash-md5', {
  'an MD5 hash': {
    edits: [[KEYS, `${KEYS}, password: "$1$salt$qJH7.N4xYta3aEG/dfqo/0"`]],
    finds: [{ at: '19:64', message: 'os.password is an MD5 hash: brute force breaks it.' }],
  },
  'an MD5 hash of a user of cloud-init': {
    of: CLOUD_INIT_PLANT,
    edits: [[OWN_USER_DATA, 'user_data: { users: [{ name: a, passwd: $1$salt$qJH7.N4xYta3aEG/dfqo/0 }] }']],
    finds: [
      { at: '20:47', message: 'cloud_init.user_data.users[0].passwd is an MD5 hash: brute force breaks it.' },
    ],
  },
  'a SHA-512 hash': {
    edits: [
      [
        KEYS,
        `${KEYS}, password: "$6$Qm3vT9xKpL2w$00ANUlZ7uwyCnvFwWnAdf8l2oyxIhDmi9STdoVRsr2EWrD7LqzhBfjH6AjMRObw21sUMfWOx0IciBn.0Yejpn/"`,
      ],
    ],
  },
});

const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEj8hXUDqTEcIXpVZ2bkQwRjpwt1WLTeA84VhOCGiXQA';
const IGNORED = 'sshd ignores it, and no user can log in with it.';

ruleTest('malformed-ssh-key', {
  'an unknown type, in defaults': {
    edits: [[KEYS, `ssh_authorized_keys: ["github:your_username", "${ED25519.replace('519', '591')} ops"]`]],
    finds: [
      {
        at: '19:53',
        message: `os.ssh_authorized_keys[1] is not an SSH public key (ssh-ed25591 is not a key type): ${IGNORED}`,
      },
    ],
  },
  'an incomplete key, on one node': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, config: { os: { ssh_authorized_keys: ["${ED25519.slice(0, -4)}"] } }`,
      ],
    ],
    finds: [
      {
        at: '24:95',
        message: `os.ssh_authorized_keys[0] is not an SSH public key (its base64 is incomplete): ${IGNORED}`,
      },
    ],
  },
  'accounts of unknown services': {
    edits: [[KEYS, 'ssh_authorized_keys: ["gitub:octocat", "github: octocat", octocat]']],
    finds: [
      ['19:29', 'gitub:octocat'],
      ['19:46', 'github:'],
      ['19:65', 'octocat'],
    ].map(([at = '', word], index) => ({
      at,
      message: `os.ssh_authorized_keys[${index}] is not an SSH public key (${word} is not a key type): ${IGNORED}`,
    })),
  },
  'a second hyphen': {
    edits: [[KEYS, `ssh_authorized_keys: [-${ED25519} ops]`]],
    finds: [
      {
        at: '19:29',
        message: `os.ssh_authorized_keys[0] is not an SSH public key (-ssh-ed25519 is not a key type): ${IGNORED}`,
        help: 'remove the hyphen, or set the line of the .pub file, such as ssh-ed25519 AAAA… name; or github:<user>',
      },
    ],
  },
  'a private key': {
    edits: [
      [
        '      ssh_authorized_keys: ["github:your_username"] }\n',
        `      ssh_authorized_keys: ["-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1rZXktdjEAAAAA\\n-----END OPENSSH PRIVATE KEY-----"] }\n`,
      ],
    ],
    finds: [
      {
        at: '19:29',
        message:
          'os.ssh_authorized_keys[0] is a private key: sshd ignores it, and anyone who reads it can log in as its owner.',
      },
    ],
  },
  'one invalid line in an entry of several lines': {
    edits: [[KEYS, `ssh_authorized_keys: ["${ED25519} one\\nssh-rsa"]`]],
    finds: [
      {
        at: '19:29',
        message: `os.ssh_authorized_keys[0] is not an SSH public key (nothing follows ssh-rsa): ${IGNORED}`,
      },
    ],
  },
  'keys with a comment, with options, several in one entry, and secrets': {
    edits: [
      [
        KEYS,
        `ssh_authorized_keys: ["${ED25519}", '${ED25519} ops', 'from="10.0.0.0/8" ${ED25519}', "${ED25519} a\\n${ED25519} b\\n", "\${secret:ops_key}"]`,
      ],
    ],
  },
  'accounts and URLs that keys are fetched from': {
    edits: [
      [
        KEYS,
        'ssh_authorized_keys: ["github:octo-cat_plant", "gitlab:octo.cat", "http://192.168.178.7/ops.keys"]',
      ],
    ],
  },
});
