import { isValueMap } from '../../source/origin.ts';
import { Source } from '../../source/source.ts';
import { ipv4Number, ipv4Text, parseCidr } from '../../values/addresses.ts';
import type { Sourced } from '../model/gathered.ts';
import { displayName } from '../model/names.ts';
import type { Notes } from '../model/notes.ts';
import { concealLikely } from '../model/secrets.ts';
import { reasonText, whyLeft } from './keys.ts';
import { type FileMap, mapFormat } from './map-reader.ts';
import {
  gatheredOf,
  leaseText,
  networkOf,
  OF_MACHINE,
  OPTIONS,
  type OptionKey,
  optionFacts,
  optionNamed,
  type Reservation,
  serverIn,
} from './reservations.ts';

/** The configuration of Kea's DHCPv4 server: JSON with comments. */
export const kea = mapFormat({
  name: 'kea',
  what: "kea-dhcp4.conf of Kea, ISC's newer DHCP server, with its subnets and reservations",
  isLike: ({ text }) => /"Dhcp4"\s*:/.test(text),
  refusal: [
    "The file has no Dhcp4: it is not a configuration of Kea's DHCPv4 server.",
    'use its kea-dhcp4.conf, usually in /etc/kea',
  ],
  prepare(source, notes) {
    const plain = new Source(source.file, withoutIncludes(withoutComments(source.text), source, notes));
    concealLikely(plain);
    return plain;
  },
  add(value, file) {
    const dhcp = isValueMap(value) ? file.map(value, 'kea').map('Dhcp4', 'kea') : undefined;
    if (!dhcp) return value;
    const reservations = [dhcp, ...dhcp.maps('shared-networks')].flatMap((block) => [
      ...reservationsIn(block, dhcp),
      ...subnetsIn(block, block === dhcp ? [dhcp] : [block, dhcp]),
    ]);
    const { machines, bmcs, vips } = gatheredOf(reservations, file);
    const classes = dhcp.maps('client-classes');
    file.found.server = serverIn([dhcp, ...classes, ...dhcp.maps('shared-networks')].flatMap(bootFilesIn));
    if (classes.length > 0) dhcp.left('client-classes', reasonText('boot'));
    for (const map of classes) map.leaveWhole();
    file.found.machines.push(...machines);
    file.found.bmcs.push(...bmcs);
    file.found.vips.push(...vips);
    return undefined;
  },
});

/** A text, which can contain the signs of comments, or a comment in one of three forms, possibly unclosed. */
const TEXT_OR_COMMENT = /"(?:[^"\\]|\\[\s\S])*"?|(?:#|\/\/)[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/g;

/** Replaces comments with blanks, so that every value keeps its position. Source: Kea, src/lib/cc/data.cc. */
function withoutComments(text: string): string {
  return text.replace(TEXT_OR_COMMENT, (piece) =>
    piece.startsWith('"') ? piece : piece.replace(/[^\n]/g, ' '),
  );
}

const INCLUDE = /<\?include\s+("[^"\n]*")\s*\?>/g;
/** A text; includes where a value is expected; includes in a list or map, with their commas; any other. */
const TEXT_OR_INCLUDE =
  /"(?:[^"\\]|\\[\s\S])*"?|(?=<\?)(?<=:\s*)<\?include[^>\n]{0,300}>|(?=<\?)(?<=[[{,]\s*)(?:<\?include[^>\n]{0,300}>\s*,?\s*)+|<\?include[^>\n]{0,300}>/g;

/** Replaces includes with null or blanks, so that every value keeps its position; adds a note on each. Source: Kea, dhcp4_lexer.ll. */
function withoutIncludes(text: string, source: Source, notes: Notes): string {
  return text.replace(TEXT_OR_INCLUDE, (piece, index: number) => {
    if (piece.startsWith('"')) return piece;
    for (const {
      0: { length },
      1: file = '',
      index: from,
    } of piece.matchAll(INCLUDE)) {
      const at = { source, start: index + from, end: index + from + length };
      notes.open(`include ${file}`, 'another file: paste it here', at);
    }
    const isValue = /:\s*$/.test(text.slice(Math.max(index - 99, 0), index));
    return (isValue ? 'null' : '').padEnd(piece.length);
  });
}

/** Options of a machine that are read elsewhere, by name and code. */
const SILENT = ['boot-file-name', '67', 'host-name', '12'];

