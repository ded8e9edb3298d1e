import { isBrokenHash } from '../../values/crypt-hash.ts';
import { HASH_HELP } from '../password-hash.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const secretPasswordHash: ValueRule = {
  code: 'secret-password-hash',
  severity: 'error',
  what: 'A crypt hash as the value of os.password is whole: as long as its scheme makes it.',
  why: 'As password-hash says of one in the inventory: nobody could log in with a password.',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      // What stands at its ends is said by secret-blank-ends.
      if (purpose !== 'password' || !isBrokenHash(filled.trim())) continue;
      report({
        node,
        message: `${subject(text)} begins as a crypt hash, and is no whole one: nobody could log in with a password.`,
        at,
        help: HASH_HELP,
      });
    }
  },
};
