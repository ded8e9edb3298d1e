import { join } from 'node:path';
import type { ImportedSite, ImportNote } from '../import/kind.ts';
import { andMore, MOST_NAMES, Notes } from '../import/notes.ts';
import { displayPath } from '../source/diagnostics/text.ts';
import type { Source } from '../source/source.ts';
import { quoteShell } from '../values/quoting.ts';
import { type ImportOptions, targetOf } from './import-options.ts';

const HEADINGS: readonly (readonly [ImportNote['kind'], string])[] = [
  ['left', 'not carried'],
  ['changed', 'carried otherwise'],
  ['open', 'yours to fill in'],
];

/** Lists what a person must know of the way over on standard error, each with its line; what several sites share, once. */
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

/** More lines than these help nobody to find one. */
const MOST_LINES = 50;

interface Said {
  readonly file: string;
  readonly what: string;
  readonly lines: Set<number>;
}

function linesOf(notes: readonly ImportNote[], source: Source): Iterable<Said> {
  const fileOf = ({ at }: ImportNote) => (at?.source ?? source).file;
  const namesOf = new Map<string, Set<string>>();
  for (const note of notes) {
    const alike = `${fileOf(note)}\0${note.text}`;
    namesOf.set(alike, (namesOf.get(alike) ?? new Set()).add(note.of));
  }
  const all = new Map<string, Said>();
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

/** More folders than these are named by a pattern. */
const MOST_FOLDERS = 6;

/** Says what has been written, and what to do next. */
export function printWritten(sites: readonly ImportedSite[], options: ImportOptions): void {
  const { secretsTo } = options;
  const names = [...new Set(sites.flatMap(({ secrets }) => [...secrets.keys()]))];
  if (secretsTo !== undefined)
    process.stderr.write(
      names.length > 0
        ? `${secretsTo} has the values of ${names.join(', ')}, for nobody else to read: keep it out of git\n`
        : `${secretsTo} is not written: the file has no value of a secret that could be used\n`,
    );
  const folders = sites.flatMap(({ name }) => targetOf(name, options) ?? []);
  if (folders.length === 0) return;
  const given = secretsTo !== undefined && names.length > 0 ? ` --secrets ${quoteShell(secretsTo)}` : '';
  const isMany = folders.length > MOST_FOLDERS && options.into !== undefined;
  // harvgen expands the pattern itself, on every system alike.
  const named = isMany ? [join(options.into ?? '', '*')] : folders;
  const made = named.map((folder) => join(folder, 'site.yaml'));
  const quoted = named.map(quoteShell).join(' ');
  process.stdout.write(
    `${made.join(', ')} ${folders.length > 1 ? 'are' : 'is'} made: go through what is listed, then\n  harvgen check${given} ${quoted}\n  harvgen secrets${given} ${quoted}\n`,
  );
}

function leftSecrets({ secretsAt }: ImportedSite, { secretsTo }: ImportOptions): ImportNote[] {
  if (secretsTo !== undefined) return [];
  return [...secretsAt].map(([name, at]) => ({
    kind: 'open',
    at,
    of: name,
    text: 'the value of this secret stands here, and was left behind: --secrets-to FILE writes it to a file',
  }));
}
