import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, run } from './run.ts';

/** What is needed of the form of V8's CPU profiles. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  /** The node that each sample met, and how many microseconds lie between it and the one before. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function, and how many milliseconds it was at work itself. */
export interface Hot {
  readonly name: string;
  readonly ms: number;
}

/** Runs a command of Node's under its CPU profiler; gives the functions that took most time, the hottest first. */
export function hottest({ words: [node, ...args], folder, variables }: Command, most: number): Hot[] {
  const profiles = mkdtempSync(join(folder, 'profile-'));
  run({ words: [node, '--cpu-prof', `--cpu-prof-dir=${profiles}`, ...args], folder, variables });
  return hottestOf(profilesIn(profiles), most);
}

/** Reads the profiles that a folder holds. */
export function profilesIn(folder: string): CpuProfile[] {
  return readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

/**
 * Gives the functions that took most time in some profiles, of one process and its threads, the hottest first; `from` leaves out
 * what was before so many milliseconds.
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
