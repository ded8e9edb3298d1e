import type { Compilations } from '../compile-sites.ts';
import { SecretsError } from '../secrets/secrets-error.ts';
import type { SecretSource } from '../secrets/source.ts';
import { compareStill } from '../tree/compare-still.ts';
import { isFilled, isUnfilling } from '../tree/filled.ts';
import { foreignFiles } from '../tree/foreign.ts';
import { OutputError } from '../tree/output-error.ts';
import type { Tree } from '../tree/tree.ts';
import { compileWithProgress } from './compile-with-progress.ts';
import { placeTrees } from './place-trees.ts';
import { present } from './present.ts';
import { secretsFor } from './secrets-for.ts';
import { findSites } from './sites.ts';
import { summary } from './summary.ts';
import { UsageError } from './usage-error.ts';
import { stampsOf, type WriteOptions, writeOutputs } from './write-outputs.ts';

interface BuildOptions {
  readonly out: string;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly watch?: boolean;
  readonly secrets?: string;
  readonly allowSecretsInGit?: boolean;
}

/**
 * `harvgen build`: compiles sites, and writes their trees if all of them are without errors; with `check` only says what
 * it would write, with `watch` goes on at every change. With `secrets`, their values stand in the trees. Gives the exit
 * code.
 */
export async function build(args: readonly string[], options: BuildOptions): Promise<number> {
  const { out, check = false, force = false, watch = false, secrets } = options;
  const writing = { force, allowInGit: options.allowSecretsInGit ?? false };
  if (check && (watch || force))
    throw new UsageError(`--check writes nothing: it does not go with --${watch ? 'watch' : 'force'}`);
  try {
    if (watch) return await (await import('./watch.ts')).watch(args, { ...writing, out, secrets });
    const sites = await findSites(args);
    const source = await secretsFor(sites, secrets);
    return check ? await checkSites(sites, out, source) : await buildSites(sites, out, source, writing);
  } catch (error) {
    if (!(error instanceof OutputError || error instanceof SecretsError)) throw error;
    process.stderr.write(`harvgen: ${error.message}\n`);
    return 1;
  }
}

async function buildSites(
  sites: readonly string[],
  out: string,
  secrets: SecretSource | undefined,
  writing: WriteOptions,
): Promise<number> {
  for (;;) {
    const stamps = stampsOf(sites, out);
    const compiled = await compileShown(sites, secrets);
    if (compiled.failed) return 1;
    const trees = placeTrees(compiled.compilations, sites, out);
    const outputs = await writeOutputs(trees, stamps, writing);
    if (!outputs) continue; // another build was faster, maybe with an older inventory
    for (const output of outputs) process.stdout.write(`${summary(output)}\n`);
    return 0;
  }
}

/** Compiles sites, and shows what was found. */
async function compileShown(
  sites: readonly string[],
  secrets: SecretSource | undefined,
): Promise<Compilations> {
  const compiled = await compileWithProgress(sites, secrets);
  present(compiled.diagnostics, compiled.failed ? ': nothing was written' : '');
  return compiled;
}

async function checkSites(
  sites: readonly string[],
  out: string,
  secrets: SecretSource | undefined,
): Promise<number> {
  const compiled = await compileShown(sites, secrets);
  if (compiled.failed) return 1;
  const states = [...placeTrees(compiled.compilations, sites, out)].map(([folder, tree]) =>
    checkTree(folder, tree),
  );
  const behind = states.filter(({ isBehind }) => isBehind);
  if (behind.some(({ isFilled }) => !isFilled))
    process.stderr.write(
      'harvgen: `harvgen diff` shows the lines; build without --check, and commit the result\n',
    );
  if (behind.some(({ isFilled }) => isFilled))
    process.stderr.write(
      'harvgen: `harvgen diff` with the same --secrets says what changes; build so, too, without --check, and deploy the result\n',
    );
  if (states.some(({ hasForeign }) => hasForeign))
    process.stderr.write(
      "harvgen: what is foreign is deployed all the same: remove it, or move it into the site's files/\n",
    );
  return states.some(({ isBehind, hasForeign, isUnfilled }) => isBehind || hasForeign || isUnfilled) ? 1 : 0;
}

/** What a folder lacks to be what the inventory gives. */
interface State {
  readonly isBehind: boolean;
  readonly hasForeign: boolean;
  /** Whether the values of secrets stand in what the inventory gives. */
  readonly isFilled?: boolean;
  /** Whether a build would put marks in place of its secrets. */
  readonly isUnfilled?: boolean;
}

/** Says which files of a folder are not what the inventory gives. */
function checkTree(folder: string, tree: Tree): State {
  if (isUnfilling(folder, tree)) {
    process.stdout.write(
      `${folder} has its secrets filled in, and cannot be compared with a build without: give --secrets again\n`,
    );
    return { isBehind: false, hasForeign: false, isUnfilled: true };
  }
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
  return {
    isBehind: lines.length > foreign.length,
    hasForeign: foreign.length > 0,
    isFilled: isFilled(tree),
  };
}
