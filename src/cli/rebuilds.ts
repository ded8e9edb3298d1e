import { basename, join, resolve, sep } from 'node:path';
import { type Compilation, compile } from '../compile.ts';
import { judgeSites } from '../compile-sites.ts';
import { SecretsError } from '../secrets/secrets-error.ts';
import type { SecretSource } from '../secrets/source.ts';
import type { Diagnostic } from '../source/diagnostics/diagnostic.ts';
import { formatCount } from '../source/diagnostics/text.ts';
import { compareTree } from '../tree/compare.ts';
import { MANIFEST } from '../tree/manifest.ts';
import { OutputError } from '../tree/output-error.ts';
import { SeenFiles } from '../tree/seen-files.ts';
import type { Tree } from '../tree/tree.ts';
import type { Output } from '../tree/write.ts';
import { placeTrees } from './place-trees.ts';
import { present } from './present.ts';
import { summary } from './summary.ts';
import { Scope } from './watch/scope.ts';
import { WatchedSecrets } from './watched-secrets.ts';
import { compareOutputs, LossError, stampsOf, writeOutputs } from './write-outputs.ts';

/** As many files are named in a line; of more, how many there are. */
const MOST_NAMED = 3;

/** How to build again and again. */
export interface RebuildOptions {
  /** Trees go to `out`/<site>. */
  readonly out: string;
  /** Whether what somebody edited by hand is overwritten. */
  readonly force: boolean;
  /** Whether secrets may be written where git tracks them. */
  readonly allowInGit?: boolean;
  /** Where the values of secrets are: a file, or `-` for standard input. */
  readonly secrets?: string | undefined;
}

/** How to build once more. */
interface BuildOptions {
  /** Whether nobody has asked for it: then nothing is said of sites that it does not change. */
  readonly onceMore?: boolean;
  /** Waits until what was read is all that somebody was saving; false where more of that has come. */
  readonly settled?: () => Promise<boolean>;
}

