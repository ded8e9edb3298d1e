import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { needsTftp } from '../plan/dhcp.ts';
import type { Medium } from '../plan/medium.ts';
import type { Node, Site } from '../site/model.ts';
import { TFTP } from '../tree/paths.ts';
import { groupedBy } from '../values/grouped.ts';
import { eachOf, type Run } from './findings.ts';
import type { Web } from './http.ts';
import { LIMITS, secondsOf } from './limits.ts';
import { remediesOf } from './remedies.ts';

/** Codes of packets. Source: RFC 1350, section 5; RFC 2347. */
const [READ, DATA, ACK, ERROR, OPTIONS] = [1, 3, 4, 5, 6];
const [PORT, TIMEOUT, TRIES, BLOCK] = [69, 1000, 3, 1408];
/** An error without a text, which ends a transfer. */
const STOP = Buffer.from([0, ERROR, 0, 0, 0]);
/** The largest boot file that is read, in bytes. */
const LARGEST = 2 ** 26;

/** A file that a TFTP server sent, or why it sent none; `isSilent` if it did not answer at all. */
export interface Transfer {
  readonly bytes?: Buffer;
  readonly error?: string;
  readonly isSilent?: boolean;
}

/** Reads a file by TFTP, with the options that firmware uses. Never throws. */
export function readTftp(
  host: string,
  path: string,
  { port: serverPort = PORT, limits: { whole } = LIMITS } = {},
): Promise<Transfer> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const chunks: Buffer[] = [];
    let [size, block, tries, length, port] = [0, 0, 0, 512, 0];
    let last: Uint8Array = Buffer.concat([
      Buffer.from([0, READ]),
      Buffer.from([path, 'octet', 'tsize', '0', 'blksize', String(BLOCK), ''].join('\0'), 'latin1'),
    ]);
    let timer: NodeJS.Timeout | undefined;
    const deadline = setTimeout(
      () => finish({ error: `it does not end within ${secondsOf(whole)}` }, STOP),
      whole,
    );
    let isOver = false;
    const finish = (transfer: Transfer, last?: Uint8Array) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      clearTimeout(deadline);
      resolve(transfer);
      // A server that misses it sends its last block again and again, and logs a failure.
      if (last) socket.send(last, port, host, () => socket.close());
      else socket.close();
    };
    const send = (packet: Uint8Array) => {
      last = packet;
      socket.send(
        packet,
        port || serverPort,
        host,
        (error) => error && finish({ error: error.message, isSilent: true }),
      );
      clearTimeout(timer);
      timer = setTimeout(() => {
        tries += 1;
        if (tries < TRIES) send(last);
        else finish({ error: 'it does not answer', isSilent: port === 0 });
      }, TIMEOUT);
    };
    const acknowledgment = (number: number) => Buffer.from([0, ACK, number >> 8, number & 255]);
    socket.on('error', ({ message }) => finish({ error: message, isSilent: true }));
    socket.on('message', (packet, from) => {
      // The server answers from a port of its own, which is that of the transfer.
      if (isOver || packet.length < 4 || (port !== 0 && from.port !== port)) return;
      port = from.port;
      const [code, number] = [packet.readUInt16BE(0), packet.readUInt16BE(2)];
      if (code === ERROR)
        return finish({
          error: packet.toString('latin1', 4, 204).replace(/\0.*$/s, '') || `error ${number}`,
        });
      if (code === OPTIONS && block === 0) {
        const [, chosen] = /(?:^|\0)blksize\0(\d{1,5})\0/i.exec(packet.toString('latin1', 2)) ?? [];
        length = Number(chosen ?? length);
        if (length < 8 || length > BLOCK)
          return finish({ error: `it sends blocks of ${length} bytes, which are not allowed` }, STOP);
        return send(acknowledgment(0));
      }
      if (code !== DATA || number !== ((block + 1) & 0xffff)) return;
      block += 1;
      chunks.push(packet.subarray(4));
      size += packet.length - 4;
      tries = 0;
      if (size > LARGEST) finish({ error: `it sends more than ${LARGEST} bytes` }, STOP);
      else if (packet.length - 4 < length)
        finish({ bytes: Buffer.concat(chunks, size) }, acknowledgment(number));
      else send(acknowledgment(number));
    });
    send(last);
  });
}

/** The machine types of EFI programs, by the end of a name. Source: PE format, section "Machine Types". */
const MACHINES: readonly (readonly [RegExp, number])[] = [
  [/(?:arm64|aa64)\.efi$/, 0xaa64],
  [/(?:i386|ia32)\.efi$/, 0x014c],
  [/\.efi$/, 0x8664],
];

