import { statfsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { LargeSizes } from './large.ts';

/** The file system type of a tmpfs in Linux. */
const TMPFS = 0x01021994;

/** The options of the benchmark. */
export interface Options {
  /** The numbers of nodes of the sites, in ascending order. */
  readonly nodes: readonly number[];
  readonly rounds: number;
  /** The sizes of the builds that only harvgen runs. */
  readonly large: LargeSizes;
  /** Ansible writes about two files per second: it has its own site and fewer rounds. */
  readonly ansibleNodes: number;
  readonly ansibleRounds: number;
  /** The number of saves of the inventory under `build --watch`. */
  readonly saves: number;
  /** The directory of the sites: on a tmpfs, to exclude the speed of a disk. */
  readonly folder: string;
  /** The page to update with the results, if any. */
  readonly into: string | undefined;
}

const HELP = [
  "Compares harvgen with other tools. Needs Debian's hugo, ansible-core and time:",
  'apt-get install hugo ansible-core time\n',
  '  --nodes 3,100,1000,10000  the numbers of nodes of the sites',
  '  --rounds 7                the number of measurements of each command',
  '  --large-nodes 100000      the number of nodes of the site that only harvgen builds',
  '  --sites 1000              the number of sites that harvgen builds in one call',
  '  --ansible-nodes 25        the number of nodes of the site for Ansible; 0: none',
  '  --ansible-rounds 2',
  '  --saves 40                the number of saves of the inventory under build --watch',
  '  --folder /dev/shm         the work directory, on a tmpfs',
  '  --into FILE               write the results into a page, between its markers\n',
].join('\n');

/** Reads the command line. Prints the help on request and returns undefined. Throws an error for invalid options. */
export function readOptions(argv: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      nodes: { type: 'string', default: '3,100,1000,10000' },
      rounds: { type: 'string', default: '7' },
      'large-nodes': { type: 'string', default: '100000' },
      sites: { type: 'string', default: '1000' },
      'ansible-nodes': { type: 'string', default: '25' },
      'ansible-rounds': { type: 'string', default: '2' },
      saves: { type: 'string', default: '40' },
      folder: { type: 'string', default: '/dev/shm' },
      into: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return undefined;
  }
  const nodes = values.nodes.split(',').map((text) => count('--nodes', text, 1));
  if (nodes.length < 3 || nodes.some((number, index) => number <= (nodes[index - 1] ?? 0)))
    throw new Error('--nodes takes at least three numbers in ascending order');
  if (statfsSync(values.folder).type !== TMPFS)
    throw new Error(`${values.folder} is not a tmpfs: the speed of the disk would affect the times`);
  return {
    nodes,
    rounds: count('--rounds', values.rounds, 1),
    large: {
      nodes: count('--large-nodes', values['large-nodes'], 1, 700_000),
      sites: count('--sites', values.sites, 1),
    },
    ansibleNodes: count('--ansible-nodes', values['ansible-nodes'], 0),
    ansibleRounds: count('--ansible-rounds', values['ansible-rounds'], 1),
    saves: count('--saves', values.saves, 1),
    folder: values.folder,
    into: values.into,
  };
}

/** Reads a whole number of an option. Throws an error for another text. */
export function count(option: string, text: string, least: number, most = 60_000): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw new Error(`${option} takes a whole number from ${least} to ${most}, not ${text}`);
  return number;
}
