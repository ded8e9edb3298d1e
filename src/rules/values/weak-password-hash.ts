import { isMd5Hash } from '../../values/crypt-hash.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const weakPasswordHash: ValueRule = {
  code: 'weak-password-hash',
  severity: 'warning',
  what: 'A crypt hash as the value of os.password is of SHA-512, not of MD5.',
  why: 'Whoever has the hash can try passwords against it, and against MD5 thousands of millions in a second.',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      if (purpose !== 'password' || !isMd5Hash(filled)) continue;
      report({
        node,
        message: `${subject(text)} is a hash of MD5, which is broken by trying.`,
        at,
        help: 'make another one: openssl passwd -6',
      });
    }
  },
};
