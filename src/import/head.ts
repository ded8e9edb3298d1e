import type { ImportNote } from './kind.ts';

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
