import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const tokenNotAscii: ValueRule = {
  code: 'token-not-ascii',
  severity: 'error',
  essential: true,
  what: 'The value of a token is one or more printable ASCII characters.',
  why: "Harvester's installer takes no other, and stops on the console: Invalid token.",
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      if (purpose !== 'token') continue;
      const isBlank = filled.trim() === '';
      // What stands at its ends is said by secret-blank-ends.
      if (!isBlank && /^[ -~]+$/.test(filled.trim())) continue;
      report({
        node,
        message: `${subject(text)} ${isBlank ? 'is empty' : 'holds something that is not printable ASCII'}: the installer refuses it.`,
        at,
        help: 'make another one: openssl rand -hex 32',
      });
    }
  },
};
