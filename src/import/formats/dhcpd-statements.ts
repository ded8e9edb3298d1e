import type { Span } from '../../values/spans.ts';
import type { Sourced } from '../model/gathered.ts';
import type { FileReader, Piece } from './file-reader.ts';
import { whyLeft as why } from './keys.ts';

/** A word, a text in quotes, or a punctuation mark of dhcpd; its text is without quotes and escapes. */
export interface Token extends Piece {
  readonly kind: 'word' | 'text' | 'mark';
}

/** A statement: words up to a semicolon, or up to a block in braces. */
export interface Statement extends Span {
  /** Its first word, in lower case. */
  readonly keyword: string;
  /** The tokens after the first word, including commas. */
  readonly words: readonly Token[];
  readonly block?: readonly Statement[] | undefined;
  /** The end of its words, before the block. */
  readonly end: number;
}

/** The maximum nesting depth; no valid file reaches it. */
const DEEPEST = 50;

/** Blanks and comments; a quoted text, possibly unclosed; a mark; a word. Source: ISC DHCP 4.4, common/conflex.c. */
const TOKEN = /(?:\s+|#[^\n]*)|"((?:[^"\\]+|\\[\s\S])*)("?)|([{};,])|[^\s{};,"#]+/g;
const ESCAPE = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|([\s\S]))/g;
const LETTERS: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', b: '\b' };

/** An open block, with the words of its current statement. */
interface Open {
  readonly statements: Statement[];
  words: Token[];
  /** Undefined for the file itself. */
  readonly brace?: Token;
}

/**
 * Reads the statements of a dhcpd.conf or dhcpd.leases, which share one grammar. Returns undefined after the first error.
 * Source: dhcpd.conf(5), dhcpd.leases(5).
 */
export function readStatements(reader: FileReader): readonly Statement[] | undefined {
  const refuse = (message: string, piece: Span, help: string): undefined =>
    reader.error('import-syntax', message, reader.at(piece), help);
  const refuseRest = (first: Token, last = first) =>
    refuse(
      'This statement has no semicolon after it.',
      { start: last.start, end: last.end },
      'add a semicolon',
    );
  const open: Open[] = [{ statements: [], words: [] }];
  for (const { 0: raw, 1: quoted, 2: close, 3: mark, index: start } of reader.source.text.matchAll(TOKEN)) {
    if (/^[\s#]/.test(raw)) continue;
    const end = start + raw.length;
    if (close === '') return refuse('This text has no closing quote.', { start, end: start + 1 }, 'add one');
    const within = open.at(-1) as Open;
    const { statements, words } = within;
    const [first] = words;
    if (mark === undefined || mark === ',') {
      const kind = mark ? 'mark' : quoted === undefined ? 'word' : 'text';
      words.push({ kind, text: quoted === undefined ? raw : unescaped(quoted), start, end });
      continue;
    }
    const token: Token = { kind: 'mark', text: mark, start, end };
    if (mark === '{') {
      if (open.length > DEEPEST)
        return refuse(
          `Blocks are nested more than ${DEEPEST} levels deep.`,
          token,
          'remove an extra opening brace, or close an open one',
        );
      const block: Open = { statements: [], words: [], brace: token };
      statements.push(statementOf(words, token, block.statements));
      open.push(block);
    } else if (mark === ';') {
      if (first) statements.push(statementOf(words, token));
    } else {
      if (first) return refuseRest(first, words.at(-1));
      const help = 'remove the brace, or add the missing opening brace';
      if (!within.brace) return refuse('This brace closes nothing.', token, help);
      open.pop();
    }
    within.words = [];
  }
  const { brace, words, statements } = open.at(-1) as Open;
  if (brace)
    return refuse('This brace is not closed.', brace, 'close the brace, or copy the complete file again');
  return words[0] ? refuseRest(words[0], words.at(-1)) : statements;
}

function statementOf(words: readonly Token[], terminator: Token, block?: readonly Statement[]): Statement {
  const [first = terminator, ...others] = words;
  const keyword = first.kind === 'word' ? first.text.toLowerCase() : '';
  return { keyword, words: others, block, start: first.start, end: (others.at(-1) ?? first).end };
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, octal?: string, hex?: string, letter = '') => {
    const code = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8);
    return Number.isNaN(code) ? (LETTERS[letter] ?? letter) : String.fromCharCode(code);
  });
}

/** Returns why a statement is not imported. Source: dhcpd.conf(5), dhcp-options(5), dhcp-eval(5). */
export function whyLeft(keyword: string): string {
  return why('dhcpd', keyword) ?? 'unknown statement of dhcpd';
}

/** Returns the boot files that statements name, also within blocks such as `if`, except those of some keywords. */
export function bootFilesIn(
  statements: readonly Statement[],
  reader: FileReader,
  except: readonly string[] = [],
): Sourced<string>[] {
  return statements.flatMap(({ keyword, words: [name, file], block = [] }) => {
    const isOption = keyword === 'option' && name?.text.toLowerCase() === 'bootfile-name';
    const named = isOption ? file : keyword === 'filename' ? name : undefined;
    if (named) return [reader.sourced(named)];
    return except.includes(keyword) ? [] : bootFilesIn(block, reader, except);
  });
}

/** Returns why a statement of a host is not imported. */
export function whyHostLeft({ keyword, words }: Statement): string {
  if (keyword === 'server-name')
    return 'the name of a server, not of the client: the node is named by its host-name or its host declaration';
  if (words.some(({ text }) => text.includes('/boot/v1/bootscript')))
    return 'BSS served the boot script there: harvgen writes one for each node, and server.compat: [ochami] keeps the URL';
  return whyLeft(keyword);
}
