import { realpathSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { gitTracked } from '../tree/git-takes.ts';
import { isWithin } from '../tree/output-folder.ts';
import { variableOf } from '../values/identifiers.ts';
import { quoteShell } from '../values/quoting.ts';
import { meaningOf } from '../values/unreadable.ts';
import { parseSecrets } from './parse-secrets.ts';
import { environmentSecrets, type GivenSecrets, type SecretSource, SecretsError } from './source.ts';

const NOTHING = { all: new Map(), sites: new Map(), faults: [], warnings: [] };

/**
 * Reads the values of secrets: from the file that `--secrets` names, `-` for standard input, and from the variables
 * `HARVGEN_SECRET_<NAME>`. Gives undefined where there is neither. `warn` is told what is no fault, and should not stay;
 * `sites` are the names of those that values are wanted for, all unless said: those of others contradict nothing.
 * Throws SecretsError with all that is wrong; what is with a variable, the source says of its secret.
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
  const faults = [...given.faults, ...contradictions(given, environment.values, sites)];
  if (faults.length > 0) throw new SecretsError(faults);
  if (option === undefined && environment.values.size + environment.faults.size === 0) return undefined;
  return foundSecrets(option !== undefined, given, environment);
}

async function readGiven(file: string, warn: (message: string) => void) {
  if (file !== '-') {
    const { bytes, isFile } = await readFile(file, warn);
    const parsed = parseSecrets(bytes, file);
    // What is encrypted may well be in git, and is a fault here.
    if (isFile && parsed.faults.length === 0) warnOfGit(file, warn);
    return parsed;
  }
  if (process.stdin.isTTY)
    throw new SecretsError([
      '--secrets - reads standard input, and that is the keyboard: pipe the secrets into harvgen',
    ]);
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return parseSecrets(Buffer.concat(chunks), file);
}

function warnOfGit(file: string, warn: (message: string) => void): void {
  // Of a link, git has no more than where it leads to.
  const path = realpathSync(file);
  const [taken] = gitTracked(dirname(path), [basename(path)]);
  if (!taken || taken.fault !== undefined) return;
  warn(
    `${file} holds secrets in clear text, and the git repository ${taken.workTree} does not ignore it: add it to ` +
      `.gitignore, with \`git rm --cached\` where it is tracked, or encrypt it and give it by a pipe to --secrets -`,
  );
}

/** Gives what was read, and whether it is a file and no pipe. */
async function readFile(file: string, warn: (message: string) => void) {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const stats = await handle.stat();
    const isFile = stats.isFile();
    if (process.platform !== 'win32' && isFile && (stats.mode & 0o007) !== 0)
      warn(`everybody on this machine may read ${file}: run \`chmod 600 ${quoteShell(file)}\``);
    return { bytes: await handle.readFile(), isFile };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new SecretsError([`${file} cannot be read: ${meaningOf(code)}`]);
  } finally {
    await handle?.close();
  }
}

/** Which of two values counts must not be guessed. */
function contradictions(
  { all, sites }: GivenSecrets,
  environment: ReadonlyMap<string, string>,
  wanted: readonly string[] = [...sites.keys()],
): string[] {
  const sections = wanted.flatMap((site) => sites.get(site)?.secrets ?? []);
  return [all, ...sections].flatMap((given) =>
    [...given].flatMap(([name, { value, at }]) => {
      const other = environment.get(name);
      if (other === undefined || other === value) return [];
      return [`${at}: the secret ${name} has another value in ${variableOf(name)}: take one of them away`];
    }),
  );
}

function foundSecrets(
  isAsked: boolean,
  written: GivenSecrets,
  { values, faults }: ReturnType<typeof environmentSecrets>,
): SecretSource {
  const { all, sites } = written;
  const inFile = (site: string, name: string) => sites.get(site)?.secrets.get(name) ?? all.get(name);
  return {
    isAsked,
    find: (site, name) => inFile(site, name)?.value ?? values.get(name),
    placeOf: (site, name) => inFile(site, name)?.at ?? (values.has(name) ? variableOf(name) : undefined),
    faultOf: (name) => faults.get(name),
    names: (site) =>
      [...new Set([...all.keys(), ...(sites.get(site)?.secrets.keys() ?? []), ...values.keys()])].sort(),
    written,
  };
}

/**
 * Refuses a file of secrets within the folder of a site: it would be read as inventory, and committed with it. Takes
 * what `--secrets` says, and the sites' folders. Throws SecretsError.
 */
export function refuseWithinSites(option: string | undefined, sites: readonly string[]): void {
  if (option === undefined || option === '-') return;
  for (const site of sites) {
    if (!isWithin(resolve(option), resolve(site)) && !isWithin(real(option), real(site))) continue;
    throw new SecretsError([
      `${option} is within the site ${site}, whose files are read as inventory and go into git: keep it outside`,
    ]);
  }
}

/** A path without links; as it is where nothing is there, which whoever reads it will say. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
