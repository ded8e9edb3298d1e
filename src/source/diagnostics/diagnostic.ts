import type { Place } from '../origin.ts';

export type Severity = 'error' | 'warning';

/** Another place that takes part in a fault, and what it has to do with it: "the pool is set at". */
export interface Related {
  readonly message: string;
  readonly at: Place;
}

/** One thing that is wrong: where, what, why it matters (in the message) and what to do (the help). */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at: Place;
  readonly help?: string;
  readonly related?: readonly Related[];
  /** The range of nodes that the node which it is about is of, such as cg[01-06]; what the place is said of unless said. */
  readonly range?: string | undefined;
}
