import { isJson } from '../../secrets/is-json.ts';
import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const secretLineEnd: ValueRule = {
  code: 'secret-line-end',
  severity: 'warning',
  what: 'No secret of one line ends with a line break, where it is a whole text or stands within JSON.',
  why: 'It comes from a `|` block in the file of secrets, or from `echo`, and is part of the secret: a key or password with it is another one.',
  check(texts, report) {
    for (const text of texts) {
      const { purpose, written, names, values, at, node } = text;
      // Of tokens and passwords secret-blank-ends says so.
      if (purpose !== 'other' || !(/^\$\{secret:[^}]*\}$/.test(written) || isJson(written))) continue;
      const ending = names.filter((name) => /^[^\r\n]+\r?\n$/.test(values.get(name) ?? ''));
      if (ending.length === 0) continue;
      report({
        node,
        message: `${subject({ ...text, names: ending })} ends with a line break.`,
        at,
        help: 'take it away: |- instead of | in the file of secrets, printf instead of echo',
      });
    }
  },
};
