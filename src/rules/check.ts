import type { Report } from '../diagnostics/report.ts';
import type { Draft } from '../site/draft.ts';
import type { Site } from '../site/model.ts';
import { rules } from './index.ts';
import { Silences } from './silences.ts';

/** Checks a site against every rule, but for what the inventory silences. */
export function checkRules(site: Draft<Site>, report: Report): void {
  const silences = new Silences(site);
  for (const rule of rules) {
    const { code, severity } = rule;
    rule.check(site, ({ node, ...finding }) => {
      if (!silences.cover(rule, node)) report.add({ code, severity, ...finding });
    });
  }
  silences.report(rules, report);
}
