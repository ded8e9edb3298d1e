import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const secretBlankEnds: ValueRule = {
  code: 'secret-blank-ends',
  severity: 'error',
  essential: true,
  what: 'No token or password begins or ends with a blank or a line break.',
  why: 'It comes from a `|` block in the file of secrets, or from `echo`: the installer refuses such a token, and nobody types such a password.',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, filled, at, node } = text;
      if (purpose === 'other' || filled.trim() === '' || filled.trim() === filled) continue;
      const ends = filled.trimEnd() === filled ? 'begins' : 'ends';
      const edge = ends === 'ends' ? filled.slice(filled.trimEnd().length) : '';
      report({
        node,
        message: `${subject(text)} ${ends} with a ${/[\r\n]/.test(edge) ? 'line break' : 'blank'}.`,
        at,
        help: 'take it away: |- instead of | in the file of secrets, printf instead of echo',
      });
    }
  },
};
