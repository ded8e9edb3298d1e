import { Composer, type Document, Parser } from 'yaml';
import type { Report } from '../source/diagnostics/report.ts';
import { tooDeepAt } from '../source/nesting.ts';
import type { Source, SourceLocation } from '../source/source.ts';

/** Gives the documents of a file; undefined, with a report, where they are nested too deeply to be looked into. */
export function documentsOf(source: Source, report: Report): readonly Document.Parsed[] | undefined {
  const tokens = [...new Parser().parse(source.text)];
  const deep = tooDeepAt(source.text, tokens);
  if (deep === undefined)
    return [...new Composer({ prettyErrors: false, uniqueKeys: false, logLevel: 'silent' }).compose(tokens)];
  reportSyntax({ message: '', pos: [deep, deep], code: TOO_DEEP }, source, report);
  return undefined;
}

const TOO_DEEP = 'TOO_DEEP';

/** Reports the first fault of a document's syntax, since what follows one often follows from it. Returns whether there is one. */
export function reportFault({ errors, warnings }: Document.Parsed, source: Source, report: Report): boolean {
  const fault = errors[0] ?? warnings[0];
  if (fault) reportSyntax(fault, source, report);
  return fault !== undefined;
}

function reportSyntax(
  fault: { message: string; pos: [number, number]; code: string },
  source: Source,
  report: Report,
): void {
  if (reportConflict(source, report)) return;
  const [start, end] = fault.pos;
  const secretInFlow = source.text.slice(start - 1, start + 8) === '${secret:';
  const secretWithBlank = /^\$\{secrets?:\s/.test(source.text.slice(start, start + 12));
  report.error({
    code: 'yaml-syntax',
    message: fault.code === TOO_DEEP ? 'This is nested too deeply.' : `This is not YAML: ${wordsOf(fault)}.`,
    at: { source, start, end: Math.min(Math.max(end, start + 1), source.text.length) },
    help: secretInFlow
      ? 'between { } or [ ] a secret must stand in quotes: "${secret:name}"'
      : secretWithBlank
        ? 'write ${secret:name}, without a blank after the colon'
        : ((fault.code === TOO_DEEP ? undefined : rangeHelp(source.text, start)) ?? syntaxHelp(fault)),
  });
}

/** Reports the marks of a merge conflict in what is not YAML, where there are any: whatever else is said follows. */
export function reportConflict(source: Source, report: Report): boolean {
  const at = conflictMark(source);
  if (!at) return false;
  report.error({
    code: 'merge-conflict',
    message:
      'The file holds the marks of a merge conflict: which of the two sides should count, git could not tell.',
    at,
    help: 'keep what should count, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>; git status lists all files with conflicts',
  });
  return true;
}

/** What the parser says, but for what it quotes: that may be a secret. */
function wordsOf({ code, message }: { code: string; message: string }): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'A tag begins with !, and an inventory has none';
  return message.replace(/(: | %|\.$)[\s\S]*$/, '');
}

/** How far a range is looked for on either side of a bracket. */
const LONGEST_RANGE = 256;

/** What to do where YAML takes the brackets of a range, 172.16.0.[1-6], for a list of its own. */
function rangeHelp(text: string, at: number): string | undefined {
  // A range is short; of a long word of brackets and quotes every letter would be tried as the first of one.
  const before = /[^\s{]*$/.exec(text.slice(Math.max(0, at - LONGEST_RANGE), at))?.[0] ?? '';
  const word = before + (/^[^\s}]*/.exec(text.slice(at, at + LONGEST_RANGE))?.[0] ?? '');
  const range = /[^\s,{[\]]*\[[0-9a-f]+([-,][0-9a-f]+)*\][^\s,}\]]*/i.exec(word)?.[0].replace(/:$/, '');
  return range === undefined ? undefined : `a range must stand in quotes here: "${range}"`;
}

function syntaxHelp({ code, message }: { code: string; message: string }): string {
  if (code === TOO_DEEP) return 'nest at most 100 lists and maps in each other';
  if (message.startsWith('Flow ')) return 'close the bracket that was opened before';
  if (code === 'TAB_AS_INDENT') return 'indent with blanks: YAML does not take tabs';
  if (code === 'TAG_RESOLVE_FAILED') return 'YAML takes ! for a tag: quote the value that begins with it';
  if (code === 'BAD_INDENT') return 'indent the keys of one map alike';
  if (code === 'BAD_ALIAS') return 'define the anchor before the alias, in the same file';
  return 'check the quotes, colons and indentation of this line and the one above';
}

/** A line that git writes between the two sides of a conflict: seven signs at its very beginning. */
const MARK = /^(?:(?:<{7}|\|{7}|>{7}) .*|={7})$/m;

/**
 * Gives the first line of a text that git has written to mark a merge conflict. To be asked of what is not YAML: in what
 * is, such a line stands in a comment or in a block of text.
 */
function conflictMark(source: Source): SourceLocation | undefined {
  const found = MARK.exec(source.text);
  return found ? { source, start: found.index, end: found.index + found[0].length } : undefined;
}
