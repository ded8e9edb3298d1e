import { type FileHandle, open } from 'node:fs/promises';
import { orUndefined } from '../values/or-undefined.ts';
import { ACK, decodeAnswer } from '../verify/dhcp-packet.ts';
import { datagram, tftpRequest } from './frame.ts';

/** An answer that a machine got from the network. */
export type Answer =
  /** A lease: its IP address, the server, and the boot file, if the answer has one. */
  | { readonly by: 'dhcp'; readonly address: string; readonly server: string; readonly file: string }
  /** The first part of a file by TFTP, or its error. */
  | { readonly by: 'tftp'; readonly path: string; readonly error?: string }
  | { readonly by: 'http'; readonly path: string; readonly status: number }
  /** A login at an iSCSI server. */
  | { readonly by: 'iscsi'; readonly server: string }
  /** Not an answer: the question of the machine for an IP address, from its own, in a VLAN. */
  | {
      readonly by: 'arp';
      readonly address: string;
      readonly target: string;
      readonly vlan: number | undefined;
    };

/** Reads the answers that a machine gets from a file of its packets, which grows. */
export interface Wire {
  /** Returns the answers since the last call. */
  read(): Promise<Answer[]>;
  close(): Promise<void>;
}

/** The header of a pcap file, and of each packet in it. Source: draft-ietf-opsawg-pcap. */
const PCAP = { header: 24, packet: 16, lengthAt: 8 };

/** Returns the packets of a NIC with this MAC address, in a file that QEMU creates soon. */
export function openWire(path: string, mac: string): Wire {
  let file: FileHandle | undefined;
  const interpret = interpreter(mac);
  let at = PCAP.header;
  let rest = Buffer.alloc(0);
  // One for all reads: a new one every 100 ms costs more than all the rest.
  const chunk = Buffer.alloc(1 << 20);
  return {
    async read() {
      const answers: Answer[] = [];
      file ??= await open(path, 'r').catch(() => undefined);
      while (file) {
        const { bytesRead } = await file.read({ buffer: chunk, position: at });
        if (bytesRead === 0) return answers;
        at += bytesRead;
        rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        while (rest.length >= PCAP.packet) {
          const end = PCAP.packet + rest.readUInt32LE(PCAP.lengthAt);
          if (rest.length < end) break;
          const frame = rest.subarray(PCAP.packet, end);
          // A shortened packet may lack what its headers announce.
          const answer = orUndefined(() => interpret(frame));
          if (answer) answers.push(answer);
          rest = rest.subarray(end);
        }
      }
      return answers;
    },
    close: async () => file?.close(),
  };
}

const TFTP_ERROR = 5;
const ISCSI_PORT = 3260;

/** Returns a function that returns the answer in a frame, if any. It remembers the requests of the machine. */
function interpreter(mac: string): (frame: Buffer) => Answer | undefined {
  const bytes = Buffer.from(mac.replaceAll(':', ''), 'hex');
  /** The requested paths by the port of the machine. */
  const tftp = new Map<number, string>();
  const http = new Map<string, string>();

  function ofUdp(frame: Buffer, isSent: boolean): Answer | undefined {
    const udp = datagram(frame);
    if (!udp) return undefined;
    if (udp.to === 68) return lease(frame.subarray(udp.dataAt), mac);
    const requested = isSent ? tftpRequest(frame) : undefined;
    if (requested !== undefined) tftp.set(udp.from, requested);
    const path = tftp.get(udp.to);
    if (isSent || path === undefined) return undefined;
    tftp.delete(udp.to);
    const isError = frame.readUInt16BE(udp.dataAt) === TFTP_ERROR;
    const text = frame.toString('latin1', udp.dataAt + 4).replace(/\0.*$/s, '');
    return { by: 'tftp', path, ...(isError ? { error: text } : {}) };
  }

  function ofTcp(frame: Buffer, isSent: boolean): Answer | undefined {
    const ip = 14;
    if (frame.readUInt16BE(12) !== 0x0800 || frame[ip + 9] !== 6) return undefined;
    const tcp = ip + (frame.readUInt8(ip) & 15) * 4;
    const data = frame.subarray(tcp + (frame.readUInt8(tcp + 12) >> 4) * 4).toString('latin1');
    const [from, to] = [frame.readUInt16BE(tcp), frame.readUInt16BE(tcp + 2)];
    const server = frame
      .subarray(ip + (isSent ? 16 : 12))
      .subarray(0, 4)
      .join('.');
    const stream = isSent ? `${from} ${to} ${server}` : `${to} ${from} ${server}`;
    if (!isSent && from === ISCSI_PORT && http.get(stream) === undefined && frame.readUInt8(tcp + 13) & 8) {
      http.set(stream, '');
      return { by: 'iscsi', server };
    }
    const [, asked] = (isSent && /^(?:GET|HEAD) (\S+) HTTP/.exec(data)) || [];
    if (asked !== undefined) http.set(stream, asked);
    const [, status] = (!isSent && /^HTTP\/1\.\d (\d{3}) /.exec(data)) || [];
    const path = http.get(stream);
    return status !== undefined && path !== undefined
      ? { by: 'http', path, status: Number(status) }
      : undefined;
  }

  return (frame) => {
    const isSent = frame.subarray(6, 12).equals(bytes);
    return ofUdp(frame, isSent) ?? ofTcp(frame, isSent) ?? (isSent ? question(frame) : undefined);
  };
}

/** Returns the ARP request in a frame. Source: RFC 826; IEEE 802.1Q, 9.6 (the tag). */
function question(frame: Buffer): Answer | undefined {
  const isTagged = frame.readUInt16BE(12) === 0x8100;
  const at = isTagged ? 18 : 14;
  if (frame.readUInt16BE(at - 2) !== 0x0806 || frame.readUInt16BE(at + 6) !== 1) return undefined;
  const address = (from: number) => frame.subarray(at + from, at + from + 4).join('.');
  const vlan = isTagged ? frame.readUInt16BE(14) & 0xfff : undefined;
  return { by: 'arp', address: address(14), target: address(24), vlan };
}

/** Returns the lease that a DHCP server confirms to this MAC address. */
function lease(message: Buffer, mac: string): Answer | undefined {
  const answer = decodeAnswer(message);
  if (answer?.type !== ACK || answer.mac !== mac) return undefined;
  return { by: 'dhcp', address: answer.address, server: answer.server, file: answer.bootFile };
}
