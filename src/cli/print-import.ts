import { join } from 'node:path';
import type { ImportNote } from '../import/model/gathered.ts';
import type { ImportedSite } from '../import/model/import-format.ts';
import { andMore, MOST_NAMES, Notes } from '../import/model/notes.ts';
import { displayPath } from '../source/diagnostics/text.ts';
import type { Source } from '../source/source.ts';
import { quoteShell } from '../values/quoting.ts';
import { type ImportOptions, targetOf } from './import-options.ts';

const HEADINGS: readonly (readonly [ImportNote['kind'], string])[] = [
  ['left', 'not imported'],
  ['changed', 'imported with changes'],
  ['open', 'to complete'],
];

/** Prints the migration notes on standard error, each with its source lines; notes that several sites share, once. */
export function printNotes(source: Source, sites: readonly ImportedSite[], options: ImportOptions): void {
  const all = new Notes();
  for (const site of sites) for (const note of [...site.notes, ...leftSecrets(site, options)]) all.add(note);
  const notes = all.sorted();
  for (const [kind, heading] of HEADINGS) {
    const ofKind = notes.filter((note) => note.kind === kind);
    if (ofKind.length === 0) continue;
    process.stderr.write(`${heading}:\n`);
    for (const { file, what, lines } of linesOf(ofKind, source)) {
      const name = file === '-' ? '-' : displayPath(file, process.cwd());
      const shown = lines.size > MOST_LINES ? andMore([...lines], MOST_LINES) : [...lines].join(', ');
      process.stderr.write(`  ${name}${lines.size > 0 ? `:${shown}` : ''} ${what}\n`);
    }
  }
}

/** Maximum number of lines to list per note. */
const MOST_LINES = 50;

interface MergedNote {
  readonly file: string;
  readonly what: string;
  readonly lines: Set<number>;
}

function linesOf(notes: readonly ImportNote[], source: Source): Iterable<MergedNote> {
  const fileOf = ({ at }: ImportNote) => (at?.source ?? source).file;
  const namesOf = new Map<string, Set<string>>();
  for (const note of notes) {
    const key = `${fileOf(note)}\0${note.text}`;
    namesOf.set(key, (namesOf.get(key) ?? new Set()).add(note.of));
  }
  const all = new Map<string, MergedNote>();
  for (const note of notes) {
    const { of, text, at } = note;
    const file = fileOf(note);
    const names = namesOf.get(`${file}\0${text}`) ?? new Set([of]);
    const what = `${names.size > MOST_NAMES ? andMore([...names], MOST_NAMES) : of}: ${text}`;
    const key = `${file}\0${what}`;
    const known = all.get(key) ?? { file, what, lines: new Set() };
    if (at) known.lines.add(at.source.position(at.start).line);
    all.set(key, known);
  }
  return all.values();
}

/** Maximum number of directories to list; a pattern names more. */
const MOST_FOLDERS = 6;

/** Prints what was written and what to do next. */
export function printWritten(sites: readonly ImportedSite[], options: ImportOptions): void {
  const { secretsTo } = options;
  const names = [...new Set(sites.flatMap(({ secrets }) => [...secrets.keys()]))];
  if (secretsTo !== undefined)
    process.stderr.write(
      names.length > 0
        ? `${secretsTo} contains the values of ${names.join(', ')}, readable only by you: keep it out of git\n`
        : `${secretsTo} was not written: the file contains no usable value of a secret\n`,
    );
  const folders = sites.flatMap(({ name }) => targetOf(name, options) ?? []);
  if (folders.length === 0) return;
  const given = secretsTo !== undefined && names.length > 0 ? ` --secrets ${quoteShell(secretsTo)}` : '';
  const isMany = folders.length > MOST_FOLDERS && options.into !== undefined;
  // harvgen expands the pattern itself, in the same way on every system.
  const named = isMany ? [join(options.into ?? '', '*')] : folders;
  const made = named.map((folder) => join(folder, 'site.yaml'));
  const quoted = named.map(quoteShell).join(' ');
  process.stdout.write(
    `${made.join(', ')} created: review the notes above, then run\n  npx harvgen check${given} ${quoted}\n  npx harvgen secrets${given} ${quoted}\n`,
  );
}

function leftSecrets({ secretsAt }: ImportedSite, { secretsTo }: ImportOptions): ImportNote[] {
  if (secretsTo !== undefined) return [];
  return [...secretsAt].map(([name, at]) => ({
    kind: 'open',
    at,
    of: name,
    text: 'the value of this secret is here and was not imported: add --secrets-to FILE to write it to a file',
  }));
}
