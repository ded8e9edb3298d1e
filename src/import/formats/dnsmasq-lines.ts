import type { Span } from '../../source/likely.ts';
import type { SourceLocation } from '../../source/source.ts';
import { contains, ipv4Number } from '../../values/addresses.ts';
import type { GatheredNetwork, Sourced } from '../joined/gathered.ts';
import { displayName } from '../names.ts';
import { subnetOf } from '../subnets.ts';
import { entryOf, type FileReader, linesOf, type Piece } from './file-reader.ts';
import { digitsOf, LEFT_OF_BOOT, leaseText, type NetworkFacts, networkOf } from './reservations.ts';

/** A line of one of dnsmasq's files that says something. */
export interface Line extends Span {
  /** What stands before its `=`: of a configuration alone. */
  readonly keyword?: Piece | undefined;
  /** What is separated by commas behind it, without blanks around and quotes. */
  readonly fields: readonly Piece[];
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', b: '\b', r: '\r', e: '\x1b' };

/** A text in quotes, with escapes, which may have no end on its line; any other letter. */
const TOKEN = /"((?:[^"\\]+|\\["tnebr\\]?)*)("?)|[\s\S]/g;

/**
 * Reads the lines of one of dnsmasq's files: a comment begins with # behind a blank or at the start of a line; what stands
 * in double quotes is taken as it is, commas too. Reports lines whose quotes have no end, and leaves them out.
 * Source: dnsmasq, src/option.c, read_file.
 */
export function readLines(reader: FileReader, hasKeywords: boolean): Line[] {
  return [...linesOf(reader.source.text)].flatMap((line) => readLine(reader, line, hasKeywords) ?? []);
}

function readLine(reader: FileReader, line: Piece, hasKeywords: boolean): Line | undefined {
  const fields: Piece[] = [];
  let keyword: Piece | undefined;
  let open: Piece | undefined;
  let isBehindBlank = true;
  for (const { 0: raw, 1: quoted, 2: close, index } of line.text.matchAll(TOKEN)) {
    const start = line.start + index;
    const end = start + raw.length;
    if (close === '')
      return reader.error(
        'import-syntax',
        'This quote has no end on its line: dnsmasq does not start with such a file.',
        reader.at({ start, end: start + 1 }),
        'close it',
      );
    if (raw === '#' && isBehindBlank) break;
    isBehindBlank = quoted === undefined && raw.trim() === '';
    if (isBehindBlank) {
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

/** Why a key of dnsmasq's configuration is left, by what it is called or begins with; the first that fits counts. Source: dnsmasq(8). */
const WHY: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:dhcp-boot|dhcp-match|dhcp-vendorclass|dhcp-userclass|dhcp-mac|dhcp-name-match|tag-if)$/,
    LEFT_OF_BOOT,
  ],
  [
    /^(?:dhcp-circuitid|dhcp-remoteid|dhcp-subscrid|dhcp-bridge|dhcp-no-override|bootp-dynamic)$/,
    LEFT_OF_BOOT,
  ],
  [/^(?:pxe-|tftp-|enable-tftp$|dhcp-pxe-vendor$)/, LEFT_OF_BOOT],
  [
    /^(?:dhcp-ignore|dhcp-ignore-names|dhcp-generate-names)$/,
    'strangers get an address where the network has a pool, and none without one',
  ],
  [
    /^(?:interface|except-interface|no-dhcp-interface|listen-address|bind-interfaces|bind-dynamic)$/,
    "the boot server's NIC on a network is interface of the network",
  ],
  [/^(?:enable-ra|ra-param|ra-stateful|slaac|dhcp-duid|dhcp-prefix-class)/, 'a site has IPv4 addresses'],
  [
    /^dhcp-(?:relay|proxy)$/,
    "harvgen's DHCP server is reached on its own networks: keep the relay of the router",
  ],
  [
    /^(?:address|server|rev-server|local|host-record|dynamic-host|interface-name|addn-hosts|hostsdir|expand-hosts|no-hosts|no-resolv|no-poll|resolv-file|strict-order|all-servers|cache-size|bogus-|domain-needed|local-ttl|neg-ttl|max-ttl|auth-|cname|mx-|srv-host|txt-record|ptr-record|naptr-record|dns-|filter|dnssec|stop-dns-rebind|rebind-|localise-queries|local-service|port|servers-file|edns-|query-port|min-port|max-port|ipset|nftset|add-|strip-|umbrella|connmark|caa-record|synth-domain|selfmx|localmx|alias|ignore-address|trust-anchor|hostname)/,
    "harvgen's dnsmasq answers no DNS: keep a DNS server, and name it in dns of the network",
  ],
  [
    /^(?:user|group|pid-file|log-|quiet-|no-daemon|keep-in-foreground|dhcp-leasefile|dhcp-script|dhcp-luascript|dhcp-scriptuser|dhcp-authoritative|dhcp-rapid-commit|dhcp-sequential-ip|dhcp-lease-max|dhcp-ttl|dhcp-reply-delay|dhcp-alternate-port|dhcp-broadcast|dhcp-fqdn|dhcp-client-update|dhcp-ignore-clid|no-ping|leasequery|leasefile-ro|read-ethers|script-|enable-dbus|enable-ubus|conntrack|clear-on-reload|dumpfile|dumpmask|test|shared-network|no-ident|no-0x20|fast-dns-retry|use-stale-cache|port-limit|max-|tls)/,
    'a matter of the old server: harvgen writes a configuration of its own',
  ],
];

