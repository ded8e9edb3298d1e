import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Compilation } from '../compile.ts';
import { type Compilations, compileSites, type SiteOptions } from '../compile-sites.ts';
import { readSecrets, refuseWithinSites } from '../secrets/read-secrets.ts';
import type { SecretSource } from '../secrets/source.ts';
import { findTypos } from '../secrets/state-of.ts';
import { recordedVersion } from '../tree/manifest.ts';
import { isWithin } from '../tree/output-folder.ts';
import type { Tree } from '../tree/tree.ts';
import { VARIABLE_PREFIX } from '../values/identifiers.ts';
import { escapeControlChars } from '../values/text.ts';
import { printMessage, showProgress } from './console.ts';
import { UsageError } from './read-arguments.ts';

/**
 * Returns the directories of the sites that the arguments of a command name: directories, or quoted globs of them. A directory
 * whose name starts with `_`, such as `sites/_shared`, is shared by sites: globs, also those of the shell, skip it.
 * Throws UsageError for a glob without a match.
 */
export async function findSites(args: readonly string[]): Promise<string[]> {
  const folders: string[] = [];
  for (const arg of args) {
    const found = isGlob(arg)
      ? (await (await import('fast-glob')).default(arg, { onlyDirectories: true })).sort()
      : [arg];
    if (found.length === 0) throw new UsageError(`${arg} matches no directory`);
    folders.push(...found);
  }
  const sites = folders.filter((folder) => !basename(resolve(folder)).startsWith('_'));
  if (sites.length === 0)
    throw new UsageError(`${folders.join(', ')}: a directory named _… is shared by sites, not a site`);
  return [...new Map(sites.map((folder) => [resolve(folder), folder])).values()];
}

/** Returns the directory of the one site that an argument names. Throws UsageError if it names several or none. */
export async function findSite(arg: string, command: string): Promise<string> {
  const [folder = arg, another] = await findSites([arg]);
  if (another !== undefined)
    throw new UsageError(`${command} takes one site, but ${arg} matches several: name one`);
  return folder;
}

/**
 * Returns the directory of the output trees of sites: `--out`, or `out` in the current directory. In the directory of the sites or in a
 * site, a second tree there would be deployed by nobody: it is the `out` that has trees of these sites, or that is beside `sites/`, in the
 * same git repository.
 */
export function outFolder(option: string | undefined, sites: readonly string[]): string {
  const here = process.cwd();
  const [above = here, ...others] = new Set(sites.map((site) => dirname(resolve(site))));
  const isBelow = here === above || sites.some((site) => isWithin(here, resolve(site)));
  if (option !== undefined || !isBelow || others.length > 0) return option ?? 'out';
  const repository = (folder: string): string =>
    existsSync(join(folder, '.git')) || dirname(folder) === folder ? folder : repository(dirname(folder));
  const hasTree = (folder: string) =>
    sites.some((site) => recordedVersion(join(folder, 'out', basename(resolve(site)))) !== undefined);
  const roots = [above, dirname(above)].filter((folder) => isWithin(folder, repository(here)));
  const root = roots.find(hasTree) ?? roots.find((folder) => join(folder, 'sites') === above) ?? here;
  return relative(here, join(root, 'out'));
}

/** Whether an argument is a glob instead of a directory name. */
export function isGlob(arg: string): boolean {
  return /[*?[\]{}]/.test(arg);
}

/**
 * Returns the values of secrets from `--secrets` and the environment for the sites of a call; undefined if there are
 * none. Throws SecretsError.
 */
export async function secretsFor(
  sites: readonly string[],
  option: string | undefined,
): Promise<SecretSource | undefined> {
  const isGiven =
    option !== undefined || Object.keys(process.env).some((name) => name.startsWith(VARIABLE_PREFIX));
  if (!isGiven) return undefined;
  refuseWithinSites(option, sites);
  const names = sites.map((site) => basename(resolve(site)));
  return readSecrets(option, process.env, undefined, names);
}

/** Time in milliseconds before progress is shown. */
const PATIENCE = 1000;

/** Compiles sites with the options of `compile`. Shows slow progress on a terminal, and typos in secrets; also returns whether it has printed any. */
export async function compileWithProgress(
  sites: readonly string[],
  options: SiteOptions = {},
): Promise<Compilations & { readonly hasTypos: boolean }> {
  const begun = Date.now();
  let isShown = false;
  const show = (step: string, index: number) => {
    if (Date.now() - begun < PATIENCE) return;
    const count = sites.length > 1 ? `${index + 1} of ${sites.length}: ` : '';
    showProgress(`${count}${step}: ${sites[index]}`);
    isShown = true;
  };
  const compiled = await compileSites(sites, show, options);
  if (isShown) showProgress('');
  return { ...compiled, hasTypos: printTypos(compiled.compilations, sites, options.secrets) };
}

/**
 * Prints likely typos in a file of secrets on standard error, with their source locations. Takes the compilations of a call
 * and their directories. If a site has errors, its secrets are unknown, and nothing is printed. Returns whether anything was printed.
 */
export function printTypos(
  compilations: readonly Compilation[],
  folders: readonly string[],
  source: SecretSource | undefined,
): boolean {
  if (!source?.written) return false;
  const sites = compilations.flatMap(({ site }) => site ?? []);
  if (sites.length < compilations.length) return false;
  const typos = [...findTypos(source, sites, folders)];
  for (const typo of typos) printMessage(escapeControlChars(typo));
  return typos.length > 0;
}

/**
 * Returns the tree of each site by its output directory. Throws UsageError if two sites have the same output directory, or if
 * an output directory is in a site and would be read with it.
 */
export function placeTrees(
  compiled: readonly Compilation[],
  sites: readonly string[],
  out: string,
): Map<string, Tree> {
  const trees = new Map<string, Tree>();
  const siteAt = new Map(sites.map((site) => [resolve(site), site]));
  for (const { site, tree } of compiled) {
    const folder = join(out, site?.name ?? '');
    if (trees.has(folder))
      throw new UsageError(`two sites have the name ${site?.name}: both would be written to ${folder}`);
    const around = siteAround(resolve(folder), siteAt);
    if (around !== undefined)
      throw new UsageError(
        `${folder} is in the site ${around} and would be read as its inventory: set another directory with --out`,
      );
    if (tree) trees.set(folder, tree);
  }
  return trees;
}

/** Returns the site in whose directory a path is, the outermost first; undefined without one. */
function siteAround(path: string, siteAt: ReadonlyMap<string, string>): string | undefined {
  const above = dirname(path);
  return (above === path ? undefined : siteAround(above, siteAt)) ?? siteAt.get(path);
}
