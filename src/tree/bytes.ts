import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';

/** Smaller files are read, and texts that are no longer are encoded, into memory that is there already. */
const LARGEST = 2 ** 16;

const readInto = Buffer.allocUnsafe(LARGEST);
const encodedInto = Buffer.allocUnsafe(LARGEST);

/**
 * Gives the bytes of a file of about a size, only until the next one is read: of thousands that are compared, none takes
 * memory of its own. Throws what `node:fs` throws.
 */
export function readBytes(path: string, size: number): Uint8Array {
  if (size >= LARGEST) return readFileSync(path);
  const file = openSync(path, 'r');
  let count: number;
  try {
    count = readSync(file, readInto, 0, LARGEST, null);
  } finally {
    closeSync(file);
  }
  return count === size ? readInto.subarray(0, count) : readFileSync(path);
}

/** A link is not followed, and nobody is waited for at a pipe. Not every system can do so. */
const AS_IT_IS: number | undefined =
  constants.O_NOFOLLOW && constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Gives what the disk says of a file, and its bytes, only until the next one is read: with the fewest calls. Undefined for all
 * but a file that can be read: who asks finds out what is there.
 */
export function readFileAt(path: string): { stats: Stats; content: Uint8Array } | undefined {
  if (AS_IT_IS === undefined) return undefined;
  let file: number;
  try {
    file = openSync(path, AS_IT_IS);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) return undefined;
    if (stats.size >= LARGEST) return { stats, content: readFileSync(file) };
    const count = readSync(file, readInto, 0, LARGEST, null);
    return count === stats.size ? { stats, content: readInto.subarray(0, count) } : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Gives the bytes of a content as they are written, only until the next is asked for. */
export function bytesOf(content: string | Uint8Array): Uint8Array {
  if (typeof content !== 'string') return content;
  // In UTF-8, what is one unit of a text takes three bytes at most.
  if (content.length * 3 > LARGEST) return Buffer.from(content);
  return encodedInto.subarray(0, encodedInto.write(content));
}
