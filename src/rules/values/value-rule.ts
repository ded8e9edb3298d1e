import type { Node } from '../../site/model.ts';
import type { Severity } from '../../source/diagnostics/diagnostic.ts';
import type { Finding as RuleFinding } from '../rule.ts';
import type { SecretText } from './secret-text.ts';

/** What a rule over values reports: never any part of a value, nor how long it is. */
export type ValueFinding = Omit<RuleFinding, 'node' | 'oncePerPlace'> & {
  /** The node that it is about, if it is about one: a node can silence a rule for itself. */
  readonly node?: Node;
};

/**
 * One rule over the values of a site's secrets, where they are given. It reports at the place that refers to the secret,
 * and never throws.
 */
export interface ValueRule {
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what holds where the rule is kept. */
  readonly what: string;
  /** One or two sentences: what goes wrong when it is broken. */
  readonly why: string;
  /** Whether nothing of use could be served with the rule broken; it cannot be silenced then. */
  readonly essential?: true;
  check(texts: readonly SecretText[], report: (finding: ValueFinding) => void): void;
}
