import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { rulesOf } from '../rule.ts';
import * as addresses from './addresses.ts';
import * as hosts from './hosts.ts';
import * as machines from './machines.ts';
import * as next from './next.ts';
import type { MultiSiteRule, ValuesOf } from './rule.ts';
import * as servers from './servers.ts';

/** Every multi-site rule, sorted by code. */
export const multiSiteRules = rulesOf<MultiSiteRule>(addresses, hosts, machines, next, servers);

/**
 * Checks sites against each other. A rule ignores the sites that silence it. `valuesOf` returns the values of a site's secrets,
 * if they are known.
 */
export function checkMultiSite(
  sites: readonly Site[],
  report: Report,
  valuesOf: ValuesOf = () => undefined,
): void {
  for (const { code, severity, check } of multiSiteRules) {
    const checked = sites.filter(({ silence }) => silence[code] === undefined);
    if (checked.length > 1) check(checked, (finding) => report.add({ code, severity, ...finding }), valuesOf);
  }
}
