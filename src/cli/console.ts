import { setImmediate as turn } from 'node:timers/promises';
import { SecretsError } from '../secrets/source.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { formatCount, formatText } from '../source/diagnostics/text.ts';
import { OutputError } from '../tree/output-folder.ts';

/** Shows diagnostics to a person, on standard error, with a line that counts them. Nothing where there are none. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], consequence = ''): void {
  if (diagnostics.length === 0) return;
  process.stderr.write(formatText(diagnostics, { color: inColor(process.stderr), folder: process.cwd() }));
  process.stderr.write(`\n${formatCount(diagnostics)}${consequence}\n`);
}

/** Colour is for terminals alone, and not for those who do not want it (no-color.org). */
export function inColor(stream: NodeJS.WriteStream): boolean {
  return Boolean(stream.isTTY) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Does something that a signal shall not end half-way, and that itself does not wait for anything: a signal that comes
 * meanwhile ends the process afterwards. Gives what `work` gives.
 */
export async function uninterrupted<T>(work: () => T): Promise<T> {
  let came: NodeJS.Signals | undefined;
  const remember = (signal: NodeJS.Signals) => {
    came = signal;
  };
  for (const signal of SIGNALS) process.on(signal, remember);
  try {
    return work();
  } finally {
    // A signal is told when the event loop next looks for what has come from outside: between one turn and the next.
    await turn();
    await turn();
    for (const signal of SIGNALS) process.off(signal, remember);
    if (came && process.listenerCount(came) === 0) process.kill(process.pid, came);
  }
}

/** Says which error kept a command from what it was to do; throws one that is a fault of harvgen. Gives the exit code. */
export function failBy(error: unknown): number {
  if (!(error instanceof OutputError || error instanceof SecretsError)) throw error;
  process.stderr.write(`harvgen: ${error.message}\n`);
  return 1;
}
