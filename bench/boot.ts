// Measures boot servers with many nodes: `npm run bench:boot`; --help lists its options.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { blocksOf } from '../test/support/markdown.ts';
import { type Dhcp, measureDhcp } from './boot/dhcp.ts';
import { plot } from './boot/plot.ts';
import { simulateAll } from './boot/scenarios.ts';
import { dhcpText, machineText, mediaText, ratesOf, ratesText, webText } from './boot/tables.ts';
import { type Effort, measureMedia, measureWeb, type Web } from './boot/web.ts';
import { count } from './options.ts';
import { withResults } from './page.ts';
import { makePlant } from './plant.ts';

/** The page with the settings of nginx. It is also the page of the results. */
const PAGE = join(import.meta.dirname, '..', 'docs', 'scale.md');
/** The longest time for which machines request leases from a DHCP server, in seconds. */
const LONGEST = 15;

const HELP = [
  'Measures nginx, dnsmasq, Kea and dhcpd with the emitted configurations, as root. On Debian:',
  'apt-get install nginx-light dnsmasq kea-dhcp4-server isc-dhcp-server iproute2\n',
  '  --nodes 10000,100000  the numbers of nodes of the sites',
  '  --rounds 3            the number of measurements of each rate',
  '  --seconds 3           the seconds of each measurement',
  '  --media 512           the size of the media file in MiB',
  '  --downloads 4000      the number of downloads at once',
  '  --folder /dev/shm     the work directory, on a tmpfs',
  '  --into FILE           write the results into a page, and the picture beside it\n',
].join('\n');

try {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '10000,100000' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      media: { type: 'string', default: '512' },
      downloads: { type: 'string', default: '4000' },
      folder: { type: 'string', default: '/dev/shm' },
      into: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) process.stdout.write(HELP);
  else {
    const nodes = values.nodes.split(',').map((text) => count('--nodes', text, 2, 200_000));
    const effort = {
      rounds: count('--rounds', values.rounds, 1),
      seconds: Number(values.seconds),
      media: count('--media', values.media, 1, 2000),
      downloads: count('--downloads', values.downloads, 1, 8000),
    };
    if (!(effort.seconds > 0)) throw new Error(`--seconds takes a positive number, not ${values.seconds}`);
    await main(nodes, effort, values.folder, values.into);
  }
} catch (error) {
  process.stderr.write(`bench:boot: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function main(nodes: readonly number[], effort: Effort, below: string, into: string | undefined) {
  if (process.getuid?.() !== 0) throw new Error("run it as root: nginx changes to Debian's user www-data");
  const folder = mkdtempSync(join(below, 'harvgen-boot-'));
  // Removes the files from memory after an interrupted run.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { text, picture } = await measureAll(nodes, effort, folder);
  process.stdout.write(text);
  if (into === undefined) return;
  writeFileSync(into, withResults(readFileSync(into, 'utf8'), text, 'npm run bench:boot'));
  writeFileSync(join(dirname(into), 'pictures', 'scale.svg'), picture);
}

async function measureAll(nodes: readonly number[], effort: Effort, folder: string) {
  const [block = ''] = blocksOf(readFileSync(PAGE, 'utf8'), 'sh server');
  // Without the reload: this nginx has not started.
  const settings = block.replace(/^nginx .*$/m, '');
  const webs: Web[] = [];
  const dhcp: Dhcp[] = [];
  for (const number of nodes) {
    print(`${number} nodes: build, nginx, dnsmasq`);
    const plant = makePlant(number, folder);
    webs.push(await measureWeb(plant, settings, effort));
    dhcp.push(await measureDhcp('dnsmasq', plant, LONGEST));
    for (const server of ['kea', 'isc'] as const) {
      print(`${number} nodes: build, ${server}`);
      const other = makePlant(number, join(folder, server), [
        '    dhcp:\n',
        `    dhcp:\n      server: ${server}\n`,
      ]);
      dhcp.push(await measureDhcp(server, other, LONGEST));
      rmSync(other.folder, { recursive: true });
    }
    if (number !== nodes[0]) rmSync(plant.folder, { recursive: true });
  }
  print('media');
  const media = await measureMedia(makePlant(nodes[0] ?? 2, folder), settings, effort);
  const last = webs.at(-1);
  if (!last) throw new Error('nothing was measured');
  print('simulation');
  const rates = ratesOf(last, media, dhcp, settings);
  const { text: starts, curves } = simulateAll(rates);
  const tables = { nginx: webText(webs), 'Installation media': mediaText(media), DHCP: dhcpText(dhcp) };
  const text = [
    machineText(folder),
    ...Object.entries(tables).map(([title, text]) => `${title}:\n\n${text}`),
    `The rates of the simulation, from the largest site:\n\n${ratesText(rates)}`,
    `The time until the last machine has its media:\n\n${starts}`,
  ].join('\n');
  return { text, picture: plot(curves) };
}

function print(what: string): void {
  process.stderr.write(`bench:boot: ${what}\n`);
}
