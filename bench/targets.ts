import { COMMANDS, type Name } from './contenders.ts';
import type { Figure, Profile } from './figures.ts';
import type { Measurement, Measurements } from './measure.ts';
import { quantile } from './numbers.ts';
import { hottest } from './profile.ts';
import { hottestOfSaves } from './watching.ts';

/**
 * Returns the values with harvgen's targets, for the largest, the second largest and the smallest site. `latencies` contains
 * the sorted milliseconds of saves under `build --watch` for the second largest.
 */
export function figuresOf({ node, plants }: Measurements, latencies: readonly number[]): Figure[] {
  const few = plants[0] as Measurement;
  const many = plants.at(-2) as Measurement;
  const most = plants.at(-1) as Measurement;
  const time = (of: Measurement, name: Name) => of.times.get(name)?.median ?? Number.NaN;
  const memory = (name: Name) => most.memory.get(name)?.median ?? Number.NaN;
  const start = time(few, 'build');
  const ratio = (what: string, measured: number, target: number, profile: Figure['profile']): Figure => ({
    what,
    measured,
    target,
    unit: 'ratio',
    profile,
  });
  const times = most.plant.nodes / many.plant.nodes;
  const whole = profileOf(most, 'build');
  const save = {
    what: `${inAll(many)}, a save under \`harvgen build --watch\`, with the check after it`,
    hottest: (functions: number) => hottestOfSaves(many.plant, latencies.length, functions),
  };
  const above = (of: Measurement) => time(of, 'build') - start;
  return [
    ratio(`${inAll(most)}: build ÷ Hugo`, time(most, 'build') / time(most, 'hugo'), 1, whole),
    ratio(`${inAll(most)}: build ÷ cp -r of the tree`, time(most, 'build') / time(most, 'cp'), 4, whole),
    {
      what: `${inAll(most)}: peak memory, compared with Hugo`,
      measured: memory('build'),
      target: memory('hugo'),
      unit: 'MiB',
    },
    ratio(
      `${inAll(most)}: check ÷ build`,
      time(most, 'check') / time(most, 'build'),
      0.75,
      profileOf(most, 'check'),
    ),
    ratio(
      `${inAll(many)}: build ÷ Hugo`,
      time(many, 'build') / time(many, 'hugo'),
      1.6,
      profileOf(many, 'build'),
    ),
    ratio(`${inAll(few)}: build ÷ node -e 0`, start / node.median, 3, profileOf(few, 'build')),
    ratio(
      `${grouped(many.plant.nodes)} → ${inAll(most)}, ${times} times as many: time above the start`,
      above(most) / above(many),
      times * 1.1,
      whole,
    ),
    {
      what: `${inAll(many)}: watch, save to last byte, 95th percentile`,
      measured: quantile(latencies, 0.95),
      target: 150,
      unit: 'ms',
      profile: save,
    },
  ];
}

function inAll({ plant }: Measurement): string {
  return `${grouped(plant.nodes)} nodes`;
}

function profileOf(of: Measurement, name: Name): Profile {
  const what = `${inAll(of)}, \`${COMMANDS[name]}\``;
  return {
    what,
    hottest: (functions) => {
      const contender = of.contenders.get(name);
      if (!contender) throw new Error(`${what} was not measured`);
      contender.prepare();
      return hottest(contender.command, functions);
    },
  };
}

/** Formats a number with thousands separators: `10,000`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
