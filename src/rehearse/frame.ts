const DHCP = { server: 67, client: 68, optionsAt: 240 };
const OPTION = { pad: 0, parameters: 55, userClass: 77, ipxe: 175, initiator: 203, end: 255 };
/** The options that only iPXE sends, and those that only iPXE requests. */
const SENT: readonly unknown[] = [OPTION.userClass, OPTION.ipxe];
const ASKED_FOR: readonly unknown[] = [OPTION.ipxe, OPTION.initiator];
const TFTP = { port: 69, read: 1 };

/**
 * Removes, in place, the traces of iPXE from a DHCP request: its user class, its own options, and its request for such
 * options in the answer. Takes a whole Ethernet frame; any other frame stays unchanged.
 */
export function hideIpxe(frame: Buffer): void {
  const udp = datagram(frame);
  if (udp?.from !== DHCP.client || udp.to !== DHCP.server) return;
  let at = udp.dataAt + DHCP.optionsAt;
  while (at + 1 < frame.length && frame[at] !== OPTION.end) {
    if (frame[at] === OPTION.pad) {
      at += 1;
      continue;
    }
    const end = at + 2 + frame.readUInt8(at + 1);
    if (SENT.includes(frame[at])) frame.fill(OPTION.pad, at, end);
    // a second request for option 1 is harmless
    if (frame[at] === OPTION.parameters) {
      for (let i = at + 2; i < end; i += 1) if (ASKED_FOR.includes(frame[i])) frame[i] = 1;
    }
    at = end;
  }
  // zero means that there is no checksum
  frame.writeUInt16BE(0, udp.checksumAt);
}

/** Returns the file name in a TFTP read request. Takes a whole Ethernet frame; returns undefined for any other frame. */
export function tftpRequest(frame: Buffer): string | undefined {
  const udp = datagram(frame);
  if (udp?.to !== TFTP.port || frame.readUInt16BE(udp.dataAt) !== TFTP.read) return undefined;
  const name = udp.dataAt + 2;
  return frame.toString('latin1', name, frame.indexOf(0, name));
}

/** Returns the ports of the IPv4 UDP datagram in a frame, and the offsets of its parts; undefined without one, and for a later fragment. */
export function datagram(frame: Buffer) {
  const ip = 14;
  if (frame.length < ip + 28 || frame.readUInt16BE(12) !== 0x0800 || frame[ip + 9] !== 17) return undefined;
  if ((frame.readUInt16BE(ip + 6) & 0x1fff) !== 0) return undefined;
  const udp = ip + (frame.readUInt8(ip) & 0x0f) * 4;
  return {
    from: frame.readUInt16BE(udp),
    to: frame.readUInt16BE(udp + 2),
    checksumAt: udp + 6,
    dataAt: udp + 8,
  };
}
