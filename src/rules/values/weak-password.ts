import { isCryptHash } from '../../values/crypt-hash.ts';
import { whyGuessable } from './guessable.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

const ENOUGH = 8;

export const weakPassword: ValueRule = {
  code: 'weak-password',
  severity: 'warning',
  what: `The value of os.password has ${ENOUGH} characters or more, not always the same ones, and stands in no example; or it is a crypt hash.`,
  why: 'It is the password of the user rancher, who may become root, and it is asked for on the network: SSH takes it.',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      if (purpose !== 'password' || isCryptHash(filled)) continue;
      const why = whyGuessable(filled.trim(), ENOUGH);
      if (why === undefined) continue;
      report({
        node,
        message: `${subject(text)} ${why}.`,
        at,
        help: 'choose a longer one that nobody knows',
      });
    }
  },
};
