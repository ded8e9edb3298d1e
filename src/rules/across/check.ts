import type { Report } from '../../diagnostics/report.ts';
import type { Site } from '../../site/model.ts';
import { acrossRules } from './index.ts';

/** Checks sites against each other, but for what one of the two silences. */
export function checkAcross(sites: readonly Site[], report: Report): void {
  if (sites.length < 2) return;
  for (const { code, severity, check } of acrossRules) {
    check(sites, ({ sites: both, ...finding }) => {
      if (both.some(({ silence }) => silence[code] !== undefined)) return;
      report.add({ code, severity, ...finding });
    });
  }
}
