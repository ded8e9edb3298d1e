import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, run } from './run.ts';

/** The required parts of V8's CPU profiles. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  /** The node of each sample, and the microseconds since the previous sample. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function with its own time in milliseconds. */
export interface Hot {
  readonly name: string;
  readonly ms: number;
}

/** Runs a Node command under the CPU profiler; returns the functions with the most time, in descending order. */
export function hottest({ words: [node, ...args], folder, variables }: Command, most: number): Hot[] {
  const profiles = mkdtempSync(join(folder, 'profile-'));
  run({ words: [node, '--cpu-prof', `--cpu-prof-dir=${profiles}`, ...args], folder, variables });
  return hottestOf(profilesIn(profiles), most);
}

/** Reads the profiles in a directory. */
export function profilesIn(folder: string): CpuProfile[] {
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/**
 * Returns the functions with the most time in the profiles of a process and its threads, in descending order. Ignores the time
 * before `from` milliseconds.
 */
export function hottestOf(profiles: readonly CpuProfile[], most: number, from = 0): Hot[] {
  const times = new Map<string, number>();
  for (const { nodes, samples, timeDeltas } of profiles) {
    const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
    let at = 0;
    for (const [index, id] of samples.entries()) {
      const name = names.get(id) ?? '';
      at += (timeDeltas[index] ?? 0) / 1000;
      if (name !== '(idle)' && at >= from)
        times.set(name, (times.get(name) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
    }
  }
  return [...times]
    .map(([name, ms]) => ({ name, ms }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, most);
}

function nameOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const file = url.split('/').at(-1) ?? '';
  return `${functionName || '(no name)'}${file === '' ? '' : `, ${file}`}`;
}
