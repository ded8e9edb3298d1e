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
    // A signal is told when the event loop next looks for what has come from outside: between one turn and the next.
    await turn();
    await turn();
    for (const signal of SIGNALS) process.off(signal, remember);
    if (came && process.listenerCount(came) === 0) process.kill(process.pid, came);
  }
}
