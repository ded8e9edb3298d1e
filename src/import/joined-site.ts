import { basename } from 'node:path';
import type { Report } from '../source/diagnostics/report.ts';
import type { Source } from '../source/source.ts';
import { JOINED_FORMATS } from './import-formats.ts';
import { gatheredSite } from './joined/gathered-site.ts';
import type { Gathered } from './model/gathered.ts';
import type { ImportedSite, ImportSettings, JoinedFormat } from './model/import-format.ts';
import { displayName } from './model/names.ts';
import { concealLikely } from './model/secrets.ts';

interface JoinedFile {
  readonly kind: JoinedFormat;
  readonly source: Source;
}

/** Returns one site of files that each describe its machines. Of conflicting values, which are reported, the first applies. */
export function joinedSite(
  files: readonly JoinedFile[],
  options: ImportSettings,
  report: Report,
): readonly ImportedSite[] | undefined {
  const gathered = files.flatMap((file) => readFile(file, report) ?? []);
  if (report.failed) return undefined;
  const title = `Imported by harvgen import from ${files.map(({ kind, source }) => `${kind.name}: ${fileOf(source)}`).join(', ')}.`;
  const site = gatheredSite(gathered, { ...options, title }, report);
  if (!site && !report.failed) reportNoMachine(files, gathered, report);
  return site && [site];
}

/** Returns the data of a file, or undefined if it reports an error. Detects another format first. */
function readFile({ kind, source }: JoinedFile, report: Report): Gathered | undefined {
  concealLikely(source);
  const detected = kind.isLike(source) ? undefined : JOINED_FORMATS.find((other) => other.isLike(source));
  if (!detected) return kind.read(source, report);
  // Only its own format could find the secrets in it.
  source.conceal({ start: 0, end: source.text.length });
  report.error({
    code: 'import-kind',
    message: `This is not a file of the format ${kind.name}, but probably of ${detected.name}: ${detected.what}.`,
    at: { source, start: 0, end: 0 },
    help: `import it as ${detected.name}, or add it with --join ${detected.name}:FILE`,
  });
  return undefined;
}

function fileOf({ file }: Source): string {
  return file === '-' ? 'standard input' : displayName(basename(file)).replace(/^"([\w.-]+)"$/, '$1');
}

/** The number of notes in the message that there is no machine. */
const MOST_REASONS = 5;

function reportNoMachine(files: readonly JoinedFile[], gathered: readonly Gathered[], report: Report): void {
  const [first] = files;
  if (!first) return;
  const related = gathered.flatMap(({ notes }) =>
    notes.flatMap(({ kind, of, text, at }) =>
      at ? [{ message: `${kind === 'left' ? 'not imported, ' : ''}${of}: ${text}; it is at`, at }] : [],
    ),
  );
  report.error({
    code: 'import-nothing',
    message:
      files.length === 1
        ? `The file contains no machine in the format ${first.kind.name}.`
        : 'None of the files contains a machine.',
    at: { source: first.source, start: 0, end: 0 },
    related: related.slice(0, MOST_REASONS),
    help: 'import a file that lists machines, and add the others with --join FORMAT:FILE',
  });
}
