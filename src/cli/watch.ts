import { once } from 'node:events';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Compilation, compile } from '../compile.ts';
import { judgeSites } from '../compile-sites.ts';
import { type SecretSource, SecretsError } from '../secrets/source.ts';
import type { Diagnostic } from '../source/diagnostics/report.ts';
import { formatCount, formatPlace } from '../source/diagnostics/text.ts';
import { MANIFEST } from '../tree/manifest.ts';
import { isWithin, OutputError } from '../tree/output-folder.ts';
import type { Output } from '../tree/write.ts';
import { Changes, Scope } from './changes.ts';
import { printDiagnostics } from './console.ts';
import { UsageError } from './read-arguments.ts';
import { findSites, isGlob, placeTrees, secretsFor } from './sites.ts';
import { LossError, stampsOf, summary, type WriteOptions, writeOutputs } from './write-outputs.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * `harvgen build --watch`: builds sites, and those anew that a change concerns, until SIGINT or SIGTERM. A fault leaves
 * the last good trees in place; of a glob, sites that come and go are followed. Gives the exit code.
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
  let concerned = sites;
  const rebuilds = new Rebuilds(sites, options, end);
  const changes = await Changes.open(rebuilds.scope(isFollowed));
  try {
    await rebuilds.build(concerned);
    for (let isNew = true; ; ) {
      // What is read for the first time may have changed before anybody looked at it.
      while (await changes.look(rebuilds.scope(isFollowed)))
        await rebuilds.build(concerned, { onceMore: true });
      if (isNew) process.stderr.write(`harvgen: watching ${sites.join(', ')}; Ctrl-C ends it\n`);
      isNew = false;
      for (let isSettled = false; !isSettled; ) {
        const changed = await Promise.race([changes.next(), ended]);
        if (!changed) return;
        const there = isFollowed ? await found(args, sites) : sites;
        // Sites, too, come and go in several steps.
        if (there.join('\0') !== sites.join('\0') && !(await changes.settled())) continue;
        sites = there;
        if (rebuilds.follow(sites)) isNew = true;
        concerned = rebuilds.concernedBy(changed);
        // What was read while somebody was still saving is built again with the rest of it.
        isSettled =
          concerned.length === 0 || (await rebuilds.build(concerned, { settled: () => changes.settled() }));
      }
    }
  } finally {
    await changes.close();
  }
}

/** The sites that there are by now; those that there were where there is none any more. */
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
  /** Where the values of secrets are: a file, or `-` for standard input. */
  readonly secrets?: string | undefined;
}

class Rebuilds {
  #sites: readonly string[];
  readonly #options: RebuildOptions;
  readonly #compiled = new Map<string, Compilation>();
  /** Those that were compiled and, because of a fault somewhere, not written. */
  readonly #due = new Set<string>();
  /** Files of the output that somebody edited, and that are waited for. */
  #edited: readonly string[] = [];
  #lastFaults = '';
  readonly #secrets: WatchedSecrets;
  readonly #signal: AbortSignal;

  /** Takes the folders of the sites, and what says to wait no longer for other builds. */
  constructor(sites: readonly string[], options: RebuildOptions, signal: AbortSignal) {
    this.#signal = signal;
    this.#sites = sites;
    this.#options = options;
    this.#secrets = new WatchedSecrets(options.secrets);
  }

