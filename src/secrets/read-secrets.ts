import { realpathSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { gitTracked } from '../tree/git-tracked.ts';
import { isWithin } from '../tree/output-folder.ts';
import { variableOf } from '../values/identifiers.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { quoteShell } from '../values/quoting.ts';
import { meaningOf } from '../values/unreadable.ts';
import { parseSecrets } from './parse-secrets.ts';
import { environmentSecrets, type SecretSource, SecretsError, type SecretsFile } from './source.ts';

const NOTHING = { all: new Map(), sites: new Map(), errors: [], warnings: [] };

/**
 * Reads the values of secrets: from the file of `--secrets`, `-` for standard input, and from the variables
 * `HARVGEN_SECRET_<NAME>`. Returns undefined if there is neither. Calls `warn` with warnings. `sites` are the names of the
 * sites that need values (default: all). A section for another site cannot contradict a variable.
 * Throws SecretsError with all errors of the file. The returned source reports the errors of variables by secret.
 */
export async function readSecrets(
  option: string | undefined,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
  warn = (message: string): void => {
    process.stderr.write(`harvgen: ${message}\n`);
  },
  sites?: readonly string[],
): Promise<SecretSource | undefined> {
  const environment = environmentSecrets(env);
  const given = option === undefined ? NOTHING : await readGiven(option, warn);
  for (const warning of given.warnings) warn(warning);
  const errors = [...given.errors, ...contradictions(given, environment.values, sites)];
  if (errors.length > 0) throw new SecretsError(errors);
  if (option === undefined && environment.values.size + environment.errors.size === 0) return undefined;
  return foundSecrets(option !== undefined, given, environment);
}

async function readGiven(file: string, warn: (message: string) => void) {
  if (file !== '-') {
    const { bytes, isFile } = await readFile(file, warn);
    const parsed = parseSecrets(bytes, file);
    // Encrypted files may be in git, and are errors here anyway.
    if (isFile && parsed.errors.length === 0) warnOfGit(file, warn);
    return parsed;
  }
  if (process.stdin.isTTY)
    throw new SecretsError([
      '--secrets - reads standard input, which is the keyboard: pipe the secrets into harvgen',
    ]);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return parseSecrets(Buffer.concat(chunks), file);
}

function warnOfGit(file: string, warn: (message: string) => void): void {
  // For a symbolic link, git tracks only the target path.
  const path = realpathSync(file);
  const [taken] = gitTracked(dirname(path), [basename(path)]);
  if (!taken || taken.fault !== undefined) return;
  warn(
    `${file} contains clear-text secrets, and git does not ignore it in ${taken.workTree}: add it to ` +
      `.gitignore (if tracked, also run \`git rm --cached\`), or encrypt it and pipe it to --secrets -`,
  );
}

/** Returns the bytes, and whether the path is a regular file, not a pipe. */
async function readFile(file: string, warn: (message: string) => void) {
  let handle: FileHandle | undefined;
  try {
    const { open } = await import('node:fs/promises');
    handle = await open(file);
    const stats = await handle.stat();
    const isFile = stats.isFile();
    if (process.platform !== 'win32' && isFile && (stats.mode & 0o007) !== 0)
      warn(`all users of this machine can read ${file}: run \`chmod 600 ${quoteShell(file)}\``);
    return { bytes: await handle.readFile(), isFile };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new SecretsError([`${file} cannot be read: ${meaningOf(code)}`]);
  } finally {
    await handle?.close();
  }
}

/** Returns an error for each secret with two different values: the choice would be ambiguous. */
function contradictions(
  { all, sites }: SecretsFile,
  environment: ReadonlyMap<string, string>,
  wanted: readonly string[] = [...sites.keys()],
): string[] {
  const sections = wanted.flatMap((site) => sites.get(site)?.secrets ?? []);
  return [all, ...sections].flatMap((given) =>
    [...given].flatMap(([name, { value, at }]) => {
      const other = environment.get(name);
      if (other === undefined || other === value) return [];
      return [`${at}: the secret ${name} has another value in ${variableOf(name)}: remove one of them`];
    }),
  );
}

function foundSecrets(
  isAsked: boolean,
  written: SecretsFile,
  { values, errors }: ReturnType<typeof environmentSecrets>,
): SecretSource {
  const { all, sites } = written;
  const inFile = (site: string, name: string) => sites.get(site)?.secrets.get(name) ?? all.get(name);
  return {
    isAsked,
    find: (site, name) => inFile(site, name)?.value ?? values.get(name),
    locationOf: (site, name) => inFile(site, name)?.at ?? (values.has(name) ? variableOf(name) : undefined),
    problemOf: (name) => errors.get(name),
    names: (site) =>
      [...new Set([...all.keys(), ...(sites.get(site)?.secrets.keys() ?? []), ...values.keys()])].sort(),
    written,
  };
}

/**
 * Throws SecretsError if the file of secrets is within a site's directory: harvgen would read it as inventory, and it would
 * be committed with it. Takes the value of `--secrets` and the sites' directories.
 */
export function refuseWithinSites(option: string | undefined, sites: readonly string[]): void {
  if (option === undefined || option === '-') return;
  for (const site of sites) {
    if (!isWithin(resolve(option), resolve(site)) && !isWithin(real(option), real(site))) continue;
    throw new SecretsError([
      `${option} is within the site ${site}, whose files are read as inventory and committed to git: move it outside`,
    ]);
  }
}

/** Returns a path with symbolic links resolved, or unchanged if nothing exists there: reading it reports the error. */
function real(path: string): string {
  return orUndefined(() => realpathSync(path)) ?? resolve(path);
}
