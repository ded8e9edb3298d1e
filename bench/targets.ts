import type { Name } from './contenders.ts';
import type { Figure } from './figures.ts';
import type { Measurement, Measurements } from './measure.ts';
import { quantile } from './numbers.ts';

/**
 * Gives the figures that harvgen shall reach: on the largest plant, the second largest and the smallest one. `latencies`
 * are the milliseconds of saves under `build --watch` on the second largest, sorted.
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
  const inAll = (of: Measurement) => `${grouped(of.plant.nodes)} nodes`;
  const times = most.plant.nodes / many.plant.nodes;
  const whole = { of: most, name: 'build' } as const;
  const above = (of: Measurement) => time(of, 'build') - start;
  return [
    ratio(`${inAll(most)}: build ÷ Hugo`, time(most, 'build') / time(most, 'hugo'), 0.8, whole),
    ratio(`${inAll(most)}: build ÷ cp -r of the tree`, time(most, 'build') / time(most, 'cp'), 3, whole),
    {
      what: `${inAll(most)}: peak memory, beside Hugo's`,
      measured: memory('build'),
      target: memory('hugo'),
      unit: 'MiB',
    },
    ratio(
      `${inAll(most)}: build with nothing changed ÷ build`,
      time(most, 'rebuild') / time(most, 'build'),
      0.6,
      {
        of: most,
        name: 'rebuild',
      },
    ),
    ratio(`${inAll(most)}: check ÷ build`, time(most, 'check') / time(most, 'build'), 0.6, {
      of: most,
      name: 'check',
    }),
    ratio(`${inAll(many)}: build ÷ Hugo`, time(many, 'build') / time(many, 'hugo'), 1.2, {
      of: many,
      name: 'build',
    }),
    ratio(`${inAll(few)}: build ÷ node -e 0`, start / node.median, 2.2, { of: few, name: 'build' }),
    ratio(
      `${grouped(many.plant.nodes)} → ${inAll(most)}, ${times} times as many: time above the start`,
      above(most) / above(many),
      times * 1.1,
      whole,
    ),
    {
      what: `${inAll(many)}: watch, save to last byte, median`,
      measured: quantile(latencies, 0.5),
      target: 60,
      unit: 'ms',
    },
    {
      what: `${inAll(many)}: watch, 95th percentile`,
      measured: quantile(latencies, 0.95),
      target: 150,
      unit: 'ms',
    },
  ];
}

/** Writes a number with its thousands apart: `10,000`. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}
