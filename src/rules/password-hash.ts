import { isBroken, placeOf } from '../source/origin.ts';
import { isBrokenHash } from '../values/crypt-hash.ts';
import type { Rule } from './rule.ts';

/** What to do about a crypt hash that is not whole. */
export const HASH_HELP = 'copy the whole hash, or make another one: openssl passwd -6';

export const passwordHash: Rule = {
  code: 'password-hash',
  severity: 'error',
  what: 'A crypt hash in os.password is whole: as long as its scheme makes it.',
  why: 'No password has the hash that a cut-off one stands for, or the machine takes it for the password itself: nobody can log in.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const os = node?.said?.os;
      if (!node || !os || isBroken(os, 'password')) continue;
      const { password } = os;
      if (typeof password !== 'string' || password.includes('${secret:') || !isBrokenHash(password)) continue;
      report({
        node,
        message:
          'os.password begins as a crypt hash, and is no whole one: nobody could log in with a password.',
        at: placeOf(os, 'password'),
        help: HASH_HELP,
      });
    }
  },
};
