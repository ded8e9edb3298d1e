import { join } from 'node:path';
import { type Contender, contendersOf, type Name } from './contenders.ts';
import { type Measured, summed } from './numbers.ts';
import { countFiles, makePlant, type Plant } from './plant.ts';
import { peakMemory, timed } from './run.ts';

/** The measurements of one site. */
export interface Measurement {
  readonly plant: Plant;
  readonly contenders: ReadonlyMap<Name, Contender>;
  /** Milliseconds of the whole process. */
  readonly times: ReadonlyMap<Name, Measured>;
  /** Peak memory in mebibytes. */
  readonly memory: ReadonlyMap<Name, Measured>;
  /** The number of files that each contender writes, if it writes all of them. */
  readonly files: Readonly<Partial<Record<Name, number>>>;
}

/** The measurements of all sites. */
export interface Measurements {
  /** Milliseconds of `node -e 0`. */
  readonly node: Measured;
  readonly plants: readonly Measurement[];
}

/** Minimum time in milliseconds to measure a process per round: short processes run several times, to reduce noise. */
const LONG_ENOUGH = 500;
const MOST_OFTEN = 8;
const MEMORY_ROUNDS = 3;

/**
 * Creates sites with these numbers of nodes below a directory, and measures in rounds. Each round runs every contender on
 * every site in turn, so that other load affects all equally, and starts with another contender. `report` gets the progress.
 */
export function measure(
  nodes: readonly number[],
  rounds: number,
  folder: string,
  report: (what: string) => void,
): Measurements {
  const plants = nodes.map((number) => {
    report(`creating a site with ${number} nodes, and checking the output of Hugo`);
    const plant = makePlant(number, folder);
    return { plant, contenders: contendersOf(plant), times: collected(), memory: collected() };
  });
  const bare: Contender = { command: { words: [process.execPath, '-e', '0'], folder }, prepare: () => {} };
  const node: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    report(`round ${round + 1} of ${rounds}`);
    node.push(...timesOf(bare));
    for (const { contenders, times } of plants)
      for (const [name, contender] of rotated(contenders, round))
        times.get(name)?.push(...timesOf(contender));
  }
  report('peak memory');
  for (let round = 0; round < Math.min(rounds, MEMORY_ROUNDS); round += 1)
    for (const { contenders, memory } of plants)
      for (const [name, { command, prepare }] of contenders) {
        prepare();
        memory.get(name)?.push(peakMemory(command));
      }
  return {
    node: summed(node),
    plants: plants.map(({ plant, times, memory, ...rest }) => ({
      ...rest,
      plant,
      times: all(times),
      memory: all(memory),
      files: filesOf(plant),
    })),
  };
}

function filesOf({ tree, folder }: Plant): Measurement['files'] {
  const whole = countFiles(tree);
  return { build: whole, hugo: countFiles(join(folder, 'hugo', 'public')), cp: whole };
}

/** Runs a contender, several times if it is fast; returns the milliseconds of each run. */
function timesOf({ command, prepare }: Contender): number[] {
  const times: number[] = [];
  let sum = 0;
  do {
    prepare();
    const time = timed(command);
    times.push(time);
    sum += time;
  } while (sum < LONG_ENOUGH && times.length < MOST_OFTEN);
  return times;
}

/** Returns the entries of a map, rotated. */
function rotated<K, V>(map: ReadonlyMap<K, V>, by: number): [K, V][] {
  const entries = [...map];
  const first = by % entries.length;
  return [...entries.slice(first), ...entries.slice(0, first)];
}

function collected(): Map<Name, number[]> {
  const names: Name[] = ['build', 'rebuild', 'check', 'hugo', 'cp'];
  return new Map(names.map((name) => [name, []]));
}

function all(values: ReadonlyMap<Name, readonly number[]>): Map<Name, Measured> {
  return new Map([...values].map(([name, list]) => [name, summed(list)]));
}
