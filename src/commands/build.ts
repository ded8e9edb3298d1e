import type { Compilations } from '../compile-sites.ts';
import { compareStill } from '../output/compare-still.ts';
import { foreignFiles } from '../output/foreign.ts';
import { OutputError } from '../output/output-error.ts';
import type { Tree } from '../output/tree.ts';
import { compileWithProgress } from './compile-with-progress.ts';
import { placeTrees } from './place-trees.ts';
import { present } from './present.ts';
import { findSites } from './sites.ts';
import { summary } from './summary.ts';
import { UsageError } from './usage-error.ts';
import { stampsOf, writeOutputs } from './write-outputs.ts';

interface BuildOptions {
  readonly out: string;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly watch?: boolean;
}

/**
 * `harvgen build`: compiles sites, and writes their trees if all of them are without errors; with `check` only says what
 * it would write, with `watch` goes on at every change. Gives the exit code.
 */
export async function build(args: readonly string[], options: BuildOptions): Promise<number> {
  const { check = false, force = false, watch = false } = options;
  const out = String(options.out);
  if (check && (watch || force))
    throw new UsageError(`--check writes nothing: it does not go with --${watch ? 'watch' : 'force'}`);
  try {
    if (watch) return await (await import('./watch.ts')).watch(args, { out, force });
    const sites = await findSites(args);
    return check ? await checkSites(sites, out) : await buildSites(sites, out, force);
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    process.stderr.write(`harvgen: ${error.message}\n`);
    return 1;
  }
}

async function buildSites(sites: readonly string[], out: string, force: boolean): Promise<number> {
  for (;;) {
    const stamps = stampsOf(sites, out);
    const compiled = await compileShown(sites);
    if (compiled.failed) return 1;
    const trees = placeTrees(compiled.compilations, sites, out);
    const outputs = await writeOutputs(trees, stamps, { force });
    if (!outputs) continue; // another build was faster, maybe with an older inventory
    for (const output of outputs) process.stdout.write(`${summary(output)}\n`);
    return 0;
  }
}

/** Compiles sites, and shows what was found. */
async function compileShown(sites: readonly string[]): Promise<Compilations> {
  const compiled = await compileWithProgress(sites);
  present(compiled.diagnostics, compiled.failed ? ': nothing was written' : '');
  return compiled;
}

async function checkSites(sites: readonly string[], out: string): Promise<number> {
  const compiled = await compileShown(sites);
  if (compiled.failed) return 1;
  const states = [...placeTrees(compiled.compilations, sites, out)].map(([folder, tree]) =>
    checkTree(folder, tree),
  );
  if (states.some(({ isBehind }) => isBehind))
    process.stderr.write(
      'harvgen: `harvgen diff` shows the lines; build without --check, and commit the result\n',
    );
  if (states.some(({ hasForeign }) => hasForeign))
    process.stderr.write(
      "harvgen: what is foreign is deployed all the same: remove it, or move it into the site's files/\n",
    );
  return states.some(({ isBehind, hasForeign }) => isBehind || hasForeign) ? 1 : 0;
}

/** What a folder lacks to be what the inventory gives. */
interface State {
  readonly isBehind: boolean;
  readonly hasForeign: boolean;
}

/** Says which files of a folder are not what the inventory gives. */
function checkTree(folder: string, tree: Tree): State {
  const difference = compareStill(folder, tree);
  const { added, changed, removed } = difference;
  const isEdited = new Set(difference.edited);
  const line = (what: string, path: string) =>
    `  ${what}  ${path}${isEdited.has(path) ? ' (edited since it was built)' : ''}\n`;
  const foreign = foreignFiles(folder, tree, difference);
  const lines = [
    ...added.map((path) => line('missing', path)),
    ...changed.map((path) => line('differs', path)),
    ...removed.map((path) => line('left   ', path)),
    ...foreign.map((path) => line('foreign', path)),
  ];
  const state =
    lines.length === 0
      ? 'is what the inventory gives'
      : `is not what the inventory gives: ${lines.length} ${lines.length === 1 ? 'file' : 'files'}`;
  process.stdout.write(`${folder} ${state}\n${lines.join('')}`);
  return { isBehind: lines.length > foreign.length, hasForeign: foreign.length > 0 };
}
