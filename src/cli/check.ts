import type { Compilations } from '../compile-sites.ts';
import { SecretsError } from '../secrets/secrets-error.ts';
import type { Diagnostic } from '../source/diagnostics/diagnostic.ts';
import { VERSION } from '../values/harvgen-version.ts';
import { compileWithProgress } from './compile-with-progress.ts';
import { present } from './present.ts';
import { secretsFor } from './secrets-for.ts';
import { findSites } from './sites.ts';
import { UsageError } from './usage-error.ts';

interface CheckOptions {
  readonly format: string;
  readonly strict?: boolean;
  readonly secrets?: string;
}

type Show = (diagnostics: readonly Diagnostic[]) => void | Promise<void>;

/** How diagnostics are shown, by the name of the format. Text is for people; the others are results, for programs. */
const FORMATS: Readonly<Record<string, Show>> = {
  text: (diagnostics) => present(diagnostics),
  json: async (diagnostics) =>
    print((await import('../source/diagnostics/json.ts')).formatJson(diagnostics, process.cwd())),
  sarif: async (diagnostics) => {
    const [{ formatSarif }, { codeOf }] = await Promise.all([
      import('../source/diagnostics/sarif.ts'),
      import('../rules/index.ts'),
    ]);
    print(formatSarif(diagnostics, process.cwd(), VERSION, codeOf));
  },
  github: async (diagnostics) =>
    print((await import('../source/diagnostics/github.ts')).formatGithub(diagnostics, process.cwd())),
};

/** `harvgen check`: says what is wrong with sites, and with the values of their secrets. Gives the exit code: 1 for an error. */
export async function check(args: readonly string[], options: CheckOptions): Promise<number> {
  const show = Object.hasOwn(FORMATS, options.format) ? FORMATS[options.format] : undefined;
  if (!show)
    throw new UsageError(
      `there is no format ${options.format}; there are ${Object.keys(FORMATS).join(', ')}`,
    );
  const compiled = await compiledOf(args, options.secrets);
  if (!compiled) return 1;
  const { diagnostics } = compiled;
  const judged = options.strict
    ? diagnostics.map((diagnostic) => ({ ...diagnostic, severity: 'error' as const }))
    : diagnostics;
  await show(judged);
  return judged.some(({ severity }) => severity === 'error') ? 1 : 0;
}

/** Undefined where the values of secrets cannot be read, which is said. */
async function compiledOf(
  args: readonly string[],
  secrets: string | undefined,
): Promise<Compilations | undefined> {
  const sites = await findSites(args);
  try {
    return await compileWithProgress(sites, await secretsFor(sites, secrets));
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    process.stderr.write(`harvgen: ${error.message}\n`);
    return undefined;
  }
}

function print(text: string): void {
  process.stdout.write(text);
}
