import { once } from 'node:events';
import { resolve } from 'node:path';
import { type Compilation, compile } from '../compile.ts';
import { judgeSites } from '../compile-sites.ts';
import { stat } from '../inventory/disk.ts';
import { type SecretSource, SecretsError } from '../secrets/source.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { formatCount, formatLocation } from '../source/diagnostics/text.ts';
import { MANIFEST } from '../tree/manifest.ts';
import { isWithin, OutputError } from '../tree/output-folder.ts';
import type { Output } from '../tree/write.ts';
import { escapeLines } from '../values/text.ts';
import { Changes, Scope } from './changes.ts';
import { printDiagnostics } from './console.ts';
import type { LiveReport } from './live-report.ts';
import { UsageError } from './read-arguments.ts';
import { findSites, isGlob, placeTrees, secretsFor } from './sites.ts';
import {
  LossError,
  printUnmanaged,
  stampsOf,
  summary,
  type WriteOptions,
  writeOutputs,
} from './write-outputs.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * `harvgen build --watch`: builds sites and rebuilds those affected by a change, until SIGINT or SIGTERM. An error leaves
 * the last good trees in place. For a glob, follows added and removed sites. Returns the exit code.
 */
export async function watch(args: readonly string[], options: RebuildOptions): Promise<number> {
  const end = new AbortController();
  const stop = () => end.abort();
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await buildAndWatch(args, options, end.signal);
  } catch (error) {
    if (!end.signal.aborted) throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
  return 0;
}

async function buildAndWatch(
  args: readonly string[],
  options: RebuildOptions,
  end: AbortSignal,
): Promise<void> {
  const ended = end.aborted ? Promise.resolve(undefined) : once(end, 'abort').then(() => undefined);
  const isFollowed = args.some(isGlob);
  let sites: readonly string[] = await findSites(args);
  let affected = sites;
  const rebuilds = new Rebuilds(sites, options, end);
  const changes = await Changes.open(rebuilds.scope(isFollowed));
  try {
    const page = options.report ? await rebuilds.openPage() : undefined;
    await rebuilds.build(affected);
    for (let isNew = true; ; ) {
      // Files may have changed between their first read and the start of the watch.
      while (await changes.watchAgain(rebuilds.scope(isFollowed)))
        await rebuilds.build(affected, { isRepeated: true });
      if (isNew) process.stderr.write(`harvgen: watching ${sites.join(', ')}; Ctrl-C ends it\n`);
      if (isNew && page) process.stderr.write(`harvgen: the report is at ${page.url}\n`);
      const changed = await Promise.race([changes.next(), ended]);
      if (!changed) return;
      if (isFollowed) sites = await found(args, sites);
      isNew = rebuilds.follow(sites);
      affected = rebuilds.affectedBy(changed);
      if (affected.length > 0) await rebuilds.build(affected);
    }
  } finally {
    rebuilds.closePage();
    await changes.close();
  }
}

/** Returns the current sites, or the earlier ones if there are none now. */
async function found(args: readonly string[], before: readonly string[]): Promise<readonly string[]> {
  try {
    return await findSites(args);
  } catch (error) {
    if (error instanceof UsageError) return before;
    throw error;
  }
}

const MOST_NAMED = 3;

interface RebuildOptions extends Omit<WriteOptions, 'signal'> {
  /** Trees go to `out`/<site>. */
  readonly out: string;
  /** The source of the values of secrets: a file, or `-` for standard input. */
  readonly secrets?: string | undefined;
  readonly templates: boolean;
  /** Whether to serve the report. */
  readonly report: boolean;
}

class Rebuilds {
  #sites: readonly string[];
  readonly #options: RebuildOptions;
  readonly #compiled = new Map<string, Compilation>();
  /** Sites that were compiled but not written because of an error in some site. */
  readonly #due = new Set<string>();
  /** Output files with manual edits, which are watched. */
  #edited: readonly string[] = [];
  #lastProblems = '';
  readonly #secrets: WatchedSecrets;
  readonly #signal: AbortSignal;
  #page: LiveReport | undefined;

  /** Takes the directories of the sites and a signal that ends the wait for other builds. */
  constructor(sites: readonly string[], options: RebuildOptions, signal: AbortSignal) {
    this.#signal = signal;
    this.#sites = sites;
    this.#options = options;
    this.#secrets = new WatchedSecrets(options.secrets);
  }

