import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A command to run: the program with its arguments, the directory, and more environment variables. */
export interface Command {
  readonly words: readonly [program: string, ...args: string[]];
  readonly folder: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs a command as a process; returns its time in milliseconds. Throws its output if it fails. */
export function timed(command: Command): number {
  const begun = performance.now();
  run(command);
  return performance.now() - begun;
}

/**
 * Runs a command under GNU time, and returns the peak memory of its largest process in MiB. This is a separate run, because
 * GNU time itself takes time.
 */
export function peakMemory({ words, ...rest }: Command): number {
  const report = join(rest.folder, `.peak-${process.pid}`);
  run({ words: ['time', '--format=%M', `--output=${report}`, ...words], ...rest });
  const kibibytes = Number(readFileSync(report, 'utf8').trim());
  rmSync(report);
  return kibibytes / 1024;
}

/** Runs a command and returns its output. Throws its output if it fails. */
export function run({ words: [program, ...args], folder, variables }: Command): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
    maxBuffer: 1 << 26,
  });
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new Error(`${program} is missing: run apt-get install hugo ansible-core time`);
  if (error || status !== 0)
    throw new Error(`${[program, ...args].join(' ')}: ${error?.message ?? stderr + stdout}`);
  return stdout;
}
