import type { Site } from '../../site/model.ts';
import type { Report } from '../../source/diagnostics/report.ts';
import { byCode } from '../rule.ts';
import { hostRules } from './hosts.ts';
import { addressRules, machineRules } from './machines.ts';
import type { ValuesOf } from './rule.ts';
import { nextRules, serverRules } from './servers.ts';

/** Every multi-site rule, sorted by code. */
export const multiSiteRules = byCode([addressRules, hostRules, machineRules, nextRules, serverRules]);

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
    if (checked.length > 1)
      check(checked, (at, finding) => report.add({ code, severity, ...finding, at }), valuesOf);
  }
}
