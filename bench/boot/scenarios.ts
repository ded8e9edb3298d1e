import { asRatio } from '../numbers.ts';
import { table } from '../table.ts';
import { grouped } from '../targets.ts';
import { arrivals, type Demand, type Servers, type Start, simulate } from './simulate.ts';

/** The rates of one boot server that the benchmark has measured, for all its processors. */
export interface Measured extends Servers {
  readonly processors: number;
}

/**
 * The needs of one machine. An installation by PXE requests an IP address for the firmware, for iPXE and for the installer. It downloads
 * an ISO of 5.6 GB, and kernel, initrd and root file system, which are less than the net-install ISO of 0.84 GB. Source of the sizes:
 * harvester/harvester-installer, pull request 642.
 */
export const DEMAND: Demand = { leases: 3, requests: 3, bytes: 6.44e9, link: gigabits(10) };

/** The machines are switched on within so many seconds. */
export const WINDOW = 600;
const MACHINES = [1_000, 10_000, 100_000] as const;

/** The rates of the scenarios, from those of one boot server. A link is in Gbit/s; several boot servers divide the machines. */
const scenarios = (one: Measured) => {
  const box = (link: number, boxes = 1) => ({
    leases: one.leases * boxes,
    requests: one.requests * boxes,
    media: Math.min(gigabits(link), one.media) * boxes,
  });
  return [
    ['one boot server, 1 Gbit/s', box(1)],
    ['one boot server, 10 Gbit/s', box(10)],
    [ONE, box(25)],
    ['one boot server, 100 Gbit/s', box(100)],
    ['four boot servers, 25 Gbit/s each', box(25, 4)],
    ['one boot server, media from object storage, 400 Gbit/s', { ...one, media: gigabits(400) }],
  ] as const;
};
const ONE = 'one boot server, 25 Gbit/s';
const DRAWN = [
  ONE,
  'four boot servers, 25 Gbit/s each',
  'one boot server, media from object storage, 400 Gbit/s',
];

/** A simulated start of the most machines, to be drawn. */
export interface Curve extends Start {
  readonly name: string;
}

/** Returns the table of all simulated starts, and the curves of those to be drawn. */
export function simulateAll(one: Measured): { readonly text: string; readonly curves: readonly Curve[] } {
  const all = scenarios(one).map(([name, servers]) => ({
    name,
    perHour: (servers.media * 3600) / DEMAND.bytes,
    starts: MACHINES.map((machines) => simulate(arrivals(machines, WINDOW), servers, DEMAND)),
  }));
  const last = ({ starts }: (typeof all)[number]) => starts.at(-1)?.done.at(-1) ?? Number.NaN;
  const base = all.find(({ name }) => name === ONE);
  const rows = all.map((scenario) => [
    scenario.name,
    grouped(Math.floor(scenario.perHour)),
    ...scenario.starts.map(({ done }) => asMinutes(done.at(-1) ?? Number.NaN)),
    base ? asRatio(last(scenario) / last(base)) : '',
    ...scenario.starts
      .slice(-1)
      .flatMap(({ configured, downloads }) => [asMinutes(configured), grouped(downloads)]),
  ]);
  const head = [
    '',
    'machines in an hour',
    ...MACHINES.map((machines) => `${grouped(machines)} machines`),
    '÷ 25 Gbit/s',
    'last configuration',
    'downloads at once',
  ];
  const curves = all.flatMap(({ name, starts }) => {
    const start = starts.at(-1);
    return DRAWN.includes(name) && start ? [{ name, ...start }] : [];
  });
  return { text: table(head, rows), curves };
}

/** Formats seconds in minutes, or in hours from 100 minutes: `12.4 min`, `14.3 h`. */
export function asMinutes(seconds: number): string {
  return seconds < 6000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Returns bytes per second of a link in Gbit/s. */
export function gigabits(link: number): number {
  return (link * 1e9) / 8;
}