  /** What the sites are made of, as far as that is known; with `neighbours` also what comes and goes beside them. */
  scope(neighbours: boolean): Scope {
    const files = [...this.#compiled.values()].flatMap((compiled) => compiled.files);
    return new Scope(this.#sites, [...files, ...this.#edited, ...this.#secrets.files], neighbours);
  }

  /** Takes the folders of the sites anew; gives whether they are others. */
  follow(sites: readonly string[]): boolean {
    if (sites.join('\0') === this.#sites.join('\0')) return false;
    this.#sites = sites;
    for (const known of [...this.#compiled.keys()].filter((site) => !sites.includes(site))) {
      this.#compiled.delete(known);
      this.#due.delete(known);
    }
    return true;
  }

  /** Gives the sites that a change of some absolute paths concerns, and those that were never built. */
  concernedBy(paths: readonly string[]): readonly string[] {
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
   * Builds some of the sites, and says in a line for each what that changed. A fault leaves all trees as they are. False
   * where it has read what is not settled: then nothing was said or written. Throws an AbortError when the signal comes
   * while it waits. `onceMore` says that nobody has asked for it: then nothing is said of sites that it does not change.
   * `settled` waits until what was read is all that somebody was saving; false where more of that has come.
   */
  async build(
    sites: readonly string[],
    { onceMore = false, settled = async () => true } = {},
  ): Promise<boolean> {
    const begun = performance.now();
    for (const site of sites) this.#due.add(site);
    // What is wrong with the values of secrets is said when they are read: not before all is there.
    const isPatient = this.#options.secrets !== undefined;
    let isSettled = isPatient && (await settled());
    if (isPatient && !isSettled) return false;
    for (;;) {
      const stamps = stampsOf([...this.#due], this.#options.out);
      let secrets: SecretSource | undefined;
      try {
        secrets = await this.#secrets.read(this.#sites);
      } catch (error) {
        if (!(error instanceof SecretsError)) throw error;
        process.stderr.write(`harvgen: ${error.message}\nharvgen: the last good output stays\n`);
        return true;
      }
      for (const site of sites) this.#compiled.set(site, await compile(site, { secrets }));
      const all = this.#sites.flatMap((site) => this.#compiled.get(site) ?? []);
      const { diagnostics, failed } = judgeSites(all);
      isSettled ||= await settled();
      if (!isSettled) return false;
      this.#sayFaults(diagnostics, failed, onceMore);
      if (failed) return true;
      const written = await this.#write(stamps, onceMore);
      if (!written) continue;
      const took = `${Math.round(performance.now() - begun)} ms`;
      for (const output of written) {
        const what = named(output);
        if (what || !onceMore) process.stdout.write(`${summary(output)} in ${took}${what}\n`);
      }
      return true;
    }
  }

  /** Gives what was written; undefined where another build was faster. */
  async #write(
    stamps: ReturnType<typeof stampsOf>,
    onceMore: boolean,
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
      if (!onceMore) process.stderr.write(`harvgen: ${error.message}\n`);
      return [];
    }
  }

  #sayFaults(diagnostics: readonly Diagnostic[], failed: boolean, onceMore: boolean): void {
    const consequence = failed ? ': the last good output stays' : '';
    const said = diagnostics.map(({ code, message, at }) => [code, message, formatPlace(at, '/')]);
    const faults = JSON.stringify(said);
    if (faults !== this.#lastFaults) printDiagnostics(diagnostics, consequence);
    else if (failed && !onceMore) process.stderr.write(`still ${formatCount(diagnostics)}${consequence}\n`);
    this.#lastFaults = faults;
  }
}

/** Names what was written and removed, if it is not much. The manifest is not worth a word. */
function named({ difference: { added, changed, removed } }: Output): string {
  const signs = Object.entries({ '+': added, '~': changed, '-': removed });
  const all = signs.flatMap(([sign, paths]) =>
    paths.filter((path) => path !== MANIFEST).map((path) => `${sign} ${path}`),
  );
  if (all.length === 0) return '';
  const more = all.length - MOST_NAMED;
  return `: ${all.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The values of secrets while sites are watched: a file of them is read again when it changes, a pipe only once. */
export class WatchedSecrets {
  readonly #option: string | undefined;
  #isRead = false;
  #source: SecretSource | undefined;
  /** The absolute path of the file to look at, if there is one. */
  readonly files: readonly string[];

  constructor(option: string | undefined) {
    this.#option = option;
    this.files = option === undefined || isPipe(option) ? [] : [resolve(option)];
  }

  /** Gives the values for sites, read anew if they were forgotten. Throws what `secretsFor` throws. */
  async read(sites: readonly string[]): Promise<SecretSource | undefined> {
    if (!this.#isRead) this.#source = await secretsFor(sites, this.#option);
    this.#isRead = true;
    return this.#source;
  }

  forget(): void {
    this.#isRead = false;
  }
}

/** What is no file, as `<(sops -d …)` gives, cannot be read twice. What cannot be looked at is said when it is read. */
function isPipe(option: string): boolean {
  if (option === '-') return true;
  try {
    return !(statSync(option, { throwIfNoEntry: false })?.isFile() ?? true);
  } catch {
    return false;
  }
}
