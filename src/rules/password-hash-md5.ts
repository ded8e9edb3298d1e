import { placeOf } from '../source/origin.ts';
import { isMd5Hash } from '../values/crypt-hash.ts';
import type { Rule } from './rule.ts';

export const passwordHashMd5: Rule = {
  code: 'password-hash-md5',
  severity: 'warning',
  what: 'A crypt hash that the inventory has as os.password is of SHA-512, not of MD5.',
  why: 'Whoever reads the repository has the hash, and can try thousands of millions of passwords against it in a second.',
  check({ nodes = [] }, report) {
    for (const node of nodes) {
      const os = node?.said?.os;
      if (!node || !os?.password || !isMd5Hash(os.password)) continue;
      report({
        node,
        message: 'os.password is a hash of MD5, which is broken by trying.',
        at: placeOf(os, 'password'),
        help: 'make another one: openssl passwd -6; and take another password, since git keeps this hash',
      });
    }
  },
};
