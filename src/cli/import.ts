import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../import/import-formats.ts';
import { joinedSite } from '../import/joined-site.ts';
import type { ImportNote } from '../import/model/gathered.ts';
import type {
  ImportedSite,
  ImportFormat,
  ImportSettings,
  JoinedFormat,
} from '../import/model/import-format.ts';
import { Report } from '../source/diagnostics/report.ts';
import { Source } from '../source/source.ts';
import { nearest } from '../values/text.ts';
import { addMachines } from './add-machines.ts';
import { printDiagnostics } from './console.ts';
import { type ImportOptions, settings, targetOf } from './import-options.ts';
import { refuseFullFolder, schemaLine, writeNewSites } from './new-site.ts';
import { printNotes, printWritten } from './print-import.ts';
import { didYouMean, UsageError } from './read-arguments.ts';
import { readForeign } from './read-input.ts';
import { refuseSecretsTo, writeSecretsTo } from './secrets-to.ts';

/** Runs `harvgen import`: returns the exit code, 1 where something cannot be read or written. Throws UsageError. */
export async function importSite(
  kind: string,
  files: readonly string[],
  options: ImportOptions,
): Promise<number> {
  const named = importedFiles(kind, files, options);
  const chosen = settings(options, named.kind);
  refuseTargets(options);
  const existing =
    options.into !== undefined && existsSync(join(options.into, 'site.yaml')) ? options.into : undefined;
  if (options.profile && existing === undefined)
    throw new UsageError('--profile is for machines that --into adds to a site that exists');
  if (options.secretsTo !== undefined && existing !== undefined)
    throw new UsageError(
      '--secrets-to is for new sites: --into adds machines to one that exists, without secrets',
    );
  const sources: Source[] = [];
  for (const file of named.files) sources.push(await sourceOf(file));
  const [source] = sources;
  if (!source) return 1;
  const folder = source.file === '-' ? undefined : basename(dirname(source.file));
  const report = new Report();
  const launch = options.launch === undefined ? undefined : await sourceOf(options.launch);
  const made = named.read(sources, { ...chosen, launch, folder }, report);
  // Command-line errors are printed alone: other diagnostics would hide them.
  const sites = made && chosenSites(made, chosen.site, options);
  for (const { name } of existing === undefined ? (sites ?? []) : []) {
    const folder = targetOf(name, options);
    if (folder !== undefined) refuseTarget(folder, options.secretsTo);
  }
  printDiagnostics(report.sorted(), made ? '' : ': nothing was imported');
  if (!sites) return 1;
  if (existing !== undefined) {
    const [site, another] = sites;
    if (!site || another)
      throw new UsageError(`${existing} is one site, but the file contains several: add --site NAME`);
    const isOfFile = ({ kind, at }: ImportNote) => at !== undefined && kind !== 'open';
    printNotes(source, [{ ...site, notes: site.notes.filter(isOfFile), secretsAt: new Map() }], options);
    return await addMachines(existing, site, options.profile ?? []);
  }
  write(sites, options);
  printNotes(source, sites, options);
  printWritten(sites, options);
  return 0;
}

async function sourceOf(file: string): Promise<Source> {
  const text = await readForeign(file);
  // Standard input has no directory and no path to make relative.
  return new Source(file === '-' ? file : resolve(file), text);
}

/** Throws errors that need no read of the file. */
function refuseTargets({ to, secretsTo, launch }: ImportOptions): void {
  if (launch === '-') throw new UsageError('only FILE can be standard input: --launch takes a file');
  if (secretsTo === '-') throw new UsageError('--secrets-to takes a file: values of secrets are not printed');
  refuseTarget(to, secretsTo);
}

/** Throws UserError if a site cannot be written to a directory, or the values of its secrets to a file. */
function refuseTarget(folder: string | undefined, secretsTo: string | undefined): void {
  if (folder !== undefined) refuseFullFolder(folder);
  if (secretsTo !== undefined) refuseSecretsTo(secretsTo, folder);
}

