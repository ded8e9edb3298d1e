import { createReadStream } from 'node:fs';
import { meaningOf } from '../values/unreadable.ts';

const UTF_16 = 'it is UTF-16, as Windows writes text: save it as UTF-8';

/** Two thousand machines of phs as JSON, without anchors, have 1.3 MB. Larger ones are nothing that somebody has written. */
const MOST_MEBIBYTES = 16;
const MOST_BYTES = MOST_MEBIBYTES << 20;

/** Reads a file of another system as text, `-` from standard input. Says what is wrong with it, and gives undefined then. */
export async function readForeign(file: string): Promise<string | undefined> {
  try {
    if (file === '-' && process.stdin.isTTY)
      throw new Refusal('it is the keyboard: pipe the file into harvgen');
    return textOf(await bytesOf(file === '-' ? process.stdin : createReadStream(file)));
  } catch (error) {
    const what = file === '-' ? 'standard input' : file;
    process.stderr.write(`harvgen: ${what} cannot be read: ${whyOf(error)}\n`);
    return undefined;
  }
}

/** What files begin with that are text no more, or not yet. Sources: RFC 1952, RFC 8878, the formats of bzip2 and xz, Unicode. */
const MARKS: readonly (readonly [mark: readonly number[], why: string])[] = [
  [[0x1f, 0x8b], 'it is packed by gzip: unpack it with gunzip first'],
  [[0x42, 0x5a, 0x68], 'it is packed by bzip2: unpack it with bunzip2 first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'it is packed by xz: unpack it with unxz first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'it is packed by zstd: unpack it with unzstd first'],
  [[0xff, 0xfe], UTF_16],
  [[0xfe, 0xff], UTF_16],
];

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const [, why = 'it is not UTF-8'] =
      MARKS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte)) ?? [];
    throw new Refusal(why);
  }
}

/** Reads no more than it must to know that a file is too large: it may be a device that never ends. */
async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_BYTES) throw new Refusal(TOO_LARGE);
  }
  return Buffer.concat(chunks);
}

const TOO_LARGE = `it is larger than ${MOST_MEBIBYTES} MiB, which no such file is`;

class Refusal extends Error {}

function whyOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (!code) throw error;
  return meaningOf(code);
}