/** The keys that name further files, and how to give these. */
export const FURTHER: Readonly<Record<string, string>> = {
  'dhcp-hostsfile': 'a file of hosts',
  'dhcp-hostsdir': 'a folder of files of hosts',
  'dhcp-optsfile': 'a file of options',
  'dhcp-optsdir': 'a folder of files of options',
  'conf-file': 'a further configuration',
  'conf-dir': 'a folder of further configurations',
  'conf-script': 'a program that prints a further configuration',
};

/** The keys that say something that a site carries. */
const CARRIED = ['dhcp-host', 'dhcp-range', 'dhcp-option', 'dhcp-option-force', 'domain'];

/** Says why nothing of a site carries a key; undefined for a key that dnsmasq does not have, as far as harvgen knows. */
export function whyLeft(keyword: string): string | undefined {
  return WHY.find(([form]) => form.test(keyword))?.[1];
}

/** Says whether a word is a key of dnsmasq's configuration. */
export function isKeyword(word: string): boolean {
  return CARRIED.includes(word) || Object.hasOwn(FURTHER, word) || whyLeft(word) !== undefined;
}

/** A range of IPv4 addresses that dnsmasq gives out. */
export interface DhcpRange {
  readonly at: SourceLocation;
  readonly tags: readonly string[];
  readonly start: Sourced<string>;
  /** Undefined where the range is for reservations alone. */
  readonly end?: Sourced<string> | undefined;
  readonly mask?: Sourced<string> | undefined;
  readonly lease?: Sourced<string> | undefined;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Reads what `dhcp-range=` says, as a list; empty where it is no range that a site has, which is noted. Source: dnsmasq(8), --dhcp-range. */
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
    else if (ipv4Number(text) !== undefined) addresses.push(reader.said(field));
    else if (/^(?:\d+[smhdw]?|infinite|deprecated)$/.test(text)) {
      const [, number, unit = 's'] = /^(\d+)([smhdw])?$/.exec(text) ?? [];
      const time = number === undefined ? 'infinite' : leaseText(Number(number) * (SECONDS[unit] ?? 1));
      lease = reader.said(field, time);
    } else mode ??= text;
  }
  const [start, ...others] = addresses;
  const isProxy = mode?.startsWith('proxy');
  if (!start || isProxy) {
    const why = isProxy
      ? "dnsmasq stood beside another DHCP server there: say dhcp: { server: external } for the network, or let harvgen's be the one"
      : 'a site has IPv4 addresses';
    reader.left('dhcp-range', why, at);
    return [];
  }
  const isMask = ({ value }: Sourced<string>) => value.startsWith('255.');
  const [end, mask] = mode === 'static' ? [undefined, others.find(isMask)] : [others[0] ?? start, others[1]];
  return [{ at, tags, start, end, mask, lease }];
}

/** An option that dnsmasq gives out, to those with all of its tags. */
export interface Option {
  readonly name: OptionName;
  readonly tags: readonly string[];
  readonly values: readonly Sourced<string>[];
}

/** The options that a site carries. */
export type OptionName = 'router' | 'dns-server' | 'domain-name' | 'mtu' | 'ntp-server' | 'lease-time';

/** By number; dnsmasq's names are theirs (`dnsmasq --help dhcp`). Source: RFC 2132. */
const OPTION_NAMES: Readonly<Record<string, OptionName>> = {
  3: 'router',
  6: 'dns-server',
  15: 'domain-name',
  26: 'mtu',
  42: 'ntp-server',
  51: 'lease-time',
};

/** Gives the name of an option that a site carries, by its name or number. */
export function carriedOption(text: string): OptionName | undefined {
  return entryOf(OPTION_NAMES, text) ?? Object.values(OPTION_NAMES).find((name) => name === text);
}

/** What follows from the subnet: nothing is lost. */
const DERIVED = ['1', 'netmask', '28', 'broadcast'];

const OF_BOOT =
  /^(?:43|60|66|67|77|93|97|128|129|13\d|150|175|209|210|211|vendor-class|tftp-server|tftp-server-address|bootfile-name|server-ip-address|client-arch|path-prefix|config-file)$/;

/** Says whether a field is where an option's name or number stands. */
export function isOptionName(text: string): boolean {
  return /^(?:option6?:[\w-]+|\d{1,3}|encap:\d+|vendor:.*|vi-encap:\d+)$/.test(text);
}

