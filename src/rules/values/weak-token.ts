import { whyGuessable } from './guessable.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

const ENOUGH = 16;

export const weakToken: ValueRule = {
  code: 'weak-token',
  severity: 'warning',
  what: `The value of a token has ${ENOUGH} characters or more, not always the same ones, and stands in no example.`,
  why: 'Whoever guesses the token can join a node to the cluster, and read all that it holds.',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      const why =
        purpose === 'token' && filled.trim() !== '' ? whyGuessable(filled.trim(), ENOUGH) : undefined;
      if (why === undefined) continue;
      report({
        node,
        message: `${subject(text)} ${why}.`,
        at,
        help: 'make another one: openssl rand -hex 32',
      });
    }
  },
};
