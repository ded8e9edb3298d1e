import { join } from 'node:path';
import { type Contender, contendersOf, type Name } from './contenders.ts';
import { type Measured, summed } from './numbers.ts';
import { countFiles, makePlant, type Plant } from './plant.ts';
import { peakMemory, timed } from './run.ts';

/** What was measured of one plant. */
export interface Measurement {
  readonly plant: Plant;
  readonly contenders: ReadonlyMap<Name, Contender>;
  /** Milliseconds of the whole process. */
  readonly times: ReadonlyMap<Name, Measured>;
  /** Mebibytes at the peak. */
  readonly memory: ReadonlyMap<Name, Measured>;
  /** How many files each of those that write all of them writes. */
  readonly files: Readonly<Partial<Record<Name, number>>>;
}

/** What was measured of all. */
export interface Measurements {
  /** Milliseconds that `node -e 0` takes. */
  readonly node: Measured;
  readonly plants: readonly Measurement[];
}

/** A process of less than some milliseconds is run as often as fills this time in each round, so that chance evens out. */
const LONG_ENOUGH = 500;
const MOST_OFTEN = 8;
const MEMORY_ROUNDS = 3;

/**
 * Makes plants of so many nodes below a folder, and measures in rounds: in each, every contender on every plant, one after
 * the other, so that what else the machine does meets all alike; each round begins with another one. `say` is told how far
 * it is.
 */
export function measure(
  nodes: readonly number[],
  rounds: number,
  folder: string,
  say: (what: string) => void,
): Measurements {
  const plants = nodes.map((number) => {
    say(`making a site of ${number} nodes, and seeing that Hugo writes the same`);
    const plant = makePlant(number, folder);
    return { plant, contenders: contendersOf(plant), times: collected(), memory: collected() };
  });
  const bare: Contender = { command: { words: [process.execPath, '-e', '0'], folder }, prepare: () => {} };
  const node: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    say(`round ${round + 1} of ${rounds}`);
    node.push(...timesOf(bare));
    for (const { contenders, times } of plants)
      for (const [name, contender] of turned(contenders, round)) times.get(name)?.push(...timesOf(contender));
  }
  say('peak memory');
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

/** Runs a contender, a quick one several times; gives the milliseconds of each run. */
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

/** Gives the same in an order that begins elsewhere. */
function turned<K, V>(map: ReadonlyMap<K, V>, by: number): [K, V][] {
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
