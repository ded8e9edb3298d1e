import type { SecretSource } from '../secrets/source.ts';
import { compareStill, unmanagedFiles } from '../tree/compare.ts';
import { isFilled, isUnfilling } from '../tree/manifest.ts';
import type { Tree } from '../tree/tree.ts';
import { failBy, printDiagnostics } from './console.ts';
import { UsageError } from './read-arguments.ts';
import { compileWithProgress, findSites, placeTrees, secretsFor } from './sites.ts';
import { stampsOf, summary, type WriteOptions, writeOutputs } from './write-outputs.ts';

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
  const writing = { force, allowInGit: options.allowSecretsInGit };
  if (check && (watch || force))
    throw new UsageError(`--check writes nothing: it does not go with --${watch ? 'watch' : 'force'}`);
  try {
    if (watch) return await (await import('./watch.ts')).watch(args, { ...writing, out, secrets });
    const sites = await findSites(args);
    const source = await secretsFor(sites, secrets);
    return check ? await checkSites(sites, out, source) : await buildSites(sites, out, source, writing);
  } catch (error) {
    return failBy(error);
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
    const trees = await treesOf(sites, out, secrets);
    if (!trees) return 1;
    const outputs = await writeOutputs(trees, stamps, writing);
    if (!outputs) continue; // another build was faster, maybe with an older inventory
    for (const output of outputs) process.stdout.write(`${summary(output)}\n`);
    return 0;
  }
}

/** Compiles sites, shows what was found, and gives their trees by the folders that they belong into; undefined for errors. */
async function treesOf(
  sites: readonly string[],
  out: string,
  secrets: SecretSource | undefined,
): Promise<Map<string, Tree> | undefined> {
  const { compilations, diagnostics, failed } = await compileWithProgress(sites, secrets);
  printDiagnostics(diagnostics, failed ? ': nothing was written' : '');
  return failed ? undefined : placeTrees(compilations, sites, out);
}

async function checkSites(
  sites: readonly string[],
  out: string,
  secrets: SecretSource | undefined,
): Promise<number> {
  const trees = await treesOf(sites, out, secrets);
  if (!trees) return 1;
  const faults = new Set([...trees].flatMap(([folder, tree]) => checkTree(folder, tree)));
  for (const [fault, hint] of HINTS) if (faults.has(fault)) process.stderr.write(`harvgen: ${hint}\n`);
  return faults.size > 0 ? 1 : 0;
}

/** Why a folder is not what the inventory gives; `behind` and `behind-filled` is one without and with the values of secrets. */
type Fault = 'behind' | 'behind-filled' | 'foreign' | 'unfilled';

const HINTS: readonly (readonly [Fault, string])[] = [
  ['behind', '`harvgen diff` shows the lines; build without --check, and commit the result'],
  [
    'behind-filled',
    '`harvgen diff` with the same --secrets says what changes; build so, too, without --check, and deploy the result',
  ],
  ['foreign', "what is foreign is deployed all the same: remove it, or move it into the site's files/"],
];

function checkTree(folder: string, tree: Tree): Fault[] {
  if (isUnfilling(folder, tree)) {
    process.stdout.write(
      `${folder} has its secrets filled in, and cannot be compared with a build without: give --secrets again\n`,
    );
    return ['unfilled'];
  }
  const difference = compareStill(folder, tree);
  const foreign = unmanagedFiles(folder, tree, difference);
  const isEdited = new Set(difference.edited);
  const lines = Object.entries({
    missing: difference.added,
    differs: difference.changed,
    'left   ': difference.removed,
    foreign,
  }).flatMap(([what, paths]) =>
    paths.map((path) => `  ${what}  ${path}${isEdited.has(path) ? ' (edited since it was built)' : ''}\n`),
  );
  const state =
    lines.length === 0
      ? 'is what the inventory gives'
      : `is not what the inventory gives: ${lines.length} ${lines.length === 1 ? 'file' : 'files'}`;
  process.stdout.write(`${folder} ${state}\n${lines.join('')}`);
  const faults: Fault[] = foreign.length > 0 ? ['foreign'] : [];
  if (lines.length > foreign.length) faults.push(isFilled(tree) ? 'behind-filled' : 'behind');
  return faults;
}
