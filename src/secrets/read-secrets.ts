import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../commands/usage-error.ts';
import { quoteShell } from '../quoting/shell.ts';
import { environmentSecrets, variableOf } from './environment.ts';
import { type GivenSecret, type GivenSecrets, parseSecrets } from './parse-secrets.ts';
import { SecretsError } from './secrets-error.ts';
import type { SecretSource, WrittenNames } from './source.ts';

const NOTHING: GivenSecrets = { all: new Map(), sites: new Map() };

/**
 * Reads the values of secrets: from the file that `--secrets` names, `-` for standard input, and from the variables
 * `HARVGEN_SECRET_<NAME>`. Gives undefined where there is neither. `warn` is told what is no fault, and should not stay;
 * `sites` are the names of those that values are wanted for, all unless said: those of others contradict nothing.
 * Throws SecretsError with all that is wrong, and UsageError for what cannot be meant.
 */
export async function readSecrets(
  option: string | undefined,
  env: Readonly<NodeJS.ProcessEnv> = process.env,
  warn: (message: string) => void = sayOnStderr,
  sites?: readonly string[],
): Promise<SecretSource | undefined> {
  if (Array.isArray(option)) throw new UsageError('--secrets is given twice: put all secrets into one file');
  const environment = environmentSecrets(env);
  const file = option === undefined ? undefined : String(option);
  const given = file === undefined ? { ...NOTHING, faults: [], warnings: [] } : await readGiven(file, warn);
  for (const warning of given.warnings) warn(warning);
  const faults = [
    ...given.faults,
    ...environment.faults,
    ...contradictions(given, environment.values, sites),
  ];
  if (faults.length > 0) throw new SecretsError(faults);
  if (file === undefined && environment.values.size === 0) return undefined;
  return new FoundSecrets(file !== undefined, given, environment.values);
}

function sayOnStderr(message: string): void {
  process.stderr.write(`harvgen: ${message}\n`);
}

async function readGiven(file: string, warn: (message: string) => void) {
  if (file !== '-') return parseSecrets(await readFile(file, warn), file);
  if (process.stdin.isTTY)
    throw new UsageError(
      '--secrets - reads standard input, and that is the keyboard: pipe the secrets into harvgen',
    );
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return parseSecrets(Buffer.concat(chunks), file);
}

async function readFile(file: string, warn: (message: string) => void): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const stats = await handle.stat();
    if (process.platform !== 'win32' && stats.isFile() && (stats.mode & 0o007) !== 0)
      warn(`everybody on this machine may read ${file}: run \`chmod 600 ${quoteShell(file)}\``);
    return await handle.readFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new SecretsError([`${file} cannot be read: ${MEANINGS[code] ?? code}`]);
  } finally {
    await handle?.close();
  }
}

/** What the codes of the operating system mean to somebody who wants a file read. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'it is not yours to read (EACCES)',
  EISDIR: 'it is a folder (EISDIR)',
  ELOOP: 'it is a link that leads to itself (ELOOP)',
  ENOENT: 'there is no such file (ENOENT)',
  ENOTDIR: 'there is no such folder (ENOTDIR)',
};

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

/** The values of a file and of an environment, which do not contradict each other. */
class FoundSecrets implements SecretSource {
  readonly isAsked: boolean;
  readonly #given: GivenSecrets;
  readonly #environment: ReadonlyMap<string, string>;

  constructor(isAsked: boolean, given: GivenSecrets, environment: ReadonlyMap<string, string>) {
    this.isAsked = isAsked;
    this.#given = given;
    this.#environment = environment;
  }

  find(site: string, name: string): string | undefined {
    return this.#inFile(site, name)?.value ?? this.#environment.get(name);
  }

  placeOf(site: string, name: string): string | undefined {
    return this.#inFile(site, name)?.at ?? (this.#environment.has(name) ? variableOf(name) : undefined);
  }

  names(site: string): readonly string[] {
    const { all, sites } = this.#given;
    return [
      ...new Set([...all.keys(), ...(sites.get(site)?.secrets.keys() ?? []), ...this.#environment.keys()]),
    ].sort();
  }

  get written(): WrittenNames {
    const { all, sites } = this.#given;
    return {
      all: placesOf(all),
      sections: [...sites].map(([site, { secrets, at }]) => ({ site, at, names: placesOf(secrets) })),
    };
  }

  #inFile(site: string, name: string) {
    return this.#given.sites.get(site)?.secrets.get(name) ?? this.#given.all.get(name);
  }
}

function placesOf(given: ReadonlyMap<string, GivenSecret>): ReadonlyMap<string, string> {
  return new Map([...given].map(([name, { at }]) => [name, at]));
}
