/** Thrown if a value cannot be written in a syntax, so that no generated file contains it. */
export class Unquotable extends Error {
  constructor(value: string, syntax: string, why: string) {
    super(`${JSON.stringify(value)} cannot be written in ${syntax}: ${why}`);
    this.name = 'Unquotable';
  }
}

/** A form that a syntax cannot represent, and the reason. */
type Limit = readonly [form: RegExp, why: string];

const EMPTY: Limit = [/^$/, 'it is empty'];
const CONTROL: Limit = [/\p{Cc}/u, 'it contains a control character'];
const NO_WORD: Limit = [
  /[^!-~]/,
  'it contains a blank, a control character or a character that is not ASCII',
];

/** Returns the text of a value. Throws Unquotable if it matches one of the limits, for the first of them. */
function textOf(value: unknown, syntax: string, ...limits: readonly Limit[]): string {
  const text = String(value);
  const broken = limits.find(([form]) => form.test(text));
  if (broken) throw new Unquotable(text, syntax, broken[1]);
  return text;
}

function inDoubleQuotes(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Returns a text in single quotes, in which only the quote itself is special. */
function inSingleQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text that is a single word in nearly every syntax; in some, also with `,` and `=`. */
const PLAIN = /^[A-Za-z0-9_./:@%+-]+$/;
const PLAIN_WITH_EQUALS = /^[A-Za-z0-9_./:@%+,=-]+$/;

/**
 * Returns a value as one word of a POSIX shell: unchanged if it is plain, else in single quotes, in which only the quote
 * itself is special. Throws Unquotable for a NUL, which arguments cannot contain.
 */
export function quoteShell(value: unknown): string {
  const text = textOf(value, 'a shell script', [/\0/, 'it contains a NUL']);
  return PLAIN_WITH_EQUALS.test(text) && !/^[-=]/.test(text) ? text : inSingleQuotes(text);
}

/**
 * Returns a value as one word of a GRUB script: unchanged if it is plain, else in single quotes, in which only the quote
 * itself is special. Source: GRUB's manual, "Writing full configuration files directly", Quoting.
 * Throws Unquotable for control characters and for non-ASCII characters: GRUB's console displays neither.
 */
export function quoteGrub(value: unknown): string {
  const limit: Limit = [/[^ -~]/, 'it contains a control character or one that is not ASCII'];
  const text = textOf(value, 'a GRUB script', limit);
  return PLAIN.test(text) ? text : inSingleQuotes(text);
}

/**
 * Returns a kernel argument as a word of GRUB's `linux` command. GRUB itself puts an argument with a blank in double quotes,
 * as the kernel requires. It also adds a backslash before each quote and backslash in the argument, and the kernel would keep
 * these. So this function removes quotes around the argument or its value.
 * Source: GRUB, grub-core/lib/cmdline.c (grub_create_loader_cmdline).
 * Throws Unquotable for characters that GRUB cannot pass on unchanged: other quotes, and backslashes.
 */
export function quoteGrubArg(word: string): string {
  const plain = word.replace(/^"([^"]*)"$/, '$1').replace(/^([^"=]+=)"([^"]*)"$/, '$1$2');
  if (!/["'\\]/.test(plain)) return quoteGrub(plain);
  const why = 'GRUB puts a backslash before each quote and backslash';
  throw new Unquotable(word, 'an argument of a kernel that GRUB boots', why);
}

/** A text that is plain in any position of an iPXE script; nearly all values are. */
const PLAIN_IN_IPXE = /^[\w/:.@%+=,-]+$/;

/** Whether a text, and any combination of it with other plain texts, can be written in an iPXE script. */
function isPlainInIpxe(text: string): boolean {
  return PLAIN_IN_IPXE.test(text);
}

/**
 * Returns a value as part of a word of an iPXE script. iPXE has no quotes and no escapes: a blank ends the word, `${`
 * begins a setting. A word that begins with `#` or is `||`, `&&` or `;` ends the command.
 * Source: iPXE, src/core/exec.c (split_command, expand_command) and src/core/parseopt.c.
 * Throws Unquotable for a value that contains any of these, or anything except printable ASCII.
 */
export function quoteIpxe(value: unknown): string {
  const text = String(value);
  if (isPlainInIpxe(text)) return text;
  const ends: Limit = [/^#|^(\|\||&&|;)$/, 'it would end the command'];
  return textOf(text, 'an iPXE script', EMPTY, NO_WORD, [/\$\{/, '${ begins a setting'], ends);
}

/**
 * Returns a value as a word of PXELINUX' configuration, which has no quotes: a blank ends the word. File names have at most
 * 127 characters. Source: Syslinux, doc/pxelinux.txt and com32/elflink/ldlinux/readconfig.c.
 * Throws Unquotable if the value is empty or contains blanks, control characters or non-ASCII characters.
 */
export function quotePxelinux(value: unknown): string {
  return textOf(value, "PXELINUX' configuration", [/^$|[^!-~]|^#/, 'it is not a single word']);
}

/**
 * Returns a value as a word of xinetd's configuration, which has no quotes: blanks separate words, and a server's arguments
 * are such words. Source: xinetd, xinetd/parse.c and xinetd.conf(5).
 * Throws Unquotable if the value is empty or contains blanks, control characters or non-ASCII characters.
 */
export function quoteXinetd(value: unknown): string {
  return textOf(value, "xinetd's configuration", [/^$|[^!-~]|^[#{}]/, 'it is not a single word']);
}

const BEYOND_ISCSI_NAMES: Limit = [
  /^$|[^A-Za-z0-9._:/@+-]/,
  'it contains characters other than letters, digits and . _ : / @ + -',
];

/**
 * Returns a value as a word of a tgt configuration. tgt-admin passes words to a shell, so no word may contain shell syntax.
 * Source: tgt, scripts/tgt-admin (execute, add_backing_direct). Throws Unquotable for anything but letters, digits
 * and `. _ : / @ + -`.
 */
export function quoteTgt(value: unknown): string {
  return textOf(value, 'a tgt configuration', BEYOND_ISCSI_NAMES);
}

/**
 * Returns a value as one word of a chrony configuration, unchanged: chrony has no quotes and no escapes. Source: chrony,
 * cmdparse.c (CPS_NormalizeLine, CPS_SplitWord). Throws Unquotable for empty values, blanks, control characters and
 * non-ASCII characters, and for values that would turn a line that begins with them into a comment.
 */
export function quoteChrony(value: unknown): string {
  const text = textOf(value, 'a chrony configuration', EMPTY, NO_WORD);
  return textOf(text, 'a chrony configuration', [/^[!;#%]/, `${text[0]} begins a comment`]);
}

/**
 * Returns a value as a string of a ConMan configuration, in double quotes, or in single quotes if it contains double ones:
 * ConMan has no escapes. Source: conman.conf(5). Throws Unquotable for control characters, for values with both quotes, and
 * for a percent sign, which begins a specifier such as %N.
 */
export function quoteConman(value: unknown): string {
  const bothQuotes: Limit = [/".*'|'.*"/s, 'it contains both kinds of quotes'];
  const percent: Limit = [/%/, 'it contains a percent sign'];
  const text = textOf(value, 'a ConMan configuration', CONTROL, percent, bothQuotes);
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}

/**
 * Returns a value as a string of dhcpd.conf, in double quotes: a backslash escapes, and characters other than printable ASCII
 * become the escapes of their bytes. Addresses and numbers are not strings there. Source: ISC DHCP 4.4, common/conflex.c
 * (read_string). Throws Unquotable for control characters.
 */
export function quoteDhcpd(value: unknown): string {
  const text = textOf(value, 'a configuration of dhcpd', CONTROL);
  return inDoubleQuotes(text).replace(/[^ -~]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16)}`).join(''),
  );
}

/**
 * Returns a value as one comma-separated field of a dnsmasq option: unchanged if it is plain, else in double quotes. These make commas
 * and # literal, and a backslash escapes in them. Source: dnsmasq, src/option.c (read_file). Throws Unquotable for control characters.
 */
export function quoteDnsmasq(value: unknown): string {
  const text = String(value);
  return PLAIN.test(text) ? text : inDoubleQuotes(textOf(text, 'a dnsmasq configuration', CONTROL));
}

/** Numbers, addresses and subnets, which nft accepts without quotes. */
const PLAIN_IN_NFT = /^([0-9]+|[0-9.]+(\/[0-9]+)?|[0-9a-f]*:[0-9a-f:.]*(\/[0-9]+)?)$/;

/**
 * Returns a value as one word of an nftables ruleset: numbers and addresses unchanged, all else in double quotes, because a
 * NIC may be named like a keyword of nft. Source: nftables, src/scanner.l (quotedstring), src/evaluate.c
 * (expr_evaluate_string). Throws Unquotable for a quote, which cannot be escaped, and for `*` at the end, a wildcard.
 * Also throws Unquotable for a backslash, which would disable the wildcard, and for control characters.
 */
export function quoteNft(value: unknown): string {
  const quote: Limit = [/["\\]/, 'it contains a quote or a backslash, which cannot be escaped'];
  const star: Limit = [/\*$/, '* at its end is a wildcard'];
  const text = textOf(value, 'an nftables ruleset', EMPTY, CONTROL, quote, star);
  return PLAIN_IN_NFT.test(text) ? text : `"${text}"`;
}

/**
 * Returns a value as one parameter of an nginx directive: unchanged if it is plain, else in double quotes, in which a
 * backslash escapes quotes and backslashes. Source: nginx, src/core/ngx_conf_file.c.
 * Throws Unquotable for `$`, which begins a variable and cannot be escaped, and for control characters.
 */
export function quoteNginx(value: unknown): string {
  const text = String(value);
  if (PLAIN_WITH_EQUALS.test(text)) return text;
  return quoteNginxLocation(textOf(text, 'an nginx configuration', [/\$/, '$ begins a variable']));
}

/**
 * Returns the path of an exact nginx location (`location = …`), which nginx compares to the decoded path of a request. `$` has no special
 * meaning there. Source: nginx, src/http/ngx_http_core_module.c (ngx_http_core_location). Throws Unquotable for control characters.
 */
export function quoteNginxLocation(path: string): string {
  if (PLAIN_WITH_EQUALS.test(path)) return path;
  return inDoubleQuotes(textOf(path, 'an nginx configuration', CONTROL));
}

/** powermand writes a longer string past the end of its buffer (8192 bytes, parse_lex.l). */
const MOST_BYTES = 8191;

/**
 * Returns a value as a string of a powerman configuration, in double quotes. Source: chaos/powerman, src/powerman/parse_lex.l. Throws
 * Unquotable for control characters, which end a string or are read differently, and for values longer than powermand's buffer.
 */
export function quotePowerman(value: unknown): string {
  const text = textOf(value, 'a powerman configuration', CONTROL);
  if (Buffer.byteLength(text) <= MOST_BYTES) return inDoubleQuotes(text);
  throw new Unquotable(text, 'a powerman configuration', `it is longer than ${MOST_BYTES} bytes`);
}

/**
 * Returns a value as one item of a systemd unit's setting, for example a command's argument. Doubles `%`, which begins a specifier.
 * Leaves plain values unquoted; others are in double quotes, in which a backslash escapes quotes and backslashes, in commands and in
 * other settings. Source: systemd.syntax(7), systemd.service(5), systemd's src/basic/extract-word.c. Throws Unquotable for `$`, which
 * begins a variable in commands and must be doubled there, but is literal in other settings, and for control characters.
 */
export function quoteSystemd(value: unknown): string {
  const dollar: Limit = [/\$/, '$ begins a variable in commands'];
  const text = textOf(value, 'a systemd unit', dollar, CONTROL).replaceAll('%', '%%');
  return PLAIN_WITH_EQUALS.test(text) ? text : inDoubleQuotes(text);
}

/** Returns a value as text of a Markdown page, on one line, without active Markdown or HTML syntax. */
export function quoteMarkdown(value: unknown): string {
  const text = String(value);
  if (/^[A-Za-z0-9.,:/@+=%-]*$/.test(text)) return text;
  return text
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '\ufffd')
    .replace(
      /[\\`*~[\]<>|&#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g,
      (character) => `&#${character.charCodeAt(0)};`,
    );
}

/** A text without special characters of XML; nearly all values are. */
const PLAIN_IN_XML = /^[A-Za-z0-9_ ./:@%+,=-]*$/;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Returns a value as text of an XML element, or of an attribute in either kind of quotes. Source: XML 1.0, 2.4 (character data and
 * markup). Not for comments, which have no quoting. Throws Unquotable for control characters: XML turns some into blanks and forbids the
 * others. Also throws it for invalid characters: half of a surrogate pair, U+FFFE, U+FFFF (XML 1.0, 2.2).
 */
export function quoteXml(value: unknown): string {
  const text = String(value);
  if (PLAIN_IN_XML.test(text)) return text;
  textOf(text, 'XML', CONTROL, [/[\p{Cs}\ufffe\uffff]/u, 'it contains an invalid character']);
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** A text that double quotes leave unchanged: no quotes, backslashes, controls of YAML 1.1, or halves of surrogate pairs. */
const PLAIN_IN_YAML = /^[ !#-[\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** JSON output that YAML writes differently: an escape for which YAML has a shorter one, or a blank before a line's end. */
const ESCAPE = / ?\\(?:u([0-9a-f]{4})|.)/g;

/** Line breaks and controls of YAML 1.1, which must be escaped inside quotes. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** YAML escapes that are shorter than those of JSON, by code. */
const SHORT: Readonly<Record<string, string>> = { '0000': '0', '0007': 'a', '000b': 'v', '001b': 'e' };

/**
 * Returns any text in double quotes, on one line, in a form that YAML 1.1 and YAML 1.2 read the same way.
 * Source: YAML 1.1, 5.6; the escapes are those that the package `yaml` writes.
 */
export function quoteYaml(text: string): string {
  if (PLAIN_IN_YAML.test(text)) return `"${text}"`;
  return JSON.stringify(text)
    .replace(ESCAPE, escapeOf)
    .replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function escapeOf(whole: string, code: string | undefined): string {
  // A blank before the end of a line is escaped: otherwise YAML folds it.
  if (whole === ' \\n') return '\\ \\n';
  if (code === undefined) return whole;
  const blank = whole.startsWith(' ') ? ' ' : '';
  if (code in SHORT) return `${blank}\\${SHORT[code]}`;
  return code.startsWith('00') ? `${blank}\\x${code.slice(2)}` : whole;
}

/**
 * Returns a value as text of Terraform's JSON syntax, in which every text is a template: as itself, without expressions.
 * Source: Terraform's documentation, "JSON Configuration Syntax", "Expression Mapping", and "Strings and Templates".
 */
export function quoteTerraform(text: string): string {
  return text.replace(/[$%](?=\{)/g, '$&$&');
}
