import { sampleOf } from '../site/alike.ts';
import type { Site } from '../site/model.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { placeKey, rangeAt, selfPlace } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { rules } from './index.ts';
import { hadBy } from './needs.ts';
import type { Rule } from './rule.ts';
import { Silences } from './silences.ts';

/** Checks a site against every rule, but for what the inventory silences. */
export function checkRules(site: Draft<Site>, report: Report): void {
  const silences = new Silences(site);
  const sample = sampleOf(site);
  const had = hadBy(site);
  for (const rule of rules) {
    const { code, severity } = rule;
    if (rule.needs && !had.has(rule.needs)) continue;
    if (rule.ofKinds && sample !== site && !finds(rule, sample)) continue;
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

/** Says whether a rule has anything to say of a site, silenced or not. */
export function finds(rule: Rule, site: Draft<Site>): boolean {
  let found = false;
  rule.check(site, () => {
    found = true;
  });
  return found;
}
