import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/** What a machine writes to its serial port. */
export interface Console {
  /** All text so far, as plain lines. */
  text(): string;
  /** Resolves with the text once it matches; undefined if `ended` turns true or the time is over first. */
  waitFor(pattern: RegExp | string, timeoutMs: number, ended: () => boolean): Promise<string | undefined>;
}

/** Reads a console from a stream. Takes the stream (such as the stdout of QEMU), gives the console; null has nothing to say. */
export function readConsole(stream: Readable | null): Console {
  let raw = '';
  let read = '';
  let seen = 0;
  stream?.setEncoding('utf8').on('data', (chunk: string) => (raw += chunk));
  const text = () => {
    if (raw.length !== seen) [read, seen] = [plain(raw), raw.length];
    return read;
  };
  return {
    text,
    async waitFor(pattern, timeoutMs, ended) {
      const matches = () =>
        typeof pattern === 'string' ? text().includes(pattern) : text().search(pattern) >= 0;
      const end = Date.now() + timeoutMs;
      while (!matches()) {
        if (ended() || Date.now() > end) return undefined;
        await sleep(100);
      }
      return text();
    },
  };
}

/**
 * Strips terminal control from a serial console's output. Takes the raw output, gives plain lines.
 * A firmware that paints its screen begins a line by a cursor position instead of by a newline, so a position
 * becomes one. (A BIOS breaks lines after 80 characters; that cannot be told from the line's own end.)
 */
export function plain(raw: string): string {
  const lines = raw.replace(/\r+\n/g, '\n').replace(/\r|\p{Cc}\[\d+;\d+[Hf]/gu, '\n');
  // a screen mode (as OVMF sets one) is not among what the standard function knows
  return stripVTControlCharacters(lines.replace(/\p{Cc}\[=\d+h/gu, '')).replace(/[^\P{Cc}\n\t]/gu, '');
}
