import type { Node, Site } from '../site/model.ts';
import type { Code } from '../source/diagnostics/codes.ts';
import type { Diagnostic, Severity } from '../source/diagnostics/report.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';

/** A finding of a rule: a diagnostic without its location, and without its code and severity, which the rule sets. */
export type Finding = Omit<Diagnostic, 'code' | 'severity' | 'at'> & {
  /** The node of the finding, if any: a node can silence the rule for itself. */
  readonly node?: Draft<Node>;
  /** Whether to report it once per source location: an error in a layer is one error, however many nodes use the layer. */
  readonly dedupe?: true;
  /** Whether the fix is right for other nodes that share the value, too. Otherwise, it is safe only if they have the finding. */
  readonly suitsOthers?: true;
};

/** A finding with its location. */
export type LocatedFinding = Finding & Pick<Diagnostic, 'at'>;

/** Receives the findings of a rule, each with its location. */
export type Report = (at: SourceLocation, finding: Finding) => void;

/**
 * One semantic rule over a resolved site. It reports, and never throws. It ignores parts that are missing because of another
 * error, which is reported already. docs/reference/rules.md and `harvgen rules` are generated from these texts.
 */
export interface Rule extends Code {
  /** Whether a violation prevents all output; such a rule cannot be silenced. */
  readonly essential?: true;
  check(site: Draft<Site>, report: Report): void;
}

/** The texts of a rule. */
type Texts = Omit<Code, 'code' | 'severity'> & Pick<Rule, 'essential'>;

type Checked = { readonly check: unknown };

/** Adds the check to the texts of a rule. */
interface WithoutCheck {
  check<R extends Checked = Rule>(check: R['check']): R;
  /** Adds a check of each item of a kind: `perNode`, `perCluster` and other functions of support.ts visit the items. */
  check<Check, R extends Checked = Rule>(visit: (check: Check) => R['check'], check: Check): R;
}

const ruleOf =
  (severity: Severity, isEssential?: Pick<Rule, 'essential'>) =>
  (code: string, texts: Texts): WithoutCheck => ({
    check: <Check, R>(visit: Check | ((check: Check) => Check), check?: Check) =>
      ({
        code,
        severity,
        ...isEssential,
        ...texts,
        check: check === undefined ? visit : (visit as (check: Check) => Check)(check),
      }) as R,
  });

/** Returns a rule that reports errors, once it has its check. */
export const error = ruleOf('error');

/** Returns a rule whose errors prevent all output: it cannot be silenced. */
export const essential = ruleOf('error', { essential: true });

/** Returns a rule that reports warnings. */
export const warning = ruleOf('warning');

/** Returns the rules of several subjects, sorted by code. */
export function byCode<R extends Code>(subjects: readonly (readonly R[])[]): readonly R[] {
  return subjects.flat().sort((a, b) => (a.code < b.code ? -1 : 1));
}
