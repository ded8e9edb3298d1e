import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { rulesOf } from '../rule.ts';
import * as hosts from './hosts.ts';
import * as machines from './machines.ts';
import * as next from './next.ts';
import type { MultiSiteRule, ValuesOf } from './rule.ts';
import * as servers from './servers.ts';

/** Every rule across sites, sorted by code. */
export const multiSiteRules = rulesOf<MultiSiteRule>(hosts, machines, next, servers);

/**
 * Checks sites against each other; a site that silences a rule is to that rule as if it were not there. `valuesOf` gives
 * the values of secrets, where they are known.
 */
export function checkMultiSite(
  sites: readonly Site[],
  report: Report,
  valuesOf: ValuesOf = () => undefined,
): void {
  for (const { code, severity, check } of multiSiteRules) {
    const heard = sites.filter(({ silence }) => silence[code] === undefined);
    if (heard.length > 1) check(heard, (finding) => report.add({ code, severity, ...finding }), valuesOf);
  }
}
