import type { Report } from '../../source/diagnostics/report.ts';
import type { SourceLocation } from '../../source/source.ts';
import { grouped } from '../../values/grouped.ts';
import { escapeControlChars } from '../../values/text.ts';
import type { ImportNote, Sourced } from './gathered.ts';
import { displayName } from './names.ts';

/** Collects migration notes. Notes that many nodes share are kept once per source location. */
export class Notes {
  readonly #notes = new Map<string, ImportNote>();

  /** Adds a note on something that was not imported; `of` is a text, or a value with its source location. */
  left(of: string | Sourced<string>, text: string, at?: SourceLocation): undefined {
    this.#note('left', of, text, at);
  }

  /** Adds a note on something that was imported with changes. */
  changed(of: string | Sourced<string>, text: string, at?: SourceLocation): undefined {
    this.#note('changed', of, text, at);
  }

  /** Adds a note on something that the user must complete or do. */
  open(of: string | Sourced<string>, text: string, at?: SourceLocation): undefined {
    this.#note('open', of, text, at);
  }

  #note(kind: ImportNote['kind'], of: string | Sourced<string>, text: string, at?: SourceLocation): void {
    this.add(
      typeof of === 'string' ? { kind, of, text, at } : { kind, of: displayName(of.value), text, at: of.at },
    );
  }

  /** Adds a note, with control characters escaped. */
  add({ kind, of, text, at }: ImportNote): void {
    const key = [kind, at?.source.file ?? '', at?.start ?? '', of, text].join('\0');
    if (!this.#notes.has(key))
      this.#notes.set(key, { kind, at, of: escapeControlChars(of), text: escapeControlChars(text) });
  }

  /** Returns the notes in the order of the files; notes without a source location are last. */
  sorted(): ImportNote[] {
    return [...this.#notes.values()].sort((a, b) => byFile(a, b) || orderOf(a) - orderOf(b));
  }
}

/** Another location that is part of an error, with its role: "the VIP is set at". Undefined locations are left out. */
export type RelatedAt = readonly [role: string, at: SourceLocation | undefined];

/** Collects the results of reading files: migration notes, errors and warnings. */
export class Findings {
  readonly report: Report;
  readonly notes: Notes;

  constructor(report: Report, notes = new Notes()) {
    this.report = report;
    this.notes = notes;
  }

  error(...details: Details): undefined {
    this.report.error(diagnosticOf(details));
  }

  warning(...details: Details): undefined {
    this.report.warning(diagnosticOf(details));
  }
}

type Details = readonly [
  code: string,
  at: SourceLocation,
  message: string,
  help: string,
  ...related: readonly RelatedAt[],
];

function diagnosticOf([code, at, message, help, ...others]: Details) {
  const related = others.flatMap(([role, other]) => (other ? [{ message: role, at: other }] : []));
  return { code, message: escapeControlChars(message), at, related, help: escapeControlChars(help) };
}

function byFile({ at: one }: ImportNote, { at: other }: ImportNote): number {
  if (!one || !other || one.source.file === other.source.file) return 0;
  return one.source.file < other.source.file ? -1 : 1;
}

function orderOf({ at }: ImportNote): number {
  return at?.start ?? Number.MAX_SAFE_INTEGER;
}

const WIDTH = 116;

const HEADINGS: readonly (readonly [ImportNote['kind'], string])[] = [
  ['open', 'To complete (delete each of these lines when it is done):'],
  ['changed', 'Imported with changes:'],
  ['left', 'Not imported:'],
];

/** Returns the migration notes as comment lines for the head of the inventory, without source locations. */
export function headOf(title: string, notes: readonly ImportNote[]): string {
  const lines = [...wrapped(title, '')];
  for (const [kind, heading] of HEADINGS) {
    const ofKind = notes.filter((note) => note.kind === kind);
    if (ofKind.length === 0) continue;
    const texts = grouped(ofKind.map(({ text, of }) => [text, of]));
    lines.push('', heading);
    for (const [text, of] of texts) lines.push(...wrapped(`- ${listed([...new Set(of)])}: ${text}`, '  '));
  }
  return lines.join('\n');
}

/** Maximum number of names to list per note, so that its length does not grow with the nodes. */
export const MOST_NAMES = 20;

/** Returns names as a list of limited length: `a, b and 7 more`. */
export function listed(names: readonly string[], most = MOST_NAMES): string {
  return names.length <= most ? names.join(', ') : andMore(names, most - 1);
}

/** Returns the first items and the number of the others: `a, b and 7 more`. */
export function andMore(all: readonly (string | number)[], count: number): string {
  return `${all.slice(0, count).join(', ')} and ${all.length - count} more`;
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= WIDTH || line === '') line = longer;
    else {
      lines.push(line);
      line = `${indent}${word}`;
    }
  }
  return [...lines, line];
}
