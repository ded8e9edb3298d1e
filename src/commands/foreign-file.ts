import { open } from 'node:fs/promises';
import { meaningOf } from '../inventory/unreadable.ts';

/** Two thousand machines of phs as JSON, without anchors, have 1.3 MB. Larger ones are nothing that somebody has written. */
const MOST_MEBIBYTES = 16;
const MOST_BYTES = MOST_MEBIBYTES << 20;

/** Reads a file of another system as text, `-` from standard input. Says what is wrong with it, and gives undefined then. */
export async function readForeign(file: string): Promise<string | undefined> {
  try {
    const bytes = file === '-' ? await fromStdin() : await fromFile(file);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const what = file === '-' ? 'standard input' : file;
    process.stderr.write(`harvgen: ${what} cannot be read: ${whyOf(error)}\n`);
    return undefined;
  }
}

async function fromStdin(): Promise<Uint8Array> {
  if (process.stdin.isTTY) throw new Refusal('it is the keyboard: pipe the file into harvgen');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MOST_BYTES) throw new Refusal(TOO_LARGE);
  }
  return Buffer.concat(chunks);
}

/** Reads no more than it must to know that a file is too large: it may be a device that never ends. */
async function fromFile(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(1 << 16), 0, 1 << 16);
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
      if (length > MOST_BYTES) throw new Refusal(TOO_LARGE);
    }
  } finally {
    await handle.close();
  }
}

const TOO_LARGE = `it is larger than ${MOST_MEBIBYTES} MiB, which no such file is`;

class Refusal extends Error {}

function whyOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof TypeError) return 'it is not UTF-8';
  const { code } = error as NodeJS.ErrnoException;
  if (!code) throw error;
  return meaningOf(code);
}
