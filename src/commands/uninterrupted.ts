import { setImmediate as turn } from 'node:timers/promises';

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
    await turn(); // signals are told between two turns of the event loop
    for (const signal of SIGNALS) process.off(signal, remember);
    if (came && SIGNALS.every((signal) => process.listenerCount(signal) === 0))
      process.kill(process.pid, came);
  }
}
