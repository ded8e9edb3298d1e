// Measures harvgen against its rivals: `npm run bench`, with --help for what it takes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ansibleOf } from './ansible.ts';
import { contendersOf } from './contenders.ts';
import { measure } from './measure.ts';
import { summed } from './numbers.ts';
import { type Options, readOptions } from './options.ts';
import { withResults } from './page.ts';
import { makePlant } from './plant.ts';
import { type AnsibleTimes, figuresText, machineText, timesText } from './report.ts';
import { timed } from './run.ts';
import { figuresOf } from './targets.ts';
import { watchSaves } from './watching.ts';

/** Describes the compared programs, because they do not do the same work. */
const COMPARED = `The programs:

- **harvgen** checks the inventory against its schema and every rule, and makes the whole tree: two files for each node, and those for
  the DHCP server, nginx and people. It writes complete files only, removes obsolete files, keeps manual edits, and writes a
  manifest.
- **Hugo** writes the two files of each node, with the same bytes, from a content file for each node and two templates. It checks
  nothing, writes every file each time, keeps obsolete files, and makes no file of all nodes.
- **Ansible** writes the same two files with its \`template\` module in a loop. It checks nothing and keeps obsolete files. It does not
  write unchanged files.
- **cp -r** copies harvgen's tree, the minimum for any program that writes so many files.
`;

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options);
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  const folder = mkdtempSync(join(options.folder, 'harvgen-bench-'));
  // An interrupted run leaves nothing in the memory of the machine.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const results = await bench(options, folder);
  process.stdout.write(results);
  if (options.into !== undefined)
    writeFileSync(options.into, withResults(readFileSync(options.into, 'utf8'), results));
}

async function bench(options: Options, folder: string): Promise<string> {
  const measurements = measure(options.nodes, options.rounds, folder, say);
  const { plant } = measurements.plants.at(-2) ?? {};
  if (!plant) throw new Error('no plant to watch');
  say(`build --watch, ${options.saves} saves`);
  const { latencies } = await watchSaves(plant, options.saves);
  const ansible = options.ansibleNodes > 0 ? measureAnsible(options, folder) : undefined;
  say('where the time goes, of what was missed');
  const figures = await figuresText(
    figuresOf(
      measurements,
      latencies.sort((a, b) => a - b),
    ),
  );
  return [machineText(folder), figures, COMPARED, timesText(measurements, ansible)].join('\n');
}

function measureAnsible({ ansibleNodes, ansibleRounds }: Options, folder: string): AnsibleTimes {
  say(`Ansible, ${ansibleNodes} nodes: this takes a while`);
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

function say(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}
