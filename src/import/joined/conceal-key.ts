import { endOfBlock } from '../../source/likely.ts';
import type { Source } from '../../source/origin.ts';

const QUOTED = /"(?:[^"\\]|\\.)*"/y;

/**
 * Keeps what a key has from being shown, wherever it stands in a text that looks like YAML or JSON, and whether that can be
 * read or not: to the end of its quotes, else of its block or line.
 */
export function concealKey(source: Source, key: string): void {
  const { text } = source;
  const form = new RegExp(`(?<![\\w-])"?${key}"?[ \\t]*:\\s*`, 'g');
  for (let match = form.exec(text); match; match = form.exec(text)) {
    const start = match.index + match[0].length;
    QUOTED.lastIndex = start;
    const end = QUOTED.test(text) ? QUOTED.lastIndex : endOfBlock(text, columnOf(text, match.index), start);
    source.conceal({ start, end });
    // What is concealed is not looked into: each line is gone over once.
    form.lastIndex = Math.max(end, start);
  }
}

function columnOf(text: string, index: number): number {
  return index - (text.lastIndexOf('\n', index) + 1);
}
