import { ruleTest } from '../../test/support/rule-test.ts';
import { passwordHash } from './password-hash.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';
const HASH =
  '$6$Qm3vT9xKpL2w$TidkZKpFh06q6N3wQZ7Gjx4IUijSUOM1WTmUZBPR4GwX79FsSW0l7OsQ3T60Y5TSu3OMhf64.s276N.5IqQnG1';
const MESSAGE =
  'os.password begins as a crypt hash, and is no whole one: nobody could log in with a password.';

ruleTest(passwordHash, {
  'a hash that is cut off': {
    edits: [[KEYS, `${KEYS}, password: "${HASH.slice(0, -1)}"`]],
    finds: [{ at: '19:64', message: MESSAGE }],
  },
  'another scheme': {
    edits: [[KEYS, `${KEYS}, password: "$y$j9T$abc$def"`]],
    finds: [{ at: '19:64', message: MESSAGE }],
  },
  'a whole one': { edits: [[KEYS, `${KEYS}, password: "${HASH}"`]] },
  'one with its rounds': {
    edits: [[KEYS, `${KEYS}, password: "${HASH.replace('$6$', '$6$rounds=5000$')}"`]],
  },
});
