import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { edited, PLANT } from '../../test/support/plant.ts';
import { ruleTest } from '../../test/support/rule-test.ts';
import { makeSite } from '../../test/support/scratch.ts';
import { passwordAuthOff } from './password-auth-off.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const OFF = 'sshd: { disable_password_auth: true }';
const V180 = ['version: v1.4.1', 'version: v1.8.0'] as const;
const MESSAGE =
  'os.sshd.disable_password_auth refuses passwords, and os.ssh_authorized_keys has no key: nobody could log in over SSH.';

ruleTest(passwordAuthOff, {
  'a password alone, in defaults: said once': {
    edits: [V180, [KEYS, `password: "\${secret:password}", ${OFF}`]],
    finds: [{ at: '19:70', message: MESSAGE, related: ['23:3'] }],
  },
  'one node that empties the list': {
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
  'keys of a profile, and the switch on the node': {
    edits: [
      V180,
      [KEYS, 'password: "${secret:password}"'],
      ['nodes:\n', `profiles:\n  keys: { config: { os: { ${KEYS} } } }\nnodes:\n`],
      ['ip: 192.168.178.42', `ip: 192.168.178.42, profiles: [keys], config: { os: { ${OFF} } }`],
    ],
  },
  'a password, and the switch off': {
    edits: [V180, [KEYS, 'password: "${secret:password}", sshd: { disable_password_auth: false }']],
  },
});

const test = suite('password-auth-off, after another fault');

test('concludes nothing from keys that are broken', async () => {
  const site = edited(PLANT, V180, [KEYS, `ssh_authorized_keys: 5, ${OFF}`]);
  const { diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['wrong-type'],
  );
});

test.run();
