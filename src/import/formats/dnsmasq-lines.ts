import type { Span } from '../../source/likely.ts';
import { type FileReader, linesOf, type Piece } from './file-reader.ts';
import { LEFT_OF_BOOT } from './reservations.ts';

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
