import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import type { Draft } from '../site/draft.ts';
import type { Site } from '../site/model.ts';

/** What a rule reports: a diagnostic, whose code and severity are the rule's own. */
export type Finding = Omit<Diagnostic, 'code' | 'severity'>;

/**
 * One semantic rule over a resolved site. It reports, and never throws; of what is missing in the site because a fault
 * of it has been reported, it says nothing.
 */
export interface Rule {
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what goes wrong on the machine when the rule is broken. */
  readonly why: string;
  check(site: Draft<Site>, report: (finding: Finding) => void): void;
}
