import { statfsSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** What Linux says of a tmpfs that is asked what it is. */
const TMPFS = 0x01021994;

/** What to measure, and how often. */
export interface Options {
  /** How many nodes the sites have, the fewest first. */
  readonly nodes: readonly number[];
  readonly rounds: number;
  /** Ansible writes about two files a second: a site of its own, and fewer rounds. */
  readonly ansibleNodes: number;
  readonly ansibleRounds: number;
  /** How often the inventory is saved under `build --watch`. */
  readonly saves: number;
  /** Where the sites are made: on a tmpfs, since a disk would measure itself. */
  readonly folder: string;
  /** A page whose results are to be these; undefined for none. */
  readonly into: string | undefined;
}

const HELP = `Measures harvgen against its rivals. Needs Debian's hugo, ansible-core and time:
apt-get install hugo ansible-core time

  --nodes 3,100,1000,10000  the sites, by their nodes
  --rounds 7                how often each is measured, in turn with all others
  --ansible-nodes 25        the site for Ansible, 0 for none
  --ansible-rounds 2
  --saves 40                how often the inventory is saved under build --watch
  --folder /dev/shm         where to work: a tmpfs
  --into FILE               put the results into a page, between its marks
`;

/** Reads the command line. Gives undefined where help was asked for, and printed. Throws for what it cannot take. */
export function readOptions(argv: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      nodes: { type: 'string', default: '3,100,1000,10000' },
      rounds: { type: 'string', default: '7' },
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
    throw new Error('--nodes takes three numbers or more, each larger than the one before');
  if (statfsSync(values.folder).type !== TMPFS)
    throw new Error(`${values.folder} is no tmpfs: what is measured there is the disk`);
  return {
    nodes,
    rounds: count('--rounds', values.rounds, 1),
    ansibleNodes: count('--ansible-nodes', values['ansible-nodes'], 0),
    ansibleRounds: count('--ansible-rounds', values['ansible-rounds'], 1),
    saves: count('--saves', values.saves, 1),
    folder: values.folder,
    into: values.into,
  };
}

function count(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > 60_000)
    throw new Error(`${option} takes a whole number from ${least} to 60000, and not ${text}`);
  return number;
}
