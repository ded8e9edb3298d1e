// Compares harvgen with other tools: `npm run bench`; --help lists its options.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ansibleOf } from './ansible.ts';
import { contendersOf } from './contenders.ts';
import { measureLarge } from './large.ts';
import { measure } from './measure.ts';
import { summed } from './numbers.ts';
import { type Options, readOptions } from './options.ts';
import { withResults } from './page.ts';
import { makePlant } from './plant.ts';
import { type AnsibleTimes, figuresText, machineText, timesText } from './report.ts';
import { timed } from './run.ts';
import { figuresOf } from './targets.ts';
import { watchSaves } from './watching.ts';

/** The work of each tool, to put the numbers into context. */
const COMPARED = [
  'The work of each tool:\n',
  `- **harvgen** checks the inventory against its schema and every rule. It creates the whole tree: two files per node, and the
  files for the DHCP server, nginx and users. It writes each file atomically. It removes obsolete files, keeps manual edits and
  writes a manifest.`,
  `- **Hugo** writes the two files of each node, with the same bytes, from one content file per node and two templates. It
  rewrites every file each time. It checks nothing, keeps obsolete files, and creates no file about all nodes.`,
  `- **Ansible** writes the same two files with its \`template\` module in a loop. It does not rewrite unchanged files. It checks
  nothing, and keeps obsolete files.`,
  `- **cp -r** copies harvgen's tree. This is the minimum time to write this number of files.\n`,
].join('\n');

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  const folder = mkdtempSync(join(options.folder, 'harvgen-bench-'));
  // Removes the files from memory after an interrupted run.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const results = await bench(options, folder);
  process.stdout.write(results);
  if (options.into !== undefined)
    writeFileSync(options.into, withResults(readFileSync(options.into, 'utf8'), results));
}

async function bench(options: Options, folder: string): Promise<string> {
  const measurements = measure(options.nodes, options.rounds, folder, print);
  const { plant } = measurements.plants.at(-2) ?? {};
  if (!plant) throw new Error('no site to watch');
  print(`build --watch, ${options.saves} saves`);
  const { latencies } = await watchSaves(plant, options.saves);
  const ansible = options.ansibleNodes > 0 ? measureAnsible(options, folder) : undefined;
  print(`a site of ${options.large.nodes} nodes, and ${options.large.sites} sites`);
  const large = measureLarge(options.large, measurements, folder);
  print('profiles of missed targets');
  const compared = figuresOf(
    measurements,
    latencies.sort((a, b) => a - b),
  );
  const figures = await figuresText([...compared, ...large]);
  return [machineText(folder), figures, COMPARED, timesText(measurements, ansible)].join('\n');
}

function measureAnsible({ ansibleNodes, ansibleRounds }: Options, folder: string): AnsibleTimes {
  print(`Ansible, ${ansibleNodes} nodes: this takes a while`);
  const plant = makePlant(ansibleNodes, join(folder, 'ansible'));
  const ansible = ansibleOf(plant);
  const build = contendersOf(plant).get('build');
  const times = { ansible: [] as number[], harvgen: [] as number[] };
  for (let round = 0; round < ansibleRounds; round += 1) {
    rmSync(ansible.output, { recursive: true });
    times.ansible.push(timed(ansible.command));
    build?.prepare();
    if (build) times.harvgen.push(timed(build.command));
  }
  return { nodes: ansibleNodes, ansible: summed(times.ansible), harvgen: summed(times.harvgen) };
}

function print(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}
