import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { placeKey, rangeAt, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { rules } from './index.ts';
import { Silences } from './silences.ts';

/** Checks a site against every rule, but for what the inventory silences. */
export function checkRules(site: Draft<Site>, report: Report): void {
  const silences = new Silences(site);
  for (const rule of rules) {
    const { code, severity } = rule;
    const said = new Set<string>();
    rule.check(site, ({ node, oncePerPlace, ...finding }) => {
      // Silenced first: another node at the same place may not silence it.
      if (silences.cover(rule, node)) return;
      const place = placeKey(finding.at);
      if (oncePerPlace && said.has(place)) return;
      said.add(place);
      report.add({ code, severity, range: node && rangeAt(selfPlace(node)), ...finding });
    });
  }
  silences.report(rules, report);
}
