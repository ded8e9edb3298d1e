import { type Compilation, compile } from './compile.ts';
import { checkMultiSite } from './rules/across/index.ts';
import type { SecretSource } from './secrets/source.ts';
import { type Diagnostic, Report } from './source/diagnostics/report.ts';

/** What compiling several sites together gives. */
export interface Compilations {
  /** One for each folder, in their order. */
  readonly compilations: readonly Compilation[];
  /** Those of all sites, sorted by place, and those of what the sites make of each other. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether there is an error: then nothing is to be written for any of them. */
  readonly failed: boolean;
}

/**
 * Compiles several sites, and checks them against each other. `next` is told what comes next, of which of them;
 * `secrets` gives values of secrets for all of them.
 */
export async function compileSites(
  folders: readonly string[],
  next: (what: string, index: number) => void = () => {},
  secrets?: SecretSource,
): Promise<Compilations> {
  const compilations: Compilation[] = [];
  for (const [index, folder] of folders.entries()) {
    next('reading', index);
    compilations.push(await compile(folder, { secrets, beforeFiles: () => next('making files', index) }));
  }
  return judgeSites(compilations);
}

/** Puts what was found in several sites together: a fault of a file that they share is said once. */
export function judgeSites(compilations: readonly Compilation[]): Compilations {
  const report = new Report();
  for (const { diagnostics } of compilations) for (const diagnostic of diagnostics) report.add(diagnostic);
  const valuesOf = new Map(compilations.flatMap(({ site, values }) => (site ? [[site, values]] : [])));
  checkMultiSite([...valuesOf.keys()], report, (site) => valuesOf.get(site));
  return { compilations, diagnostics: report.sorted(), failed: report.failed };
}
