import { arch, cpus, release, type } from 'node:os';
import { asRatio, asTime } from '../numbers.ts';
import { run } from '../run.ts';
import { table } from '../table.ts';
import { grouped } from '../targets.ts';
import type { Dhcp } from './dhcp.ts';
import { DEMAND, type Measured } from './scenarios.ts';
import type { Kind, Media, Web } from './web.ts';

const SERVERS: Readonly<Record<string, string>> = { dnsmasq: 'dnsmasq', kea: 'Kea', isc: "ISC's dhcpd" };
const FILES: Readonly<Record<Kind, string>> = {
  plain: 'plain file',
  script: 'script',
  config: 'configuration with secrets',
};
const mebibytes = (value: number) => `${value.toFixed(1)} MiB`;
const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(3)} ms`;
const rateText = (rate: number) => `${(rate / 1e9).toFixed(2)} GB/s`;

/** Describes the machine and the versions of the programs. */
export function machineText(folder: string): string {
  const version = (name: string, ...args: string[]) =>
    /\d+\.\d[\w.]*/.exec(run({ words: ['sh', '-c', `${[name, ...args].join(' ')} 2>&1`], folder }))?.[0];
  const [{ model = 'a processor' } = {}] = cpus();
  return [
    `- ${cpus().length} × ${model.trim()}, ${type()} ${release()} (${arch()}), for the servers and the clients together; files on a tmpfs`,
    `- nginx ${version('nginx', '-v')}, dnsmasq ${version('dnsmasq', '--version')}, Kea ${version('kea-dhcp4', '-v')}, ISC's dhcpd ${version('dhcpd', '--version')}`,
    '',
  ].join('\n');
}

/** Renders the measurements of nginx: a column for each site, and the growth from the first to the last. */
export function webText(webs: readonly Web[]): string {
  const [first, last] = [webs[0], webs.at(-1)];
  if (!first || !last) throw new Error('nothing was measured');
  const row = (name: string, of: (web: Web) => number, write: (value: number) => string, grows = true) => [
    name,
    ...webs.map((web) => write(of(web))),
    grows ? asRatio(of(last) / of(first)) : '',
  ];
  const kinds = ['script', 'config', 'plain'] as const;
  const per = (kind: Kind) => [
    row(
      `${FILES[kind]}: requests per second`,
      (web) => web.requests[kind].perSecond,
      (value) => grouped(Math.round(value)),
    ),
    row(`${FILES[kind]}: 99th percentile`, (web) => web.requests[kind].p99, asTime),
    row(`${FILES[kind]}: nginx's processor time`, (web) => web.requests[kind].cpu, milliseconds),
  ];
  const against = (kind: Kind) =>
    row(
      `${FILES[kind]} ÷ plain file: processor time`,
      (web) => web.requests[kind].cpu / web.requests.plain.cpu,
      asRatio,
      false,
    );
  const failed = (web: Web) => kinds.reduce((sum, kind) => sum + web.requests[kind].failed, 0);
  return table(
    ['', ...webs.map(({ nodes }) => `${grouped(nodes)} nodes`), 'growth'],
    [
      row('emitted configuration', (web) => web.configuration, mebibytes),
      row('`nginx -t`', (web) => web.check, asTime),
      row('`nginx -t`: warnings', (web) => web.warnings, String, false),
      row('start', (web) => web.start, asTime),
      row('memory of all processes', (web) => web.memory, mebibytes),
      row('reload under load, until the old processes end', (web) => web.reload, asTime),
      row('memory during the reload, at most', (web) => web.reloadMemory, mebibytes),
      row('failed of the requests during the reload', (web) => web.reloadFailed, String, false),
      row('nodes', (web) => web.nodes, grouped),
      ...kinds.flatMap(per),
      ...kinds.filter((kind) => kind !== 'plain').map(against),
      row('failed requests', failed, String, false),
    ],
  );
}

/** Renders the measurements of downloads. */
export function mediaText(media: Media): string {
  const { site, plain, cat, asked, parallel } = media;
  const accepted = (count: number) => [grouped(count), asRatio(count / asked)];
  return table(
    ['', 'measured', 'ratio'],
    [
      ['`cat` of the file, from memory', rateText(cat), asRatio(1)],
      [`nginx, emitted configuration, ${parallel} downloads`, rateText(site.rate), asRatio(site.rate / cat)],
      [`nginx, plain file, ${parallel} downloads`, rateText(plain.rate), asRatio(plain.rate / cat)],
      ["nginx's processor time for 1 GB", asTime(site.cpu * 1000), asRatio(site.cpu / plain.cpu)],
      [
        `of ${grouped(asked)} downloads at once, accepted with Debian's settings`,
        ...accepted(media.accepted),
      ],
      [
        `of ${grouped(asked)} downloads at once, accepted with those of this page`,
        ...accepted(media.acceptedMore),
      ],
    ],
  );
}

/** Renders the measurements of the DHCP servers. */
export function dhcpText(all: readonly Dhcp[]): string {
  return table(
    ['', 'start', 'memory', 'leases', 'refused', 'leases per second', 'processor time for each'],
    all.map((one) => [
      `${SERVERS[one.server]}, ${grouped(one.nodes)} reservations`,
      asTime(one.start),
      mebibytes(one.memory),
      grouped(one.leases),
      grouped(one.refused),
      grouped(Math.round(one.perSecond)),
      milliseconds(one.cpu),
    ]),
  );
}

/** Returns the rates of one boot server from the measurements. */
export function ratesOf(web: Web, media: Media, dhcp: readonly Dhcp[]): Measured {
  const processors = cpus().length;
  const { script, config } = web.requests;
  const fastest = Math.max(...dhcp.flatMap(({ nodes, perSecond }) => (nodes === web.nodes ? perSecond : [])));
  return {
    processors,
    leases: fastest,
    // A machine requests the entry script, its own script, and its configuration.
    requests: (processors * DEMAND.requests) / (2 * script.cpu + config.cpu),
    media: (processors * 1e9) / media.site.cpu,
  };
}

/** Renders the rates of the simulation. */
export function ratesText({ processors, leases, requests, media }: Measured): string {
  const { bytes, link } = DEMAND;
  return table(
    ['', 'of one boot server', 'for each machine', 'machines per second'],
    [
      [
        'DHCP, the fastest server: leases per second',
        grouped(Math.round(leases)),
        String(DEMAND.leases),
        (leases / DEMAND.leases).toFixed(1),
      ],
      [
        `nginx: requests per second, ${processors} processors`,
        grouped(Math.round(requests)),
        String(DEMAND.requests),
        (requests / DEMAND.requests).toFixed(1),
      ],
      [
        `nginx: media, ${processors} processors`,
        rateText(media),
        `${bytes / 1e9} GB`,
        (media / bytes).toFixed(1),
      ],
      ['link of 25 Gbit/s: media', '3.13 GB/s', `${bytes / 1e9} GB`, (3.125e9 / bytes).toFixed(1)],
      ['link of the machine', '', rateText(link), ''],
    ],
  );
}
