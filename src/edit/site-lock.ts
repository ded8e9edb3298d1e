import { join } from 'node:path';
import { displayPath } from '../source/diagnostics/text.ts';
import { dropLock, takeLock, waitForLock } from '../tree/lock-file.ts';
import { meaningOf } from '../tree/output-error.ts';
import { SaveError } from './save.ts';

/** Hidden, and not ending in .yaml: no file of the site. */
const NAME = '.harvgen-set.lock';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How somebody waits for a lock. */
export interface Waiting {
  /** Called once, with who has the lock, when it takes longer than a moment. */
  readonly tell: (holder: string) => void;
  /** The folder that messages show paths relative to. */
  readonly folder: string;
}

/**
 * Keeps other edits out of a site, from before its files are read until they are saved: of two at once, one would lose
 * what the other has saved. Waits for one that is at work; a lock whose holder is dead does not count. Gives what lets
 * others in again; a signal that ends the process does so, too. A folder that is not there has no lock, and needs none.
 * Throws SaveError where the folder cannot be written, and for a holder that does not end.
 */
export async function lockSite(site: string, { tell, folder }: Waiting): Promise<() => void> {
  const lock = join(site, NAME);
  const [path, file] = [displayPath(site, folder), displayPath(lock, folder)];
  const stuck = (who: string) =>
    new SaveError(
      `${path} is being edited by ${who}, and has been for a minute: if that is not so, remove ${file}`,
    );
  try {
    await waitForLock(lock, () => takeLock(lock), { other: 'another harvgen set', tell, stuck });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return () => {};
    if (!code) throw error;
    throw new SaveError(`${path} cannot be written: ${meaningOf(code)}`);
  }
  return releaser(lock);
}

function releaser(lock: string): () => void {
  const release = () => {
    for (const signal of SIGNALS) process.off(signal, end);
    dropLock(lock);
  };
  const end = (signal: NodeJS.Signals) => {
    release();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return release;
}
