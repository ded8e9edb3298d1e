import { basename, join } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Scope } from './scope.ts';

/** A change is told when there has been none for so long, in milliseconds: an editor saves in several steps. */
const QUIET = 40;
/** Somebody who saves without a pause is told so often, in milliseconds. */
const LONGEST = 400;

/** The changes on the disk in a scope, collected until there is a pause. */
export class Changes {
  #scope: Scope;
  #watcher: FSWatcher;
  readonly #changed = new Set<string>();
  #since = 0;
  #timer: NodeJS.Timeout | undefined;
  #told: ((paths: readonly string[]) => void) | undefined;

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

  /** Waits for changes; gives the absolute paths of what changed since the last time. */
  next(): Promise<readonly string[]> {
    return new Promise((tell) => {
      this.#told = tell;
      if (this.#changed.size > 0) this.#wait();
    });
  }

  /** Ends it. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  #listen(): void {
    this.#watcher.on('all', (_, path) => this.#see(path));
    // Of two events of a file within a few milliseconds the above may tell only the first.
    this.#watcher.on('raw', (_, name, details) => {
      const { watchedPath } = details as { watchedPath?: string };
      if (watchedPath === undefined) return;
      // A file that is watched names itself, a folder what is in it.
      this.#see(!name || basename(watchedPath) === name ? watchedPath : join(watchedPath, name));
    });
  }

  #see(path: string): void {
    if (!this.#scope.matters(path)) return;
    if (this.#changed.size === 0) this.#since = Date.now();
    this.#changed.add(path);
    if (this.#told) this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const left = this.#since + LONGEST - Date.now();
    this.#timer = setTimeout(() => this.#tell(), Math.max(0, Math.min(QUIET, left)));
  }

  #tell(): void {
    const tell = this.#told;
    if (!tell) return;
    this.#told = undefined;
    const paths = [...this.#changed].sort();
    this.#changed.clear();
    tell(paths);
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