/** Writes all or nothing. Throws UserError. */
function write(sites: readonly ImportedSite[], options: ImportOptions): void {
  const { secretsTo } = options;
  const targets = sites.flatMap((site) => {
    const folder = targetOf(site.name, options);
    return folder === undefined ? [] : [{ folder, text: schemaLine(folder) + site.text }];
  });
  const secretsFile = sites.some(({ secrets }) => secrets.size > 0) ? secretsTo : undefined;
  if (secretsFile !== undefined) writeSecretsTo(secretsFile, sites);
  if (targets.length === 0) process.stdout.write(sites.map(({ text }) => text).join(''));
  try {
    writeNewSites(targets);
  } catch (error) {
    if (secretsFile !== undefined) rmSync(secretsFile);
    throw error;
  }
}

interface ImportedFiles {
  readonly kind: Pick<ImportFormat, 'name' | 'takes'>;
  readonly files: readonly string[];
  read(all: readonly Source[], settings: ImportSettings, report: Report): readonly ImportedSite[] | undefined;
}

/** Returns the files to import. Throws UsageError for an unknown format and for files that cannot be joined. */
function importedFiles(name: string, files: readonly string[], { join = [] }: ImportOptions): ImportedFiles {
  const kind = IMPORT_FORMATS.find((format) => format.name === name);
  if (kind) {
    if (files.length > 1) throw new UsageError(`${name} takes one file: ${files[1]} is one too many`);
    if (join.length > 0) throw new UsageError(`--join does not apply to the format ${name}`);
    return { kind, files, read: ([source], ...others) => source && kind.read(source, ...others) };
  }
  const first = joinedKind(name);
  const all = [...files.map((file) => ({ kind: first, file })), ...join.map(joinedFile)];
  if (all.filter(({ file }) => file === '-').length > 1)
    throw new UsageError('only one of the files can be standard input');
  return {
    kind: { name, takes: ['harvesterVersion', 'server', 'subnet'] },
    files: all.map(({ file }) => file),
    read: (sources, ...others) => {
      const joined = sources.map((source, index) => ({ kind: all[index]?.kind ?? first, source }));
      return joinedSite(joined, ...others);
    },
  };
}

function joinedFile(text: string): { readonly kind: JoinedFormat; readonly file: string } {
  const [, kind = '', file = ''] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  if (file === '')
    throw new UsageError(`--join takes a format and a file, such as bss:bootparameters.json, not ${text}`);
  if (IMPORT_FORMATS.some(({ name }) => name === kind))
    throw new UsageError(
      `${kind} cannot be joined with others: formats to join are ${JOINED_FORMATS.map(({ name }) => name).join(', ')}`,
    );
  return { kind: joinedKind(kind), file };
}

function joinedKind(name: string): JoinedFormat {
  const found = JOINED_FORMATS.find((kind) => kind.name === name);
  if (found) return found;
  const names = [...IMPORT_FORMATS, ...JOINED_FORMATS].map((kind) => kind.name);
  throw new UsageError(
    `unknown import format ${name}${didYouMean(nearest(name, names))} Formats: ${names.join(', ')}`,
  );
}

/** Returns the sites to write. Throws UsageError if the choice is ambiguous. */
function chosenSites(
  made: readonly ImportedSite[],
  chosenName: string | undefined,
  { into }: ImportOptions,
): readonly ImportedSite[] {
  const names = made.map(({ name }) => name);
  if (chosenName !== undefined) {
    const chosen = made.filter(({ name }) => name === chosenName);
    if (chosen.length > 0) return chosen;
    throw new UsageError(
      `the file contains the sites ${names.join(', ')}, but not ${chosenName}${didYouMean(nearest(chosenName, names), '')}`,
    );
  }
  if (into !== undefined || made.length === 1) return made;
  throw new UsageError(
    `the file contains several sites, ${names.join(', ')}: add --into DIR for a directory each, or --site NAME for one`,
  );
}
