import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bigPlant, macOf } from '../test/support/big-plant.ts';
import { run } from './run.ts';

/** harvgen's command line, as it is installed. */
export const HARVGEN = join(import.meta.dirname, '..', 'bin', 'harvgen.js');

/** A site of a number of nodes, in a folder of its own, which is built into `out/` there. */
export interface Plant {
  readonly nodes: number;
  /** The folder that holds the site, `plant`, and `out`. */
  readonly folder: string;
  /** What it is built into, absolute. */
  readonly tree: string;
}

/** Makes a plant below a folder, and builds it once. */
export function makePlant(nodes: number, below: string): Plant {
  const folder = join(below, `plant-${nodes}`);
  mkdirSync(join(folder, 'plant'), { recursive: true });
  writeFileSync(join(folder, 'plant', 'site.yaml'), bigPlant(nodes));
  run({ words: [process.execPath, HARVGEN, 'build', 'plant'], folder });
  return { nodes, folder, tree: join(folder, 'out', 'plant') };
}

/** The two files of a node that rivals make, too: the script and the configuration. */
export interface NodeFiles {
  readonly script: string;
  readonly config: string;
}

/** Gives what harvgen has made for the n-th node, from 1. */
export function filesOf({ tree }: Plant, n: number): NodeFiles {
  const { key } = macOf(n);
  return {
    script: readFileSync(join(tree, 'www', 'ipxe', `${key}.ipxe`), 'utf8'),
    config: readFileSync(join(tree, 'www', 'config', `${key}.yaml`), 'utf8'),
  };
}

/** What is other from node to node in these files. */
export interface Facts {
  readonly name: string;
  readonly mac: string;
  /** The MAC address as it stands in names of files, with hyphens. */
  readonly key: string;
}

/** Gives what is other in the files of the n-th node, from 1. */
export function factsOf(n: number): Facts {
  return { name: `node-${n}`, ...macOf(n) };
}

/**
 * Makes templates for a rival of what harvgen has made for a node: so both have the same bytes to write. `tag` writes how
 * the rival says a fact.
 */
export function templatesOf(plant: Plant, n: number, tag: (fact: keyof Facts) => string): NodeFiles {
  const { script, config } = filesOf(plant, n);
  const facts = Object.entries(factsOf(n)) as [keyof Facts, string][];
  const asTemplate = (text: string) =>
    facts.reduce((result, [fact, value]) => result.replaceAll(value, tag(fact)), text);
  return { script: asTemplate(script), config: asTemplate(config) };
}

/** Throws where a rival has not made, for every node, the very files that harvgen has made. */
export function assertSameFiles(plant: Plant, rival: string, madeFor: (facts: Facts) => NodeFiles): void {
  for (let n = 1; n <= plant.nodes; n += 1) {
    const facts = factsOf(n);
    const ours = filesOf(plant, n);
    const theirs = madeFor(facts);
    if (ours.script !== theirs.script || ours.config !== theirs.config)
      throw new Error(
        `${rival} has made other files for ${facts.name}: what is compared is not the same work`,
      );
  }
}

/** Gives how many files there are below a folder. */
export function countFiles(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}
