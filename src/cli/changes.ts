import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';
import { isIgnoredFile } from '../inventory/disk.ts';
import { isWithin } from '../tree/output-folder.ts';

/** A change is told when there has been none for so long, in milliseconds: what is written in one go comes as several. */
const SOON = 2;
/** And counts when there has been none for so long: an editor saves in several steps. */
const QUIET = 40;
/** What somebody saves without a pause counts so often, in milliseconds. */
const LONGEST = 400;

/**
 * The changes on the disk in a scope. They are told at once, so that work can begin, and `settled` says whether what it
 * was done with was the whole of them.
 */
export class Changes {
  #scope: Scope;
  #watcher: FSWatcher;
  /** Those that nobody was told of. */
  readonly #changed = new Set<string>();
  /** Those that were told, and may be half of what somebody is saving. */
  readonly #unsettled: string[] = [];
  #first = 0;
  #last = 0;
  /** What the disk said of each path when a change of it was last seen. */
  readonly #stamps = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #told: ((paths: readonly string[]) => void) | undefined;
  #heard = () => {};

  private constructor(scope: Scope, watcher: FSWatcher) {
    this.#scope = scope;
    this.#watcher = watcher;
    this.#listen();
  }

  /** Begins to look at a scope. What changes from now on is told. */
  static async open(scope: Scope): Promise<Changes> {
    return new Changes(scope, await watcherOf(scope));
  }

