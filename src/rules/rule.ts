import type { Node, Site } from '../site/model.ts';
import type { Diagnostic, Severity } from '../source/diagnostics/report.ts';
import type { Draft } from '../values/draft.ts';

/** What a rule reports: a diagnostic, whose code and severity are the rule's own. */
export type Finding = Omit<Diagnostic, 'code' | 'severity'> & {
  /** The node that it is about, if it is about one: a node can silence a rule for itself. */
  readonly node?: Draft<Node>;
  /** Whether it is said once of a place, whichever node it is about: what a layer says wrongly is one fault. */
  readonly dedupe?: true;
};

/** Takes what a rule finds. */
export type Report = (finding: Finding) => void;

/**
 * One semantic rule over a resolved site. It reports, and never throws; of what is missing in the site because a fault
 * of it has been reported, it says nothing. docs/rules.md and `harvgen rules` are made of what stands here.
 */
export interface Rule extends RuleText {
  /** Whether nothing could be written with the rule broken; it cannot be silenced then. */
  readonly essential?: true;
  check(site: Draft<Site>, report: Report): void;
}

/** What docs/rules.md and `harvgen rules` show of a rule, whatever it checks. */
export interface RuleText {
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what holds in a site that keeps the rule. */
  readonly what: string;
  /** One or two sentences: what goes wrong on the machine when it is broken, with the upstream thread where there is one. */
  readonly why: string;
}

/** Returns a rule that reports errors. */
export function error<R extends RuleText = Rule>(code: string, rule: Told<R>): R {
  return { code, severity: 'error', ...rule } as R;
}

/** Returns a rule that reports errors with which nothing could be written: it cannot be silenced. */
export function essential(code: string, rule: Told<Rule>): Rule {
  return error(code, { essential: true, ...rule });
}

/** Returns a rule that reports warnings. */
export function warning<R extends RuleText = Rule>(code: string, rule: Told<R>): R {
  return { code, severity: 'warning', ...rule } as R;
}

type Told<R> = Omit<R, 'code' | 'severity'>;

/** Returns the rules that subjects export, sorted by code. A subject may export other values, too. */
export function rulesOf<R extends RuleText>(...subjects: readonly object[]): readonly R[] {
  const isRule = (value: unknown): value is R =>
    typeof value === 'object' && value !== null && 'code' in value && 'check' in value;
  return subjects
    .flatMap((subject): unknown[] => Object.values(subject))
    .filter(isRule)
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}
