import { locationKey, rangeAt, type SourceLocation } from '../source.ts';

export type Severity = 'error' | 'warning';

/** Another place that takes part in a fault, and what it has to do with it: "the pool is set at". */
export interface Related {
  readonly message: string;
  readonly at: SourceLocation;
}

/** One thing that is wrong: where, what, why it matters (in the message) and what to do (the help). */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at: SourceLocation;
  readonly help?: string;
  readonly related?: readonly Related[];
  /** The range of nodes that the node which it is about is of, such as cg[01-06]; what the place is said of unless said. */
  readonly range?: string | undefined;
}

/** Collects what a run finds. Reporting never throws and never ends the run. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #said = new Set<string>();
  #failed = false;

  /** Adds one diagnostic, unless the same has been said of the same place: one fault can be met on several ways. */
  add(diagnostic: Diagnostic): void {
    const { code, message, at } = diagnostic;
    const key = [code, at.source.file, at.start, message].join('\0');
    if (this.#said.has(key)) return;
    this.#said.add(key);
    this.#diagnostics.push(diagnostic);
    if (diagnostic.severity === 'error') this.#failed = true;
  }

  error(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ ...diagnostic, severity: 'error' });
  }

  warning(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ ...diagnostic, severity: 'warning' });
  }

  /** Adds all that another report has; gives this one back. */
  with(other: Report): this {
    for (const diagnostic of other.#diagnostics) this.add(diagnostic);
    return this;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Gives all diagnostics sorted by place: file, then offset, then code, then in the order of a range's nodes. What is said of very many nodes of one range is
   * said of a few.
   */
  sorted(): Diagnostic[] {
    return collapseRanges(
      [...this.#diagnostics].sort(
        (a, b) =>
          compare(a.at.source.file, b.at.source.file) ||
          a.at.start - b.at.start ||
          compare(a.code, b.code) ||
          compareAtPlace(a, b),
      ),
    );
  }
}

/** What is said of the nodes of one range is met in their order, which by text would be another: 1, 10, 2. */
function compareAtPlace(a: Diagnostic, b: Diagnostic): number {
  const [of, other] = [rangeOf(a), rangeOf(b)];
  if (of !== other) return compare(of ?? '', other ?? '');
  return of === undefined ? compare(a.message, b.message) : 0;
}

/** By code unit, not by locale: the same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of how many nodes of a range the same is said. */
const MOST = 3;

/**
 * Gives sorted diagnostics without most of those that are the same fault, said of one node of a range after the other:
 * the last of the first few tells how many more there are.
 */
function collapseRanges(sorted: readonly Diagnostic[]): Diagnostic[] {
  const counts = new Map<string, number>();
  for (const diagnostic of sorted) {
    const key = keyOf(diagnostic);
    if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const met = new Map<string, number>();
  return sorted.flatMap((diagnostic) => {
    const key = keyOf(diagnostic);
    const count = (key !== undefined && counts.get(key)) || 0;
    // One more would take no less room.
    if (key === undefined || count <= MOST + 1) return diagnostic;
    const index = (met.get(key) ?? 0) + 1;
    met.set(key, index);
    if (index < MOST) return diagnostic;
    const more = `So it is with ${count - MOST} more of ${rangeOf(diagnostic)}.`;
    return index === MOST ? { ...diagnostic, message: `${diagnostic.message} ${more}` } : [];
  });
}

/** Gives the range of nodes that a diagnostic is about one of, if it is. */
export function rangeOf({ range, at }: Diagnostic): string | undefined {
  return range ?? rangeAt(at);
}

function keyOf(diagnostic: Diagnostic): string | undefined {
  const range = rangeOf(diagnostic);
  return range === undefined ? undefined : `${diagnostic.code} ${locationKey(diagnostic.at)} ${range}`;
}
