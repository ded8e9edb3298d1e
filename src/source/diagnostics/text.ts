import { relative, sep } from 'node:path';
import { escapeControlChars } from '../../values/text.ts';
import type { SourceLocation } from '../source.ts';
import type { Diagnostic } from './report.ts';

/** How to show diagnostics: in color or not, and relative to which directory. */
export interface TextOptions {
  readonly color: boolean;
  readonly folder: string;
}

/** The longest line that a code frame shows in full; of a longer line, it shows the part around the error. */
const FRAME_WIDTH = 120;

/** Renders diagnostics as text: location, code, message, code frame, related locations, help. Ends with a newline. */
export function formatText(diagnostics: readonly Diagnostic[], options: TextOptions): string {
  const paint = options.color ? ansi : plain;
  return diagnostics.map((diagnostic) => `${formatOne(diagnostic, paint, options.folder)}\n`).join('\n');
}

/** Renders a count, as "2 errors and 1 warning"; empty if there are none. */
export function formatCount(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  return [plural(errors, 'error'), plural(diagnostics.length - errors, 'warning')]
    .filter(Boolean)
    .join(' and ');
}

/** Returns a source location as file:line:column, relative to a directory. */
export function formatLocation(location: SourceLocation, folder: string): string {
  const { line, column } = location.source.position(location.start);
  return `${displayPath(location.source.file, folder)}:${line}:${column}`;
}

/** Returns a path relative to a directory, with forward slashes; a backslash that is not a separator stays unchanged. */
export function displayPath(file: string, folder: string): string {
  return (relative(folder, file) || '.').replaceAll(sep, '/');
}

function formatOne(diagnostic: Diagnostic, paint: Paint, folder: string): string {
  const { code, severity, at, related = [] } = diagnostic;
  const message = diagnostic.message.split('\n').map(printable);
  const help = diagnostic.help?.split('\n').map(printable);
  return [
    `${paint.location(printable(formatLocation(at, folder)))} ${paint[severity](severity)} ${code}`,
    ...message.map((line) => `  ${line}`),
    ...frame(at).map(
      (line, index, lines) => `  ${index === lines.length - 1 ? paint[severity](line) : line}`,
    ),
    ...related.map((other) => `  ${printable(`${other.message} ${formatLocation(other.at, folder)}`)}`),
    ...(help ? [`  ${paint.help('help:')} ${help.join('\n        ')}`] : []),
  ].join('\n');
}

/** Returns the line of the error with the line before it, and carets below; empty if the location has no text. */
export function frame(at: SourceLocation): string[] {
  const { line, column } = at.source.position(at.start);
  const text = at.source.line(line);
  if (!text?.trim()) return [];
  const gutter = String(line).length;
  const before = line > 1 ? at.source.line(line - 1) : undefined;
  const shift = text.length <= FRAME_WIDTH ? 0 : Math.max(0, column - 1 - FRAME_WIDTH / 2);
  const cut = (content: string) => printable(content.slice(shift, shift + FRAME_WIDTH));
  const start = column - 1;
  const marked = text.slice(start, start + Math.max(0, Math.min(at.end - at.start, FRAME_WIDTH / 2)));
  return [
    ...(before?.trim() ? [`${String(line - 1).padStart(gutter)} | ${cut(before)}`] : []),
    `${line} | ${cut(text)}`,
    `${' '.repeat(gutter)} | ${' '.repeat(escaped(text.slice(shift, start)).length)}${'^'.repeat(escaped(marked).length || 1)}`,
  ];
}

function printable(content: string): string {
  return escaped(content).trimEnd();
}

/** Replaces a tab by one blank, and characters that could control the terminal by escapes. */
function escaped(content: string): string {
  return escapeControlChars(content.replaceAll('\t', ' '));
}

/** Returns a count with its noun; empty for none. */
export function plural(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

type Paint = Record<'location' | 'error' | 'warning' | 'help', (text: string) => string>;

const plain: Paint = { location: same, error: same, warning: same, help: same };

const ansi: Paint = {
  location: (text) => `\u001b[1m${text}\u001b[0m`,
  error: (text) => `\u001b[31m${text}\u001b[0m`,
  warning: (text) => `\u001b[33m${text}\u001b[0m`,
  help: (text) => `\u001b[36m${text}\u001b[0m`,
};

function same(text: string): string {
  return text;
}
