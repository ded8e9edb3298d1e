import type { Source } from '../../../source/origin.ts';
import { DhcpdFault } from './fault.ts';

/** A word, a text in quotes, or a mark of dhcpd's syntax. */
export interface Token {
  readonly kind: 'word' | 'text' | 'mark';
  /** What it says, without quotes and escapes. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const BLANK = /[\s\ufeff]+/y;
const COMMENT = /#[^\n]*/y;
const WORD = /[^\s{};,"#]+/y;
const ESCAPE = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|([\s\S]))/g;
const LETTERS: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', b: '\b' };

/**
 * Gives the tokens of a dhcpd.conf or dhcpd.leases. Throws DhcpdFault at a text without an end.
 * Source: ISC DHCP 4.4, common/conflex.c.
 */
export function* tokensOf({ text }: Source): Generator<Token> {
  for (let at = behindBlanks(text, 0); at < text.length; at = behindBlanks(text, at)) {
    const letter = text[at] as string;
    let end = at + 1;
    if (letter === '"') {
      end = endOfText(text, at);
      if (end > text.length)
        throw new DhcpdFault('This text has no closing quote.', { start: at, end: at + 1 }, 'close it');
      yield { kind: 'text', text: unescaped(text.slice(at + 1, end - 1)), start: at, end };
    } else if ('{};,'.includes(letter)) yield { kind: 'mark', text: letter, start: at, end };
    else {
      end = endOf(WORD, text, at);
      yield { kind: 'word', text: text.slice(at, end), start: at, end };
    }
    at = end;
  }
}

function behindBlanks(text: string, start: number): number {
  let at = start;
  for (let from = -1; from !== at; ) {
    from = at;
    at = endOf(COMMENT, text, endOf(BLANK, text, at));
  }
  return at;
}

/** The end behind the closing quote; behind the end of the file where there is none. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOf(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : at;
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, octal?: string, hex?: string, letter = '') => {
    const code = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8);
    return Number.isNaN(code) ? (LETTERS[letter] ?? letter) : String.fromCharCode(code);
  });
}
