import type { Report } from '../../source/diagnostics/report.ts';
import type { Place } from '../../source/origin.ts';
import { visible } from '../../values/quoting/visible.ts';

/** More than these of one fault say no more than that there are many. */
const MOST = 8;

/** Lists texts, the first of them where they are many: `a, b and 7 more`. */
export function few(texts: readonly string[]): string {
  const all = [...new Set(texts)].map((text) => visible(text).slice(0, 60));
  if (all.length <= MOST) return all.join(', ');
  return `${all.slice(0, MOST - 1).join(', ')} and ${all.length - MOST + 1} more`;
}

/** Reports a warning of several places as one: at the first, with the next ones. */
export function warnOfFew(
  report: Report,
  code: string,
  places: readonly Place[],
  message: string,
  help: string,
): void {
  const [at, ...others] = places;
  if (!at) return;
  report.warning({
    code,
    message,
    at,
    related: others.slice(0, MOST - 1).map((other) => ({ message: 'so is it at', at: other })),
    help,
  });
}
