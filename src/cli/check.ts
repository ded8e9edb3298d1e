import type { Diagnostic } from '../source/diagnostics/report.ts';
import { VERSION } from '../values/package.ts';
import { failBy, present } from './console.ts';
import { formatOf } from './read-arguments.ts';
import { compileWithProgress, findSites, secretsFor } from './sites.ts';

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
    print((await import('../source/diagnostics/formats.ts')).formatJson(diagnostics, process.cwd())),
  sarif: async (diagnostics) => {
    const [{ formatSarif }, { codeOf }] = await Promise.all([
      import('../source/diagnostics/formats.ts'),
      import('../rules/index.ts'),
    ]);
    print(formatSarif(diagnostics, process.cwd(), VERSION, codeOf));
  },
  github: async (diagnostics) =>
    print((await import('../source/diagnostics/formats.ts')).formatGithub(diagnostics, process.cwd())),
};

/** `harvgen check`: says what is wrong with sites, and with the values of their secrets. Gives the exit code: 1 for an error. */
export async function check(args: readonly string[], options: CheckOptions): Promise<number> {
  const show = formatOf(FORMATS, options.format);
  const sites = await findSites(args);
  let diagnostics: readonly Diagnostic[];
  try {
    ({ diagnostics } = await compileWithProgress(sites, await secretsFor(sites, options.secrets)));
  } catch (error) {
    return failBy(error);
  }
  const judged = options.strict
    ? diagnostics.map((diagnostic) => ({ ...diagnostic, severity: 'error' as const }))
    : diagnostics;
  await show(judged);
  return judged.some(({ severity }) => severity === 'error') ? 1 : 0;
}

function print(text: string): void {
  process.stdout.write(text);
}
