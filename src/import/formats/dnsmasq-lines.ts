import type { SourceLocation } from '../../source/source.ts';
import { contains, ipv4Number } from '../../values/addresses.ts';
import type { Span } from '../../values/spans.ts';
import type { GatheredNetwork, Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import { subnetOf } from '../model/subnets.ts';
import { type FileReader, linesOf, type Piece } from './file-reader.ts';
import { reasonText, whyLeft } from './keys.ts';
import {
  leaseText,
  type NetworkFacts,
  networkOf,
  OPTIONS,
  type OptionKey,
  optionFacts,
  optionNamed,
} from './reservations.ts';

/** A nonempty line of one of dnsmasq's files. */
export interface Line extends Span {
  /** The key before its `=`; only in a configuration. */
  readonly keyword?: Piece | undefined;
  /** The comma-separated fields after it, without surrounding blanks and quotes. */
  readonly fields: readonly Piece[];
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', b: '\b', r: '\r', e: '\x1b' };

/** A quoted text with escapes, possibly unclosed on its line; any other character. */
const TOKEN = /"((?:[^"\\]+|\\["tnebr\\]?)*)("?)|[\s\S]/g;

/**
 * Reads the lines of one of dnsmasq's files. A comment begins with # after a blank or at the start of a line. Text in double
 * quotes is literal, even its commas. Reports lines with unclosed quotes and skips them.
 * Source: dnsmasq, src/option.c, read_file.
 */
export function readLines(reader: FileReader, hasKeywords: boolean): Line[] {
  return [...linesOf(reader.source.text)].flatMap((line) => readLine(reader, line, hasKeywords) ?? []);
}

/** Returns a line as its keyword and fields; undefined if it is empty, or has an error, which is reported. */
export function readLine(reader: FileReader, line: Piece, hasKeywords: boolean): Line | undefined {
  const fields: Piece[] = [];
  let keyword: Piece | undefined;
  let open: Piece | undefined;
  let isAfterBlank = true;
  for (const { 0: raw, 1: quoted, 2: close, index } of line.text.matchAll(TOKEN)) {
    const start = line.start + index;
    const end = start + raw.length;
    if (close === '')
      return reader.error(
        'import-syntax',
        'This quote is not closed on its line: dnsmasq does not start with this file.',
        reader.at({ start, end: start + 1 }),
        'add the closing quote',
      );
    if (raw === '#' && isAfterBlank) break;
    isAfterBlank = quoted === undefined && raw.trim() === '';
    if (isAfterBlank) {
      if (open) open = { ...open, text: `${open.text} ` };
    } else if (raw === '=' && hasKeywords && !keyword) {
      keyword = trimmed(open);
      open = undefined;
    } else if (raw === ',') {
      fields.push(trimmed(open ?? { text: '', start, end: start }));
      open = undefined;
    } else {
      const text = quoted === undefined ? raw : unescaped(quoted);
      open = { text: (open?.text ?? '') + text, start: open?.start ?? start, end };
    }
  }
  if (open) fields.push(trimmed(open));
  const first = keyword ?? fields[0];
  if (!first) return undefined;
  const end = Math.max(first.end, fields.at(-1)?.end ?? 0);
  if (hasKeywords && !keyword) return { keyword: first, fields: [], start: first.start, end };
  return { keyword, fields, start: first.start, end };
}

function trimmed({ text, start, end }: Piece = { text: '', start: 0, end: 0 }): Piece {
  return { text: text.trim(), start, end };
}

function unescaped(text: string): string {
  return text.replace(/\\(["tnebr\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

/** A boot file that dnsmasq names for clients with its tags. */
export interface BootFile {
  readonly tags: readonly string[];
  readonly file: Sourced<string>;
}

/** Returns the boot file of `dhcp-boot=`, of `pxe-service=` or of an option as a list. Source: dnsmasq(8). */
export function bootFileIn({ keyword, fields }: Line, reader: FileReader): BootFile[] {
  const tags = fields.flatMap(({ text }) => /^(?:tag|net):(?!!)(.*)$/.exec(text)?.[1] ?? []);
  const [first, second, third] = fields.filter(({ text }) => !/^(?:tag|net):/.test(text));
  const isOption = /^(?:option:bootfile-name|67)$/.test(first?.text ?? '');
  const file = isOption ? second : { 'dhcp-boot': first, 'pxe-service': third }[keyword?.text ?? ''];
  return file ? [{ tags, file: reader.sourced(file) }] : [];
}

/** The keys that are imported. */
const CARRIED = ['dhcp-host', 'dhcp-range', 'dhcp-option', 'dhcp-option-force', 'domain'];

/** Whether a word is a key of dnsmasq's configuration. */
export function isKeyword(word: string): boolean {
  return (
    CARRIED.includes(word) ||
    whyLeft('dnsmasq files', word) !== undefined ||
    whyLeft('dnsmasq', word) !== undefined
  );
}

/** A range of IPv4 addresses that dnsmasq leases. */
export interface DhcpRange {
  readonly at: SourceLocation;
  readonly tags: readonly string[];
  readonly start: Sourced<string>;
  /** Undefined if the range is only for reservations. */
  readonly end?: Sourced<string> | undefined;
  readonly mask?: Sourced<string> | undefined;
  /** Whether another DHCP server leases the IP addresses. */
  readonly isProxy: boolean;
  readonly lease?: Sourced<string> | undefined;
}

const PROXY =
  'the network gets dhcp: { server: external, proxy: true }: its DHCP server must reserve the IP addresses of the nodes';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Reads `dhcp-range=` as a list; adds a note and returns an empty list if no site can have it. Source: dnsmasq(8). */
export function readRange(line: Line, reader: FileReader): DhcpRange[] {
  const at = reader.at(line);
  const tags: string[] = [];
  const addresses: Sourced<string>[] = [];
  let lease: Sourced<string> | undefined;
  let mode: string | undefined;
  for (const field of line.fields) {
    const { text } = field;
    const [, tag] = /^(?:set|net|tag):(.*)$/.exec(text) ?? [];
    if (tag !== undefined) tags.push(tag);
    else if (ipv4Number(text) !== undefined) addresses.push(reader.sourced(field));
    else if (/^(?:\d+[smhdw]?|infinite|deprecated)$/.test(text)) {
      const [, number, unit = 's'] = /^(\d+)([smhdw])?$/.exec(text) ?? [];
      const time = number === undefined ? 'infinite' : leaseText(Number(number) * (SECONDS[unit] ?? 1));
      lease = reader.sourced(field, time);
    } else mode ??= text;
  }
  const [start, ...others] = addresses;
  const isProxy = mode === 'proxy';
  if (!start) return reader.left('dhcp-range', reasonText('ipv4'), at) ?? [];
  if (isProxy) reader.changed('dhcp-range', PROXY, at);
  const isMask = ({ value }: Sourced<string>) => value.startsWith('255.');
  const [end, mask] =
    isProxy || mode === 'static' ? [undefined, others.find(isMask)] : [others[0] ?? start, others[1]];
  return [{ at, tags, start, end, mask, lease, isProxy }];
}

/** An option that dnsmasq sends to clients with all of its tags. */
export interface Option {
  readonly key: OptionKey;
  readonly tags: readonly string[];
  readonly values: readonly Sourced<string>[];
}

/** Options that harvgen derives from the subnet, so that they need no note. */
const DERIVED = ['1', 'netmask', '28', 'broadcast'];

/** Whether a field is an option's name or number. */
export function isOptionName(text: string): boolean {
  return /^(?:option6?:[\w-]+|\d{1,3}|encap:\d+|vendor:.*|vi-encap:\d+)$/.test(text);
}

/**
 * Reads `dhcp-option=`, or a line of a file of options, as a list; adds a note and returns an empty list for an option
 * that is not imported. Source: dnsmasq(8), --dhcp-option.
 */
export function readOption(line: Line, reader: FileReader): Option[] {
  const isTag = ({ text }: Piece) => /^(?:tag|net):/.test(text);
  const tags = line.fields.filter(isTag).map(({ text }) => text.replace(/^\w+:/, ''));
  const [name, ...values] = line.fields.filter((field) => !isTag(field));
  const bare = name?.text.replace(/^option:/, '');
  if (bare === undefined || DERIVED.includes(bare)) return [];
  const key = optionNamed(bare, 'number', 'dnsmasq');
  if (key) return [{ key, tags, values: values.map((value) => reader.sourced(value)) }];
  reader.left(
    { value: `option ${bare}`, at: reader.at(line) },
    values.some(({ text }) => text.includes('/boot/v1/bootscript'))
      ? reasonText('bootscripts')
      : (whyLeft('dnsmasq option', bare) ?? ''),
  );
  return [];
}

/** Returns the networks of a configuration: one for each subnet with ranges, with its options. */
export function networksOf(
  ranges: readonly DhcpRange[],
  options: readonly Option[],
  domain: Sourced<string> | undefined,
  reader: FileReader,
): GatheredNetwork[] {
  const used = new Set<Option>();
  const groups = groupsOf(ranges);
  const networks = groups.flatMap((group) => {
    const matching = options.filter(
      ({ key, tags, values }) =>
        tags.every((tag) => group.tags.includes(tag)) &&
        (key !== 'routers' || areIn(values, group, groups.length === 1)),
    );
    for (const option of matching) used.add(option);
    // As in dnsmasq, the option with the most tags takes precedence.
    const facts = optionFacts((key) => {
      const all = matching
        .filter((option) => option.key === key)
        .sort((a, b) => b.tags.length - a.tags.length);
      return (all[0]?.values ?? []).filter(({ value, at }) => {
        const why = '0.0.0.0 means the server that runs dnsmasq: set its IP address';
        const isServer = value === '0.0.0.0' && ['routers', 'dns', 'ntp'].includes(key);
        if (isServer) reader.left(OPTIONS[key].dnsmasq, why, at);
        return !isServer;
      });
    });
    const more = { domain: facts.domain ?? domain, lease: group.lease ?? facts.lease };
    return networkOf({ ...facts, ...group, ...more }, reader);
  });
  for (const option of options)
    if (!used.has(option))
      reader.left(
        displayName(`option ${OPTIONS[option.key].dnsmasq}`),
        'it applies to no range of the file: set it in networks if a network needs it',
        option.values[0]?.at,
      );
  return networks;
}

type Group = Pick<NetworkFacts, 'at' | 'subnet' | 'pools' | 'lease' | 'dhcp'> & {
  readonly tags: readonly string[];
  readonly around: readonly Sourced<string>[];
};

function groupsOf(ranges: readonly DhcpRange[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { at, tags, start, end, mask, lease, isProxy } of ranges) {
    const subnet = mask && subnetOf(start.value, mask.value);
    const key = subnet?.text ?? start.value.replace(/\.\d+$/, '');
    const known = groups.get(key);
    groups.set(key, {
      at: known?.at ?? at,
      tags: [...(known?.tags ?? []), ...tags],
      // Ranges for reservations also determine the subnet.
      around: [...(known?.around ?? []), start],
      subnet: known?.subnet ?? (subnet && mask ? { value: subnet, at: mask.at } : undefined),
      pools: [...(known?.pools ?? []), ...(end ? [[start, end] as const] : [])],
      lease: known?.lease ?? lease,
      ...(isProxy ? { dhcp: 'proxy' as const } : {}),
    });
  }
  return [...groups.values()];
}

/** Whether routers are in a network; without a mask, the only network has any router, and others those in the same /24. */
function areIn(values: readonly Sourced<string>[], { subnet, around }: Group, isOnly: boolean): boolean {
  const near = (value: string) =>
    around.some((known) => known.value.replace(/\d+$/, '') === value.replace(/\d+$/, ''));
  return values.some(
    ({ value }) => value === '0.0.0.0' || (subnet ? contains(subnet.value, value) : isOnly || near(value)),
  );
}
