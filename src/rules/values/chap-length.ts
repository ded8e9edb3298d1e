import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

const SHORTEST = 12;
const LONGEST = 16;

export const chapLength: ValueRule = {
  code: 'chap-length',
  severity: 'error',
  what: `A password of CHAP at the site's own iSCSI server has ${SHORTEST} to ${LONGEST} characters.`,
  why: 'A shorter one can be guessed from what is heard on the wire (RFC 7143, 9.2.1), and there are initiators that refuse any other.',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      if (purpose !== 'chap' || (filled.length >= SHORTEST && filled.length <= LONGEST)) continue;
      report({
        node,
        message: `${subject(text)} has fewer than ${SHORTEST} characters, or more than ${LONGEST}.`,
        at,
        help: 'make another one: openssl rand -hex 8',
      });
    }
  },
};
