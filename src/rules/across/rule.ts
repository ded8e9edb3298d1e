import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import type { Diagnostic } from '../../source/diagnostics/report.ts';
import type { RuleText } from '../rule.ts';
import { repeats } from '../support.ts';

/** What a rule across sites reports: a diagnostic, whose code and severity are the rule's own. */
export type MultiSiteFinding = Omit<Diagnostic, 'code' | 'severity'>;

/** Gives the values of a site's secrets; undefined where none are given. */
export type ValuesOf = (site: Site) => SecretValues | undefined;

/**
 * One semantic rule over several sites that are compiled together. It reports, and never throws. Sites with an error of
 * their own, and those that silence it, are not among them.
 */
export interface MultiSiteRule extends RuleText {
  check(sites: readonly Site[], report: (finding: MultiSiteFinding) => void, valuesOf: ValuesOf): void;
}

/** Returns what a site has that an earlier site has, too, each with the first one that has it. */
export function inTwoSites<T>(
  sites: readonly Site[],
  ofSite: (site: Site) => Iterable<T>,
  keyOf: (thing: T) => unknown,
): { readonly one: T; readonly site: Site; readonly first: T; readonly other: Site }[] {
  const things = sites.flatMap((site) => Array.from(ofSite(site), (thing) => ({ site, thing })));
  return repeats(things, ({ thing }) => keyOf(thing)).flatMap(({ one, first }) =>
    one.site === first.site ? [] : { one: one.thing, site: one.site, first: first.thing, other: first.site },
  );
}
