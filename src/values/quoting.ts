/** Thrown where a value cannot be written in a syntax at all, so that nobody meets it half-way through a file. */
export class Unquotable extends Error {
  constructor(value: string, syntax: string, why: string) {
    super(`${JSON.stringify(value)} cannot be written in ${syntax}: ${why}`);
    this.name = 'Unquotable';
  }
}

/** A form that a syntax has no place for, and why. */
type Fault = readonly [form: RegExp, why: string];

const EMPTY: Fault = [/^$/, 'it is empty'];
const CONTROL: Fault = [/\p{Cc}/u, 'it holds a control character'];
const NO_WORD: Fault = [/[^!-~]/, 'it holds a blank, a control character or a character that is not ASCII'];

/** Gives the text of a value. Throws Unquotable for the first of the faults that it has. */
function textOf(value: unknown, syntax: string, ...faults: readonly Fault[]): string {
  const text = String(value);
  const fault = faults.find(([form]) => form.test(text));
  if (fault) throw new Unquotable(text, syntax, fault[1]);
  return text;
}

function inDoubleQuotes(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Gives a text in single quotes, in which nothing but the quote itself is special. */
function inSingleQuotes(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What is one word in nearly every syntax; in some, also with `,` and `=`. */
const PLAIN = /^[A-Za-z0-9_./:@%+-]+$/;
const PLAIN_WITH_EQUALS = /^[A-Za-z0-9_./:@%+,=-]+$/;

/**
 * Gives a value as one word of a POSIX shell: as it is where it is plain, else in single quotes, in which nothing but
 * the quote itself is special. Throws Unquotable for a NUL, which no argument can hold.
 */
export function quoteShell(value: unknown): string {
  const text = textOf(value, 'a shell script', [/\0/, 'it holds a NUL']);
  return PLAIN_WITH_EQUALS.test(text) && !/^[-=]/.test(text) ? text : inSingleQuotes(text);
}

/**
 * Gives a value as one word of a GRUB script: as it is where it is plain, else in single quotes, in which nothing but the
 * quote itself is special. Source: GRUB's manual, "Writing full configuration files directly", Quoting.
 * Throws Unquotable for control characters, and for what is not ASCII: GRUB's console shows neither.
 */
export function quoteGrub(value: unknown): string {
  const fault: Fault = [/[^ -~]/, 'it holds a control character or one that is not ASCII'];
  const text = textOf(value, 'a GRUB script', fault);
  return PLAIN.test(text) ? text : inSingleQuotes(text);
}

/**
 * Gives an argument of the kernel as a word of GRUB's `linux` command. GRUB puts one with a blank in double quotes, as the
 * kernel wants it, and a backslash before each quote and backslash in it, which the kernel would keep: so quotes around the
 * argument, or around its value, are left to GRUB.
 * Source: GRUB, grub-core/lib/cmdline.c (grub_create_loader_cmdline).
 * Throws Unquotable for what GRUB cannot hand to a kernel as it is: other quotes, and backslashes.
 */
export function quoteGrubArg(word: string): string {
  const plain = word.replace(/^"([^"]*)"$/, '$1').replace(/^([^"=]+=)"([^"]*)"$/, '$1$2');
  if (!/["'\\]/.test(plain)) return quoteGrub(plain);
  const why = 'GRUB puts a backslash before each quote and backslash';
  throw new Unquotable(word, 'an argument of a kernel that GRUB boots', why);
}

/** A word that is one whatever it stands in: nearly all that is written. */
const PLAIN_IN_IPXE = /^[\w/:.@%+=,-]+$/;

/** Says whether a text, and whatever is put together of such texts and of other plain ones, can be written in an iPXE script. */
function isPlainInIpxe(text: string): boolean {
  return PLAIN_IN_IPXE.test(text);
}

/**
 * Gives a value as part of a word of an iPXE script. iPXE has no quotes and no escapes: a blank ends the word, `${`
 * begins a setting, and a word that begins with `#` or is `||`, `&&` or `;` ends the command.
 * Source: iPXE, src/core/exec.c (split_command, expand_command) and src/core/parseopt.c.
 * Throws Unquotable for a value that holds any of these, or anything that is not printable ASCII.
 */
export function quoteIpxe(value: unknown): string {
  const text = String(value);
  if (isPlainInIpxe(text)) return text;
  const ends: Fault = [/^#|^(\|\||&&|;)$/, 'it would end the command'];
  return textOf(text, 'an iPXE script', EMPTY, NO_WORD, [/\$\{/, '${ begins a setting'], ends);
}

/**
 * Gives a value as a word of PXELINUX' configuration, which knows no quotes: a blank ends the word. Names of files are of up to 127
 * characters. Source: Syslinux, doc/pxelinux.txt and com32/elflink/ldlinux/readconfig.c.
 * Throws Unquotable for what is empty or holds a blank, a control character or what is not ASCII.
 */
export function quotePxelinux(value: unknown): string {
  return textOf(value, "PXELINUX' configuration", [/^$|[^!-~]|^#/, 'it is no single word']);
}

/**
 * Gives a value as a word of xinetd's configuration, which knows no quotes: blanks part words, and a server's arguments are such
 * words. Source: xinetd, xinetd/parse.c and xinetd.conf(5).
 * Throws Unquotable for what is empty or holds a blank, a control character or what is not ASCII.
 */
export function quoteXinetd(value: unknown): string {
  return textOf(value, "xinetd's configuration", [/^$|[^!-~]|^[#{}]/, 'it is no single word']);
}

const BEYOND_ISCSI_NAMES: Fault = [
  /^$|[^A-Za-z0-9._:/@+-]/,
  'it holds more than letters, digits and . _ : / @ + -',
];

/**
 * Gives a value as a word of IET's configurations, which know no quotes. Source: iscsitarget, usr/plain.c (target_sep_string).
 * Throws Unquotable for anything but letters, digits and `. _ : / @ + -`.
 */
export function quoteIet(value: unknown): string {
  return textOf(value, "IET's configuration", BEYOND_ISCSI_NAMES);
}

/**
 * Gives a value as a word of a tgt configuration. tgt-admin hands words to a shell, so that none may hold what is special
 * there. Source: tgt, scripts/tgt-admin (execute, add_backing_direct). Throws Unquotable for anything but letters, digits
 * and `. _ : / @ + -`.
 */
export function quoteTgt(value: unknown): string {
  return textOf(value, 'a tgt configuration', BEYOND_ISCSI_NAMES);
}

/**
 * Gives a value as one word of a chrony configuration, as it is: chrony has no quotes and no escapes. Source: chrony,
 * cmdparse.c (CPS_NormalizeLine, CPS_SplitWord). Throws Unquotable for what is empty, blanks, control characters, other
 * than ASCII, and for what would make a comment of a line that it begins.
 */
export function quoteChrony(value: unknown): string {
  const text = textOf(value, 'a chrony configuration', EMPTY, NO_WORD);
  return textOf(text, 'a chrony configuration', [/^[!;#%]/, `${text[0]} begins a comment`]);
}

/**
 * Gives a value as a string of a ConMan configuration, in double quotes, or in single ones where it has double ones: there
 * are no escapes. Source: conman.conf(5). Throws Unquotable for control characters, for both quotes at once, and for a
 * percent sign, with which a specifier such as %N begins.
 */
export function quoteConman(value: unknown): string {
  const bothQuotes: Fault = [/".*'|'.*"/s, 'it holds both kinds of quotes'];
  const percent: Fault = [/%/, 'it holds a percent sign'];
  const text = textOf(value, 'a ConMan configuration', CONTROL, percent, bothQuotes);
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}

/**
 * Gives a value as a string of dhcpd.conf, in double quotes: a backslash escapes, and what is not printable ASCII is written
 * by its bytes. Addresses and numbers are no strings there. Source: ISC DHCP 4.4, common/conflex.c (read_string).
 * Throws Unquotable for control characters.
 */
export function quoteDhcpd(value: unknown): string {
  const text = textOf(value, 'a configuration of dhcpd', CONTROL);
  return inDoubleQuotes(text).replace(/[^ -~]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16)}`).join(''),
  );
}

/**
 * Gives a value as one comma-separated field of a dnsmasq option: as it is where it is plain, else in double quotes,
 * in which commas and # lose their meaning and a backslash escapes. Source: dnsmasq, src/option.c (read_file).
 * Throws Unquotable for control characters.
 */
export function quoteDnsmasq(value: unknown): string {
  const text = String(value);
  return PLAIN.test(text) ? text : inDoubleQuotes(textOf(text, 'a dnsmasq configuration', CONTROL));
}

/** Numbers, addresses and subnets, which nft takes as they are. */
const PLAIN_IN_NFT = /^([0-9]+|[0-9.]+(\/[0-9]+)?|[0-9a-f]*:[0-9a-f:.]*(\/[0-9]+)?)$/;

/**
 * Gives a value as one word of an nftables ruleset: numbers and addresses as they are, all else in double quotes, since
 * the name of a NIC may be one of nft's keywords. Source: nftables, src/scanner.l (quotedstring), src/evaluate.c
 * (expr_evaluate_string). Throws Unquotable for a quote, which cannot be escaped, for `*` at the end, which stands for any
 * ending, for a backslash, which would take that meaning away, and for control characters.
 */
export function quoteNft(value: unknown): string {
  const quote: Fault = [/["\\]/, 'it holds a quote or a backslash, which cannot be escaped'];
  const star: Fault = [/\*$/, '* at its end stands for any ending'];
  const text = textOf(value, 'an nftables ruleset', EMPTY, CONTROL, quote, star);
  return PLAIN_IN_NFT.test(text) ? text : `"${text}"`;
}

/**
 * Gives a value as one parameter of an nginx directive: as it is where it is plain, else in double quotes, in which a
 * backslash takes the meaning of quote and backslash away. Source: nginx, src/core/ngx_conf_file.c.
 * Throws Unquotable for `$`, which begins a variable and cannot be escaped, and for control characters.
 */
export function quoteNginx(value: unknown): string {
  const text = String(value);
  if (PLAIN_WITH_EQUALS.test(text)) return text;
  return quoteNginxLocation(textOf(text, 'an nginx configuration', [/\$/, '$ begins a variable']));
}

/**
 * Gives the path of an exact nginx location (`location = …`), which is the decoded path of a request. `$` is a character
 * like any other there. Source: nginx, src/http/ngx_http_core_module.c (ngx_http_core_location).
 * Throws Unquotable for control characters.
 */
export function quoteNginxLocation(path: string): string {
  if (PLAIN_WITH_EQUALS.test(path)) return path;
  return inDoubleQuotes(textOf(path, 'an nginx configuration', CONTROL));
}

/** Of a longer one powermand writes over what lies behind its buffer (8192 bytes, parse_lex.l). */
const MOST_BYTES = 8191;

/**
 * Gives a value as a string of a powerman configuration, in double quotes. Source: chaos/powerman,
 * src/powerman/parse_lex.l. Throws Unquotable for control characters, which end a string or are read otherwise, and for
 * what is longer than powermand's buffer.
 */
export function quotePowerman(value: unknown): string {
  const text = textOf(value, 'a powerman configuration', CONTROL);
  if (Buffer.byteLength(text) <= MOST_BYTES) return inDoubleQuotes(text);
  throw new Unquotable(text, 'a powerman configuration', `it is longer than ${MOST_BYTES} bytes`);
}

/**
 * Gives a value as one item of a systemd unit's setting, a command's argument among them: `%`, which begins a specifier,
 * doubled; as it is where it is plain, else in double quotes, in which a backslash takes the meaning of quote and
 * backslash away, in commands and elsewhere. Source: systemd.syntax(7), systemd.service(5), systemd's
 * src/basic/extract-word.c. Throws Unquotable for `$`, which begins a variable in commands and is doubled there, but
 * stands for itself elsewhere, and for control characters.
 */
export function quoteSystemd(value: unknown): string {
  const dollar: Fault = [/\$/, '$ begins a variable in commands'];
  const text = textOf(value, 'a systemd unit', dollar, CONTROL).replaceAll('%', '%%');
  return PLAIN_WITH_EQUALS.test(text) ? text : inDoubleQuotes(text);
}

/** Gives a value as text of a Markdown page, on one line, with nothing in it that Markdown or HTML would act on. */
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

/** What XML takes as it is: nearly all that is written. */
const PLAIN_IN_XML = /^[A-Za-z0-9_ ./:@%+,=-]*$/;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * Gives a value as text of an XML element, or of an attribute in either kind of quotes. Source: XML 1.0, 2.4 (character
 * data and markup). Not for comments, in which nothing can be quoted.
 * Throws Unquotable for control characters, of which XML turns some into blanks and takes no other, and for what is no
 * character at all: half of a pair, U+FFFE, U+FFFF (XML 1.0, 2.2).
 */
export function quoteXml(value: unknown): string {
  const text = String(value);
  if (PLAIN_IN_XML.test(text)) return text;
  textOf(text, 'XML', CONTROL, [/[\p{Cs}\ufffe\uffff]/u, 'it holds what is no character']);
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** What stands in double quotes as it is: no quotes, backslashes, controls of YAML 1.1, and halves of surrogate pairs. */
const PLAIN_IN_YAML = /^[ !#-[\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** What stands within JSON and would not do in YAML: an escape that YAML has a shorter one for, or blanks before a line's end. */
const ESCAPE = / ?\\(?:u([0-9a-f]{4})|.)/g;

/** What is a line break or a control to YAML 1.1 must not stand inside of quotes as it is. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** The escapes of YAML that are shorter than those of JSON, by code. */
const SHORT: Readonly<Record<string, string>> = { '0000': '0', '0007': 'a', '000b': 'v', '001b': 'e' };

/**
 * Gives a text in double quotes, on one line, as YAML 1.1 and YAML 1.2 read it alike. Every text can be written so.
 * Source: YAML 1.1, 5.6; the escapes are those that the package `yaml` writes.
 */
export function quoteYaml(text: string): string {
  if (PLAIN_IN_YAML.test(text)) return `"${text}"`;
  return JSON.stringify(text)
    .replace(ESCAPE, escapeOf)
    .replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function escapeOf(whole: string, code: string | undefined): string {
  // A blank before the end of a line is escaped: it must not be folded away.
  if (whole === ' \\n') return '\\ \\n';
  if (code === undefined) return whole;
  const blank = whole.startsWith(' ') ? ' ' : '';
  if (code in SHORT) return `${blank}\\${SHORT[code]}`;
  return code.startsWith('00') ? `${blank}\\x${code.slice(2)}` : whole;
}
