import type { Diagnostic } from './diagnostic.ts';
import { foldRanges, rangeOf } from './fold-ranges.ts';

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

  /** Adds an error. */
  error(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ ...diagnostic, severity: 'error' });
  }

  /** Adds a warning. */
  warning(diagnostic: Omit<Diagnostic, 'severity'>): void {
    this.add({ ...diagnostic, severity: 'warning' });
  }

  /** Adds all that another report has; gives this one back. */
  with(other: Report): this {
    for (const diagnostic of other.#diagnostics) this.add(diagnostic);
    return this;
  }

  /** Whether there has been an error. */
  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Gives all diagnostics sorted by place: file, then offset, then code, then in the order of a range's nodes. What is said of very many nodes of one range is
   * said of a few.
   */
  sorted(): Diagnostic[] {
    return foldRanges(
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
