import { createReadStream } from 'node:fs';
import { meaningOf } from '../values/unreadable.ts';
import { UserError } from '../values/user-error.ts';

const UTF_16 = 'UTF-16 text, common on Windows: save it as UTF-8';

/** 2,000 phs machines as JSON without anchors need 1.3 MB. A larger file was not written by a person. */
const MOST_MEBIBYTES = 16;
const MOST_BYTES = MOST_MEBIBYTES << 20;

/** Reads a file of another system as text, `-` from standard input. Throws UserError. */
export async function readForeign(file: string): Promise<string> {
  try {
    if (file === '-' && process.stdin.isTTY)
      throw new Refusal('it is a terminal: pipe the file into harvgen');
    return textOf(await bytesOf(file === '-' ? process.stdin : createReadStream(file)));
  } catch (error) {
    const what = file === '-' ? 'standard input' : file;
    throw new UserError(`${what} cannot be read: ${whyOf(error)}`);
  }
}

/** The first bytes of files that are compressed or UTF-16. Sources: RFC 1952, RFC 8878, the formats of bzip2 and xz, Unicode. */
const MARKS: readonly (readonly [mark: readonly number[], why: string])[] = [
  [[0x1f, 0x8b], 'gzip data: run gunzip first'],
  [[0x42, 0x5a, 0x68], 'bzip2 data: run bunzip2 first'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz data: run unxz first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd data: run unzstd first'],
  [[0xff, 0xfe], UTF_16],
  [[0xfe, 0xff], UTF_16],
];

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const [, why = 'it is not UTF-8 text'] =
      MARKS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte)) ?? [];
    throw new Refusal(why);
  }
}

/** Stops as soon as the file is too large: it may be an endless device. */
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

const TOO_LARGE = `it is larger than the limit of ${MOST_MEBIBYTES} MiB`;

class Refusal extends Error {}

function whyOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (!code) throw error;
  return meaningOf(code);
}
