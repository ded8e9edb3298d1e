import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Difference } from './compare.ts';
import { type Journal, type Placed, readJournal, writeJournal } from './journal.ts';
import { digestOf, MANIFEST } from './manifest.ts';
import { outputError } from './output-error.ts';
import type { SeenFiles } from './seen-files.ts';
import { type Staged, stagedIn, writeStaged } from './staged.ts';
import { type File, foldersAbove, type Tree } from './tree.ts';
import { workPath } from './work-folder.ts';

/**
 * The change of one folder to hold a tree. All that is new is written first, beside the tree: a full disk is met then.
 * Then each file, or folder that was not there, is renamed into its place, so that nobody ever reads half of a file, and
 * the manifest comes last. What is replaced is kept until the end, so that the whole can be undone. Needs the folder's lock.
 */
export class Change {
  readonly #folder: string;
  readonly #tree: Tree;
  readonly #difference: Difference;
  readonly #seen: SeenFiles | undefined;
  /** What is written: known once it is staged. */
  #staged: readonly Staged[] = [];
  readonly #folders = new Set<string>();
  /** That of builds before this one. */
  readonly #journal: Journal;
  /** How to undo what has been done, the last first. */
  readonly #steps: (() => void)[] = [];
  /** Whether the manifest is the new one. Unless it is taken back, nothing is: it does not know the files from before. */
  #isComplete = false;
  #kept = 0;

  /** Takes what `compareTree` has found, and what it has seen. */
  constructor(folder: string, tree: Tree, difference: Difference, seen?: SeenFiles) {
    this.#folder = folder;
    this.#tree = tree;
    this.#difference = difference;
    this.#seen = seen;
    this.#journal = readJournal(folder);
  }

