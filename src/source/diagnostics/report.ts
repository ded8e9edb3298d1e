import { locationKey, rangeAt, type SourceLocation } from '../source.ts';

export type Severity = 'error' | 'warning';

/** Another source location that is part of an error, with its role: "the pool is set at". */
export interface Related {
  readonly message: string;
  readonly at: SourceLocation;
}

/** A replacement of a text of the inventory. An insertion has a location without length. */
export interface TextEdit {
  readonly at: SourceLocation;
  readonly text: string;
}

/** Edits that end a diagnostic, all of them together. The list is empty if the text cannot be edited: then there is no fix. */
export interface Fix {
  /** The effect of the edits, as a command: "change 1.4.1 to v1.4.1". */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Whether only one meaning is possible, so that `check --fix` applies it without a question. */
  readonly safe: boolean;
}

/** One error or warning: its location, the fact and its effect (the message), and the remedy (the help). */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at: SourceLocation;
  readonly help?: string;
  readonly related?: readonly Related[];
  readonly fix?: Fix | undefined;
  /** Whether a node, or a layer of it, can silence the rule of this diagnostic. */
  readonly ofNode?: boolean;
  /** The range of nodes that contains the node of this diagnostic, such as cg[01-06] (default: the range of the location). */
  readonly range?: string | undefined;
}

/** Collects the diagnostics of a run. Adding a diagnostic never throws and never ends the run. */
export class Report {
  readonly #diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();
  #failed = false;

  /** Adds a diagnostic, unless the same one exists for its location: the compiler can find one error in several ways. */
  add(diagnostic: Diagnostic): void {
    const { code, message, at } = diagnostic;
    const key = [code, at.source.file, at.start, message].join('\0');
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#diagnostics.push(diagnostic);
    if (diagnostic.severity === 'error') this.#failed = true;
  }

  error(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ ...diagnostic, severity: 'error' });
  }

  warning(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ ...diagnostic, severity: 'warning' });
  }

  /** Adds all diagnostics of another report; returns this report. */
  with(other: Report): this {
    for (const diagnostic of other.#diagnostics) this.add(diagnostic);
    return this;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Returns all diagnostics sorted by file, offset and code, then in the order of a range's nodes. Reduces those that repeat
   * for many nodes of a range to a few.
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

/** Keeps the order of the nodes of a range, because text order would be 1, 10, 2. */
function compareAtPlace(a: Diagnostic, b: Diagnostic): number {
  const [of, other] = [rangeOf(a), rangeOf(b)];
  if (of !== other) return compare(of ?? '', other ?? '');
  return of === undefined ? compare(a.message, b.message) : 0;
}

/** Compares by code unit, not by locale: the order is the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Maximum number of nodes per range that repeat one diagnostic. */
const MOST = 3;

/**
 * Removes most of the sorted diagnostics that repeat for nodes of one range; the last one that remains contains the number of the others.
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
    // The last one would take as much space as the sentence that replaces it.
    if (key === undefined || count <= MOST + 1) return diagnostic;
    const index = (met.get(key) ?? 0) + 1;
    met.set(key, index);
    if (index < MOST) return diagnostic;
    const more = `The same applies to ${count - MOST} more of ${rangeOf(diagnostic)}.`;
    return index === MOST ? { ...diagnostic, message: `${diagnostic.message} ${more}` } : [];
  });
}

/** Returns the range of the node that a diagnostic is about, or undefined. */
export function rangeOf({ range, at }: Diagnostic): string | undefined {
  return range ?? rangeAt(at);
}

function keyOf(diagnostic: Diagnostic): string | undefined {
  const range = rangeOf(diagnostic);
  return range === undefined ? undefined : `${diagnostic.code} ${locationKey(diagnostic.at)} ${range}`;
}
