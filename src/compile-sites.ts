import { type Compilation, type CompileOptions, compile } from './compile.ts';
import { checkMultiSite } from './rules/across/index.ts';
import { type Diagnostic, Report } from './source/diagnostics/report.ts';

/** The result of compiling several sites together. */
export interface Compilations {
  /** The result for each directory, in the order of the directories. */
  readonly compilations: readonly Compilation[];
  /** The diagnostics of each site and of the multi-site rules, sorted by source location. */
  readonly diagnostics: readonly Diagnostic[];
  /** Whether there is an error: then no tree may be written. */
  readonly failed: boolean;
}

/** The options of `compile` that are the same for all sites of a call. */
export type SiteOptions = Pick<CompileOptions, 'secrets' | 'templates' | 'edits'>;

/**
 * Compiles several sites, and checks them against each other. Calls `next` before each step with its name and the index of
 * the site. `options.secrets` contains values of secrets for all sites.
 */
export async function compileSites(
  folders: readonly string[],
  next: (what: string, index: number) => void = () => {},
  options: SiteOptions = {},
): Promise<Compilations> {
  const compilations: Compilation[] = [];
  for (const [index, folder] of folders.entries()) {
    next('reading', index);
    compilations.push(await compile(folder, { ...options, beforeFiles: () => next('making files', index) }));
  }
  return judgeSites(compilations);
}

/** Merges the diagnostics of several sites: an error in a shared file is reported once. */
export function judgeSites(compilations: readonly Compilation[]): Compilations {
  const report = new Report();
  for (const { diagnostics } of compilations) for (const diagnostic of diagnostics) report.add(diagnostic);
  const valuesOf = new Map(compilations.flatMap(({ site, values }) => (site ? [[site, values]] : [])));
  checkMultiSite([...valuesOf.keys()], report, (site) => valuesOf.get(site));
  return { compilations, diagnostics: report.sorted(), failed: report.failed };
}
