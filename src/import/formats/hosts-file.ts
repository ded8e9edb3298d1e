import { ipv4Number } from '../../values/addresses.ts';
import { readMac } from '../../values/identifiers.ts';
import { type FileReader, type Piece, piecesOf } from './file-reader.ts';
import { reasonText } from './keys.ts';
import type { Reservation } from './reservations.ts';

/** The files in which DHCP servers look up the names of machines: hosts files and /etc/ethers. */

const LINE =
  /^(?:\d+(?:\.\d+){3}|(?!(?:[\da-f]{1,2}:){5})[\da-f]*:[\da-f.]*:[\da-f:.]*(?:%\w+)?)[ \t]+[\w.-]+(?=\s|#|$)/i;

/** Whether a nonempty line can be one of a hosts file. */
export function isHostsLine(line: string): boolean {
  return LINE.test(line);
}

/** Whether the first line of a file is one of a hosts file. */
export function isHostsFile(text: string): boolean {
  return isHostsLine(/^[^\S\r\n]*([^\s#\ufeff].*)/m.exec(text)?.[1] ?? '');
}

/** IP addresses that are not those of machines on a network: of the machine itself, of none, and of IPv6's groups. */
const LOCAL = /^(?:127\.|0\.0\.0\.0$|255\.255\.255\.255$|::1?$|fe80:|fe00:|ff0\d:)/i;

/**
 * Reads a file of names such as /etc/hosts: lines of an IP address, a name and its aliases. Its names are for the machines of
 * other files. Reports other lines. Source: hosts(5).
 */
export function readHosts(reader: FileReader): Reservation[] {
  const isRow = ([first, name]: readonly Piece[]) =>
    first && name && isHostsLine(`${first.text} ${name.text}`);
  const what = 'This is not a line of an IP address and its names.';
  return rowsOf(reader, isRow, [what, 'write it as 192.168.178.41 cg01']).flatMap(
    ([first, name, ...others]) => {
      if (!first || !name || LOCAL.test(first.text)) return [];
      if (ipv4Number(first.text) === undefined) return reader.left(first, reasonText('ipv4')) ?? [];
      const stems = [name, ...others].filter(({ text }) => text.includes('.'));
      const aliases = [...others, ...stems.map((one) => ({ ...one, text: one.text.replace(/\..*/, '') }))];
      const [ip, ...names] = [first, name, ...aliases].map((piece) => reader.sourced(piece));
      const at = reader.at({ start: first.start, end: name.end });
      return [{ at, macs: [], ips: ip ? [ip] : [], name: names[0], aliases: names.slice(1), isLease: true }];
    },
  );
}

/** Reads /etc/ethers: lines of a MAC address and an IP address or name. Reports other lines. Source: ethers(5). */
export function readEthers(reader: FileReader): Reservation[] {
  const isRow = ([mac, other, third]: readonly Piece[]) => mac && readMac(mac.text) && other && !third;
  const what = 'This is not a line of a MAC address and an IP address or name.';
  return rowsOf(reader, isRow, [what, 'write it as 52:54:00:aa:01:01 192.168.178.41']).flatMap(
    ([mac, other]) => {
      if (!mac || !other) return [];
      const value = reader.sourced(other);
      const isAddress = ipv4Number(other.text) !== undefined || other.text.includes(':');
      const named = isAddress ? { ips: [value] } : { ips: [], name: value, aliases: [value] };
      const at = reader.at({ start: mac.start, end: other.end });
      return [{ at, macs: [reader.sourced(mac, readMac(mac.text) ?? '')], ...named }];
    },
  );
}

/** Returns the words of each line before its comment; reports other lines. */
function rowsOf(
  reader: FileReader,
  isRow: (words: readonly Piece[]) => unknown,
  [what, help]: readonly [string, string],
): Piece[][] {
  return piecesOf(reader.source.text, 0, /[^\r\n\ufeff]+/g).flatMap((line) => {
    const words = piecesOf(line.text.replace(/#.*$/, ''), line.start);
    const [first] = words;
    if (!first || isRow(words)) return first ? [words] : [];
    const end = line.start + line.text.trimEnd().length;
    return reader.error('import-syntax', what, reader.at({ start: first.start, end }), help) ?? [];
  });
}
