import { existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import { isIgnoredFile } from '../inventory/disk.ts';
import { isWithin } from '../tree/output-folder.ts';
import { orUndefined } from '../values/or-undefined.ts';

/** Time without a change, in milliseconds, before changes are reported: an editor saves in several steps. */
const QUIET = 25;
/** Longest delay, in milliseconds, while changes keep coming. */
const LONGEST = 400;

/** The changes on the disk in a scope, reported together once none has come for a moment. */
export class Changes {
  #scope: Scope;
  #watcher: FSWatcher;
  /** Changes not reported yet. */
  readonly #changed = new Set<string>();
  #first = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Whether a directory was added: chokidar reads a directory before it watches it, so a file added in between is lost. */
  #hasNewFolder = false;
  #report: ((paths: readonly string[]) => void) | undefined;

  private constructor(scope: Scope, watcher: FSWatcher) {
    this.#scope = scope;
    this.#watcher = watcher;
    this.#listen();
  }

  /** Starts to watch a scope. Reports all later changes. */
  static async open(scope: Scope): Promise<Changes> {
    return new Changes(scope, await watcherOf(scope));
  }

  /** Starts a new watch if the scope is another one or a directory was added; returns whether it did. */
  async watchAgain(scope: Scope): Promise<boolean> {
    if (scope.key === this.#scope.key && !this.#hasNewFolder) return false;
    this.#hasNewFolder = false;
    const before = this.#watcher;
    this.#watcher = await watcherOf(scope);
    this.#scope = scope;
    this.#listen();
    await before.close();
    return true;
  }

  /** Waits for changes; returns the absolute paths of all changes since the last call. */
  next(): Promise<readonly string[]> {
    return new Promise((report) => {
      this.#report = report;
      if (this.#changed.size > 0) this.#wait();
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  #listen(): void {
    this.#watcher.on('all', (event, path) => {
      this.#hasNewFolder ||= event === 'addDir';
      if (!this.#scope.matters(path)) return;
      if (this.#changed.size === 0) this.#first = Date.now();
      this.#changed.add(path);
      this.#wait();
    });
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const left = this.#first + LONGEST - Date.now();
    this.#timer = setTimeout(() => this.#flush(), Math.max(0, Math.min(QUIET, left)));
  }

  #flush(): void {
    const paths = [...this.#changed].sort();
    const report = this.#report;
    if (!report || paths.length === 0) return;
    this.#report = undefined;
    this.#changed.clear();
    report(paths);
  }
}

/** Starts to watch; resolves when all existing files are watched. */
async function watcherOf(scope: Scope): Promise<FSWatcher> {
  const isAlias = aliases(scope);
  const watcher = watch([...scope.roots], {
    ignoreInitial: true,
    // A file that is removed and added again is changed.
    atomic: 50,
    // Without it, chokidar drops changes of a file for 50 ms after one.
    awaitWriteFinish: { stabilityThreshold: 5, pollInterval: 5 },
    ignored: (path, stats) => !scope.isWatched(path) || isAlias(path, stats),
  });
  // Usually the system limit fs.inotify.max_user_watches: the other files are still watched.
  watcher.once('error', (error) => {
    process.stderr.write(`harvgen: some files cannot be watched: ${(error as Error).message}\n`);
    watcher.on('error', () => {});
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return watcher;
}

/**
 * Returns a function that returns whether a path leads by a link to a directory that is watched by another path of the same
 * site. The inventory reads each directory once, too; chokidar would follow links among directories in every order.
 */
function aliases(scope: Scope): (path: string, stats?: Stats) => boolean {
  const paths = new Map<string, string>();
  return (path, stats) => {
    const site = scope.siteOf(path);
    if (!stats || stats.isFile() || site === undefined || scope.isAbove(path)) return false;
    const real = orUndefined(() => realpathSync(path));
    if (real === undefined || real === path || !orUndefined(() => statSync(real))?.isDirectory())
      return false;
    const key = `${site}\0${real}`;
    if (!paths.has(key)) paths.set(key, path);
    return scope.siteOf(real) === site || paths.get(key) !== path;
  };
}

/**
 * The paths that matter to sites: readable files in their directories, and the files elsewhere that they requested.
 * Takes and compares absolute paths.
 */
export class Scope {
  readonly #sites: readonly string[];
  readonly #requested: ReadonlySet<string>;
  /** The parent directories of all these paths. */
  readonly #above = new Set<string>();
  /** The directories to watch: parents of sites and of directories with files elsewhere, so that files there can be added and removed. */
  readonly roots: readonly string[];

  readonly #neighbors: boolean;

  /**
   * Takes the directories of the sites, the files that they requested when they were compiled, and whether changes beside
   * the sites matter too: a new directory may be a site.
   */
  constructor(sites: readonly string[], requested: Iterable<string>, neighbors = false) {
    this.#neighbors = neighbors;
    this.#sites = sites.map((site) => resolve(site));
    this.#requested = new Set([...requested].filter((file) => !this.siteOf(file)));
    const roots = new Set<string>();
    for (const path of [...this.#sites, ...this.#requested]) {
      roots.add(existing(dirname(this.#sites.includes(path) ? path : dirname(path))));
      for (let folder = dirname(path); !this.#above.has(folder); folder = dirname(folder))
        this.#above.add(folder);
    }
    this.roots = [...roots].sort();
  }

  /** A text that is equal for scopes with the same paths. */
  get key(): string {
    return [...this.roots, '', ...this.#sites, '', ...[...this.#requested].sort()].join('\n');
  }

  /** Whether a path is the directory of a site, or a parent of a path that matters. */
  isAbove(path: string): boolean {
    return this.#above.has(path) || this.#sites.includes(path);
  }

  /** Whether to watch a path: it matters or is a parent of a path that does. */
  isWatched(path: string): boolean {
    if (this.#above.has(path) || this.#requested.has(path)) return true;
    const site = this.siteOf(path);
    if (site === undefined) return this.#isBeside(path);
    const steps = relative(site, path).split(sep);
    return !steps.includes('.git') && (isOwn(steps) || !steps.includes('node_modules'));
  }

  /** Whether a change of a path can change the result of a site. */
  matters(path: string): boolean {
    if (this.#requested.has(path) || this.#sites.includes(path)) return true;
    const site = this.siteOf(path);
    if (site === undefined) return this.#above.has(path) || this.#isBeside(path);
    const name = basename(path);
    if (isIgnoredFile(name) || !this.isWatched(path)) return false;
    // A name without an extension may be a directory.
    return isOwn(relative(site, path).split(sep)) || /\.ya?ml$/i.test(name) || !name.includes('.');
  }

  /** Whether a path may be a new site beside the others. */
  #isBeside(path: string): boolean {
    if (!this.#neighbors || /^[._]/.test(basename(path)) || isIgnoredFile(basename(path))) return false;
    return this.#sites.some((site) => dirname(site) === dirname(path));
  }

  /** Returns the directory of the site that contains a path. */
  siteOf(path: string): string | undefined {
    return this.#sites.find((site) => isWithin(path, site));
  }
}

function isOwn([first]: readonly string[]): boolean {
  return first === 'templates' || first === 'files';
}

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}
