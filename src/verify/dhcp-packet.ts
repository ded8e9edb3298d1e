import { type Ipv4, ipv4Text } from '../values/addresses.ts';
import type { Mac } from '../values/identifiers.ts';

/** A machine's request for an offer: DHCPDISCOVER. */
export interface Discover {
  /** The transaction, 32 bits. */
  readonly xid: number;
  readonly mac: Mac;
  /** Option 93, the architecture of firmware. */
  readonly arch?: number | undefined;
  /** Option 77; iPXE sends its name. */
  readonly userClass?: string | undefined;
  /** Option 60. */
  readonly vendor?: string | undefined;
}

/** A server's answer, such as an offer (DHCPOFFER) or a lease (DHCPACK). */
export interface DhcpAnswer {
  /** The kind of message: OFFER or another. */
  readonly type: number | undefined;
  readonly xid: number;
  readonly mac: Mac;
  /** The server identifier. */
  readonly server: Ipv4;
  readonly address: Ipv4;
  readonly nextServer: Ipv4;
  readonly bootFile: string;
  /** The values of further options by number. */
  readonly options: ReadonlyMap<number, Buffer>;
}

/** The numbers of options. Source: IANA, BOOTP and DHCP parameters. */
export const OPTION = {
  mask: 1,
  router: 3,
  dns: 6,
  domain: 15,
  mtu: 26,
  ntp: 42,
  overload: 52,
  type: 53,
  server: 54,
  requested: 55,
  vendor: 60,
  tftpServer: 66,
  bootFile: 67,
  userClass: 77,
  arch: 93,
  interfaceId: 94,
} as const;

/** Kinds of messages: the values of option 53. */
export const [DISCOVER, OFFER, ACK] = [1, 2, 5];
/** The fixed part of a message and its parts. Source: RFC 2131, section 2. */
const AT = {
  xid: 4,
  secs: 8,
  flags: 10,
  address: 16,
  nextServer: 20,
  mac: 28,
  name: 44,
  file: 108,
  cookie: 236,
  options: 240,
};
const COOKIE = 0x63825363;
const BROADCAST = 0x8000;
const SMALLEST = 300;

/** Writes the request as a datagram. The server broadcasts its answer: the IP address is not this machine's. */
export function encodeDiscover({ xid, mac, arch, userClass, vendor }: Discover): Buffer {
  const fixed = Buffer.alloc(AT.options);
  fixed.set([1, 1, 6]);
  fixed.writeUInt32BE(xid, AT.xid);
  // Some servers ignore a machine that has only just begun to ask.
  fixed.writeUInt16BE(4, AT.secs);
  fixed.writeUInt16BE(BROADCAST, AT.flags);
  fixed.write(mac.replaceAll(':', ''), AT.mac, 'hex');
  fixed.writeUInt32BE(COOKIE, AT.cookie);
  const requested = [1, 3, 6, 12, 15, 26, 42, 43, 54, 60, 66, 67, 175];
  const option = (code: number, value: Iterable<number>) => [code, [...value].length, ...value];
  const options = [
    ...option(OPTION.type, [DISCOVER]),
    ...option(OPTION.requested, requested),
    ...(vendor === undefined ? [] : option(OPTION.vendor, Buffer.from(vendor))),
    ...(userClass === undefined ? [] : option(OPTION.userClass, Buffer.from(userClass))),
    ...(arch === undefined
      ? []
      : [...option(OPTION.arch, [arch >> 8, arch & 255]), ...option(OPTION.interfaceId, [1, 3, 16])]),
    255,
  ];
  const padding = Buffer.alloc(Math.max(0, SMALLEST - AT.options - options.length));
  return Buffer.concat([fixed, Buffer.from(options), padding]);
}

/** Reads an answer of a server; returns undefined for a request, and for a malformed message. */
export function decodeAnswer(packet: Buffer): DhcpAnswer | undefined {
  if (packet.length < AT.options || packet[0] !== 2 || packet.readUInt32BE(AT.cookie) !== COOKIE)
    return undefined;
  const options = new Map<number, Buffer>();
  if (!readOptions(packet.subarray(AT.options), options)) return undefined;
  const overload = options.get(OPTION.overload)?.[0] ?? 0;
  const [file, name] = [packet.subarray(AT.file, AT.cookie), packet.subarray(AT.name, AT.file)];
  if (overload & 1 && !readOptions(file, options)) return undefined;
  if (overload & 2 && !readOptions(name, options)) return undefined;
  const server = options.get(OPTION.server);
  if (server?.length !== 4) return undefined;
  const addressAt = (at: number) => ipv4Text(packet.readUInt32BE(at));
  return {
    type: options.get(OPTION.type)?.[0],
    xid: packet.readUInt32BE(AT.xid),
    mac: packet.toString('hex', AT.mac, AT.mac + 6).replace(/..(?=.)/g, '$&:') as Mac,
    server: ipv4Text(server.readUInt32BE()),
    address: addressAt(AT.address),
    nextServer: addressAt(AT.nextServer),
    bootFile: textOf(options.get(OPTION.bootFile) ?? (overload & 1 ? Buffer.alloc(0) : file)),
    options,
  };
}

/** Adds the options in a part of a message; parts of a long option are joined (RFC 3396). Returns whether they are complete. */
function readOptions(part: Buffer, options: Map<number, Buffer>): boolean {
  for (let at = 0; at < part.length && part[at] !== 255; ) {
    const code = part.readUInt8(at);
    const length = code === 0 ? -1 : part[at + 1];
    if (length === undefined || at + 2 + length > part.length) return false;
    const value = part.subarray(at + 2, at + 2 + length);
    if (code !== 0) options.set(code, Buffer.concat([options.get(code) ?? Buffer.alloc(0), value]));
    at += 2 + length;
  }
  return true;
}

/** Returns the text of an option, up to the first zero byte. */
export function textOf(value: Buffer | undefined): string {
  return value?.toString('latin1').replace(/\0.*$/s, '') ?? '';
}

/** Returns the IP addresses in an option as a text; a part of another length is dropped. */
export function addressesOf(value: Buffer | undefined): string {
  const count = Math.floor((value?.length ?? 0) / 4);
  return Array.from({ length: count }, (_, index) => ipv4Text(value?.readUInt32BE(index * 4) ?? 0)).join(
    ', ',
  );
}