  /** Returns the known input files of the sites; with `neighbors` also new directories beside the sites. */
  scope(neighbors: boolean): Scope {
    const files = [...this.#compiled.values()].flatMap((compiled) => compiled.files);
    return new Scope(this.#sites, [...files, ...this.#edited, ...this.#secrets.files], neighbors);
  }

  /** Sets the directories of the sites; returns whether they differ from before. */
  follow(sites: readonly string[]): boolean {
    if (sites.join('\0') === this.#sites.join('\0')) return false;
    this.#sites = sites;
    for (const known of [...this.#compiled.keys()].filter((site) => !sites.includes(site))) {
      this.#compiled.delete(known);
      this.#due.delete(known);
    }
    return true;
  }

  /** Returns the sites affected by changes of absolute paths, and those that were never built. */
  affectedBy(paths: readonly string[]): readonly string[] {
    if (this.#secrets.files.some((file) => paths.some((path) => isWithin(file, path)))) {
      this.#secrets.forget();
      return this.#sites;
    }
    return this.#sites.filter((site) => {
      const folder = resolve(site);
      const compiled = this.#compiled.get(site);
      if (!compiled) return true;
      const files = this.#due.has(site) ? [...compiled.files, ...this.#edited] : compiled.files;
      return paths.some((path) =>
        [folder, ...files].some((file) => isWithin(file, path) || isWithin(path, folder)),
      );
    });
  }

  /**
   * Builds some of the sites and prints one line with the changes of each. An error leaves all trees as they are. Throws an AbortError
   * if the signal fires while it waits. A repetition without a change (`isRepeated`) prints nothing for sites that stay the same.
   */
  async build(sites: readonly string[], { isRepeated = false } = {}): Promise<void> {
    const begun = performance.now();
    for (const site of sites) this.#due.add(site);
    for (;;) {
      const stamps = stampsOf([...this.#due], this.#options.out);
      let secrets: SecretSource | undefined;
      try {
        secrets = await this.#secrets.read(this.#sites);
      } catch (error) {
        if (!(error instanceof SecretsError)) throw error;
        process.stderr.write(`harvgen: ${escapeLines(error.message)}\nharvgen: the last good output stays\n`);
        return;
      }
      const { templates } = this.#options;
      for (const site of sites) this.#compiled.set(site, await compile(site, { secrets, templates }));
      const all = this.#sites.flatMap((site) => this.#compiled.get(site) ?? []);
      const { diagnostics, failed } = judgeSites(all);
      this.#printProblems(diagnostics, failed, isRepeated);
      await this.#show(all, diagnostics, failed);
      if (failed) return;
      const written = await this.#write(stamps, isRepeated);
      if (!written) continue;
      printUnmanaged(written);
      const took = `${Math.round(performance.now() - begun)} ms`;
      for (const output of written) {
        const what = named(output);
        if (what || !isRepeated) process.stdout.write(`${summary(output)} in ${took}${what}\n`);
      }
      return;
    }
  }

  /** Starts to serve a page that follows the builds. Only this loads the report. */
  async openPage(): Promise<LiveReport> {
    this.#page = await (await import('./live-report.ts')).openLiveReport();
    return this.#page;
  }

  closePage(): void {
    this.#page?.close();
  }

  /** Shows a build on the page. A page never contains values of secrets, so sites with values are compiled without them. */
  async #show(all: readonly Compilation[], diagnostics: readonly Diagnostic[], failed: boolean) {
    if (!this.#page) return;
    const { templates } = this.#options;
    const plain = all.map((compilation, index) =>
      compilation.values && !failed ? compile(this.#sites[index] ?? '', { templates }) : compilation,
    );
    this.#page.show(await Promise.all(plain), diagnostics, failed);
  }

  /** Returns the written outputs; undefined if another build was faster. */
  async #write(
    stamps: ReturnType<typeof stampsOf>,
    isRepeated: boolean,
  ): Promise<readonly Output[] | undefined> {
    const { out, force, allowInGit } = this.#options;
    const due = [...this.#due].flatMap((site) => this.#compiled.get(site) ?? []);
    const trees = placeTrees(due, this.#sites, out);
    try {
      const outputs = await writeOutputs(trees, stamps, { force, allowInGit, signal: this.#signal });
      if (!outputs) return undefined;
      this.#due.clear();
      this.#edited = [];
      return outputs;
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      if (error instanceof LossError) this.#edited = error.paths.map((path) => resolve(path));
      if (!isRepeated) process.stderr.write(`harvgen: ${escapeLines(error.message)}\n`);
      return [];
    }
  }

  #printProblems(diagnostics: readonly Diagnostic[], failed: boolean, isRepeated: boolean): void {
    const consequence = failed ? ': the last good output stays' : '';
    const keys = diagnostics.map(({ code, message, at }) => [code, message, formatLocation(at, '/')]);
    const problems = JSON.stringify(keys);
    if (problems !== this.#lastProblems) printDiagnostics(diagnostics, consequence);
    else if (failed && !isRepeated) process.stderr.write(`still ${formatCount(diagnostics)}${consequence}\n`);
    this.#lastProblems = problems;
  }
}

/** Lists the written and removed files, up to a limit, without the manifest. */
function named({ difference: { added, changed, removed } }: Output): string {
  const signs = Object.entries({ '+': added, '~': changed, '-': removed });
  const all = signs.flatMap(([sign, paths]) =>
    paths.filter((path) => path !== MANIFEST).map((path) => `${sign} ${path}`),
  );
  if (all.length === 0) return '';
  const more = all.length - MOST_NAMED;
  return `: ${all.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The values of secrets during a watch: a file is read again when it changes, a pipe only once. */
export class WatchedSecrets {
  readonly #option: string | undefined;
  #isRead = false;
  #source: SecretSource | undefined;
  /** The absolute path of the file to watch, if any. */
  readonly files: readonly string[];

  constructor(option: string | undefined) {
    this.#option = option;
    this.files = option === undefined || isPipe(option) ? [] : [resolve(option)];
  }

  /** Returns the values for sites; reads them again after `forget`. Throws the errors of `secretsFor`. */
  async read(sites: readonly string[]): Promise<SecretSource | undefined> {
    if (!this.#isRead) this.#source = await secretsFor(sites, this.#option);
    this.#isRead = true;
    return this.#source;
  }

  forget(): void {
    this.#isRead = false;
  }
}

/** A pipe, such as `<(sops -d …)`, cannot be read twice. Errors of `stat` are reported when the file is read. */
function isPipe(option: string): boolean {
  return option === '-' || !(stat(option)?.isFile() ?? true);
}
