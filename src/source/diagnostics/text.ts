import { relative, sep } from 'node:path';
import type { SourceLocation } from '../source.ts';
import type { Diagnostic } from './report.ts';

/** How diagnostics are shown: whether in colour, and relative to which folder. */
export interface TextOptions {
  readonly color: boolean;
  readonly folder: string;
}

/** The longest line that a code frame shows whole; of a longer one it shows the part around the fault. */
const FRAME_WIDTH = 120;

/** Renders diagnostics for a person: place, code, message, code frame, related places, help. Ends with a newline. */
export function formatText(diagnostics: readonly Diagnostic[], options: TextOptions): string {
  const paint = options.color ? ansi : plain;
  return diagnostics.map((diagnostic) => `${formatOne(diagnostic, paint, options.folder)}\n`).join('\n');
}

/** Renders a count, as "2 errors and 1 warning"; empty when there is nothing to count. */
export function formatCount(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  return [plural(errors, 'error'), plural(diagnostics.length - errors, 'warning')]
    .filter(Boolean)
    .join(' and ');
}

/** Gives a place as file:line:column, relative to a folder. */
export function formatPlace(place: SourceLocation, folder: string): string {
  const { line, column } = place.source.position(place.start);
  return `${displayPath(place.source.file, folder)}:${line}:${column}`;
}

/** Gives a path relative to a folder, with forward slashes: a backslash stays where it is a letter like others. */
export function displayPath(file: string, folder: string): string {
  return (relative(folder, file) || '.').replaceAll(sep, '/');
}

function formatOne(diagnostic: Diagnostic, paint: Paint, folder: string): string {
  const { code, severity, at, related = [] } = diagnostic;
  const message = diagnostic.message.split('\n').map(printable);
  const help = diagnostic.help?.split('\n').map(printable);
  return [
    `${paint.place(printable(formatPlace(at, folder)))} ${paint[severity](severity)} ${code}`,
    ...message.map((line) => `  ${line}`),
    ...frame(at).map(
      (line, index, lines) => `  ${index === lines.length - 1 ? paint[severity](line) : line}`,
    ),
    ...related.map((other) => `  ${printable(`${other.message} ${formatPlace(other.at, folder)}`)}`),
    ...(help ? [`  ${paint.help('help:')} ${help.join('\n        ')}`] : []),
  ].join('\n');
}

/** The line of the fault with the one before it, and carets below; nothing where there is no text to show. */
function frame(at: SourceLocation): string[] {
  const { line, column } = at.source.position(at.start);
  const text = at.source.line(line);
  if (!text?.trim()) return [];
  const gutter = String(line).length;
  const before = line > 1 ? at.source.line(line - 1) : undefined;
  const shift = text.length <= FRAME_WIDTH ? 0 : Math.max(0, column - 1 - FRAME_WIDTH / 2);
  const cut = (content: string) => printable(content.slice(shift, shift + FRAME_WIDTH));
  const width = Math.max(1, Math.min(at.end - at.start, text.length - (column - 1), FRAME_WIDTH / 2));
  return [
    ...(before?.trim() ? [`${String(line - 1).padStart(gutter)} | ${cut(before)}`] : []),
    `${line} | ${cut(text)}`,
    `${' '.repeat(gutter)} | ${' '.repeat(column - 1 - shift)}${'^'.repeat(width)}`,
  ];
}

/** Tabs keep their one column, and nothing in a file may drive the terminal. */
function printable(content: string): string {
  return content
    .replaceAll('\t', ' ')
    .replace(/\p{Cc}/gu, '\ufffd')
    .trimEnd();
}

function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

type Paint = Record<'place' | 'error' | 'warning' | 'help', (text: string) => string>;

const plain: Paint = { place: same, error: same, warning: same, help: same };

const ansi: Paint = {
  place: (text) => `\u001b[1m${text}\u001b[0m`,
  error: (text) => `\u001b[31m${text}\u001b[0m`,
  warning: (text) => `\u001b[33m${text}\u001b[0m`,
  help: (text) => `\u001b[36m${text}\u001b[0m`,
};

function same(text: string): string {
  return text;
}
