import { isValueMap, selfLocation, type ValueMap } from '../../source/origin.ts';
import { Source } from '../../source/source.ts';
import { ipv4Text, parseCidr } from '../../values/addresses.ts';
import { readMac } from '../../values/identifiers.ts';
import type { Sourced } from '../model/gathered.ts';
import type { JoinedFormat } from '../model/import-format.ts';
import { displayName } from '../model/names.ts';
import { concealLikely } from '../model/secrets.ts';
import { whyWordLeft } from './keys.ts';
import { type MapReader, readingMaps } from './map-reader.ts';
import { digitsOf, gatheredOf, leaseText, networkOf, type Reservation } from './reservations.ts';

/** The configuration of Kea's DHCPv4 server: JSON with comments. */
export const kea: JoinedFormat = {
  name: 'kea',
  what: "kea-dhcp4.conf of Kea, ISC's newer DHCP server, with its subnets and reservations",
  isLike: ({ text }) => /"Dhcp4"\s*:/.test(text),
  read(source, report) {
    const plain = new Source(source.file, withoutComments(source.text));
    concealLikely(plain);
    return read(plain, report);
  },
};

/** A text, which can contain the signs of comments, or a comment in one of three forms, possibly unclosed. */
const TEXT_OR_COMMENT = /"(?:[^"\\]|\\[\s\S])*"?|(?:#|\/\/)[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/g;

/** Replaces comments with blanks, so that every value keeps its position. Source: Kea, src/lib/cc/data.cc. */
function withoutComments(text: string): string {
  return text.replace(TEXT_OR_COMMENT, (piece) =>
    piece.startsWith('"') ? piece : piece.replace(/[^\n]/g, ' '),
  );
}

const read = readingMaps((value, reader) => {
  const dhcp = isValueMap(value) ? reader.mapIn(value, 'Dhcp4') : undefined;
  if (dhcp) {
    reader.restOf(value as ValueMap, ['Dhcp4']);
    const reservations = [...reservationsIn(dhcp, reader), ...subnetsIn(dhcp, [dhcp], reader)];
    for (const shared of reader.mapsIn(dhcp, 'shared-networks')) {
      reservations.push(...reservationsIn(shared, reader), ...subnetsIn(shared, [shared, dhcp], reader));
      reader.rest(shared, 'kea shared-networks');
    }
    reader.rest(dhcp, 'kea');
    const { machines, bmcs, vips } = gatheredOf(reservations, reader);
    reader.found.machines.push(...machines);
    reader.found.bmcs.push(...bmcs);
    reader.found.vips.push(...vips);
  } else if (value !== null)
    reader.refuse(
      "The file has no Dhcp4: it is not a configuration of Kea's DHCPv4 server.",
      'use its kea-dhcp4.conf, usually in /etc/kea',
      { at: reader.rootLocation(value) },
    );
});

/** The options that a site has keys for, by name and code. Source: RFC 2132; Kea, libdhcp++ (std_option_defs.h). */
const OPTIONS: Readonly<Record<string, string>> = {
  3: 'routers',
  6: 'domain-name-servers',
  15: 'domain-name',
  26: 'interface-mtu',
  42: 'ntp-servers',
};

/** Adds the subnets of a block and returns their reservations. `outer` are the blocks around them, the innermost first. */
function subnetsIn(block: ValueMap, outer: readonly ValueMap[], reader: MapReader): Reservation[] {
  return reader.mapsIn(block, 'subnet4').flatMap((subnet) => {
    reader.rest(subnet, 'kea subnet4');
    const blocks = [subnet, ...outer];
    const option = (name: string) =>
      blocks.map((block) => optionOf(block, name, reader)).find((values) => values.length > 0) ?? [];
    const lifetimes = blocks.map((block) => reader.number(block, 'valid-lifetime'));
    const lifetime = lifetimes.find((value) => value !== undefined);
    const text = reader.text(subnet, 'subnet');
    const cidr = text && parseCidr(text.value);
    const facts = {
      at: selfLocation(subnet),
      subnet: cidr && { value: cidr, at: text.at },
      routers: option('routers'),
      dns: option('domain-name-servers'),
      ntp: option('ntp-servers'),
      domain: option('domain-name')[0],
      mtu: digitsOf(option('interface-mtu')[0], /^\d{1,5}$/),
      lease: lifetime && { value: leaseText(lifetime.value), at: lifetime.at },
      pools: reader.mapsIn(subnet, 'pools').flatMap((pool) => poolOf(pool, reader)),
    };
    if (cidr) reader.found.networks.push(...networkOf(facts, reader));
    else reader.wrong('subnet', 'an IPv4 subnet with its first address', text?.at ?? facts.at);
    return reservationsIn(subnet, reader);
  });
}

/** Returns the values of an option of a block; adds notes on the others, each once. */
function optionOf(block: ValueMap, name: string, reader: MapReader): Sourced<string>[] {
  let values: Sourced<string>[] = [];
  for (const entry of reader.mapsIn(block, 'option-data')) {
    const code = reader.text(entry, 'code')?.value ?? '';
    const called = reader.text(entry, 'name')?.value ?? OPTIONS[code] ?? code;
    const data = reader.text(entry, 'data');
    if (!Object.values(OPTIONS).includes(called))
      reader.left(
        `option ${displayName(called)}`,
        whyWordLeft('dhcpd option', called) ?? '',
        selfLocation(entry),
      );
    else if (called === name && data)
      values = data.value.split(',').map((value) => ({ value: value.trim(), at: data.at }));
  }
  return values;
}

/** Returns the first and last address of a pool as a list; a pool can also be a subnet. */
function poolOf(pool: ValueMap, reader: MapReader): (readonly [Sourced<string>, Sourced<string>])[] {
  reader.rest(pool, 'kea pools');
  const text = reader.text(pool, 'pool');
  const cidr = text && parseCidr(text.value);
  const [, from, to] = /^([\d.]+)\s*-\s*([\d.]+)$/.exec(text?.value ?? '') ?? [];
  const ends = cidr ? [ipv4Text(cidr.first), ipv4Text(cidr.last)] : [from, to];
  const [first, last] = ends.map((value) => text && value !== undefined && { value, at: text.at });
  if (first && last) return [[first, last]];
  reader.wrong('pool', 'a range such as 10.0.0.200 - 10.0.0.250', text?.at ?? selfLocation(pool));
  return [];
}

/** Returns the reservations of a block. Source: the Administrator Reference Manual of Kea, "Host Reservations in DHCPv4". */
function reservationsIn(block: ValueMap, reader: MapReader): Reservation[] {
  return reader.mapsIn(block, 'reservations').map((map) => {
    const mac = reader.text(map, 'hw-address');
    const address = mac && readMac(mac.value);
    if (mac && address === undefined)
      reader.refuseValue(mac, 'not a MAC address of a NIC', 'write it as 52:54:00:aa:01:01');
    reader.rest(map, 'kea reservations');
    const ip = reader.text(map, 'ip-address');
    return {
      at: selfLocation(map),
      name: reader.text(map, 'hostname'),
      macs: mac && address !== undefined ? [{ value: address, at: mac.at }] : [],
      ips: ip ? [ip] : [],
    };
  });
}
