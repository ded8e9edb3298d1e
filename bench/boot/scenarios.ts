import { asRatio } from '../numbers.ts';
import { table } from '../table.ts';
import { grouped } from '../targets.ts';
import { arrivals, type Demand, type Servers, type Start, simulate } from './simulate.ts';

/** The rates of one boot server that the benchmark has measured, for all its processors. Leases are dnsmasq's, the default. */
export interface Measured extends Servers {
  readonly processors: number;
  /** Leases per second of Kea. */
  readonly kea: number;
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

/** The connections of a pod, which has two worker processes: `worker_connections` of the target k8s. */
export const POD = 2 * 8192;

/** The rates of the scenarios, from those of one boot server. A link is in Gbit/s; several boot servers divide the machines. */
const scenarios = (one: Measured) => {
  const box = (link: number, boxes = 1) => ({
    leases: one.leases * boxes,
    requests: one.requests * boxes,
    media: one.media * boxes,
    connections: one.connections * boxes,
    link: gigabits(link) * boxes,
  });
  // Only nginx runs in pods.
  const pods = { ...box(25, 4), leases: one.leases, connections: 4 * POD };
  const unlimited = { media: Number.POSITIVE_INFINITY, connections: Number.POSITIVE_INFINITY };
  return [
    ['one boot server, 1 Gbit/s', box(1)],
    ['one boot server, 10 Gbit/s', box(10)],
    [ONE, box(25)],
    ['one boot server with Kea, 25 Gbit/s', { ...box(25), leases: one.kea }],
    ['one boot server, 100 Gbit/s', box(100)],
    [FOUR, box(25, 4)],
    ['one boot server, four pods, 25 Gbit/s each', pods],
    [STORAGE, { ...box(400), ...unlimited }],
  ] as const;
};
const ONE = 'one boot server, 25 Gbit/s';
const FOUR = 'four boot servers, 25 Gbit/s each';
const STORAGE = 'one boot server, media from object storage, 400 Gbit/s';
const DRAWN: readonly string[] = [ONE, FOUR, STORAGE];

/** A simulated start of the most machines, to be drawn. */
export interface Curve extends Start {
  readonly name: string;
}

/** Returns the table of all simulated starts, and the curves of those to be drawn. */
export function simulateAll(one: Measured): { readonly text: string; readonly curves: readonly Curve[] } {
  const all = scenarios(one).map(([name, { link, ...servers }]) => {
    const limits = [
      ['link', link / DEMAND.bytes],
      ['nginx', Math.min(servers.media / DEMAND.bytes, servers.requests / DEMAND.requests)],
      ['DHCP', servers.leases / DEMAND.leases],
    ] as const;
    const rates = { ...servers, media: Math.min(link, servers.media) };
    return {
      name,
      limit: limits.reduce((least, limit) => (limit[1] < least[1] ? limit : least)),
      starts: MACHINES.map((machines) => simulate(arrivals(machines, WINDOW), rates, DEMAND)),
    };
  });
  const last = ({ starts }: (typeof all)[number]) => starts.at(-1)?.done.at(-1) ?? Number.NaN;
  const base = all.find(({ name }) => name === ONE);
  const rows = all.map((scenario) => [
    scenario.name,
    grouped(Math.floor(scenario.limit[1] * 3600)),
    scenario.limit[0],
    ...scenario.starts.map(({ done }) => asMinutes(done.at(-1) ?? Number.NaN)),
    base ? asRatio(last(scenario) / last(base)) : '',
    ...scenario.starts
      .slice(-1)
      .flatMap(({ configured, downloads }) => [asMinutes(configured), grouped(downloads)]),
  ]);
  const head = [
    '',
    'machines in an hour',
    'limited by',
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
