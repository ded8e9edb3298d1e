import type { Report } from '../../source/diagnostics/report.ts';
import { visible } from '../../values/quoting/visible.ts';
import type { Said } from './gathered.ts';

/** Reports that files say different things of a machine: what was said first counts. */
export function reportConflict(
  what: string,
  whose: string,
  first: Said<string | number>,
  other: Said<string | number>,
  report: Report,
  help = 'correct the one that is wrong, or give the file that is right first',
): void {
  report.warning({
    code: 'import-conflict',
    message: visible(
      `The ${what} of ${whose} is ${other.value} here, and ${first.value} in what was read first: that one counts.`,
    ),
    at: other.at,
    related: [{ message: `the ${what} that counts is at`, at: first.at }],
    help,
  });
}

/** Gives the value that counts of two, and reports where they differ. */
export function firstOf<T extends string | number>(
  first: Said<T> | undefined,
  other: Said<T> | undefined,
  { what, whose, report }: { what: string; whose: string; report: Report },
): Said<T> | undefined {
  if (first && other && first.value !== other.value) reportConflict(what, whose, first, other, report);
  return first ?? other;
}
