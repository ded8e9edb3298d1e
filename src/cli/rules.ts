import { type Coded, EVERY_CODE } from '../rules/index.ts';
import { threadsIn } from '../source/diagnostics/words.ts';
import { nearest } from '../values/text.ts';
import { UsageError } from './read-arguments.ts';

/** `harvgen rules`: lists every diagnostic, or says all about one. Throws UsageError for a code that there is not. */
export function rules(code: string | undefined): number {
  const all = EVERY_CODE;
  if (code === undefined) {
    const width = Math.max(...all.map((one) => one.code.length));
    for (const one of [...all].sort((a, b) => (a.code < b.code ? -1 : 1)))
      process.stdout.write(`${one.code.padEnd(width)}  ${one.severity.padEnd(7)}  ${one.what}\n`);
    return 0;
  }
  const found = all.find((one) => one.code === code);
  if (!found) {
    const codes = all.map((one) => one.code);
    const containing = codes.filter((one) => one.includes(code));
    const meant = containing.length > 0 ? containing.join(', ') : nearest(code, codes);
    throw new UsageError(
      `there is no rule ${code}${meant ? `: did you mean ${meant}?` : '.'} \`harvgen rules\` lists them`,
    );
  }
  process.stdout.write(explanation(found));
  return 0;
}

function explanation(rule: Coded): string {
  const lines = [`${rule.code} (${rule.severity})`, '', rule.what, rule.why];
  const threads = threadsIn(rule.why);
  if (threads.length > 0) lines.push('', ...threads);
  lines.push('', silencing(rule));
  return `${lines.join('\n')}\n`;
}

function silencing(rule: Coded): string {
  if (!('check' in rule)) return 'It is no rule over the site, and cannot be silenced.';
  if ('essential' in rule) return 'It cannot be silenced: without what it asks for nothing can be written.';
  return [
    'Where it is wrong, silence it in the inventory with the reason: at the top for the site, or, where it is said of a',
    'node, on the node or in a profile.',
    '',
    '  silence:',
    `    ${rule.code}: why that is right here`,
  ].join('\n');
}
