import type { SiteOptions } from '../compile-sites.ts';
import { compareStill, unmanagedFiles } from '../tree/compare.ts';
import { isFilled, isUnfilling } from '../tree/manifest.ts';
import type { Tree } from '../tree/tree.ts';
import { escapeLines } from '../values/text.ts';
import { printDiagnostics } from './console.ts';
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
  readonly templates: boolean;
}

/**
 * `harvgen build`: compiles sites and writes their output trees if no site has an error. With `check`, only reports what
 * it would write; with `watch`, rebuilds on every change. With `secrets`, the trees contain the values. Returns the exit
 * code.
 */
export async function build(args: readonly string[], options: BuildOptions): Promise<number> {
  const { out, check = false, force = false, watch = false, secrets, templates } = options;
  const writing = { force, allowInGit: options.allowSecretsInGit };
  if (check && (watch || force))
    throw new UsageError(`--check writes nothing: omit --${watch ? 'watch' : 'force'}`);
  if (watch) return await (await import('./watch.ts')).watch(args, { ...writing, out, secrets, templates });
  const sites = await findSites(args);
  const compiling = { secrets: await secretsFor(sites, secrets), templates };
  return check ? await checkSites(sites, out, compiling) : await buildSites(sites, out, compiling, writing);
}

async function buildSites(
  sites: readonly string[],
  out: string,
  compiling: SiteOptions,
  writing: WriteOptions,
): Promise<number> {
  for (;;) {
    const stamps = stampsOf(sites, out);
    const trees = await treesOf(sites, out, compiling);
    if (!trees) return 1;
    const outputs = await writeOutputs(trees, stamps, writing);
    if (!outputs) continue; // another build was faster, maybe with an older inventory
    for (const output of outputs) process.stdout.write(`${summary(output)}\n`);
    return 0;
  }
}

/** Compiles sites, prints the diagnostics and returns the trees by their output directories; undefined if there are errors. */
async function treesOf(
  sites: readonly string[],
  out: string,
  compiling: SiteOptions,
): Promise<Map<string, Tree> | undefined> {
  const { compilations, diagnostics, failed } = await compileWithProgress(sites, compiling);
  printDiagnostics(diagnostics, failed ? ': nothing was written' : '');
  return failed ? undefined : placeTrees(compilations, sites, out);
}

async function checkSites(sites: readonly string[], out: string, compiling: SiteOptions): Promise<number> {
  const trees = await treesOf(sites, out, compiling);
  if (!trees) return 1;
  const problems = new Set([...trees].flatMap(([folder, tree]) => checkTree(folder, tree)));
  for (const [problem, hint] of HINTS) if (problems.has(problem)) process.stderr.write(`harvgen: ${hint}\n`);
  return problems.size > 0 ? 1 : 0;
}

/** Why a directory differs from a fresh build; `behind` and `behind-filled` mean without and with the values of secrets. */
type Problem = 'behind' | 'behind-filled' | 'unmanaged' | 'unfilled';

const HINTS: readonly (readonly [Problem, string])[] = [
  ['behind', 'run `harvgen diff` to see the lines, then build without --check and commit the result'],
  [
    'behind-filled',
    'run `harvgen diff` with the same --secrets to see the changes, then build with it, without --check, and deploy the result',
  ],
  ['unmanaged', "unmanaged files are deployed too: remove them or move them into the site's files/"],
];

function checkTree(folder: string, tree: Tree): Problem[] {
  if (isUnfilling(folder, tree)) {
    process.stdout.write(
      `${folder} contains the values of secrets, so a build without them cannot be compared: add --secrets\n`,
    );
    return ['unfilled'];
  }
  const difference = compareStill(folder, tree);
  const unmanaged = unmanagedFiles(folder, tree, difference);
  const isEdited = new Set(difference.edited);
  const lines = Object.entries({
    'missing  ': difference.added,
    'differs  ': difference.changed,
    'obsolete ': difference.removed,
    unmanaged,
  }).flatMap(([label, paths]) =>
    paths.map((path) => `  ${label}  ${path}${isEdited.has(path) ? ' (edited since the last build)' : ''}\n`),
  );
  const state =
    lines.length === 0
      ? 'matches the inventory'
      : `differs from the inventory: ${lines.length} ${lines.length === 1 ? 'file' : 'files'}`;
  process.stdout.write(escapeLines(`${folder} ${state}\n${lines.join('')}`));
  const problems: Problem[] = unmanaged.length > 0 ? ['unmanaged'] : [];
  if (lines.length > unmanaged.length) problems.push(isFilled(tree) ? 'behind-filled' : 'behind');
  return problems;
}
