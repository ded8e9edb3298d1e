import { ruleTest } from '../../test/support/rule-test.ts';
import { passwordHashMd5 } from './password-hash-md5.ts';

const KEYS = 'ssh_authorized_keys: ["github:your_username"]';

ruleTest(passwordHashMd5, {
  'a hash of MD5': {
    edits: [[KEYS, `${KEYS}, password: "$1$salt$qJH7.N4xYta3aEG/dfqo/0"`]],
    finds: [{ at: '19:64', message: 'os.password is a hash of MD5, which is broken by trying.' }],
  },
  'a hash of SHA-512': {
    edits: [
      [
        KEYS,
        `${KEYS}, password: "$6$Qm3vT9xKpL2w$00ANUlZ7uwyCnvFwWnAdf8l2oyxIhDmi9STdoVRsr2EWrD7LqzhBfjH6AjMRObw21sUMfWOx0IciBn.0Yejpn/"`,
      ],
    ],
  },
});
