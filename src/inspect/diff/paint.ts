import { visible } from '../../values/quoting/visible.ts';

/** How a plan is shown: whether to a terminal, which nothing in a file may drive, and whether in colour. */
export interface Look {
  readonly isTerminal: boolean;
  readonly color: boolean;
}

const CODES = { bold: 1, red: 31, green: 32, cyan: 36 } as const;

/** Gives a text in a colour, where colours are wanted. */
export function paint(text: string, color: keyof typeof CODES, look: Look): string {
  return look.color ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text;
}

/** Gives the diff of a file as it is to be shown: as it is, but to a terminal. */
export function paintDiff(diff: string, look: Look): string {
  if (!look.isTerminal) return diff;
  let isHeader = true;
  const lines = diff.split('\n').map((line) => {
    if (line.startsWith('@@ ')) isHeader = false;
    const text = line.split('\t').map(visible).join('\t');
    const color = isHeader ? 'bold' : colorOf(line);
    return text !== '' && color ? paint(text, color, look) : text;
  });
  return lines.join('\n');
}

function colorOf(line: string): keyof typeof CODES | undefined {
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('@@') ? 'cyan' : undefined;
}