  /** Looks at another scope from now on; gives whether it is another one. */
  async look(scope: Scope): Promise<boolean> {
    if (scope.key === this.#scope.key) return false;
    const before = this.#watcher;
    this.#watcher = await watcherOf(scope);
    this.#scope = scope;
    this.#listen();
    await before.close();
    return true;
  }

  /** Waits for changes; gives the absolute paths of what changed since the last time that all was settled. */
  next(): Promise<readonly string[]> {
    if (this.#unsettled.length > 0) this.#settle();
    return new Promise((tell) => {
      this.#told = tell;
      if (this.#changed.size > 0) this.#wait();
    });
  }

  /**
   * Waits until there has been no change for a while since those that were told: then they count, and what was made of them.
   * False as soon as there is another one: `next` then tells all of them again.
   */
  async settled(): Promise<boolean> {
    for (;;) {
      // What came during work that left no time to listen is heard between one turn and the next.
      await turn();
      await turn();
      const left = Math.min(this.#last + QUIET, this.#first + LONGEST) - Date.now();
      if (this.#changed.size > 0 && this.#first + LONGEST > Date.now()) {
        for (const path of this.#unsettled.splice(0)) this.#changed.add(path);
        return false;
      }
      if (left <= 0) break;
      await Promise.race([sleep(left), this.#another()]);
    }
    this.#settle();
    return true;
  }

  /** What changes from now on is new. */
  #settle(): void {
    this.#unsettled.length = 0;
    this.#first = Date.now();
  }

  #another(): Promise<void> {
    return new Promise((heard) => {
      this.#heard = heard;
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  #listen(): void {
    this.#watcher.on('all', (_, path) => this.#see(path, false));
    // Of two events of a file within a few milliseconds the above may tell only the first.
    this.#watcher.on('raw', (_, name, details) => {
      const { watchedPath } = details as { watchedPath?: string };
      if (watchedPath === undefined) return;
      // A file that is watched names itself, a folder what is in it.
      this.#see(!name || basename(watchedPath) === name ? watchedPath : join(watchedPath, name), true);
    });
  }

  /** Takes an event: of the disk itself, or one that may come late, and for what was seen. */
  #see(path: string, isOfDisk: boolean): void {
    if (!this.#scope.matters(path)) return;
    const stamp = stateOf(path);
    const isSeen = this.#stamps.get(path) === stamp;
    this.#stamps.set(path, stamp);
    if (isSeen && !isOfDisk) return;
    this.#count(path);
  }

  #count(path: string): void {
    this.#last = Date.now();
    if (this.#changed.size + this.#unsettled.length === 0) this.#first = this.#last;
    this.#changed.add(path);
    this.#heard();
    if (this.#told) this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const left = this.#first + LONGEST - Date.now();
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, Math.min(SOON, left)));
  }

  #tell(): void {
    const tell = this.#told;
    if (!tell) return;
    this.#told = undefined;
    this.#unsettled.push(...this.#changed);
    this.#changed.clear();
    tell(this.#unsettled.toSorted());
  }
}

/** Gives a text that is another one when a file, or what a link leads to, is; empty where there is none. */
function stateOf(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return '';
  }
}

/** Begins to watch; done when everything that is there is watched. */
async function watcherOf(scope: Scope): Promise<FSWatcher> {
  const watcher = watch([...scope.roots], {
    ignoreInitial: true,
    atomic: false,
    ignored: (path) => !scope.holds(path),
  });
  // Most often the limit of the system, fs.inotify.max_user_watches: the rest is still watched.
  watcher.once('error', (error) => {
    process.stderr.write(`harvgen: not everything can be watched: ${(error as Error).message}\n`);
    watcher.on('error', () => {});
  });
  await new Promise<void>((done) => watcher.once('ready', done));
  return watcher;
}

/**
 * Which paths matter to sites: what is below their folders and may be read, and the files elsewhere that they asked for.
 * Takes and compares absolute paths.
 */
export class Scope {
  readonly #sites: readonly string[];
  readonly #asked: ReadonlySet<string>;
  /** The folders on the way to all of these. */
  readonly #above = new Set<string>();
  /** The folders to look into: those that hold a site, or the folder of a file elsewhere, so that these may come and go. */
  readonly roots: readonly string[];

  readonly #neighbours: boolean;

  /**
   * Takes the folders of the sites, the files that they asked for when they were compiled, and whether what comes and
   * goes beside the sites matters, too: it may be a site.
   */
  constructor(sites: readonly string[], asked: Iterable<string>, neighbours = false) {
    this.#neighbours = neighbours;
    this.#sites = sites.map((site) => resolve(site));
    this.#asked = new Set([...asked].filter((file) => !this.#siteOf(file)));
    const roots = new Set<string>();
    for (const path of [...this.#sites, ...this.#asked]) {
      roots.add(existing(dirname(this.#sites.includes(path) ? path : dirname(path))));
      for (let folder = dirname(path); !this.#above.has(folder); folder = dirname(folder))
        this.#above.add(folder);
    }
    this.roots = [...roots].sort();
  }

  /** Gives a text that is the same for scopes with the same paths. */
  get key(): string {
    return [...this.roots, '', ...this.#sites, '', ...[...this.#asked].sort()].join('\n');
  }

  /** Says whether a path is to be looked at: it matters, or lies on the way to what does. */
  holds(path: string): boolean {
    if (this.#above.has(path) || this.#asked.has(path)) return true;
    const site = this.#siteOf(path);
    if (site === undefined) return false;
    const steps = relative(site, path).split(sep);
    return !steps.includes('.git') && (isOwn(steps) || !steps.includes('node_modules'));
  }

  /** Says whether a change of a path can change what a site gives. */
  matters(path: string): boolean {
    if (this.#asked.has(path) || this.#sites.includes(path)) return true;
    const site = this.#siteOf(path);
    if (site === undefined) return this.#above.has(path) || (this.#neighbours && this.#isBeside(path));
    const name = basename(path);
    if (isIgnoredFile(name) || !this.holds(path)) return false;
    // What has no ending may be a folder.
    return isOwn(relative(site, path).split(sep)) || /\.ya?ml$/i.test(name) || !name.includes('.');
  }

  #isBeside(path: string): boolean {
    if (/^[._]/.test(basename(path)) || isIgnoredFile(basename(path))) return false;
    return this.#sites.some((site) => dirname(site) === dirname(path));
  }

  #siteOf(path: string): string | undefined {
    return this.#sites.find((site) => isWithin(path, site));
  }
}

function isOwn([first]: readonly string[]): boolean {
  return first === 'templates' || first === 'files';
}

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}
