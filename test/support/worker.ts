import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scratchFolder } from './scratch.ts';

/** A process that answers requests until the tests end, and its two named pipes: paths and open files. */
export interface Worker {
  readonly paths: { readonly requests: string; readonly answers: string };
  readonly requests: number;
  readonly answers: number;
}

/**
 * Starts a script beside this one. It opens two named pipes before anything that can fail, reads the first, writes the second, and
 * ends when the first is closed. Throws if no process can be started: opening a pipe would wait for it forever.
 */
export function startWorker(script: string): Worker {
  const folder = scratchFolder();
  const paths = { requests: join(folder, 'requests'), answers: join(folder, 'answers') };
  execFileSync('mkfifo', [paths.requests, paths.answers]);
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, paths.requests, paths.answers], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (child.pid === undefined) {
    child.once('error', () => {});
    throw new Error(`cannot start a process for ${script}`);
  }
  child.unref();
  const requests = openSync(paths.requests, 'w');
  const answers = openSync(paths.answers, 'r');
  process.once('beforeExit', () => {
    // Waits for its end, so that its CPU time counts.
    child.ref();
    closeSync(requests);
  });
  return { paths, requests, answers };
}