  /** Writes what is new beside the tree. Throws OutputError; nothing of the tree is touched. */
  stage(): void {
    this.#do(() => {
      rmSync(workPath(this.#folder, 'new'), { recursive: true, force: true });
      rmSync(workPath(this.#folder, 'old'), { recursive: true, force: true });
      // What is kept or waits there may hold secrets, and stays where a build is killed.
      mkdirSync(workPath(this.#folder, 'new'), { recursive: true, mode: 0o770 });
      mkdirSync(workPath(this.#folder, 'old'), { mode: 0o770 });
      this.#staged = stagedIn(this.#folder, this.#written());
      writeStaged(this.#folder, this.#staged, this.#tree, this.#seen);
      writeJournal(this.#folder, this.#journalOfThis());
    });
  }

  /** Puts what is new into its place and removes what is old. Throws OutputError; `undo` then takes back what was done. */
  make(): void {
    this.#do(() => {
      const { removed } = this.#difference;
      const isInTheWay = this.#blocking();
      for (const path of removed) if (isInTheWay(path)) this.#remove(path);
      for (const staged of this.#staged) if (staged.path !== MANIFEST) this.#place(staged);
      for (const path of removed) if (!isInTheWay(path)) this.#remove(path);
      const manifest = this.#staged.find(({ path }) => path === MANIFEST);
      if (manifest === undefined) return;
      this.#place(manifest);
      this.#isComplete = true;
    });
  }

  /** Forgets what would be needed to take it back. Never throws. */
  finish(): void {
    this.#tidy(new Map());
  }

  /** Takes back what was done, as far as that can be. Throws OutputError for what cannot. */
  undo(): void {
    this.#do(() => {
      const faults: unknown[] = [];
      for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
        try {
          step();
          this.#isComplete = false;
        } catch (error) {
          faults.push(error);
          if (this.#isComplete) break;
        }
      }
      if (faults.length > 0) throw faults[0];
    });
    this.#tidy(this.#journal);
  }

  /** Leaves a journal behind, and nothing else. What cannot be removed does no harm, and the next build removes it. */
  #tidy(journal: Journal): void {
    try {
      writeJournal(this.#folder, journal);
      for (const name of ['new', 'old'])
        rmSync(workPath(this.#folder, name), { recursive: true, force: true });
    } catch {
      // No space for the journal: the one that is there says more, and nothing that is wrong.
    }
  }

  /** What may be in the folder from now on: what earlier builds may have left, and what this one puts there. */
  #journalOfThis(): Journal {
    const journal = new Map(this.#journal);
    for (const { path, files = [path] } of this.#staged) {
      for (const file of files) journal.set(file, [...(this.#journal.get(file) ?? []), this.#placed(file)]);
    }
    return journal;
  }

  #placed(path: string): Placed {
    const file = this.#tree.get(path) as File;
    const digest = digestOf(this.#tree, file);
    return file.secrets ? { filled: digest } : digest;
  }

  /** The files that are written, the manifest last: it is made of what is known of the others once they are. */
  #written(): readonly string[] {
    const written = [...this.#difference.added, ...this.#difference.changed];
    const manifest = written.indexOf(MANIFEST);
    if (manifest >= 0) written.push(...written.splice(manifest, 1));
    return written;
  }

  #do(work: () => void): void {
    try {
      work();
    } catch (error) {
      throw outputError(error, this.#folder);
    }
  }

  /** Tells files that are to be removed and stand where a folder shall be, or in a folder where a file shall be. */
  #blocking(): (path: string) => boolean {
    const folders = new Set<string>();
    if (this.#difference.removed.length === 0) return () => false;
    for (const path of this.#difference.added) for (const folder of foldersAbove(path)) folders.add(folder);
    const added = new Set(this.#difference.added);
    return (path) => folders.has(path) || foldersAbove(path).some((folder) => added.has(folder));
  }

  #place({ path, name, files }: Staged): void {
    const target = join(this.#folder, path);
    this.#makeFolder(dirname(path));
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (files && there) {
      // Somebody has made it in the meantime.
      for (const file of files) this.#place({ path: file, name: name + file.slice(path.length) });
      return;
    }
    if (there?.isDirectory()) this.#removeFolder(target);
    const kept = there && !there.isDirectory() ? this.#keep(target) : undefined;
    renameSync(name, target);
    if (files) this.#steps.push(() => this.#takeAway(path, files));
    else this.#steps.push(() => (kept === undefined ? rmSync(target) : renameSync(kept, target)));
  }

  /** Has a folder taken away with the files that this build has put into it, and no others, in as many steps. */
  #takeAway(path: string, files: readonly string[]): void {
    const folders = new Set(files.flatMap(foldersAbove).filter((folder) => folder.length >= path.length));
    for (const folder of folders) this.#steps.push(() => rmdirSync(join(this.#folder, folder)));
    for (const file of files) this.#steps.push(() => rmSync(join(this.#folder, file)));
  }

  /** Keeps what a file holds under another name, while it stays in its place. */
  #keep(target: string): string {
    const kept = this.#nextKept();
    try {
      linkSync(target, kept);
    } catch {
      // Not every filesystem has hard links.
      copyFileSync(target, kept);
      const { atime, mtime } = statSync(target);
      utimesSync(kept, atime, mtime);
    }
    return kept;
  }

  /** Removes a file, and the folders above it that it leaves empty. */
  #remove(path: string): void {
    const target = join(this.#folder, path);
    const kept = this.#nextKept();
    renameSync(target, kept);
    this.#steps.push(() => renameSync(kept, target));
    for (const folder of foldersAbove(path).reverse()) {
      try {
        this.#removeEmpty(join(this.#folder, folder));
      } catch {
        return; // something else lives there
      }
    }
  }

  /** Removes a folder that stands where a file shall be, and holds nothing but folders. */
  #removeFolder(folder: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) this.#removeFolder(join(folder, entry.name));
    }
    this.#removeEmpty(folder);
  }

  #removeEmpty(folder: string): void {
    const { mode } = statSync(folder);
    rmdirSync(folder);
    this.#steps.push(() => {
      mkdirSync(folder);
      chmodSync(folder, mode & 0o7777);
    });
  }

  /** Makes a folder of the tree, and those above it: one by one, so that each can be taken back. */
  #makeFolder(path: string): void {
    if (path === '.' || this.#folders.has(path)) return;
    this.#makeFolder(dirname(path));
    this.#folders.add(path);
    const folder = join(this.#folder, path);
    if (existsSync(folder)) return;
    mkdirSync(folder);
    this.#steps.push(() => rmdirSync(folder));
  }

  #nextKept(): string {
    this.#kept += 1;
    return workPath(this.#folder, 'old', String(this.#kept));
  }
}
