import type { Report } from '../source/diagnostics/report.ts';
import type { Place } from '../source/source.ts';
import { visible } from '../values/text.ts';
import type { Said } from './joined/gathered.ts';
import type { ImportNote } from './kind.ts';
import { quoteVisibly } from './names.ts';

/** Where goes what is found in files: what a person must know, and faults. */
export interface Findings {
  readonly notes: Notes;
  readonly report: Report;
}

/** Collects what a person must know of the way over. What many nodes share is said once for each place. */
export class Notes {
  readonly #notes = new Map<string, ImportNote>();

  /** Adds a note, with what would drive a terminal made visible; its place is undefined for what the file does not say. */
  add(kind: ImportNote['kind'], of: string, text: string, at?: Place): void {
    const key = [kind, at?.source.file ?? '', at?.start ?? '', of, text].join('\0');
    if (!this.#notes.has(key)) this.#notes.set(key, { kind, at, of: visible(of), text: visible(text) });
  }

  /** Adds a note of a fact of a file, which its value names. */
  addOf(kind: ImportNote['kind'], { value, at }: Said<string>, text: string): void {
    this.add(kind, quoteVisibly(value), text, at);
  }

  /**
   * Gives the notes in the order of the file, of several one after the other by name; what it does not say comes last, in the
   * order of its coming.
   */
  sorted(): ImportNote[] {
    return [...this.#notes.values()].sort((a, b) => byFile(a, b) || orderOf(a) - orderOf(b));
  }
}

function byFile({ at: one }: ImportNote, { at: other }: ImportNote): number {
  if (!one || !other || one.source.file === other.source.file) return 0;
  return one.source.file < other.source.file ? -1 : 1;
}

/** Where a note stands among others: by its place in the file. */
function orderOf({ at }: ImportNote): number {
  return at?.start ?? Number.MAX_SAFE_INTEGER;
}

const WIDTH = 116;

const HEADINGS: readonly (readonly [ImportNote['kind'], string])[] = [
  ['open', 'Yours to fill in:'],
  ['changed', 'Carried otherwise:'],
  ['left', 'Not carried:'],
];

/** Gives what a person must know of the way over as lines for the head of the inventory, without places. */
export function headOf(title: string, notes: readonly ImportNote[]): string {
  const lines = [...wrapped(title, '')];
  for (const [kind, heading] of HEADINGS) {
    const texts = new Map<string, string[]>();
    for (const note of notes) {
      if (note.kind !== kind) continue;
      const of = texts.get(note.text);
      if (of) of.push(note.of);
      else texts.set(note.text, [note.of]);
    }
    if (texts.size === 0) continue;
    lines.push('', heading);
    for (const [text, of] of texts) lines.push(...wrapped(`- ${listed([...new Set(of)])}: ${text}`, '  '));
  }
  return lines.join('\n');
}

/** What is said of more than this names the first of them: what people read does not grow with the nodes. */
export const MOST_NAMES = 20;

function listed(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ');
  return `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${names.length - MOST_NAMES + 1} more`;
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
