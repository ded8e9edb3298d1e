import { diagnosticKind } from '../rules/index.ts';
import { formatGithub, formatJson, formatSarif } from '../source/diagnostics/formats.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { VERSION } from '../values/package.ts';
import { escapeControlChars } from '../values/text.ts';
import { printDiagnostics } from './console.ts';
import { editingAll } from './edit-errors.ts';
import { formatOf } from './read-arguments.ts';
import { compileWithProgress, findSites, secretsFor } from './sites.ts';

interface CheckOptions {
  readonly format: string;
  readonly strict?: boolean;
  readonly fix?: boolean;
  readonly secrets?: string;
  readonly templates: boolean;
}

export type Format = (diagnostics: readonly Diagnostic[], folder: string) => string;

/** The output formats of diagnostics, by name. `text` writes to standard error. */
export const FORMATS: Readonly<Record<string, Format>> = {
  text: (diagnostics) => {
    printDiagnostics(diagnostics);
    return '';
  },
  json: formatJson,
  sarif: (...args) => formatSarif(...args, VERSION, diagnosticKind),
  github: formatGithub,
};

/**
 * `harvgen check`: reports errors in sites and in the values of their secrets. With --fix, edits the files first. Returns the exit
 * code: 1 for an error.
 */
export async function check(args: readonly string[], options: CheckOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  const sites = await findSites(args);
  const { templates } = options;
  const secrets = await secretsFor(sites, options.secrets);
  if (!options.fix)
    return print(await compileWithProgress(sites, { templates, secrets }), sites, options, format);
  return await editingAll(sites, async () => {
    const { fixSites } = await import('./fix-sites.ts');
    const isText = options.format === 'text';
    return print(await fixSites(sites, { templates, secrets }, isText), sites, options, format);
  });
}

/** Prints the diagnostics of sites. Returns the exit code. */
function print(
  {
    diagnostics: found,
    hasTypos,
  }: { readonly diagnostics: readonly Diagnostic[]; readonly hasTypos: boolean },
  sites: readonly string[],
  options: CheckOptions,
  format: Format,
): number {
  const diagnostics = options.strict ? withStrictness(found) : found;
  process.stdout.write(format(diagnostics, process.cwd()));
  if (diagnostics.length === 0 && !hasTypos && options.format === 'text')
    process.stderr.write(
      `no errors or warnings in ${sites.length > 1 ? `${sites.length} sites` : escapeControlChars(String(sites))}\n`,
    );
  return diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** Returns diagnostics with warnings as errors. */
function withStrictness(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map((diagnostic) => ({ ...diagnostic, severity: 'error' }));
}
