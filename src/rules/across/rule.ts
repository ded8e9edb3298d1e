import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import type { Code } from '../../source/diagnostics/codes.ts';
import type { Diagnostic } from '../../source/diagnostics/report.ts';
import type { SourceLocation } from '../../source/source.ts';
import { repeats } from '../rule.ts';

/** Receives the findings of a multi-site rule, each with its location. */
export type MultiSiteReport = (
  at: SourceLocation,
  finding: Omit<Diagnostic, 'code' | 'severity' | 'at'>,
) => void;

/** Returns the values of a site's secrets, or undefined if they are unknown. */
export type ValuesOf = (site: Site) => SecretValues | undefined;

/**
 * One semantic rule over several sites that are compiled together. It reports, and never throws. It does not get sites with
 * errors, or sites that silence it.
 */
export interface MultiSiteRule extends Code {
  check(sites: readonly Site[], report: MultiSiteReport, valuesOf: ValuesOf): void;
}

/** Returns each item of a site with the key of an item of an earlier site, and the first item with that key. */
export function inTwoSites<T>(
  sites: readonly Site[],
  ofSite: (site: Site) => Iterable<T>,
  keyOf: (item: T) => unknown,
): { readonly later: T; readonly site: Site; readonly first: T; readonly other: Site }[] {
  const items = sites.flatMap((site) => Array.from(ofSite(site), (item) => ({ site, item })));
  return repeats(items, ({ item }) => keyOf(item)).flatMap(({ later, first }) =>
    later.site === first.site
      ? []
      : { later: later.item, site: later.site, first: first.item, other: first.site },
  );
}
