import { codeOf } from '../rules/index.ts';
import { formatGithub, formatJson, formatSarif } from '../source/diagnostics/formats.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { VERSION } from '../values/package.ts';
import { escapeControlChars } from '../values/text.ts';
import { printDiagnostics } from './console.ts';
import { formatOf } from './read-arguments.ts';
import { compileWithProgress, findSites, secretsFor } from './sites.ts';

interface CheckOptions {
  readonly format: string;
  readonly strict?: boolean;
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
  sarif: (...args) => formatSarif(...args, VERSION, codeOf),
  github: formatGithub,
};

/** `harvgen check`: reports errors in sites and in the values of their secrets. Returns the exit code: 1 for an error. */
export async function check(args: readonly string[], options: CheckOptions): Promise<number> {
  const format = formatOf(FORMATS, options.format);
  const sites = await findSites(args);
  const secrets = await secretsFor(sites, options.secrets);
  const { diagnostics, hasTypos } = await compileWithProgress(sites, { ...options, secrets });
  const validated = options.strict
    ? diagnostics.map((diagnostic) => ({ ...diagnostic, severity: 'error' as const }))
    : diagnostics;
  process.stdout.write(format(validated, process.cwd()));
  if (validated.length === 0 && !hasTypos && options.format === 'text')
    process.stderr.write(
      `no errors or warnings in ${sites.length > 1 ? `${sites.length} sites` : escapeControlChars(String(sites))}\n`,
    );
  return validated.some(({ severity }) => severity === 'error') ? 1 : 0;
}
