import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bigPlant, macOf } from '../test/support/big-plant.ts';
import type { Edit } from '../test/support/plant.ts';
import { run } from './run.ts';

/** harvgen's installed command line. */
export const HARVGEN = join(import.meta.dirname, '..', 'bin', 'harvgen.js');

/** A site with a number of nodes in its own directory, which also contains the output. */
export interface Plant {
  readonly nodes: number;
  /** The directory with the site, `plant`, and `out`. */
  readonly folder: string;
  /** The absolute path of the output tree. */
  readonly tree: string;
}

/** Creates a site with an edit of its inventory below a directory, and builds it once. */
export function makePlant(nodes: number, below: string, [from, to]: Edit = ['', '']): Plant {
  const folder = join(below, `plant-${nodes}`);
  mkdirSync(join(folder, 'plant'), { recursive: true });
  writeFileSync(join(folder, 'plant', 'site.yaml'), bigPlant(nodes).replace(from, to));
  run({ words: [process.execPath, HARVGEN, 'build', 'plant'], folder });
  return { nodes, folder, tree: join(folder, 'out', 'plant') };
}

/** The two files of a node that the other tools also write: the script and the configuration. */
export interface NodeFiles {
  readonly script: string;
  readonly config: string;
}

/** Returns harvgen's files of the n-th node, from 1. */
export function filesOf({ tree }: Plant, n: number): NodeFiles {
  const { key } = macOf(n);
  return {
    script: readFileSync(join(tree, 'www', 'ipxe', `${key}.ipxe`), 'utf8'),
    config: readFileSync(join(tree, 'www', 'config', `${key}.yaml`), 'utf8'),
  };
}

/** The values in these files that differ by node. */
export interface Facts {
  readonly name: string;
  readonly mac: string;
  /** The MAC address with hyphens, as in file names. */
  readonly key: string;
}

/** Returns the values of the n-th node, from 1. */
export function factsOf(n: number): Facts {
  return { name: `node-${n}`, ...macOf(n) };
}

/**
 * Creates templates for another tool from harvgen's files of a node, so that both write the same bytes. `tag` returns the
 * template expression for a value.
 */
export function templatesOf(plant: Plant, n: number, tag: (fact: keyof Facts) => string): NodeFiles {
  const { script, config } = filesOf(plant, n);
  const facts = Object.entries(factsOf(n)) as [keyof Facts, string][];
  const asTemplate = (text: string) =>
    facts.reduce((result, [fact, value]) => result.replaceAll(value, tag(fact)), text);
  return { script: asTemplate(script), config: asTemplate(config) };
}

/** Throws an error if another tool has not written exactly harvgen's files for every node. */
export function assertSameFiles(plant: Plant, tool: string, madeFor: (facts: Facts) => NodeFiles): void {
  for (let n = 1; n <= plant.nodes; n += 1) {
    const facts = factsOf(n);
    const ours = filesOf(plant, n);
    const theirs = madeFor(facts);
    if (ours.script !== theirs.script || ours.config !== theirs.config)
      throw new Error(`${tool} wrote other files for ${facts.name}: the comparison would be invalid`);
  }
}

/** Returns the number of files below a directory. */
export function countFiles(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}
