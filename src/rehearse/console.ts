import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/** The output of a machine on its serial port. */
export interface Console {
  /** All text so far, as plain lines. */
  text(): string;
  /** Resolves with the text once it matches, or with undefined if `ended` returns true or the time is over first. */
  waitFor(pattern: RegExp | string, timeoutMs: number, ended: () => boolean): Promise<string | undefined>;
}

/** Reads a console from a stream, such as the stdout of QEMU. A null stream has no text. */
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
 * Returns the raw output of a serial console as plain lines, without terminal control.
 * Firmware that paints its screen begins a line with a cursor position instead of a newline, so a position becomes a
 * newline. (A BIOS breaks lines after 80 characters, which looks like the end of a line.)
 */
export function plain(raw: string): string {
  const lines = raw.replace(/\r+\n/g, '\n').replace(/\r|\p{Cc}\[\d+;\d+[Hf]/gu, '\n');
  // the standard function does not strip a screen mode, which OVMF sets
  return stripVTControlCharacters(lines.replace(/\p{Cc}\[=\d+h/gu, '')).replace(/[^\P{Cc}\n\t]/gu, '');
}
