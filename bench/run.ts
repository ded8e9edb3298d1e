import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A command to run: the program with its arguments, in a folder, with further variables. */
export interface Command {
  readonly words: readonly [program: string, ...args: string[]];
  readonly folder: string;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Runs a command as a whole process; gives how long it took, in milliseconds. Throws what it said where it fails. */
export function timed(command: Command): number {
  const begun = performance.now();
  run(command);
  return performance.now() - begun;
}

/**
 * Runs a command under GNU time, and gives the most memory that its largest process had at once, in MiB. In a run of its
 * own, since another process around it takes time.
 */
export function peakMemory({ words, ...rest }: Command): number {
  const said = join(rest.folder, `.peak-${process.pid}`);
  run({ words: ['time', '--format=%M', `--output=${said}`, ...words], ...rest });
  const kibibytes = Number(readFileSync(said, 'utf8').trim());
  rmSync(said);
  return kibibytes / 1024;
}

/** Runs a command and gives what it printed. Throws what it said where it fails. */
export function run({ words: [program, ...args], folder, variables }: Command): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
    maxBuffer: 1 << 26,
  });
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new Error(`${program} is not there: apt-get install hugo ansible-core time`);
  if (error || status !== 0)
    throw new Error(`${[program, ...args].join(' ')}: ${error?.message ?? stderr + stdout}`);
  return stdout;
}