/** Builds sites again and again, each time only those that something has changed for. */
export class Rebuilds {
  #sites: readonly string[];
  readonly #options: RebuildOptions;
  readonly #compiled = new Map<string, Compilation>();
  /** Those that were compiled and, because of a fault somewhere, not written. */
  readonly #due = new Set<string>();
  /** Files of the output that somebody edited, and that are waited for. */
  #edited: readonly string[] = [];
  #lastFaults = '';
  readonly #secrets: WatchedSecrets;
  readonly #seen = new SeenFiles();
  /** The folders of the output of which a save looks at nothing but what it changes. */
  readonly #trusted = new Set<string>();
  /** Those of which the rest is to be looked at, since it was not. */
  readonly #unlooked = new Set<string>();
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
   * while it waits.
   */
  async build(sites: readonly string[], options: BuildOptions = {}): Promise<boolean> {
    const { onceMore = false, settled = async () => true } = options;
    const begun = performance.now();
    for (const site of sites) this.#due.add(site);
    // What is wrong with the values of secrets is said when they are read: not before all is there.
    const isPatient = this.#options.secrets !== undefined;
    let isSettled = isPatient && (await settled());
    if (isPatient && !isSettled) return false;
    for (;;) {
      const stamps = stampsOf([...this.#due], this.#options.out);
      const secrets = await this.#readSecrets();
      if (secrets === 'unreadable') return true;
      for (const site of sites) this.#compiled.set(site, await compile(site, { secrets }));
      const all = this.#sites.flatMap((site) => this.#compiled.get(site) ?? []);
      const { diagnostics, failed } = judgeSites(all);
      const outputs = failed ? undefined : this.#compareEarly();
      isSettled ||= await settled();
      if (!isSettled) return false;
      this.#sayFaults(diagnostics, failed, onceMore);
      if (failed) return true;
      const written = await this.#write(stamps, onceMore, outputs);
      if (written === 'overtaken') continue;
      const took = `${Math.round(performance.now() - begun)} ms`;
      for (const output of written) {
        const what = named(output);
        if (what || !onceMore) process.stdout.write(`${summary(output)} in ${took}${what}\n`);
      }
      return true;
    }
  }

  /**
   * Looks, while there is nothing else to do, at the rest of the output, which nobody who saves is to wait for. Gives the absolute
   * folders of the sites that have to be built again. Never throws.
   */
  look(): readonly string[] {
    return this.#sites.filter((site) => !this.#isRight(site)).map((site) => resolve(site));
  }

  /** Whether a folder of the output is what the last build has left, as far as that is to be looked at. */
  #isRight(site: string): boolean {
    const folder = join(this.#options.out, basename(resolve(site)));
    const tree = this.#compiled.get(site)?.tree;
    // Of others not even the manifest is read: what another build has written is not looked at by knowing what it says.
    if (this.#due.has(site) || !this.#unlooked.delete(folder) || !tree) return true;
    try {
      const { added, changed, removed } = compareTree(folder, tree, this.#seen);
      if (added.length + changed.length + removed.length === 0) return true;
    } catch {
      // Said when it is built.
    }
    this.#trusted.delete(folder);
    return false;
  }

  /** Compares what is on the disk, while what was read may still settle. What is wrong is said when it is written. */
  #compareEarly(): readonly Output[] | undefined {
    try {
      return compareOutputs(this.#trees(), this.#seen, this.#trusted);
    } catch {
      return undefined;
    }
  }

  /** The trees of the sites that are due, by the folders that they belong into. */
  #trees(): Map<string, Tree> {
    const due = [...this.#due].flatMap((site) => this.#compiled.get(site) ?? []);
    return placeTrees(due, this.#sites, this.#options.out);
  }

  async #readSecrets(): Promise<SecretSource | undefined | 'unreadable'> {
    try {
      return await this.#secrets.read(this.#sites);
    } catch (error) {
      if (!(error instanceof SecretsError)) throw error;
      process.stderr.write(`harvgen: ${error.message}\nharvgen: the last good output stays\n`);
      return 'unreadable';
    }
  }

  async #write(
    stamps: ReadonlyMap<string, string>,
    onceMore: boolean,
    compared: readonly Output[] | undefined,
  ): Promise<readonly Output[] | 'overtaken'> {
    const { force, allowInGit } = this.#options;
    try {
      const options = { force, allowInGit, signal: this.#signal, compared, seen: this.#seen };
      const outputs = await writeOutputs(this.#trees(), stamps, options);
      if (!outputs) return 'overtaken';
      for (const { folder } of outputs) {
        if (this.#trusted.has(folder)) this.#unlooked.add(folder);
        else this.#trusted.add(folder);
      }
      this.#due.clear();
      this.#edited = [];
      return outputs;
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      this.#trusted.clear();
      if (error instanceof LossError) this.#edited = error.paths.map((path) => resolve(path));
      if (!onceMore) process.stderr.write(`harvgen: ${error.message}\n`);
      return [];
    }
  }

  /** Shows what was found, unless that is what was found the last time. */
  #sayFaults(diagnostics: readonly Diagnostic[], failed: boolean, onceMore: boolean): void {
    const consequence = failed ? ': the last good output stays' : '';
    const faults = JSON.stringify(
      diagnostics.map(({ code, message, at }) => [
        code,
        message,
        at.source.file,
        at.source.position(at.start),
      ]),
    );
    if (faults !== this.#lastFaults) present(diagnostics, consequence);
    else if (failed && !onceMore) process.stderr.write(`still ${formatCount(diagnostics)}${consequence}\n`);
    this.#lastFaults = faults;
  }
}

/** Says whether a path is a folder's own, or lies below it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

/** Names what was written and removed, if it is not much. The manifest is not worth a word. */
function named({ difference: { added, changed, removed } }: Output): string {
  const all = [
    ...added.map((path) => `+ ${path}`),
    ...changed.map((path) => `~ ${path}`),
    ...removed.map((path) => `- ${path}`),
  ].filter((text) => !text.endsWith(` ${MANIFEST}`));
  if (all.length === 0) return '';
  const more = all.length - MOST_NAMED;
  return `: ${all.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
