import { join, relative, resolve } from 'node:path';
import type { Compilation } from '../compile.ts';
import type { Tree } from '../tree/tree.ts';
import { UsageError } from './usage-error.ts';

/**
 * Gives the tree of each site by the folder that it belongs into. Throws UsageError where two would go to the same one,
 * and where a tree would lie in a site and be read with it.
 */
export function placeTrees(
  compiled: readonly Compilation[],
  sites: readonly string[],
  out: string,
): Map<string, Tree> {
  const trees = new Map<string, Tree>();
  for (const { site, tree } of compiled) {
    const folder = join(out, site?.name ?? '');
    if (trees.has(folder))
      throw new UsageError(`two of the sites are called ${site?.name}: both would go to ${folder}`);
    for (const site of sites) {
      if (!relative(resolve(site), resolve(folder)).startsWith('..')) {
        throw new UsageError(
          `${folder} is within the site ${site}, which would be read with it: choose another with --out`,
        );
      }
    }
    if (tree) trees.set(folder, tree);
  }
  return trees;
}
