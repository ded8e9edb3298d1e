import { writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { harvesterMedia } from '../../src/knowledge/harvester.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { addressOf, macOf } from '../../test/support/big-plant.ts';
import { quantile } from '../numbers.ts';
import { HARVGEN, type Plant } from '../plant.ts';
import { run } from '../run.ts';

/** The IP address of the boot server in the sites of the benchmark, and the port with the same files, but without access rules. */
export const SERVER = '10.1.250.7';
const PLAIN = 8081;
const VERSION = 'v1.4.1';
const TOKEN = '9b1de1a3f0e94f1bb0c2a7de5d0b3c44';
const IN_TREE = '/srv/harvgen/plant';
const MEDIA = '/srv/harvgen/media';
const MIB = 1 << 20;

/** How much to measure: rounds, and seconds of each measurement; the size of the media file in MiB; the downloads at once. */
export type Effort = Readonly<Record<'rounds' | 'seconds' | 'media' | 'downloads', number>>;

/** The measurements of nginx with one site. Times are in milliseconds, but processor times in seconds. Sizes are in MiB. */
export type Web = Awaited<ReturnType<typeof measureWeb>>;

/** The measurements of downloads: bytes per second, and seconds of nginx's processor time for each GB. */
export type Media = Awaited<ReturnType<typeof measureMedia>>;

export type Kind = 'script' | 'plainScript' | 'config' | 'plainConfig';

type Sums = 'done' | 'failed' | 'bytes' | 'peak' | 'reload' | 'seconds' | 'cpu' | 'memory';
/** The result of requests.mjs. */
type Result = Readonly<Record<Sums, number>> & { readonly latencies: readonly number[] };

const KINDS: Readonly<Record<Kind, object>> = {
  script: { path: '/ipxe/KEY.ipxe', port: 80, contains: '#!ipxe' },
  plainScript: { path: '/ipxe/KEY.ipxe', port: PLAIN, contains: '#!ipxe' },
  config: { path: '/config/KEY.yaml', port: 80, contains: TOKEN },
  plainConfig: { path: '/config/KEY.yaml', port: PLAIN, contains: 'scheme_version' },
};

/** The same nginx also serves the files as they are. */
const PLAIN_SERVER = `server {
    listen ${PLAIN};
    root ${IN_TREE}/www;
    default_type text/plain;
    access_log /var/log/nginx/plain.log;
    location /harvester/ { alias ${MEDIA}/; }
}
`;

/** Writes the machines of a site, with their IP addresses and the names of their files, for the clients. Returns the path. */
export function machinesFile(nodes: number, folder: string): string {
  const path = join(folder, 'machines.json');
  const machines = Array.from({ length: nodes }, (_, index) => [addressOf(index + 1), macOf(index + 1).key]);
  writeFileSync(path, JSON.stringify(machines));
  return path;
}

/**
 * Measures Debian's nginx with the emitted configuration, and `settings`, a command for its nginx.conf. The clients use the IP addresses
 * of the machines.
 */
export async function measureWeb(plant: Plant, settings: string, effort: Effort) {
  return inBox(plant, effort, async (sandbox, ask) => {
    await sandbox.run(['sh', '-c', settings]);
    const check = () => timed(() => sandbox.run(['sh', '-c', 'nginx -t 2>&1']));
    const checks = [await check(), await check(), await check()].sort((a, b) => a.ms - b.ms);
    const started = await timed(() => sandbox.run(['nginx']));
    const measured = { kind: 'requests', seconds: effort.seconds, parallel: 16 };
    const { memory } = await ask({ ...KINDS.script, ...measured, seconds: 0.1 });
    const rounds: Record<Kind, Result[]> = { script: [], plainScript: [], config: [], plainConfig: [] };
    const kinds = ['script', 'plainScript', 'config', 'plainConfig'] as const;
    // Each round begins with another kind, so that none has the quietest machine.
    for (let round = 0; round < effort.rounds; round += 1)
      for (const kind of [...kinds.slice(round % kinds.length), ...kinds.slice(0, round % kinds.length)])
        rounds[kind].push(await ask({ ...KINDS[kind], ...measured }));
    const reload = await ask({ ...KINDS.config, ...measured, kind: 'reload' });
    const beside = await ask({ ...downloads(effort), kind: 'reload beside' });
    const { length } = await readFile(join(plant.tree, 'nginx', 'plant.conf'));
    return {
      nodes: plant.nodes,
      configuration: length / MIB,
      warnings: checks.reduce((sum, { value }) => sum + (value.match(/\[(?:warn|emerg)\]/g)?.length ?? 0), 0),
      check: checks[1]?.ms ?? Number.NaN,
      start: started.ms,
      memory,
      reload,
      downloads: beside.done,
      beside: beside.peak,
      requests: {
        script: requestsOf(rounds.script),
        plainScript: requestsOf(rounds.plainScript),
        config: requestsOf(rounds.config),
        plainConfig: requestsOf(rounds.plainConfig),
      },
    };
  });
}

/** The media file, and the job to begin the downloads at once. */
const MEDIUM = `/harvester/${VERSION}/${harvesterMedia(VERSION, 'amd64').iso}`;
const downloads = ({ downloads }: Effort) => ({ path: MEDIUM, port: 80, seconds: 0, parallel: downloads });

/** Measures downloads of a media file, and how many nginx accepts at once before and after `settings`. */
export async function measureMedia(plant: Plant, settings: string, effort: Effort) {
  return inBox(plant, effort, async (sandbox, ask) => {
    const hold = () => ask({ ...downloads(effort), kind: 'hold' });
    await sandbox.run(['nginx']);
    const before = await hold();
    await sandbox.run(['sh', '-c', 'nginx -s quit && while [ -e /run/nginx.pid ]; do sleep 0.05; done']);
    await sandbox.run(['sh', '-c', settings]);
    await sandbox.run(['nginx']);
    const after = await hold();
    const parallel = 16;
    const download = (port: number) =>
      ask({ kind: 'media', path: MEDIUM, port, seconds: effort.seconds, parallel });
    const file = `${MEDIA}${MEDIUM.slice('/harvester'.length)}`;
    const loop = `for i in 1 2 3 4; do cat ${file} >/dev/null; done`;
    const [site, plain]: [Result[], Result[]] = [[], []];
    let milliseconds = 0;
    for (let round = 0; round < effort.rounds; round += 1) {
      milliseconds += (await timed(() => sandbox.run(['sh', '-c', loop]))).ms;
      site.push(await download(80));
      plain.push(await download(PLAIN));
    }
    return {
      site: ratesOf(site),
      plain: ratesOf(plain),
      cat: (effort.rounds * 4 * effort.media * MIB) / (milliseconds / 1000),
      parallel,
      asked: effort.downloads,
      accepted: before.done,
      acceptedMore: after.done,
    };
  });
}

type Ask = (job: object) => Promise<Result>;

/** Opens a sandbox with the tree, its secrets, and a media file, and with all addresses of the clients on its loopback device. */
async function inBox<T>(
  { nodes, folder, tree }: Plant,
  { media }: Effort,
  measure: (sandbox: Sandbox, ask: Ask) => Promise<T>,
): Promise<T> {
  const sandbox = await openSandbox();
  try {
    await sandbox.run(['ip', 'route', 'add', 'local', '10.0.0.0/8', 'dev', 'lo']);
    await sandbox.bind(tree, IN_TREE);
    const version = join(folder, 'media', VERSION);
    await mkdir(version, { recursive: true });
    await writeFile(join(version, harvesterMedia(VERSION, 'amd64').iso), Buffer.alloc(media * MIB, 1));
    await sandbox.bind(join(folder, 'media'), MEDIA);
    const secrets = join(folder, 'secrets.yaml');
    writeFileSync(secrets, `cluster_token: ${TOKEN}\n`, { mode: 0o600 });
    const words = [
      process.execPath,
      HARVGEN,
      'secrets',
      '--format',
      'nginx',
      '--secrets',
      secrets,
      'plant',
    ] as const;
    await install(sandbox, '/etc/nginx/harvgen/plant.secrets.conf', run({ words, folder }));
    await install(sandbox, '/etc/nginx/conf.d/plain.conf', PLAIN_SERVER);
    const link = `rm -f /etc/nginx/sites-enabled/*; ln -s ${IN_TREE}/nginx/plant.conf /etc/nginx/conf.d/`;
    await sandbox.run(['sh', '-c', link]);
    const machines = machinesFile(nodes, folder);
    const client = join(import.meta.dirname, 'requests.mjs');
    return await measure(sandbox, async (job) => {
      const text = JSON.stringify({ machines, server: SERVER, ...job });
      return JSON.parse(await sandbox.run([process.execPath, client, text]));
    });
  } finally {
    await sandbox.close();
  }
}

async function install(sandbox: Sandbox, path: string, content: string): Promise<void> {
  const file = join(sandbox.folder, 'file');
  await writeFile(file, content);
  await sandbox.run(['install', '-D', '-m', '0600', file, path]);
}

/** Returns the result of an action with its duration in milliseconds. */
export async function timed<T>(
  action: () => Promise<T>,
): Promise<{ readonly value: T; readonly ms: number }> {
  const begun = performance.now();
  const value = await action();
  return { value, ms: performance.now() - begun };
}

function requestsOf(rounds: readonly Result[]) {
  const latencies = rounds.flatMap((round) => round.latencies).sort((a, b) => a - b);
  const done = sum(rounds, 'done');
  return {
    perSecond: done / sum(rounds, 'seconds'),
    p99: quantile(latencies, 0.99),
    cpu: sum(rounds, 'cpu') / done,
    failed: sum(rounds, 'failed'),
  };
}

function ratesOf(rounds: readonly Result[]) {
  const bytes = sum(rounds, 'bytes');
  return { rate: bytes / sum(rounds, 'seconds'), cpu: (sum(rounds, 'cpu') / bytes) * 1e9 };
}

function sum(rounds: readonly Result[], name: Sums): number {
  return rounds.reduce((total, round) => total + round[name], 0);
}
