import type { SecretValues } from '../../secrets/source.ts';
import type { Site } from '../../site/model.ts';
import type { Diagnostic, Severity } from '../../source/diagnostics/diagnostic.ts';

/** What a rule across sites reports: a diagnostic, whose code and severity are the rule's own. */
export type AcrossFinding = Omit<Diagnostic, 'code' | 'severity'>;

/** Gives the values of a site's secrets; undefined where none are given. */
export type ValuesOf = (site: Site) => SecretValues | undefined;

/**
 * One semantic rule over several sites that are compiled together. It reports, and never throws. Sites with an error of
 * their own, and those that silence it, are not among them.
 */
export interface AcrossRule {
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what holds in sites that keep the rule. */
  readonly what: string;
  /** One or two sentences: what goes wrong when it is broken. */
  readonly why: string;
  check(sites: readonly Site[], report: (finding: AcrossFinding) => void, valuesOf: ValuesOf): void;
}
