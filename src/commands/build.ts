import { resolve } from 'node:path';
import { type Compilation, compile } from '../compile.ts';
import { compareTree, type Difference } from '../output/compare.ts';
import { OutputError } from '../output/output-error.ts';
import type { Tree } from '../output/tree.ts';
import { writeTree } from '../output/write.ts';
import { placeTrees } from './place-trees.ts';
import { present } from './present.ts';
import { findSites } from './sites.ts';

interface BuildOptions {
  readonly out: string;
  readonly check?: boolean;
}

/**
 * `harvgen build`: compiles sites, and writes their trees if all of them are without errors; with `check` only says
 * what it would write. Gives the exit code.
 */
export async function build(args: readonly string[], options: BuildOptions): Promise<number> {
  const compiled: Compilation[] = [];
  const folders = await findSites(args);
  for (const folder of folders) compiled.push(await compile(folder));
  const failed = compiled.some(({ tree }) => !tree);
  present(
    compiled.flatMap(({ diagnostics }) => diagnostics),
    failed ? ': nothing was written' : '',
  );
  if (failed) return 1;
  const trees = placeTrees(compiled, folders, String(options.out));
  try {
    return options.check ? checkTrees(trees) : writeTrees(trees);
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    process.stderr.write(`harvgen: ${error.message}\n`);
    return 1;
  }
}

function writeTrees(trees: ReadonlyMap<string, Tree>): number {
  // All are compared before the first is written: a folder that is not harvgen's stops the whole.
  const compared = [...trees].map(([folder, tree]) => ({
    folder,
    tree,
    difference: compareTree(resolve(folder), tree),
  }));
  for (const { folder, tree, difference } of compared) {
    const { added, changed, unchanged, removed } = writeTree(resolve(folder), tree, difference);
    const written = added.length + changed.length;
    process.stdout.write(
      `${folder}: ${written} written, ${unchanged.length} unchanged, ${removed.length} removed\n`,
    );
  }
  return 0;
}

function checkTrees(trees: ReadonlyMap<string, Tree>): number {
  let current = true;
  for (const [folder, tree] of trees) {
    const difference = compareTree(resolve(folder), tree);
    const lines = describe(difference);
    if (lines.length > 0) current = false;
    const state =
      lines.length > 0
        ? `is not what the inventory gives: ${lines.length} files`
        : 'is what the inventory gives';
    process.stdout.write([`${folder} ${state}`, ...lines.map((line) => `  ${line}`), ''].join('\n'));
  }
  if (!current) process.stderr.write('harvgen: build without --check, and commit the result\n');
  return current ? 0 : 1;
}

function describe({ added, changed, removed }: Difference): string[] {
  return [
    ...added.map((path) => `missing  ${path}`),
    ...changed.map((path) => `differs  ${path}`),
    ...removed.map((path) => `left     ${path}`),
  ];
}