/** Returns why a downloaded boot file cannot be right; undefined if it can. */
export function whyNoProgram(name: string, bytes: Buffer): string | undefined {
  if (bytes.length === 0) return 'is empty';
  const [, machine] = MACHINES.find(([pattern]) => pattern.test(name)) ?? [];
  if (machine === undefined) return bytes[0] === 0x3c ? 'is a page of HTML' : undefined;
  const at =
    bytes.length >= 64 && bytes.toString('latin1', 0, 2) === 'MZ' ? bytes.readUInt32LE(60) : bytes.length;
  if (at + 6 > bytes.length) return 'is not an EFI program';
  return bytes.readUInt16LE(at + 4) === machine ? undefined : 'is an EFI program for another architecture';
}

/**
 * Downloads the boot files of the site's machines by TFTP and HTTP, and compares the files of the tree among them.
 * Binaries are not part of harvgen. It checks their kind, and that both servers have the same.
 */
export async function verifyPrograms(web: Web, run: Run): Promise<void> {
  const { site, media, findings } = run;
  const digests = new Map<string, string>();
  const put = remediesOf(site).programs;
  const check = (url: string, nodes: readonly string[], { bytes, error }: Transfer) => {
    const name = url.replace(/^.*\//, '');
    const add = (message: string, detail = url) =>
      findings.add('program', `${name} ${message}`, put, { nodes, detail });
    if (!bytes) return add('is missing or not readable', `${url}: ${error}`);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    findings.programs.push({ url, size: bytes.length, sha256 });
    const why = whyNoProgram(name, bytes);
    if (why !== undefined) add(`${why}: firmware does not start it`);
    else if ((digests.get(name) ?? sha256) !== sha256) add('is not the same by TFTP and by HTTP');
    digests.set(name, sha256);
  };
  const wanted = media.filter(
    ({ kind, nodes }) => nodes.length > 0 && (kind === 'program' || kind === 'script'),
  );
  if (needsTftp(site) && !site.server.kubernetes)
    for (const [host, names] of tftpHosts(site)) await verifyServer(run, host, ofNodes(wanted, names), check);
  await eachOf(wanted, 4, async ({ url, kind, nodes }) => {
    if (kind !== 'program' || url.startsWith('tftp:')) return;
    const answer = await web.ask(url, { keep: LARGEST, most: LARGEST });
    if (!answer) return;
    const isWhole = answer.status === 200 && !answer.error;
    check(url, nodes, isWhole ? { bytes: answer.body } : { error: answer.error ?? `${answer.status}` });
  });
}

/** Returns the TFTP servers, each with the names of its machines: libvirt serves TFTP on its own networks. */
function tftpHosts({ nodes, server }: Site): Map<string, readonly string[]> {
  const hostOf = ({ bootNic: { network } }: Node) =>
    (network.dhcp?.server === 'libvirt' && network.libvirt?.address) || server.host;
  const booted = nodes.filter(({ bootNic }) => bootNic.network.dhcp);
  return new Map([...groupedBy(booted, hostOf)].map(([host, own]) => [host, own.map(({ name }) => name)]));
}

/** Returns the media of some machines. */
function ofNodes(media: readonly Medium[], names: readonly string[]): Medium[] {
  return media.flatMap((medium) => {
    const nodes = medium.nodes.filter((name) => names.includes(name));
    return nodes.length > 0 ? { ...medium, nodes } : [];
  });
}

async function verifyServer(
  { site, tree, findings, limits }: Run,
  host: string,
  wanted: readonly Medium[],
  check: (url: string, nodes: readonly string[], transfer: Transfer) => void,
): Promise<void> {
  let isSilent = false;
  await eachOf(wanted, 4, async ({ url, nodes }) => {
    const [, path] = /^tftp:\/\/[^/]+\/(.*)$/.exec(url) ?? [];
    if (path === undefined || isSilent) return;
    const own = `tftp://${host}/${path}`;
    const transfer = await readTftp(host, path, { limits });
    const add = (message: string, help: string, detail?: string) =>
      findings.add('tftp', message, help, { nodes, ...(detail !== undefined && { detail }) });
    const expected = tree.get(`${TFTP}/${path}`);
    if (transfer.isSilent) {
      isSilent = true;
      add(
        `${host} does not answer by TFTP`,
        `start ${site.server.tftpServer} on the boot server; a firewall on the way must pass UDP port 69 and its answers`,
      );
    } else if (!expected) check(own, nodes, transfer);
    else if (!transfer.bytes?.equals(Buffer.from(expected.content)))
      add('TFTP serves other files than a build of the inventory has', remediesOf(site).deploy, own);
  });
}
