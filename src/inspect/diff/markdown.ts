import type { PlanOptions, SitePlan } from './change.ts';
import { diffsOf, type Look, summaryOf } from './format.ts';

/**
 * Maximum number of characters. GitHub accepts 65,536 in a comment, of which a caller needs some, for example for a hidden mark. GitLab
 * accepts 1,000,000.
 */
const LONGEST = 65_000;

/** Characters that the text around the two code blocks needs at most. */
const AROUND = 600;

/** Maximum number of consecutive backticks, so that a fence of the code block stays short. */
const MOST_TICKS = 60;

const TOO_MANY_TICKS = new RegExp(`(\`{${MOST_TICKS}})\`+`, 'g');

/**
 * Renders plans as Markdown for a comment: the summary of each site, and the patch if it is requested, in code blocks that no content
 * ends. In a code block, a comment mentions no user and shows no HTML or links. Cuts at a line and reports the number of omitted lines.
 */
export function formatMarkdown(plans: readonly SitePlan[], _look: Look, { patch }: PlanOptions): string[] {
  // A log may have colors, a comment does not.
  const look = { isTerminal: false, color: false };
  const summary = codeBlock(
    'text',
    plans.flatMap((placed) => [...summaryOf(placed, look)]).join(''),
    LONGEST - AROUND,
  );
  const diffs = patch ? [...diffsOf(plans, look)].join('') : '';
  if (diffs === '') return [summary];
  const block = codeBlock('diff', diffs, LONGEST - AROUND - summary.length);
  return [`${summary}\n<details><summary>Patch</summary>\n\n${block}\n</details>\n`];
}

/** Returns a code block with as many lines of a text as fit, and a note about the others. */
function codeBlock(language: string, text: string, room: number): string {
  const bounded = text.replace(TOO_MANY_TICKS, '$1…');
  const lines = bounded.replace(/\n$/, '').split('\n');
  let [count, length] = [0, 0];
  for (const line of lines) {
    length += line.length + 1;
    if (length > room) break;
    count += 1;
  }
  const ticks = Math.max(2, ...Array.from(bounded.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(ticks + 1);
  const left = lines.length - count;
  const note =
    left > 0
      ? `\n${left} more ${left === 1 ? 'line' : 'lines'}: run \`harvgen diff\` to read everything.\n`
      : '';
  const shown = lines.slice(0, count).map((line) => `${line}\n`);
  return `${fence}${language}\n${shown.join('')}${fence}\n${note}`;
}
