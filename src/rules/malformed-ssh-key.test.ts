import { ruleTest } from '../../test/support/rule-test.ts';
import { malformedSshKey } from './malformed-ssh-key.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const ED25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEj8hXUDqTEcIXpVZ2bkQwRjpwt1WLTeA84VhOCGiXQA';
const PASSED_OVER = 'sshd passes over it, and nobody can log in with it.';

ruleTest(malformedSshKey, {
  'a type that there is not, in defaults': {
    edits: [[KEYS, `ssh_authorized_keys: ["github:your_username", "${ED25519.replace('519', '591')} ops"]`]],
    finds: [
      {
        at: '19:53',
        message: `os.ssh_authorized_keys[1] is not an SSH public key (ssh-ed25591 is no type of key): ${PASSED_OVER}`,
      },
    ],
  },
  'a key that was cut off, on one node': {
    edits: [
      [
        'ip: 192.168.178.42',
        `ip: 192.168.178.42, config: { os: { ssh_authorized_keys: ["${ED25519.slice(0, -4)}"] } }`,
      ],
    ],
    finds: [
      {
        at: '24:95',
        message: `os.ssh_authorized_keys[0] is not an SSH public key (its base64 is not whole): ${PASSED_OVER}`,
      },
    ],
  },
  'accounts of nowhere': {
    edits: [[KEYS, 'ssh_authorized_keys: ["gitub:octocat", "github: octocat", octocat]']],
    finds: [
      ['19:29', 'gitub:octocat'],
      ['19:46', 'github:'],
      ['19:65', 'octocat'],
    ].map(([at = '', word], index) => ({
      at,
      message: `os.ssh_authorized_keys[${index}] is not an SSH public key (${word} is no type of key): ${PASSED_OVER}`,
    })),
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
          'os.ssh_authorized_keys[0] is a private key: sshd has no use for it, and whoever reads it can log in as its owner.',
      },
    ],
  },
  'one bad line among several of an entry': {
    edits: [[KEYS, `ssh_authorized_keys: ["${ED25519} one\\nssh-rsa"]`]],
    finds: [
      {
        at: '19:29',
        message: `os.ssh_authorized_keys[0] is not an SSH public key (nothing follows ssh-rsa): ${PASSED_OVER}`,
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
  'accounts and addresses that keys are fetched from': {
    edits: [
      [
        KEYS,
        'ssh_authorized_keys: ["github:octo-cat_plant", "gitlab:octo.cat", "http://192.168.178.7/ops.keys"]',
      ],
    ],
  },
});
