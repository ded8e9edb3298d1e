import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { read, readSync, writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startWorker, type Worker } from './worker.ts';

/** The built command line. */
export const BIN = fileURLToPath(new URL('../../bin/harvgen.js', import.meta.url));

/** The result of a run of the command line. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real, built command line in a directory; `env` is added to a plain environment. */
export function harvgen(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Run {
  return runOf(BIN, args, cwd, env);
}

let worker: Worker | undefined;

/**
 * Runs the built command line as `harvgen` does, but in one process for all runs of a test file, since a start takes more time than most
 * commands. Not for tests of the process itself: its streams, signals and locks, and variables that Node reads at its start.
 */
export function harvgenWarm(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Run {
  const answers = request(args, cwd, env);
  const answer = Buffer.alloc(2 ** 16);
  const take = answerReader(args);
  for (;;) {
    const run = take(answer.subarray(0, readSync(answers, answer)));
    if (run) return run;
  }
}

/** Does the same in parallel with the test, which can answer it. */
export async function harvgenWarmBeside(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const answers = request(args, cwd, env);
  const answer = Buffer.alloc(2 ** 16);
  const take = answerReader(args);
  for (;;) {
    const { bytesRead } = await promisify(read)(answers, answer, 0, answer.length, null);
    const run = take(answer.subarray(0, bytesRead));
    if (run) return run;
  }
}

function request(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): number {
  worker ??= startWorker('cli-worker.mjs');
  const line = JSON.stringify({ args, cwd, env: { PATH: process.env.PATH, HOME: cwd, ...env } });
  writeSync(worker.requests, `${line}\n`);
  return worker.answers;
}

/**
 * Returns a function that takes the next bytes of an answer, and returns the result when it is complete. It throws if the process
 * has ended before; the next run then starts another one.
 */
function answerReader(args: readonly string[]): (bytes: Buffer) => Run | undefined {
  const decoder = new StringDecoder();
  let text = '';
  return (bytes) => {
    if (bytes.length === 0) {
      worker = undefined;
      throw new Error(`the process of the command line ended: harvgen ${args.join(' ')}`);
    }
    text += decoder.write(bytes);
    return bytes.at(-1) === 0x0a ? JSON.parse(text) : undefined;
  };
}

/** Runs the command line of another installation in a directory; `env` is added to a plain environment. */
export function runOf(
  bin: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Run {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
  });
  return { code: status, stdout, stderr };
}

/** Runs the real command line in parallel with the test, which can answer it; `env` is added to a plain environment. */
export async function harvgenBeside(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