/** Adds the subnets of a block and returns their reservations. `outer` are the blocks around them, the innermost first. */
function subnetsIn(block: FileMap, outer: readonly FileMap[]): Reservation[] {
  return block.maps('subnet4').flatMap((subnet) => {
    const { at, file, found } = subnet;
    const blocks = [subnet, ...outer];
    const dhcp = outer.at(-1) ?? block;
    const options = blocks.map((block) => optionsOf(block));
    const lifetime = blocks
      .map((block) => block.number('valid-lifetime'))
      .find((value) => value !== undefined);
    const text = subnet.text('subnet');
    const cidr = text && parseCidr(text.value);
    const facts = {
      at,
      subnet: cidr && { value: cidr, at: text.at },
      ...optionFacts((key) => options.map((block) => block.get(key)).find((values) => values) ?? []),
      ...(lifetime && { lease: { value: leaseText(lifetime.value), at: lifetime.at } }),
      pools: subnet.maps('pools').flatMap(poolOf),
    };
    if (cidr) found.networks.push(...networkOf(facts, file));
    else file.wrong('subnet', 'an IPv4 subnet with its first address', text?.at ?? at);
    return reservationsIn(subnet, dhcp);
  });
}

/** Returns the options of a block; adds notes on the others, and on those of one machine. */
function optionsOf(block: FileMap, ofMachine = false): Map<OptionKey, Sourced<string>[]> {
  const options = new Map<OptionKey, Sourced<string>[]>();
  for (const entry of block.maps('option-data')) {
    const [code, name, data] = ['code', 'name', 'data'].map((key) => entry.text(key));
    const key = name ? optionNamed(name.value, 'isc') : optionNamed(code?.value ?? '', 'number');
    const called = name?.value ?? (key ? OPTIONS[key].isc : (code?.value ?? ''));
    if (ofMachine && SILENT.includes(called)) continue;
    if (!key || ofMachine)
      block.file.left(
        `option ${displayName(called)}`,
        key ? OF_MACHINE : (whyLeft('dhcpd option', called) ?? ''),
        entry.at,
      );
    else if (data)
      options.set(
        key,
        data.value.split(',').map((value) => ({ value: value.trim(), at: data.at })),
      );
  }
  return options;
}

/** Returns the first and last address of a pool as a list; a pool can also be a subnet. */
function poolOf(pool: FileMap): (readonly [Sourced<string>, Sourced<string>])[] {
  const text = pool.text('pool');
  const at = text?.at ?? pool.at;
  const cidr = text && parseCidr(text.value);
  // Two addresses or one, which parseCidr refuses as a subnet.
  const [, few, prefix] = /^([\d.]+(?:[02468](?=\/31)|\d(?=\/32)))\/(3[12])$/.exec(text?.value ?? '') ?? [];
  const end = few && ipv4Text((ipv4Number(few) ?? 0) + 32 - Number(prefix));
  const [, from = few, to = end] = /^([\d.]+)\s*-\s*([\d.]+)$/.exec(text?.value ?? '') ?? [];
  const [first, last] = cidr ? [ipv4Text(cidr.first), ipv4Text(cidr.last)] : [from, to];
  if (first !== undefined && last !== undefined)
    return [
      [
        { value: first, at },
        { value: last, at },
      ],
    ];
  pool.file.wrong('pool', 'a range such as 10.0.0.200 - 10.0.0.250', at);
  return [];
}

/** Returns the reservations of a block. Source: the Administrator Reference Manual of Kea, "Host Reservations in DHCPv4". */
function reservationsIn(block: FileMap, dhcp: FileMap): Reservation[] {
  return block.maps('reservations').map((map) => {
    const { file, at } = map;
    const [mac, ip] = [map.text('hw-address'), map.text('ip-address')];
    const macs = mac ? file.macOrNote(mac) : [];
    const names = map.texts('client-classes').map(({ value }) => value);
    const classes = dhcp
      .maps('client-classes')
      .filter((one) => names.includes(one.text('name')?.value ?? ''));
    const bootFiles = [map, ...classes].flatMap(bootFileOf);
    if (names.length > 0 && bootFiles.length === 0)
      file.left('reservations client-classes', reasonText('boot'), map.keyAt('client-classes'));
    optionsOf(map, true);
    return { at, name: map.text('hostname'), macs, ips: ip ? [ip] : [], bootFiles };
  });
}

/** Returns the boot file of a block as a list: its own key, or the option. */
function bootFileOf(block: FileMap): Sourced<string>[] {
  const option = block.maps('option-data').find((entry) => {
    const [name, code] = [entry.text('name'), entry.text('code')];
    return name?.value === 'boot-file-name' || code?.value === '67';
  });
  return [block.text('boot-file-name') ?? [], option?.text('data') ?? []].flat();
}

/** Returns the boot files of a block and of all blocks in it. */
function bootFilesIn(block: FileMap): Sourced<string>[] {
  const inner = ['subnet4', 'pools', 'reservations'].flatMap((key) => block.maps(key));
  return [...bootFileOf(block), ...inner.flatMap(bootFilesIn)];
}
