import { DIAGNOSTICS, type DiagnosticKind } from '../rules/index.ts';
import { threadsIn } from '../source/diagnostics/words.ts';
import { didYouMean, likelyNames, UsageError } from './read-arguments.ts';

/** `harvgen rules`: lists all checks, or describes one. Throws UsageError for an unknown code. */
export function rules(code: string | undefined): number {
  const all = DIAGNOSTICS;
  if (code === undefined) {
    const width = Math.max(...all.map((rule) => rule.code.length));
    for (const rule of [...all].sort((a, b) => (a.code < b.code ? -1 : 1)))
      process.stdout.write(`${rule.code.padEnd(width)}  ${rule.severity.padEnd(7)}  ${rule.what}\n`);
    return 0;
  }
  const found = all.find((rule) => rule.code === code);
  if (!found) {
    const codes = all.map((rule) => rule.code);
    const meant = likelyNames(code, codes);
    throw new UsageError(`unknown rule ${code}${didYouMean(meant)} Run \`harvgen rules\` to list them`);
  }
  process.stdout.write(explanation(found));
  return 0;
}

function explanation(rule: DiagnosticKind): string {
  const lines = [`${rule.code} (${rule.severity})`, '', rule.what, rule.why];
  const threads = threadsIn(rule.why);
  if (threads.length > 0) lines.push('', ...threads);
  lines.push('', silencing(rule));
  return `${lines.join('\n')}\n`;
}

function silencing(rule: DiagnosticKind): string {
  if (!('check' in rule)) return 'It does not check a site rule and cannot be silenced.';
  if ('essential' in rule) return 'It cannot be silenced: no output can be written without this value.';
  return [
    'If the rule does not apply, silence it in the inventory with the reason: at the top level for the site, or on the',
    'node or in a profile if it reports a node.',
    '',
    '  silence:',
    `    ${rule.code}: the reason`,
  ].join('\n');
}