/**
 * Reads what `dhcp-option=` says, or a line of a file of options, as a list; empty where a site carries nothing of it, which
 * is noted. Source: dnsmasq(8), --dhcp-option.
 */
export function readOption(line: Line, reader: FileReader): Option[] {
  const isTag = ({ text }: Piece) => /^(?:tag|net):/.test(text);
  const tags = line.fields.filter(isTag).map(({ text }) => text.replace(/^\w+:/, ''));
  const [name, ...values] = line.fields.filter((field) => !isTag(field));
  const bare = name?.text.replace(/^option:/, '');
  if (bare === undefined || DERIVED.includes(bare)) return [];
  const carried = carriedOption(bare);
  if (carried !== undefined)
    return [{ name: carried, tags, values: values.map((value) => reader.said(value)) }];
  reader.left({ value: `option ${bare}`, at: reader.at(line) }, whyOptionLeft(bare, values));
  return [];
}

function whyOptionLeft(name: string, values: readonly Piece[]): string {
  if (values.some(({ text }) => text.includes('/boot/v1/bootscript')))
    return 'BSS gave each machine its script there: harvgen writes one for each node, and server.compat: [ochami] keeps the URL';
  if (OF_BOOT.test(name))
    return 'harvgen writes itself what a machine boots by: boot of a node says what, and boot.loader by which program';
  if (/^option6:/.test(name)) return 'a site has IPv4 addresses';
  return "nothing of a site gives out such an option; a template of the site's own can: docs/templates.md";
}

/** Gives the networks of a configuration: one for each subnet of which it has ranges, with the options that these get. */
export function networksOf(
  ranges: readonly DhcpRange[],
  options: readonly Option[],
  domain: Sourced<string> | undefined,
  reader: FileReader,
): GatheredNetwork[] {
  const used = new Set<Option>();
  const groups = groupsOf(ranges);
  const networks = groups.flatMap((facts) => {
    const of = options.filter(
      ({ name, tags, values }) =>
        tags.every((tag) => facts.tags.includes(tag)) &&
        (name !== 'router' || isOf(values, facts, groups.length === 1)),
    );
    for (const option of of) used.add(option);
    // Of several the one with more tags counts, as in dnsmasq.
    const most = (name: OptionName) => {
      const all = of.filter((option) => option.name === name);
      return all.sort((a, b) => b.tags.length - a.tags.length)[0]?.values ?? [];
    };
    const servers = (name: OptionName) =>
      most(name).filter(({ value, at }) => {
        const why = '0.0.0.0 is the address of the machine that dnsmasq runs on: name the server';
        if (value === '0.0.0.0') reader.left(name, why, at);
        return value !== '0.0.0.0';
      });
    const time = digitsOf(most('lease-time')[0]);
    return networkOf(
      {
        ...facts,
        routers: servers('router'),
        dns: servers('dns-server'),
        ntp: servers('ntp-server'),
        domain: most('domain-name')[0] ?? domain,
        mtu: digitsOf(most('mtu')[0]),
        lease: facts.lease ?? (time && { value: leaseText(time.value), at: time.at }),
      },
      reader,
    );
  });
  for (const option of options)
    if (!used.has(option))
      reader.left(
        displayName(`option ${option.name}`),
        "it belongs to no range that the file has: say it below networks, where it is one's",
        option.values[0]?.at,
      );
  return networks;
}

type Group = Pick<NetworkFacts, 'at' | 'subnet' | 'pools' | 'lease'> & {
  readonly tags: readonly string[];
  readonly around: readonly Sourced<string>[];
};

function groupsOf(ranges: readonly DhcpRange[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { at, tags, start, end, mask, lease } of ranges) {
    const subnet = mask && subnetOf(start.value, mask.value);
    const key = subnet?.text ?? start.value.replace(/\.\d+$/, '');
    const known = groups.get(key);
    groups.set(key, {
      at: known?.at ?? at,
      tags: [...(known?.tags ?? []), ...tags],
      // What is for reservations alone tells the subnet, too.
      around: [...(known?.around ?? []), start],
      subnet: known?.subnet ?? (subnet && mask ? { value: subnet, at: mask.at } : undefined),
      pools: [...(known?.pools ?? []), ...(end ? [[start, end] as const] : [])],
      lease: known?.lease ?? lease,
    });
  }
  return [...groups.values()];
}

/** Whether routers are of a network; where its mask is not said, the only network has any, and others what is near. */
function isOf(values: readonly Sourced<string>[], { subnet, around }: Group, isOnly: boolean): boolean {
  const near = (value: string) =>
    around.some((one) => one.value.replace(/\d+$/, '') === value.replace(/\d+$/, ''));
  return values.some(
    ({ value }) => value === '0.0.0.0' || (subnet ? contains(subnet.value, value) : isOnly || near(value)),
  );
}
