import type { SiteOptions } from '../compile-sites.ts';
import { checkTrees } from './check-trees.ts';
import { printDiagnostics } from './console.ts';
import { UsageError } from './read-arguments.ts';
import { compileWithProgress, findSites, outFolder, placeTrees, secretsFor } from './sites.ts';
import { printUnmanaged, stampsOf, summary, type WriteOptions, writeOutputs } from './write-outputs.ts';

interface BuildOptions {
  readonly out?: string;
  readonly check?: boolean;
  readonly format?: string;
  readonly force?: boolean;
  readonly watch?: boolean;
  readonly report?: boolean;
  readonly secrets?: string;
  readonly allowSecretsInGit?: boolean;
  readonly templates: boolean;
}

/**
 * `harvgen build`: compiles sites and writes their output trees if no site has an error. With `check`, only reports what
 * it would write, in a `format`; with `watch`, rebuilds on every change, and with `report` serves a page that follows. With `secrets`, the trees contain the values. Returns the exit
 * code.
 */
export async function build(args: readonly string[], options: BuildOptions): Promise<number> {
  const { check = false, force = false, watch = false, report = false } = options;
  const { secrets, templates, format } = options;
  const writing = { force, allowInGit: options.allowSecretsInGit };
  if (check && (watch || force))
    throw new UsageError(`--check writes nothing: omit --${watch ? 'watch' : 'force'}`);
  if (format !== undefined && !check)
    throw new UsageError('--format is the output format of --check: add --check');
  if (report && !watch)
    throw new UsageError('--report follows a build: add --watch; or write a page with harvgen report');
  const sites = await findSites(args);
  const out = outFolder(options.out, sites);
  if (watch)
    return await (await import('./watch.ts')).watch(args, { ...writing, out, secrets, templates, report });
  const compiling = { secrets: await secretsFor(sites, secrets), templates };
  return check
    ? await checkTrees(sites, out, compiling, format)
    : await buildSites(sites, out, compiling, writing);
}

async function buildSites(
  sites: readonly string[],
  out: string,
  compiling: SiteOptions,
  writing: WriteOptions,
): Promise<number> {
  for (;;) {
    const stamps = stampsOf(sites, out);
    const { compilations, diagnostics, failed } = await compileWithProgress(sites, compiling);
    printDiagnostics(diagnostics, failed ? ': nothing was written' : '');
    if (failed) return 1;
    const outputs = await writeOutputs(placeTrees(compilations, sites, out), stamps, writing);
    if (!outputs) continue; // another build was faster, maybe with an older inventory
    for (const output of outputs) process.stdout.write(`${summary(output)}\n`);
    printUnmanaged(outputs);
    return 0;
  }
}
