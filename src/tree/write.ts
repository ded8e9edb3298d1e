import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Difference } from './compare.ts';
import { digestOf, type Journal, MANIFEST, readJournal, writeJournal } from './manifest.ts';
import { OutputError, outputError, workPath } from './output-folder.ts';
import { type File, foldersAbove, modeOf, type Tree } from './tree.ts';

/** A tree, the folder that is to hold it, and what `compareTree` has found between the two. */
export interface Output {
  readonly folder: string;
  readonly tree: Tree;
  readonly difference: Difference;
}

/** Says whether there is something to do in a folder: it is not what its tree says, or a build that died left its work there. */
export function isBehind({ folder, difference }: Output): boolean {
  const { added, changed, removed } = difference;
  return added.length + changed.length + removed.length > 0 || existsSync(workPath(folder));
}

/**
 * Makes folders hold their trees: writes what is new or other, removes what an earlier build made and this one does not,
 * leaves everything else as it is. The caller has the folders' locks.
 *
 * All that is new is written first, beside the trees: a full disk is met then, and a folder that cannot be written. Then each
 * file, or folder that was not there, is renamed into its place, so that nobody ever reads half of a file, and the manifest comes
 * last. The journal knows what is put in place until it is there: a build that is killed is finished by the next.
 * Throws OutputError where that cannot be done; it says whether everything is as it was.
 */
export function writeTrees(outputs: readonly Output[]): void {
  const journals = new Map(outputs.map(({ folder }) => [folder, readJournal(folder)]));
  try {
    inEach(outputs, stage);
    inEach(outputs, refuseHalf);
    inEach(outputs, (output) =>
      writeJournal(output.folder, journalOf(output, journals.get(output.folder) ?? new Map())),
    );
  } catch (error) {
    for (const [folder, journal] of journals) tidy(folder, journal);
    throw withOutcome(error, 'Nothing was changed.');
  }
  try {
    inEach(outputs, place);
  } catch (error) {
    throw withOutcome(error, 'The output is only partly written: mend that, and build again.');
  }
  for (const { folder } of outputs) tidy(folder, new Map());
}

function inEach(outputs: readonly Output[], work: (output: Output) => void): void {
  for (const output of outputs) {
    const { folder } = output;
    try {
      work(output);
    } catch (error) {
      const fault = error as NodeJS.ErrnoException;
      const staged = stagedPath(folder);
      // What waits for its turn is called as it will be.
      if (fault.path?.startsWith(staged)) fault.path = join(folder, fault.path.slice(staged.length));
      throw outputError(fault, folder);
    }
  }
}

function withOutcome(error: unknown, outcome: string): unknown {
  return error instanceof OutputError ? new OutputError(`${error.message} ${outcome}`) : error;
}

/** The path under which what belongs to a path of the tree waits for its turn. */
function stagedPath(folder: string, path = '.'): string {
  return workPath(folder, 'new', 'tree', path);
}

function stage({ folder, tree, difference }: Output): void {
  clear(folder);
  // What waits there may hold secrets, and stays where a build is killed.
  mkdirSync(workPath(folder, 'new'), { recursive: true, mode: 0o770 });
  const staged = stagedPath(folder);
  mkdirSync(staged);
  const paths = writtenIn(difference);
  for (const parent of new Set(paths.map((path) => dirname(path))))
    mkdirSync(stagedPath(folder, parent), { recursive: true });
  for (const path of paths) {
    const file = tree.get(path) as File;
    const bytes = Buffer.from(file.content);
    digestOf(tree, file, bytes);
    writeFileSync(`${staged}/${path}`, bytes, { mode: modeOf(file) });
  }
}

/** The files that are written, the manifest last: it is made of the digests of the others. */
function writtenIn({ added, changed }: Difference): readonly string[] {
  const all = [...added, ...changed];
  const manifest = all.indexOf(MANIFEST);
  if (manifest >= 0) all.push(...all.splice(manifest, 1));
  return all;
}

