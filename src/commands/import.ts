import { rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Report } from '../diagnostics/report.ts';
import { displayPath } from '../diagnostics/text.ts';
import type { ImportedSite, ImportKind, ImportNote } from '../import/kind.ts';
import { IMPORT_KINDS } from '../import/kinds.ts';
import { nearest } from '../inventory/nearest.ts';
import { Source } from '../origin.ts';
import { quoteShell } from '../quoting/shell.ts';
import { readForeign } from './foreign-file.ts';
import { isSiteName, schemaLine, siteNameOfFolder, whyNoNewSite, writeNewSite } from './new-site.ts';
import { present } from './present.ts';
import { whyNoSecretsTo, writeSecretsTo } from './secrets-to.ts';
import { UsageError } from './usage-error.ts';

interface ImportOptions {
  readonly site?: string;
  readonly to?: string;
  readonly secretsTo?: string;
}

/**
 * `harvgen import`: makes a site of a file of another system, and says what could not be carried. Gives the exit code:
 * 1 where the file cannot be read, or something cannot be written. Throws UsageError.
 */
export async function importSite(kind: string, file: string, options: ImportOptions): Promise<number> {
  const found = kindCalled(kind);
  const site = siteNameFor(options);
  const why = whyNot(options);
  if (why !== undefined) return fail(why);
  const text = await readForeign(file);
  if (text === undefined) return 1;
  const report = new Report();
  // Of standard input there is no folder, and no path to make relative.
  const source = new Source(file === '-' ? file : resolve(file), text);
  const folder = file === '-' ? undefined : basename(dirname(resolve(file)));
  const made = found.read(source, { site, folder }, report);
  present(report.sorted(), made ? '' : ': nothing was made');
  if (!made) return 1;
  const fault = write(made, options);
  if (fault !== undefined) return fail(fault);
  sayNotes(source, made, options);
  return 0;
}

function kindCalled(name: string): ImportKind {
  const found = IMPORT_KINDS.find((kind) => kind.name === name);
  if (found) return found;
  const names = IMPORT_KINDS.map((kind) => kind.name);
  const meant = nearest(name, names);
  throw new UsageError(
    `there is no kind ${name} to import${meant ? `: did you mean ${meant}?` : '.'} There are ${names.join(', ')}`,
  );
}

function siteNameFor({ site, to }: ImportOptions): string | undefined {
  if (site !== undefined && !isSiteName(site))
    throw new UsageError(`${site} is no name of a site: lower-case letters, digits, - and _ inside`);
  if (to === undefined) return site;
  const name = siteNameOfFolder(to);
  if (site !== undefined && site !== name)
    throw new UsageError(
      `a site is called as its folder: --to ${to} makes it ${name}, and --site says ${site}`,
    );
  return name;
}

/** What can be known before the file has been read. */
function whyNot({ to, secretsTo }: ImportOptions): string | undefined {
  if (secretsTo === '-') throw new UsageError('--secrets-to takes a file: values of secrets are not printed');
  const why = to === undefined ? undefined : whyNoNewSite(to);
  return why ?? (secretsTo === undefined ? undefined : whyNoSecretsTo(secretsTo, to));
}

function write({ text, secrets }: ImportedSite, { to, secretsTo }: ImportOptions): string | undefined {
  const isSecret = secretsTo !== undefined && secrets.size > 0;
  const fault = isSecret ? writeSecretsTo(secretsTo, secrets) : undefined;
  if (fault !== undefined) return fault;
  if (to === undefined) {
    process.stdout.write(text);
    return undefined;
  }
  const why = writeNewSite(to, schemaLine(to) + text);
  if (why !== undefined && isSecret) rmSync(secretsTo);
  return why;
}

const HEADINGS: readonly (readonly [ImportNote['kind'], string])[] = [
  ['left', 'not carried'],
  ['changed', 'carried otherwise'],
  ['open', 'yours to fill in'],
];

function sayNotes(source: Source, made: ImportedSite, options: ImportOptions): void {
  // In the order of the file; what it does not say comes last.
  const notes = [...made.notes, ...leftSecrets(made, options)].sort(
    (a, b) => (a.at?.start ?? Number.MAX_SAFE_INTEGER) - (b.at?.start ?? Number.MAX_SAFE_INTEGER),
  );
  const file = source.file === '-' ? '-' : displayPath(source.file, process.cwd());
  for (const [kind, heading] of HEADINGS) {
    const lines = notes
      .filter((note) => note.kind === kind)
      .map(
        ({ at, of, text }) => `  ${file}${at ? `:${source.position(at.start).line}` : ''} ${of}: ${text}\n`,
      );
    if (lines.length > 0) process.stderr.write(`${heading}:\n${lines.join('')}`);
  }
  const { secrets } = made;
  const { to, secretsTo } = options;
  if (secretsTo !== undefined)
    process.stderr.write(
      secrets.size > 0
        ? `${secretsTo} has the values of ${[...secrets.keys()].join(', ')}, for nobody else to read: keep it out of git\n`
        : `${secretsTo} is not written: the file has no value of a secret that could be used\n`,
    );
  if (to === undefined) return;
  const given = secretsTo !== undefined && secrets.size > 0 ? ` --secrets ${quoteShell(secretsTo)}` : '';
  const folder = quoteShell(to);
  process.stdout.write(
    `${join(to, 'site.yaml')} is made: go through what is listed, then\n  harvgen check${given} ${folder}\n  harvgen secrets${given} ${folder}\n`,
  );
}

/** Values that were not asked for stay where they are. */
function leftSecrets({ secretsAt }: ImportedSite, { secretsTo }: ImportOptions): ImportNote[] {
  if (secretsTo !== undefined) return [];
  return [...secretsAt].map(([name, at]) => ({
    kind: 'open',
    at,
    of: name,
    text: 'the value of this secret stands here, and was left behind: --secrets-to FILE writes it to a file',
  }));
}

function fail(why: string): number {
  process.stderr.write(`harvgen: ${why}\n`);
  return 1;
}
