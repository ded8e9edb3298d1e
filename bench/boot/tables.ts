import { arch, cpus, release, type } from 'node:os';
import { asRatio, asTime } from '../numbers.ts';
import { run } from '../run.ts';
import { table } from '../table.ts';
import { grouped } from '../targets.ts';
import type { Dhcp } from './dhcp.ts';
import { DEMAND, gigabits, type Measured } from './scenarios.ts';
import type { Kind, Media, Web } from './web.ts';

const SERVERS: Readonly<Record<string, string>> = { dnsmasq: 'dnsmasq', kea: 'Kea', isc: "ISC's dhcpd" };
const FILES: Readonly<Record<Kind, string>> = {
  script: 'script',
  plainScript: 'script as a plain file',
  config: 'configuration with secrets',
  plainConfig: 'configuration as a plain file',
};
const whole = (value: number) => grouped(Math.round(value));
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
  const row = (name: string, write: (value: number) => string, of: (web: Web) => number) => {
    const values = webs.map(of);
    const growth = (values.at(-1) ?? Number.NaN) / (values[0] ?? Number.NaN);
    return [name, ...values.map(write), write === String || write === asRatio ? '' : asRatio(growth)];
  };
  const most = Math.min(...webs.map(({ downloads }) => downloads));
  const kinds = ['script', 'plainScript', 'config', 'plainConfig'] as const;
  const measured = [
    ['requests per second', whole, 'perSecond'],
    ['99th percentile', asTime, 'p99'],
    ["nginx's processor time", milliseconds, 'cpu'],
  ] as const;
  const per = (kind: Kind) =>
    measured.map(([what, write, key]) =>
      row(`${FILES[kind]}: ${what}`, write, ({ requests }) => requests[kind][key]),
    );
  const against = (kind: Kind, plain: Kind) =>
    measured.map(([what, , key]) =>
      row(`${FILES[kind]} ÷ plain file: ${what}`, asRatio, ({ requests }) => {
        return requests[kind][key] / requests[plain][key];
      }),
    );
  return table(
    ['', ...webs.map(({ nodes }) => `${grouped(nodes)} nodes`), 'growth'],
    [
      row('emitted configuration', mebibytes, ({ configuration }) => configuration),
      row('`nginx -t`', asTime, ({ check }) => check),
      row('`nginx -t`: warnings', String, ({ warnings }) => warnings),
      row('start', asTime, ({ start }) => start),
      row('memory of all processes', mebibytes, ({ memory }) => memory),
      row('reload under load, until the old processes end', asTime, ({ reload }) => reload.reload),
      row('memory during the reload, at most', mebibytes, ({ reload }) => reload.peak),
      row(
        `memory after a reload, during ${grouped(most)} downloads at once`,
        mebibytes,
        ({ beside }) => beside,
      ),
      row('failed of the requests during the reload', String, ({ reload }) => reload.failed),
      row('nodes', whole, ({ nodes }) => nodes),
      ...kinds.flatMap(per),
      ...against('script', 'plainScript'),
      ...against('config', 'plainConfig'),
      row('failed requests', String, ({ requests }) =>
        kinds.reduce((sum, kind) => sum + requests[kind].failed, 0),
      ),
    ],
  );
}

/** Renders the measurements of downloads. */
export function mediaText(media: Media): string {
  const { site, plain, cat, asked, parallel } = media;
  const accepted = (count: number, settings: string) => {
    const name = `of ${grouped(asked)} downloads at once, accepted with ${settings}`;
    return [name, grouped(count), asRatio(count / asked)];
  };
  return table(
    ['', 'measured', 'ratio'],
    [
      ['`cat` of the file, from memory', rateText(cat), asRatio(1)],
      [`nginx, emitted configuration, ${parallel} downloads`, rateText(site.rate), asRatio(site.rate / cat)],
      [`nginx, plain file, ${parallel} downloads`, rateText(plain.rate), asRatio(plain.rate / cat)],
      ["nginx's processor time for 1 GB", asTime(site.cpu * 1000), asRatio(site.cpu / plain.cpu)],
      accepted(media.accepted, "Debian's settings"),
      accepted(media.acceptedMore, 'those of this page'),
    ],
  );
}

/** Renders the measurements of the DHCP servers. */
export function dhcpText(all: readonly Dhcp[]): string {
  return table(
    ['', 'start', 'memory', 'leases', 'refused', 'leases per second', '÷ dnsmasq', 'processor time for each'],
    all.map((one) => [
      `${SERVERS[one.server]}, ${grouped(one.nodes)} reservations`,
      asTime(one.start),
      mebibytes(one.memory),
      grouped(one.leases),
      grouped(one.refused),
      whole(one.perSecond),
      asRatio(one.perSecond / leasesOf(all, 'dnsmasq', one.nodes)),
      milliseconds(one.cpu),
    ]),
  );
}

function leasesOf(all: readonly Dhcp[], server: string, nodes: number): number {
  return all.find((one) => one.server === server && one.nodes === nodes)?.perSecond ?? Number.NaN;
}

/**
 * Returns the rates of one boot server from the measurements, as the table below shows them: the simulation uses no others.
 * `settings` is the command for its nginx.conf.
 */
export function ratesOf(web: Web, media: Media, dhcp: readonly Dhcp[], settings: string): Measured {
  const processors = cpus().length;
  const { script, config } = web.requests;
  const [, connections] = Array.from(settings.matchAll(/worker_connections (\d+)/g), ([, most]) => most);
  return {
    processors,
    leases: Math.round(leasesOf(dhcp, 'dnsmasq', web.nodes)),
    kea: Math.round(leasesOf(dhcp, 'kea', web.nodes)),
    // A machine requests the entry script, its own script, and its configuration.
    requests: Math.round(DEMAND.requests / (2 / script.perSecond + 1 / config.perSecond)),
    media: Math.round(media.site.rate / 1e7) * 1e7,
    connections: processors * Number(connections),
  };
}

/** Renders the rates of the simulation. */
export function ratesText({ processors, leases, kea, requests, media, connections }: Measured): string {
  const row = (name: string, rate: number, need: number, write = whole, needText = String(need)) => {
    return [name, write(rate), needText, grouped(Math.floor((rate * 3600) / need))];
  };
  const size = `${DEMAND.bytes / 1e9} GB`;
  return table(
    ['', 'of one boot server', 'for each machine', 'machines in an hour'],
    [
      row('dnsmasq: leases per second', leases, DEMAND.leases),
      row('Kea: leases per second', kea, DEMAND.leases),
      row(`nginx: requests per second, ${processors} processors`, requests, DEMAND.requests),
      row(`nginx: media, ${processors} processors`, media, DEMAND.bytes, rateText, size),
      [`nginx: downloads at once, ${processors} processors`, grouped(connections), '1', ''],
      row('link of 25 Gbit/s: media', gigabits(25), DEMAND.bytes, rateText, size),
      ['link of the machine', '', rateText(DEMAND.link), ''],
    ],
  );
}
