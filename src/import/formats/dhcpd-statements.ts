import type { Span } from '../../source/likely.ts';
import type { FileReader, Piece } from './file-reader.ts';
import { LEFT_OF_BOOT } from './reservations.ts';

/** A word, a text in quotes, or a mark of dhcpd's syntax; its text is without quotes and escapes. */
export interface Token extends Piece {
  readonly kind: 'word' | 'text' | 'mark';
}

/** A statement: words up to a semicolon, or up to a block in braces. */
export interface Statement extends Span {
  /** Its first word, in lower case. */
  readonly keyword: string;
  /** What follows the first word, commas among it. */
  readonly words: readonly Token[];
  readonly block?: readonly Statement[] | undefined;
  /** The end of its words: its block lies behind. */
  readonly end: number;
}

/** A deeper nesting than anybody writes. */
const DEEPEST = 50;

/** Blanks and comments; a text in quotes, which may have no end; a mark; a word. Source: ISC DHCP 4.4, common/conflex.c. */
const TOKEN = /(?:\s+|#[^\n]*)|"((?:[^"\\]+|\\[\s\S])*)("?)|([{};,])|[^\s{};,"#]+/g;
const ESCAPE = /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|([\s\S]))/g;
const LETTERS: Readonly<Record<string, string>> = { t: '\t', r: '\r', n: '\n', b: '\b' };

/** A block that is being read, and the words of the statement that it has come to. */
interface Open {
  readonly statements: Statement[];
  words: Token[];
  /** Undefined for the file itself. */
  readonly brace?: Token;
}

/**
 * Reads the statements of a dhcpd.conf or dhcpd.leases, which have one grammar. Reports the first fault, and gives undefined
 * then. Source: dhcpd.conf(5), dhcpd.leases(5).
 */
export function readStatements(reader: FileReader): readonly Statement[] | undefined {
  const refuse = (message: string, piece: Span, help: string): undefined =>
    reader.error('import-syntax', message, reader.at(piece), help);
  const refuseRest = (first: Token, last = first) =>
    refuse(
      'This statement has no semicolon behind it.',
      { start: last.start, end: last.end },
      'put one there',
    );
  const open: Open[] = [{ statements: [], words: [] }];
  for (const { 0: raw, 1: quoted, 2: close, 3: mark, index: start } of reader.source.text.matchAll(TOKEN)) {
    if (/^[\s#]/.test(raw)) continue;
    const end = start + raw.length;
    if (close === '') return refuse('This text has no closing quote.', { start, end: start + 1 }, 'close it');
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
          `Blocks lie more than ${DEEPEST} deep in each other.`,
          token,
          'look for a brace too many, or for one that is not closed',
        );
      const block: Open = { statements: [], words: [], brace: token };
      statements.push(statementOf(words, token, block.statements));
      open.push(block);
    } else if (mark === ';') {
      if (first) statements.push(statementOf(words, token));
    } else {
      if (first) return refuseRest(first, words.at(-1));
      const help = 'take it out, or see whether one is missing before it';
      if (!within.brace) return refuse('This brace closes nothing.', token, help);
      open.pop();
    }
    within.words = [];
  }
  const { brace, words, statements } = open.at(-1) as Open;
  if (brace)
    return refuse('This brace is not closed.', brace, 'close it, or copy the file again, to its end');
  return words[0] ? refuseRest(words[0], words.at(-1)) : statements;
}

function statementOf(words: readonly Token[], behind: Token, block?: readonly Statement[]): Statement {
  const [first = behind, ...others] = words;
  const keyword = first.kind === 'word' ? first.text.toLowerCase() : '';
  return { keyword, words: others, block, start: first.start, end: (others.at(-1) ?? first).end };
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, octal?: string, hex?: string, letter = '') => {
    const code = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8);
    return Number.isNaN(code) ? (LETTERS[letter] ?? letter) : String.fromCharCode(code);
  });
}

const SERVER = 'a matter of the old server: harvgen writes a configuration of its own';
/** Why what is of IPv6 is left. */
export const IPV6 = 'a site has IPv4 addresses';

/** Why statements of dhcpd are left. Source: dhcpd.conf(5), dhcp-options(5), dhcp-eval(5). */
const WHY: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:filename|next-server|server-name|class|subclass|match|spawn|vendor-option-space|site-option-space|if|elsif|else|switch|always-broadcast|always-reply-rfc1048|boot-unknown-clients|vendor|execute)$/,
    LEFT_OF_BOOT,
  ],
  [
    /^(?:allow|deny|ignore|known|unknown|dynamic)$/,
    'strangers get an address where the network has a pool, and none without one',
  ],
  [/6$|^(?:prefix6|ia-na|ia-ta|ia-pd|server-duid|preferred-lifetime|dhcpv6-)/, IPV6],
  [
    /^(?:authoritative|not|ddns|update|do-forward|do-reverse|log|on|set|unset|max-lease-time|min-lease-time|min-secs|dynamic-bootp-lease|one-lease-per-client|ping|omapi|key|zone|failover|abandon|adaptive|bind|check|db-time-format|delayed-ack|max-ack-delay|echo-client-id|get-lease-hostnames|ignore-client-uids|infinite|lease|limit|local|pid-file|persist|prefix-length|release-on-roam|remote|server-identifier|server-id-check|stash-agent-options|use-lease-addr|interface|delete|define|mclt|algorithm|secret|authoring-byte-order)(?:-|$)/,
    SERVER,
  ],
];

/** Says why nothing of a site carries a statement. */
export function whyLeft(keyword: string): string {
  return WHY.find(([form]) => form.test(keyword))?.[1] ?? 'harvgen knows no such statement of dhcpd';
}

const OPTION_OF_BOOT =
  /^(?:vendor-class-identifier|vendor-encapsulated-options|user-class|tftp-server-name|bootfile-name|root-path|space|(?:ipxe|gpxe|pxe|pxelinux|etherboot|cumulus|magic|configfile|pathprefix|reboottime|arch|architecture|client-arch|client-architecture)\b.*|.*\bcode\b.*)$/;

/** Says why nothing of a site carries an option. */
export function whyOptionLeft(name: string): string {
  if (OPTION_OF_BOOT.test(name)) return LEFT_OF_BOOT;
  if (/^(?:dhcp6|fqdn)\b/.test(name)) return SERVER;
  return "nothing of a site gives out such an option; a template of the site's own can: docs/templates.md";
}

/** Says why nothing of a site carries a statement of a host. */
export function whyHostLeft({ keyword, words }: Statement): string {
  if (keyword === 'server-name')
    return "a server's name, which clients do not take for their own: the node is called as its host-name, or as the host is declared";
  if (words.some(({ text }) => text.includes('/boot/v1/bootscript')))
    return 'BSS gave the machine its script there: harvgen writes one for each node, and server.compat: [ochami] keeps the URL';
  return whyLeft(keyword);
}
