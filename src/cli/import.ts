import { rmSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { ImportedSite, ImportWish } from '../import/kind.ts';
import { Report } from '../source/diagnostics/report.ts';
import { Source } from '../source/origin.ts';
import { readForeign } from './foreign-file.ts';
import { chosenSites } from './import-chosen.ts';
import { importedFiles } from './import-files.ts';
import { type ImportOptions, targetOf, wishOf } from './import-options.ts';
import { sayNotes, sayWritten } from './import-says.ts';
import { schemaLine, whyNoNewSite } from './new-site.ts';
import { writeNewSites } from './new-sites.ts';
import { present } from './present.ts';
import { whyNoSecretsTo, writeSecretsTo } from './secrets-to.ts';
import { UsageError } from './usage-error.ts';

/**
 * `harvgen import`: makes sites of files of another system, and says what could not be carried. Gives the exit code:
 * 1 where a file cannot be read, or something cannot be written. Throws UsageError.
 */
export async function importSite(
  kind: string,
  files: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const named = importedFiles(kind, files, options);
  const wish = wishOf(options, named.kind);
  const why = whyNot(options);
  if (why !== undefined) return fail(why);
  const sources: Source[] = [];
  for (const file of named.files) {
    const text = await readForeign(file);
    if (text === undefined) return 1;
    // Of standard input there is no folder, and no path to make relative.
    sources.push(new Source(file === '-' ? file : resolve(file), text));
  }
  const [source] = sources;
  if (!source) return 1;
  const folder = source.file === '-' ? undefined : basename(dirname(source.file));
  const report = new Report();
  const beside = await filesBeside(options);
  if (!beside) return 1;
  const made = named.read(sources, { ...wish, ...beside, folder }, report);
  // What is wrong with the command line is said alone: it would be lost below what is said of the file.
  const sites = made && chosenSites(made, wish.site, options);
  const hindrance = sites && whyNotWritten(sites, options);
  if (hindrance !== undefined) return fail(hindrance);
  present(report.sorted(), made ? '' : ': nothing was made');
  if (!sites) return 1;
  const fault = write(sites, options);
  if (fault !== undefined) return fail(fault);
  sayNotes(source, sites, options);
  sayWritten(sites, options);
  return 0;
}

/** Reads the other files of the same system that are given; undefined where one of them cannot be read. */
async function filesBeside(
  options: ImportOptions,
): Promise<Pick<ImportWish, 'bootPhp' | 'launch'> | undefined> {
  const files: { bootPhp?: Source; launch?: Source } = {};
  for (const key of ['bootPhp', 'launch'] as const) {
    const file = options[key];
    if (file === undefined) continue;
    const text = await readForeign(file);
    if (text === undefined) return undefined;
    files[key] = new Source(resolve(file), text);
  }
  return files;
}

/** What can be known before the file has been read. */
function whyNot({ to, secretsTo, bootPhp, launch }: ImportOptions): string | undefined {
  if (bootPhp === '-' || launch === '-')
    throw new UsageError('standard input is for FILE alone: --boot-php and --launch take files');
  if (secretsTo === '-') throw new UsageError('--secrets-to takes a file: values of secrets are not printed');
  const why = to === undefined ? undefined : whyNoNewSite(to);
  return why ?? (secretsTo === undefined ? undefined : whyNoSecretsTo(secretsTo, to));
}

/** Looks at every target before the first is written. */
function whyNotWritten(sites: readonly ImportedSite[], options: ImportOptions): string | undefined {
  const { secretsTo } = options;
  for (const { name } of sites) {
    const folder = targetOf(name, options);
    if (folder === undefined) continue;
    const why =
      whyNoNewSite(folder) ?? (secretsTo === undefined ? undefined : whyNoSecretsTo(secretsTo, folder));
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Writes all or nothing; says why it could not. */
function write(sites: readonly ImportedSite[], options: ImportOptions): string | undefined {
  const { secretsTo } = options;
  const targets = sites.flatMap((site) => {
    const folder = targetOf(site.name, options);
    return folder === undefined ? [] : [{ folder, text: schemaLine(folder) + site.text }];
  });
  const hasValues = sites.some(({ secrets }) => secrets.size > 0);
  const fault = hasValues && secretsTo !== undefined ? writeSecretsTo(secretsTo, sites) : undefined;
  if (fault !== undefined) return fault;
  if (targets.length === 0) {
    process.stdout.write(sites.map(({ text }) => text).join(''));
    return undefined;
  }
  const why = writeNewSites(targets);
  if (why !== undefined && hasValues && secretsTo !== undefined) rmSync(secretsTo);
  return why;
}

function fail(why: string): number {
  process.stderr.write(`harvgen: ${why}\n`);
  return 1;
}
