import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import type { ValuesOf } from './across-rule.ts';
import { acrossRules } from './index.ts';

/**
 * Checks sites against each other; a site that silences a rule is to that rule as if it were not there. `valuesOf` gives
 * the values of secrets, where they are known.
 */
export function checkAcross(
  sites: readonly Site[],
  report: Report,
  valuesOf: ValuesOf = () => undefined,
): void {
  for (const { code, severity, check } of acrossRules) {
    const heard = sites.filter(({ silence }) => silence[code] === undefined);
    if (heard.length > 1) check(heard, (finding) => report.add({ code, severity, ...finding }), valuesOf);
  }
}
