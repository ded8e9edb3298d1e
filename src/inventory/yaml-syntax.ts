import { Composer, type Document } from 'yaml';
import type { Fix, Report } from '../source/diagnostics/report.ts';
import { tokensOf } from '../source/nesting.ts';
import type { Source, SourceLocation } from '../source/source.ts';
import { quote, replaceText, safeFix, suggestedFix } from '../source/text-edit/fix.ts';
import { firstFaults, type YamlFault } from './yaml-faults.ts';

/** Returns the documents of a file; undefined, with an error, if they are nested too deeply. */
export function documentsOf(source: Source, report: Report): readonly Document.Parsed[] | undefined {
  const tokens = tokensOf(source.text);
  if (typeof tokens !== 'number')
    return [...new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: 'silent' }).compose(tokens)];
  reportSyntax({ message: '', pos: [tokens, tokens], code: TOO_DEEP }, source, report);
  return undefined;
}

const TOO_DEEP = 'TOO_DEEP';

/** Reports the first error of a document's syntax, because it may cause the others. Returns whether there is one. */
export function reportError({ errors, warnings }: Document.Parsed, source: Source, report: Report): boolean {
  const error = errors[0] ?? warnings[0];
  if (error) reportSyntax(error, source, report);
  return error !== undefined;
}

function reportSyntax(
  error: { message: string; pos: [number, number]; code: string },
  source: Source,
  report: Report,
): void {
  if (reportConflict(source, report)) return;
  const [start, end] = error.pos;
  const secretInFlow = source.text.slice(start - 1, start + 8) === '${secret:';
  const secretWithBlank = /^\$\{secrets?:\s/.test(source.text.slice(start, start + 12));
  const special = secretInFlow
    ? 'quote a secret between { } or [ ]: "${secret:name}"'
    : secretWithBlank
      ? 'write "${secret:name}", without a blank after the colon'
      : error.code === TOO_DEEP
        ? 'nest lists and maps at most 100 levels deep'
        : rangeHelp(source.text, start);
  const faults = special === undefined ? faultsAt(error, source.text) : [];
  for (const fault of faults) reportFault(fault, source, report);
  if (faults.length === 0)
    report.error({
      code: 'yaml-syntax',
      message:
        error.code === TOO_DEEP ? 'This is nested too deeply.' : `This is not YAML: ${wordsOf(error)}.`,
      at: { source, start, end: Math.min(Math.max(end, start + 1), source.text.length) },
      help: special ?? syntaxHelp(error),
    });
}

/** Reports a typo in YAML's syntax. */
export function reportFault(fault: YamlFault, source: Source, report: Report): void {
  const { start, end, message, help } = fault;
  const fix = fixOf(fault, source);
  report.error({ code: 'yaml-syntax', message, at: { source, start, end }, help, fix });
}

function fixOf({ start, help, splice }: YamlFault, source: Source): Fix | undefined {
  const { text } = source;
  if (splice === 'quotes') {
    const [value = ''] = /^[^"\\#\r\n]*(?=\r?\n|$)/.exec(text.slice(start)) ?? [];
    const at = { source, start, end: start + value.trimEnd().length };
    // A word before the colon may be a key, whose line break is missing.
    const isText = !/^[\w.-]+:/.test(value);
    return value === '' ? undefined : (isText ? safeFix : suggestedFix)(quote(at));
  }
  const before = text.slice(0, start).trimEnd();
  // A comma at the end of a comment would be a part of it.
  if (splice === undefined || (splice === 'comma' && /#[^\n]*$/.test(before))) return undefined;
  const edit = splice === 'comma' ? { start: before.length, end: before.length, text: ',' } : splice;
  return safeFix(replaceText(help, { at: { source, start: edit.start, end: edit.end }, text: edit.text }));
}

/** Errors that an earlier part of the text causes, apart from that at their own place. */
const CONSEQUENCES = [
  'MISSING_CHAR',
  'BAD_INDENT',
  'MULTILINE_IMPLICIT_KEY',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'UNEXPECTED_TOKEN',
];

/** Returns the cause of the parser's first error, if it is one of the usual typos. */
function faultsAt(
  { code, pos: [at] }: { code: string; pos: [number, number] },
  text: string,
): readonly YamlFault[] {
  const tokens = tokensOf(text);
  const faults = typeof tokens === 'number' ? [] : firstFaults(tokens);
  const [first] = faults;
  return CONSEQUENCES.includes(code) || (first && first.start <= at) ? faults : [];
}

/** Reports conflict markers in a file that is not YAML, and whether there are any: they cause all other errors. */
export function reportConflict(source: Source, report: Report): boolean {
  const at = conflictMarker(source);
  if (!at) return false;
  report.error({
    code: 'merge-conflict',
    message: 'The file contains conflict markers: git could not decide which of the two sides applies.',
    at,
    help: 'keep the intended content, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>; git status lists all files with conflicts',
  });
  return true;
}

/** Returns the parser's message without its quotations, which may contain secrets. */
function wordsOf({ code, message }: { code: string; message: string }): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'A tag begins with !, but an inventory must have no tags';
  if (CLOSES_NOTHING.test(message)) return 'no bracket is open that this one could close';
  return message.replace(/(: | %|\.$)[\s\S]*$/, '');
}

/** Maximum distance to search for a range on either side of a bracket. */
const LONGEST_RANGE = 256;

/** Returns the help where YAML reads the brackets of a range, 172.16.0.[1-6], as a list. */
function rangeHelp(text: string, at: number): string | undefined {
  // A range is short. In a long word of brackets and quotes, every letter would be tried as its beginning.
  const before = /[^\s{]*$/.exec(text.slice(Math.max(0, at - LONGEST_RANGE), at))?.[0] ?? '';
  const word = before + (/^[^\s}]*/.exec(text.slice(at, at + LONGEST_RANGE))?.[0] ?? '');
  const range = /[^\s,{[\]]*\[[0-9a-f]+([-,][0-9a-f]+)*\][^\s,}\]]*/i.exec(word)?.[0].replace(/:$/, '');
  return range === undefined ? undefined : `quote the range: "${range}"`;
}

const CLOSES_NOTHING = /^Unexpected flow-(?:map|seq)-end token/;

function syntaxHelp({ code, message }: { code: string; message: string }): string {
  if (CLOSES_NOTHING.test(message))
    return 'remove it, or the quote or bracket before it that closes too early';
  if (code === 'TAB_AS_INDENT') return 'indent with blanks: YAML does not allow tabs';
  if (code === 'TAG_RESOLVE_FAILED') return 'quote the value that begins with !, which YAML reads as a tag';
  if (code === 'BAD_INDENT') return 'indent all keys of a map equally';
  if (code === 'BAD_ALIAS') return 'define the anchor before the alias, in the same file';
  return 'check the quotes, colons and indentation of this line and the one above';
}

/** A line that git writes at a conflict: seven characters at its beginning. */
const MARKER = /^(?:(?:<{7}|\|{7}|>{7}) .*|={7})$/m;

/** Returns the first conflict marker of a text that is not YAML. In valid YAML, such a line is part of a comment or of a block scalar. */
function conflictMarker(source: Source): SourceLocation | undefined {
  const found = MARKER.exec(source.text);
  return found ? { source, start: found.index, end: found.index + found[0].length } : undefined;
}
