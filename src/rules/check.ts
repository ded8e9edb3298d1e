import type { Report } from '../diagnostics/report.ts';
import type { Draft } from '../site/draft.ts';
import type { Site } from '../site/model.ts';
import { rules } from './index.ts';

/** Checks a site against every rule. */
export function checkRules(site: Draft<Site>, report: Report): void {
  for (const { code, severity, check } of rules)
    check(site, (finding) => report.add({ code, severity, ...finding }));
}