/** What may be in the folder from now on: what earlier builds may have left, and what this one puts there. */
function journalOf({ tree, difference }: Output, earlier: Journal): Journal {
  const journal = new Map(earlier);
  for (const path of writtenIn(difference)) {
    const file = tree.get(path) as File;
    const digest = digestOf(tree, file);
    journal.set(path, [...(earlier.get(path) ?? []), file.secrets ? { filled: digest } : digest]);
  }
  return journal;
}

/**
 * Meets, before anything is put in its place, what would stop that half-way: a folder that is not ours to write, or on another
 * disk. Throws what `node:fs` would throw then.
 */
function refuseHalf({ folder, difference }: Output): void {
  const { dev } = statSync(workPath(folder));
  const checked = new Set<string>();
  for (const path of [...writtenIn(difference), ...difference.removed]) {
    if (checked.has(dirname(path))) continue;
    checked.add(dirname(path));
    const within = join(folder, foldersAbove(path).findLast((above) => isFolder(join(folder, above))) ?? '.');
    try {
      accessSync(within, constants.W_OK | constants.X_OK);
      if (statSync(within).dev !== dev) throw Object.assign(new Error(), { code: 'EXDEV' });
    } catch (error) {
      throw Object.assign(error as Error, { path: join(folder, path) });
    }
  }
}

function place({ folder, difference }: Output): void {
  const { added, removed } = difference;
  const isInTheWay = blocking(added, removed);
  for (const path of removed.filter(isInTheWay)) remove(folder, path);
  placeIn(folder, '.');
  for (const path of removed.filter((one) => !isInTheWay(one))) remove(folder, path);
  if (writtenIn(difference).includes(MANIFEST))
    renameSync(stagedPath(folder, MANIFEST), join(folder, MANIFEST));
}

/** Tells files that are to be removed and stand where a folder shall be, or in a folder where a file shall be. */
function blocking(added: readonly string[], removed: readonly string[]): (path: string) => boolean {
  if (removed.length === 0) return () => false;
  const files = new Set(added);
  const folders = new Set(added.flatMap(foldersAbove));
  return (path) => folders.has(path) || foldersAbove(path).some((folder) => files.has(folder));
}

/** Puts what waits for a folder of the tree into it: a folder that is not there yet as a whole, so that a first build renames five, and not thousands of files. */
function placeIn(folder: string, path: string): void {
  const entries = readdirSync(stagedPath(folder, path), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    const target = join(folder, inner);
    if (inner === MANIFEST) continue;
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (!entry.isDirectory()) {
      if (there?.isDirectory()) removeFolder(target);
      renameSync(stagedPath(folder, inner), target);
    } else if (there || handsDown(statSync(dirname(target))) !== handsDown(statSync(folder))) {
      // What is made in the work folder has the group that the output folder hands down.
      if (!there) mkdirSync(target);
      placeIn(folder, inner);
    } else renameSync(stagedPath(folder, inner), target);
  }
}

/** The group that a folder hands down to what is made in it; undefined where that is the group of who makes it. */
function handsDown({ mode, gid }: Stats): number | undefined {
  return mode & 0o2000 ? gid : undefined;
}

/** Whether a folder is there; a file above it makes room. */
function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

function remove(folder: string, path: string): void {
  rmSync(join(folder, path));
  try {
    for (const above of foldersAbove(path).reverse()) rmdirSync(join(folder, above));
  } catch {
    // Something else lives there.
  }
}

/** Removes a folder that stands where a file shall be, and holds nothing but folders. */
function removeFolder(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeFolder(join(folder, entry.name));
  rmdirSync(folder);
}

/** Leaves a journal behind, and nothing else. What cannot be removed does no harm, and the next build removes it. Never throws. */
function tidy(folder: string, journal: Journal): void {
  for (const work of [() => writeJournal(folder, journal), () => clear(folder)])
    try {
      work();
    } catch {
      // No space for the journal: the one that is there says more, and nothing that is wrong.
    }
}

/** Removes what waits for its turn, and what earlier versions of harvgen kept there, in `old`. */
function clear(folder: string): void {
  for (const name of ['new', 'old']) rmSync(workPath(folder, name), { recursive: true, force: true });
}
