import { createReadStream } from 'node:fs';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { meaningOf } from '../values/unreadable.ts';
import { UserError } from '../values/user-error.ts';

const UTF_16 = 'UTF-16 text, common on Windows: save it as UTF-8';

/** 2,000 phs machines as JSON without anchors need 1.3 MB. A larger file was not written by a person. */
const MOST_MEBIBYTES = 16;
const MOST_BYTES = MOST_MEBIBYTES << 20;

/** A longer line is not a line of a log: nginx accepts requests of 16 KiB. */
const LONGEST_LINE = 1 << 18;
const LINE_END = 10;

/** Returns the name of a file for messages; `-` is standard input. */
export function inputName(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/** Reads a file of another system as text, `-` from standard input. Throws UserError. */
export async function readForeign(file: string): Promise<string> {
  try {
    return textOf(await bytesOf(opened(file, 'file')));
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Yields the lines of a log, also of a compressed one; `-` is standard input. Throws UserError if it cannot be read. */
export async function* linesOfLog(file: string): AsyncIterable<string> {
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of unzipped(opened(file, 'log'))) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let start = 0;
      for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
        // Each line is a string of its own: parts of it do not keep the chunk in memory.
        yield bytes.toString('utf8', start, end).trimEnd();
        start = end + 1;
      }
      rest = bytes.subarray(start, start + LONGEST_LINE);
    }
    if (rest.length > 0) yield rest.toString('utf8').trimEnd();
  } catch (error) {
    throw unreadable(file, error);
  }
}

function opened(file: string, kind: 'file' | 'log'): Readable {
  if (file !== '-') return createReadStream(file, { highWaterMark: LONGEST_LINE });
  if (process.stdin.isTTY) throw new UserError(`it is a terminal: pipe the ${kind} into harvgen`);
  return process.stdin;
}

/** Returns the error for a file that cannot be read; rethrows errors of harvgen itself. */
function unreadable(file: string, error: unknown): UserError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (!code && !(error instanceof UserError)) throw error;
  const meaning = code.startsWith('Z_') ? 'its gzip data is damaged or incomplete' : meaningOf(code);
  return new UserError(`${inputName(file)} cannot be read: ${code ? meaning : message}`);
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
    const isMarked = (mark: readonly number[]) => mark.every((byte, index) => bytes[index] === byte);
    throw new UserError(MARKS.find(([mark]) => isMarked(mark))?.[1] ?? 'it is not UTF-8 text');
  }
}

/** Stops as soon as the file is too large: it may be an endless device. */
async function bytesOf(stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST_BYTES) throw new UserError(`it is larger than the limit of ${MOST_MEBIBYTES} MiB`);
  }
  return Buffer.concat(chunks);
}

/** Yields a stream without the compression of logrotate, which its first bytes mark. Source: RFC 1952. */
async function* unzipped(stream: Readable): AsyncIterable<Buffer> {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const all = async function* () {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  };
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) yield* all();
  // The error of the first stream ends the last one.
  else yield* pipeline(all, createGunzip(), new PassThrough(), () => {});
}
