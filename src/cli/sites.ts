import { basename, join, relative, resolve } from 'node:path';
import type { Compilation } from '../compile.ts';
import { type Compilations, compileSites } from '../compile-sites.ts';
import { readSecrets, refuseWithinSites } from '../secrets/read-secrets.ts';
import type { SecretSource } from '../secrets/source.ts';
import { findTypos } from '../secrets/state-of.ts';
import type { Tree } from '../tree/tree.ts';
import { VARIABLE_PREFIX } from '../values/identifiers.ts';
import { escapeControlChars } from '../values/text.ts';
import { UsageError } from './read-arguments.ts';

/**
 * Gives the folders of the sites that the arguments of a command name: folders, or quoted globs of them. What begins
 * with `_`, as `sites/_shared`, is shared matter and no site: globs, the shell's own too, pass it over.
 * Throws UsageError for a glob that names nothing.
 */
export async function findSites(args: readonly string[]): Promise<string[]> {
  const folders: string[] = [];
  for (const arg of args) {
    const found = isGlob(arg)
      ? (await (await import('fast-glob')).default(arg, { onlyDirectories: true })).sort()
      : [arg];
    if (found.length === 0) throw new UsageError(`${arg} names no folder`);
    folders.push(...found);
  }
  const sites = folders.filter((folder) => !basename(resolve(folder)).startsWith('_'));
  if (sites.length === 0)
    throw new UsageError(`${folders.join(', ')}: what begins with _ is shared by sites, and is none`);
  return [...new Map(sites.map((folder) => [resolve(folder), folder])).values()];
}

/** Gives the folder of the one site that an argument names. Throws UsageError where it names several, or none. */
export async function findSite(arg: string, command: string): Promise<string> {
  const [folder = arg, another] = await findSites([arg]);
  if (another !== undefined)
    throw new UsageError(`${command} takes one site, and ${arg} is several: name one of them`);
  return folder;
}

/** Says whether an argument is a glob, and not a folder's name. */
export function isGlob(arg: string): boolean {
  return /[*?[\]{}]/.test(arg);
}

/**
 * Gives what `--secrets` and the environment have of secrets for the sites of a call; undefined where neither has any.
 * Throws SecretsError.
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

/** Nobody needs to be told of what is done before one wonders, in milliseconds. */
const PATIENCE = 1000;

const NEW_LINE = '\r\u001b[K';

/** Compiles sites, with the values of secrets where they are given; on a terminal, when it takes long, says how far it is. Warns of what is misspelt in a file of secrets. */
export async function compileWithProgress(
  sites: readonly string[],
  secrets?: SecretSource,
): Promise<Compilations> {
  const { stderr } = process;
  const begun = Date.now();
  let isShown = false;
  const say = (what: string, index: number) => {
    if (!stderr.isTTY || Date.now() - begun < PATIENCE) return;
    const count = sites.length > 1 ? `${index + 1} of ${sites.length}: ` : '';
    const line = `${count}${what}: ${sites[index]}`;
    stderr.write(`${NEW_LINE}${line.slice(0, (stderr.columns || 80) - 1)}`);
    isShown = true;
  };
  const compiled = await compileSites(sites, say, secrets);
  if (isShown) stderr.write(NEW_LINE);
  printTypos(compiled.compilations, sites, secrets);
  return compiled;
}

/**
 * Says on standard error what is probably misspelt in a file of secrets, with its place. Takes what compiling the sites of
 * a call gave, and their folders; of sites with errors it is not known what they need, and nothing is said.
 */
export function printTypos(
  compilations: readonly Compilation[],
  folders: readonly string[],
  source: SecretSource | undefined,
): void {
  if (!source?.written) return;
  const sites = compilations.flatMap(({ site }) => site ?? []);
  if (sites.length < compilations.length) return;
  for (const slip of findTypos(source, sites, folders))
    process.stderr.write(`harvgen: ${escapeControlChars(slip)}\n`);
}

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
    const around = sites.find((site) => !relative(resolve(site), resolve(folder)).startsWith('..'));
    if (around !== undefined)
      throw new UsageError(
        `${folder} is within the site ${around}, which would be read with it: choose another with --out`,
      );
    if (tree) trees.set(folder, tree);
  }
  return trees;
}
