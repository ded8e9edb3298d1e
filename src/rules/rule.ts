import type { Node, Site } from '../site/model.ts';
import type { Diagnostic, Severity } from '../source/diagnostics/diagnostic.ts';
import type { Draft } from '../values/draft.ts';
import type { Need } from './needs.ts';

/** What a rule reports: a diagnostic, whose code and severity are the rule's own. */
export type Finding = Omit<Diagnostic, 'code' | 'severity'> & {
  /** The node that it is about, if it is about one: a node can silence a rule for itself. */
  readonly node?: Draft<Node>;
  /** Whether it is said once of a place, whichever node it is about: what a layer says wrongly is one fault. */
  readonly oncePerPlace?: true;
};

/**
 * One semantic rule over a resolved site. It reports, and never throws; of what is missing in the site because a fault
 * of it has been reported, it says nothing. docs/rules.md and `harvgen rules` are made of what stands here.
 */
export interface Rule {
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what holds in a site that keeps the rule. */
  readonly what: string;
  /** One or two sentences: what goes wrong on the machine when it is broken, with the upstream thread where there is one. */
  readonly why: string;
  /** Whether nothing could be written with the rule broken; it cannot be silenced then. */
  readonly essential?: true;
  /** What a site must have for the rule to have anything to say. */
  readonly needs?: Need;
  /**
   * Whether it looks at nothing that is of one machine alone, such as names and addresses, nor at whether a node says itself what is
   * a default: where it finds nothing in two nodes of a kind, it finds nothing in the others. It may count up to two, and read names
   * for what it says.
   */
  readonly ofKinds?: true;
  check(site: Draft<Site>, report: (finding: Finding) => void): void;
}
