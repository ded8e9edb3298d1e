import { createReadStream } from 'node:fs';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { meaningOf } from '../values/unreadable.ts';
import { UserError } from '../values/user-error.ts';

/** A longer line is not a line of a log: nginx accepts requests of 16 KiB. */
const LONGEST_LINE = 1 << 18;
const LINE_END = 10;

/** Yields the lines of a log, also of a compressed one; `-` is standard input. Throws UserError if it cannot be read. */
export async function* linesOfLog(file: string): AsyncIterable<string> {
  try {
    if (file === '-' && process.stdin.isTTY)
      throw new UserError('it is a terminal: pipe the log into harvgen');
    const stream = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: LONGEST_LINE });
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of unzipped(stream)) {
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
    const what = file === '-' ? 'standard input' : file;
    throw new UserError(`${what} cannot be read: ${whyOf(error)}`);
  }
}

function whyOf(error: unknown): string {
  if (error instanceof UserError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  if (!code) throw error;
  return code.startsWith('Z_') ? 'its gzip data is damaged or incomplete' : meaningOf(code);
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
