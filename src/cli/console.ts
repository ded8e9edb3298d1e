import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { formatCount, formatText } from '../source/diagnostics/text.ts';
import { escapeLines } from '../values/text.ts';

/** Prints diagnostics on standard error, with a line that counts them; nothing if there are none. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], consequence = ''): void {
  if (diagnostics.length === 0) return;
  process.stderr.write(formatText(diagnostics, { color: inColor(process.stderr), folder: process.cwd() }));
  process.stderr.write(`\n${formatCount(diagnostics)}${consequence}\n`);
}

/** Prints a message of a command on standard error. */
export function printMessage(message: string): void {
  process.stderr.write(`harvgen: ${escapeLines(message)}\n`);
}

/** Shows a line of progress on a terminal, in place of the last one; an empty line removes it. */
export function showProgress(line: string): void {
  const { stderr } = process;
  if (stderr.isTTY) stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns || 80) - 1)}`);
}

/** Whether to use color: only on terminals, and not if the user disabled it (no-color.org). */
export function inColor(stream: NodeJS.WriteStream): boolean {
  return Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs synchronous work that a signal must not interrupt: a signal that arrives meanwhile ends the process afterwards.
 * Returns the result of `work`.
 */
export async function uninterrupted<T>(work: () => T): Promise<T> {
  let received: NodeJS.Signals | undefined;
  const remember = (signal: NodeJS.Signals) => {
    received = signal;
  };
  for (const signal of SIGNALS) process.on(signal, remember);
  try {
    return work();
  } finally {
    // Node delivers signals when the event loop next polls: between two turns.
    await nextTurn();
    await nextTurn();
    for (const signal of SIGNALS) process.off(signal, remember);
    if (received && process.listenerCount(received) === 0) process.kill(process.pid, received);
  }
}
