import { subject } from './subject.ts';
import type { ValueRule } from './value-rule.ts';

export const secretBreaksLines: ValueRule = {
  code: 'secret-breaks-lines',
  severity: 'warning',
  what: 'A value with a line break stands at the beginning of a line, or where it is quoted: in JSON, in a file of YAML.',
  why: 'In other text its further lines stand at the beginning of the line, whatever stands before the reference: an assignment ends with the first, indented text is indented no more.',
  check(texts, report) {
    for (const text of texts) {
      const { node, at, breaksLine } = text;
      if (!breaksLine) continue;
      report({
        node,
        message: `${subject(text)} brings a line break into the midst of a line: what follows stands at the beginning of the next.`,
        at,
        help: 'let the reference begin its line, or take the line break out of the value: |- in the file of secrets leaves out the last',
      });
    }
  },
};
