import type { Place, Source } from '../../../source/origin.ts';
import { contains, ipv4Number } from '../../../values/ipv4.ts';
import { quoteVisibly } from '../../names.ts';
import type { Notes } from '../../notes.ts';
import type { GatheredNetwork, Said } from '../gathered.ts';
import { leaseText } from '../reservations/lease-text.ts';
import { type NetworkFacts, networkOf, subnetOf } from '../reservations/network-of.ts';
import { type Piece, saidBy } from '../reservations/said.ts';
import type { Option } from './options.ts';
import type { Line } from './read-lines.ts';

/** A range of IPv4 addresses that dnsmasq gives out. */
export interface DhcpRange {
  readonly at: Place;
  readonly tags: readonly string[];
  readonly start: Said<string>;
  /** Undefined where the range is for reservations alone. */
  readonly end?: Said<string> | undefined;
  readonly mask?: Said<string> | undefined;
  readonly lease?: Said<string> | undefined;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Reads what `dhcp-range=` says; undefined where it is no range that a site has, which is noted. Source: dnsmasq(8), --dhcp-range. */
export function readRange(source: Source, line: Line, notes: Notes): DhcpRange | undefined {
  const at = { source, start: line.start, end: line.end };
  const tags: string[] = [];
  const addresses: Said<string>[] = [];
  let lease: Said<string> | undefined;
  let mode: string | undefined;
  for (const field of line.fields) {
    const { text } = field;
    const [, tag] = /^(?:set|net|tag):(.*)$/.exec(text) ?? [];
    if (tag !== undefined) tags.push(tag);
    else if (ipv4Number(text) !== undefined) addresses.push(saidBy(source, field));
    else if (/^(?:\d+[smhdw]?|infinite|deprecated)$/.test(text)) lease = leaseOf(source, field);
    else mode ??= text;
  }
  const [start, ...others] = addresses;
  if (!start || mode?.startsWith('proxy')) {
    const why = mode?.startsWith('proxy')
      ? "dnsmasq stood beside another DHCP server there: say dhcp: { server: external } for the network, or let harvgen's be the one"
      : 'a site has IPv4 addresses';
    notes.add('left', 'dhcp-range', why, at);
    return undefined;
  }
  const isStatic = mode === 'static';
  const [end, mask] = isStatic ? [undefined, others.find(isMask)] : [others[0] ?? start, others[1]];
  return { at, tags, start, end, mask, lease };
}

function isMask({ value }: Said<string>): boolean {
  return value.startsWith('255.');
}

function leaseOf(source: Source, field: Piece): Said<string> {
  const [, number, unit = 's'] = /^(\d+)([smhdw])?$/.exec(field.text) ?? [];
  const text = number === undefined ? 'infinite' : leaseText(Number(number) * (SECONDS[unit] ?? 1));
  return saidBy(source, field, text);
}

/** Gives the networks of a configuration: one for each subnet of which it has ranges, with the options that these get. */
export function networksOf(
  ranges: readonly DhcpRange[],
  options: readonly Option[],
  domain: Said<string> | undefined,
  notes: Notes,
): GatheredNetwork[] {
  const used = new Set<Option>();
  const all = groupsOf(ranges).flatMap((facts) => {
    const of = options.filter(
      ({ name, tags, values }) =>
        tags.every((tag) => facts.tags.includes(tag)) && (name !== 'router' || isOf(values, facts)),
    );
    for (const option of of) used.add(option);
    // Of several the one with more tags counts, as in dnsmasq.
    const most = (name: Option['name']) =>
      of.filter((option) => option.name === name).sort((a, b) => b.tags.length - a.tags.length)[0]?.values ??
      [];
    const network = networkOf({ ...facts, ...saidByOptions(most, domain, facts.lease, notes) }, notes);
    return network ? [network] : [];
  });
  for (const { name, values } of options.filter((option) => !used.has(option)))
    notes.add(
      'left',
      quoteVisibly(`option ${name}`),
      "it belongs to no range that the file has: say it below networks, where it is one's",
      values[0]?.at,
    );
  return all;
}

function saidByOptions(
  most: (name: Option['name']) => readonly Said<string>[],
  domain: Said<string> | undefined,
  lease: Said<string> | undefined,
  notes: Notes,
) {
  const own = (values: readonly Said<string>[], of: string) =>
    values.filter(({ value, at }) => {
      if (value !== '0.0.0.0') return true;
      notes.add(
        'left',
        of,
        '0.0.0.0 is the address of the machine that dnsmasq runs on: name the server',
        at,
      );
      return false;
    });
  const [mtu] = most('mtu');
  const [time] = most('lease-time');
  return {
    routers: own(most('router'), 'router'),
    dns: own(most('dns-server'), 'dns-server'),
    ntp: own(most('ntp-server'), 'ntp-server'),
    domain: most('domain-name')[0] ?? domain,
    mtu: mtu && /^\d+$/.test(mtu.value) ? { value: Number(mtu.value), at: mtu.at } : undefined,
    lease:
      lease ??
      (time && /^\d+$/.test(time.value) ? { value: leaseText(Number(time.value)), at: time.at } : undefined),
  };
}

type Group = Pick<NetworkFacts, 'at' | 'subnet' | 'pools' | 'lease'> & {
  readonly tags: readonly string[];
  readonly around: readonly Said<string>[];
  /** Whether it is the only one. */
  isOnly: boolean;
};

/** Ranges of one subnet together. */
function groupsOf(ranges: readonly DhcpRange[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { at, tags, start, end, mask, lease } of ranges) {
    const subnet = mask && subnetOf(start.value, mask.value);
    const key = subnet?.text ?? start.value.replace(/\.\d+$/, '');
    const pool = end && ([start, end] as const);
    const known = groups.get(key);
    groups.set(key, {
      at: known?.at ?? at,
      tags: [...(known?.tags ?? []), ...tags],
      // What is for reservations alone tells the subnet, too.
      around: [...(known?.around ?? []), start],
      isOnly: false,
      subnet: known?.subnet ?? (subnet && mask ? { value: subnet, at: mask.at } : undefined),
      pools: [...(known?.pools ?? []), ...(pool ? [pool] : [])],
      lease: known?.lease ?? lease,
    });
  }
  for (const group of groups.values()) group.isOnly = groups.size === 1;
  return [...groups.values()];
}

/** Whether routers are of a network; where its mask is not said, the only network has any, and others what is near. */
function isOf(values: readonly Said<string>[], { subnet, around, isOnly }: Group): boolean {
  const near = (value: string) =>
    around.some((one) => one.value.replace(/\d+$/, '') === value.replace(/\d+$/, ''));
  return values.some(
    ({ value }) => value === '0.0.0.0' || (subnet ? contains(subnet.value, value) : isOnly || near(value)),
  );
}
