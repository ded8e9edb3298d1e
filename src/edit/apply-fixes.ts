import { resolve } from 'node:path';
import type { Diagnostic, TextEdit } from '../source/diagnostics/report.ts';
import { Source } from '../source/source.ts';
import { editedText } from '../source/text-edit/fix.ts';
import { groupedBy } from '../values/grouped.ts';
import type { Texts } from './save.ts';

/** The diagnostics of several sites together, and those of each with the absolute paths of its files. */
export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly compilations: readonly {
    readonly diagnostics: readonly Diagnostic[];
    readonly files: readonly string[];
  }[];
}

/** Functions that applying fixes calls. */
export interface Sites<C extends Checked> {
  /** Checks the sites with edited texts, by absolute path. */
  check(edits: ReadonlyMap<string, string>): Promise<C>;
  /** Whether a code is that of a rule, which all errors of files, the schema and references may hide. */
  isRule(code: string): boolean;
  /** Returns why a file must not be changed, or undefined. */
  refusal(path: string): string | undefined;
}

/** The result of applying fixes: the applied ones in order, the diagnostics that remain, and why their safe fixes are not applied. */
export interface Fixed<C extends Checked> {
  readonly applied: readonly Diagnostic[];
  readonly left: C;
  readonly reasons: ReadonlyMap<Diagnostic, string>;
}

/** Maximum number of checks: each applies or refuses at least one fix, so that only an error of harvgen reaches it. */
const MOST_CHECKS = 1000;

/**
 * Applies the safe fixes of sites to texts, until there are no more. Undoes edits that do not end their diagnostics, or that add
 * others. Edits a file of several sites only if all of them have the same fix.
 */
export async function applyFixes<C extends Checked>(sites: Sites<C>, texts: Texts): Promise<Fixed<C>> {
  const applied: Diagnostic[] = [];
  const refused = new Set<string>();
  let left = await check();
  let most = Number.POSITIVE_INFINITY;
  for (let checks = 0; checks < MOST_CHECKS; checks += 1) {
    const batch = withoutOverlaps(
      left.diagnostics.filter((found) => found.fix?.safe && reasonAgainst(found) === undefined),
    ).slice(0, most);
    if (batch.length === 0) break;
    const undo = put(batch);
    const next = await check();
    if (isGood(batch, left, next)) {
      applied.push(...batch);
      left = next;
      most = Number.POSITIVE_INFINITY;
    } else {
      undo();
      for (const diagnostic of batch.length === 1 ? batch : []) refused.add(keyOf(diagnostic));
      // Half of them again, until the one that is wrong is alone.
      most = Math.ceil(batch.length / 2);
    }
  }
  const reasons = left.diagnostics.flatMap((diagnostic) => {
    const reason = diagnostic.fix?.safe && reasonAgainst(diagnostic);
    return reason ? [[diagnostic, reason] as const] : [];
  });
  return { applied, left, reasons: new Map(reasons) };

  function check(): Promise<C> {
    return sites.check(new Map(texts.changes.map(({ path, after }) => [path, after])));
  }

  function put(batch: readonly Diagnostic[]): () => void {
    const edits = batch.flatMap(({ fix }) => fix?.edits ?? []);
    const before = Array.from(groupedBy(edits, fileOf), ([path, edits]) => {
      const source = texts.source(path);
      texts.put(path, new Source(path, editedText(source, edits)));
      return [path, source] as const;
    });
    return () => {
      for (const [path, source] of before) texts.put(path, source);
    };
  }

  /** Returns why the safe fix of a diagnostic is not applied; undefined for one that may be. */
  function reasonAgainst(diagnostic: Diagnostic): string | undefined {
    const edits = diagnostic.fix?.edits ?? [];
    if (edits.length === 0) return 'the text cannot be edited in place';
    if (refused.has(keyOf(diagnostic))) return 'the edit does not end this diagnostic, or it adds another';
    const paths = [...new Set(edits.map(fileOf))];
    const refusal = paths.map((path) => sites.refusal(path)).find((reason) => reason !== undefined);
    if (refusal !== undefined) return refusal;
    const sharing = left.compilations.filter(({ files }) => paths.some((path) => files.includes(path)));
    const isAgreed = sharing.every(({ diagnostics }) =>
      diagnostics.some(
        (other) => other.code === diagnostic.code && other.fix?.safe && textOf(other) === textOf(diagnostic),
      ),
    );
    return sharing.length < 2 || isAgreed
      ? undefined
      : 'another site includes the file, and does not need the edit';
  }

  function isGood(batch: readonly Diagnostic[], before: C, after: C): boolean {
    const others = before.diagnostics.filter((diagnostic) => !batch.includes(diagnostic));
    const own = new Set(batch.map(keyOf));
    return newDiagnostics(after.diagnostics, others).every((added) => {
      if (own.has(keyOf(added))) return false;
      if (added.code === 'idle-silence') return true; // it was for the diagnostic that has ended
      // An error hides what is checked later.
      return batch.some(
        ({ code, severity }) => severity === 'error' && !(sites.isRule(code) && sites.isRule(added.code)),
      );
    });
  }
}

function fileOf({ at }: TextEdit): string {
  return resolve(at.source.file);
}

function textOf({ fix }: Diagnostic): string {
  return JSON.stringify(fix?.edits.map(({ at, text }) => [at.source.file, at.start, at.end, text]));
}

/** Returns the diagnostics whose edits neither overlap nor touch those of an earlier one. */
function withoutOverlaps(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const taken: TextEdit[] = [];
  return diagnostics.filter(({ fix: { edits } = { edits: [] } }) => {
    if (edits.some((edit) => taken.some((other) => touch(edit, other)))) return false;
    taken.push(...edits);
    return true;
  });
}

function touch(edit: TextEdit, other: TextEdit): boolean {
  return fileOf(edit) === fileOf(other) && edit.at.start <= other.at.end && other.at.start <= edit.at.end;
}

/** Returns the diagnostics that an edit introduced. Compares code, message and file, because locations shift. */
export function newDiagnostics(now: readonly Diagnostic[], before: readonly Diagnostic[]): Diagnostic[] {
  const known = new Map<string, number>();
  for (const diagnostic of before) known.set(keyOf(diagnostic), (known.get(keyOf(diagnostic)) ?? 0) + 1);
  return now.filter((diagnostic) => {
    const left = known.get(keyOf(diagnostic)) ?? 0;
    known.set(keyOf(diagnostic), left - 1);
    return left <= 0;
  });
}

/** Returns a diagnostic without its location, and without the number of nodes that repeat it. */
function keyOf({ code, message, at }: Diagnostic): string {
  return [code, message.replace(/ The same applies to \d+ more of .*$/, ''), at.source.file].join('\0');
}
