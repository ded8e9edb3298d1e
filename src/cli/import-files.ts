import { joinedSite } from '../import/joined/joined.ts';
import type { JoinedKind } from '../import/joined/kind.ts';
import { JOINED_KINDS } from '../import/joined/kinds.ts';
import type { ImportedSite, ImportKind, ImportWish } from '../import/kind.ts';
import { IMPORT_KINDS } from '../import/kinds.ts';
import type { Report } from '../source/diagnostics/report.ts';
import type { Source } from '../source/origin.ts';
import { nearest } from '../values/nearest.ts';
import type { ImportOptions } from './import-options.ts';
import { UsageError } from './usage-error.ts';

/** The files that a command line names, in their order, and what makes sites of them. */
export interface ImportedFiles {
  readonly kind: Pick<ImportKind, 'name' | 'takes'>;
  readonly files: readonly string[];
  /** Makes sites of what the files hold, as `ImportKind.read` does. */
  read(sources: readonly Source[], wish: ImportWish, report: Report): readonly ImportedSite[] | undefined;
}

/** Gives the files to import. Throws UsageError for a kind that there is not, and for files that cannot be joined. */
export function importedFiles(
  kind: string,
  files: readonly string[],
  { join = [] }: ImportOptions,
): ImportedFiles {
  const alone = IMPORT_KINDS.find(({ name }) => name === kind);
  if (alone) {
    if (files.length > 1) throw new UsageError(`${kind} takes one file: ${files[1]} is one too many`);
    if (join.length > 0) throw new UsageError(`--join is for other kinds than ${kind}`);
    return {
      kind: alone,
      files,
      read: ([source], wish, report) => source && alone.read(source, wish, report),
    };
  }
  const first = joinedKind(kind);
  const all = [...files.map((file) => ({ kind: first, file })), ...join.map(joinedFile)];
  if (all.filter(({ file }) => file === '-').length > 1)
    throw new UsageError('standard input can be one of the files only');
  return {
    kind: { name: kind, takes: ['server', 'subnet'] },
    files: all.map(({ file }) => file),
    read: (sources, wish, report) =>
      joinedSite(
        sources.map((source, index) => ({ kind: all[index]?.kind ?? first, source })),
        wish,
        report,
      ),
  };
}

function joinedFile(text: string): { readonly kind: JoinedKind; readonly file: string } {
  const [, kind = '', file = ''] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  if (file === '')
    throw new UsageError(`--join takes a kind and a file, such as bss:bootparameters.json: ${text} is none`);
  if (IMPORT_KINDS.some(({ name }) => name === kind))
    throw new UsageError(
      `${kind} is not joined with others: there are ${JOINED_KINDS.map(({ name }) => name).join(', ')}`,
    );
  return { kind: joinedKind(kind), file };
}

function joinedKind(name: string): JoinedKind {
  const found = JOINED_KINDS.find((kind) => kind.name === name);
  if (found) return found;
  const names = [...IMPORT_KINDS, ...JOINED_KINDS].map((kind) => kind.name);
  const meant = nearest(name, names);
  throw new UsageError(
    `there is no kind ${name} to import${meant ? `: did you mean ${meant}?` : '.'} There are ${names.join(', ')}`,
  );
}
