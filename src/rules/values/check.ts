import type { SecretValues } from '../../secrets/source.ts';
import type { Node, Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { placeKey } from '../../source/origin.ts';
import { valueRules } from './index.ts';
import { secretTexts } from './secret-text.ts';
import type { ValueRule } from './value-rule.ts';

/**
 * Checks the values of a site's secrets, as far as they are given, against every rule over values, but for what the
 * inventory silences. What it reports holds no part of a value, and where that stands, if it is told.
 */
export function checkValues(
  site: Site,
  values: SecretValues,
  report: Report,
  placeOfValue?: (name: string) => string | undefined,
): void {
  const texts = secretTexts(site, values, placeOfValue);
  // What is no value is said once: no other rule has anything to say of it.
  const unresolved = new Set<string>();
  for (const rule of valueRules) {
    const judged = texts.filter(({ at }) => !unresolved.has(placeKey(at)));
    rule.check(judged, ({ node, ...finding }) => {
      if (isSilenced(rule, site, node)) return;
      const { code, severity, essential } = rule;
      if (essential) unresolved.add(placeKey(finding.at));
      report.add({ code, severity, ...finding });
    });
  }
}

function isSilenced({ code, essential }: ValueRule, site: Site, node: Node | undefined): boolean {
  return !essential && (site.silence[code] ?? node?.silence[code]) !== undefined;
}
