import type { Source } from '../../../source/origin.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { Said } from '../gathered.ts';
import { type Piece, saidBy } from '../reservations/said.ts';
import type { Line } from './read-lines.ts';

/** An option that dnsmasq gives out, to those with all of its tags. */
export interface Option {
  readonly name: OptionName;
  readonly tags: readonly string[];
  readonly values: readonly Said<string>[];
}

/** The options that a site carries. */
type OptionName = 'router' | 'dns-server' | 'domain-name' | 'mtu' | 'ntp-server' | 'lease-time';

/** By number, and by dnsmasq's name (`dnsmasq --help dhcp`). Source: RFC 2132. */
const CARRIED: Readonly<Record<string, OptionName>> = {
  3: 'router',
  router: 'router',
  6: 'dns-server',
  'dns-server': 'dns-server',
  15: 'domain-name',
  'domain-name': 'domain-name',
  26: 'mtu',
  mtu: 'mtu',
  42: 'ntp-server',
  'ntp-server': 'ntp-server',
  51: 'lease-time',
  'lease-time': 'lease-time',
};

/** What follows from the subnet: nothing is lost. */
const DERIVED = ['1', 'netmask', '28', 'broadcast'];

const OF_BOOT =
  /^(?:43|60|66|67|77|93|97|128|129|13\d|150|175|209|210|211|vendor-class|tftp-server|tftp-server-address|bootfile-name|server-ip-address|client-arch|path-prefix|config-file)$/;

/** Says whether a field is where an option's name or number stands. */
export function isOptionName(text: string): boolean {
  return /^(?:option6?:[\w-]+|\d{1,3}|encap:\d+|vendor:.*|vi-encap:\d+)$/.test(text);
}

/**
 * Reads what `dhcp-option=` says, or a line of a file of options; undefined where a site carries nothing of it, which is
 * noted. Source: dnsmasq(8), --dhcp-option.
 */
export function readOption(source: Source, line: Line, notes: Notes): Option | undefined {
  const isTag = ({ text }: Piece) => /^(?:tag|net):/.test(text);
  const tags = line.fields.filter(isTag).map(({ text }) => text.replace(/^\w+:/, ''));
  const [name, ...values] = line.fields.filter((field) => !isTag(field));
  if (!name) return undefined;
  const bare = name.text.replace(/^option:/, '');
  const at = { source, start: line.start, end: line.end };
  if (DERIVED.includes(bare)) return undefined;
  const carried = Object.hasOwn(CARRIED, bare) ? CARRIED[bare] : undefined;
  if (carried === undefined) {
    notes.add('left', quoteVisibly(`option ${bare}`), whyLeft(bare, values), at);
    return undefined;
  }
  return { name: carried, tags, values: values.map((value) => saidBy(source, value)) };
}

function whyLeft(name: string, values: readonly Piece[]): string {
  if (values.some(({ text }) => text.includes('/boot/v1/bootscript')))
    return 'BSS gave each machine its script there: harvgen writes one for each node, and server.compat: [ochami] keeps the URL';
  if (OF_BOOT.test(name))
    return 'harvgen writes itself what a machine boots by: boot of a node says what, and boot.loader by which program';
  if (/^option6:/.test(name)) return 'a site has IPv4 addresses';
  return "nothing of a site gives out such an option; a template of the site's own can: docs/templates.md";
}
