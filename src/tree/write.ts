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
import { orUndefined } from '../values/or-undefined.ts';
import type { Difference } from './compare.ts';
import { digestOf, type Journal, MANIFEST, type Placed, readJournal, writeJournal } from './manifest.ts';
import { OutputError, outputError, WORK_FOLDER, workPath } from './output-folder.ts';
import { type File, foldersAbove, modeOf, type Tree } from './tree.ts';

/** A tree, its output directory, and the difference that `compareTree` found between them. */
export interface Output {
  readonly folder: string;
  readonly tree: Tree;
  readonly difference: Difference;
}

/** Whether a directory needs a build: it differs from its tree, or an interrupted build left its work there. */
export function isBehind({ folder, difference }: Output): boolean {
  const { added, changed, removed } = difference;
  return added.length + changed.length + removed.length > 0 || existsSync(workPath(folder));
}

/**
 * Makes directories match their trees: writes new and changed files, removes files that an earlier build wrote and this one does
 * not, and keeps everything else. The caller has locked the directories.
 *
 * All new files are first written beside the trees: a full disk or an unwritable directory is detected then. Then each file, or
 * each new directory as a whole, is renamed into place, so that no reader sees a partial file; the manifest comes last. The
 * journal lists the files before they move: the next build completes a killed one.
 * Throws OutputError if that fails; the message reports whether the trees are unchanged.
 */
export function writeTrees(outputs: readonly Output[]): void {
  const journals = new Map(outputs.map(({ folder }) => [folder, readJournal(folder)]));
  try {
    inEach(outputs, stage);
    inEach(outputs, refuseHalf);
    inEach(outputs, (output) =>
      putJournal(output.folder, journalOf(output, journals.get(output.folder) ?? new Map())),
    );
  } catch (error) {
    for (const [folder, journal] of journals) tidy(folder, journal);
    throw withOutcome(error, 'Nothing was changed.');
  }
  try {
    inEach(outputs, place);
  } catch (error) {
    throw withOutcome(error, 'The output tree is only partly written: fix the cause and rebuild.');
  }
  for (const { folder } of outputs) tidy(folder, new Map());
}

function inEach(outputs: readonly Output[], work: (output: Output) => void): void {
  for (const output of outputs) {
    const { folder } = output;
    try {
      work(output);
    } catch (error) {
      const failure = error as NodeJS.ErrnoException;
      const staged = stagedPath(folder);
      // A staged file is reported under its final path.
      if (failure.path?.startsWith(staged)) failure.path = join(folder, failure.path.slice(staged.length));
      throw outputError(failure, folder);
    }
  }
}

function withOutcome(error: unknown, outcome: string): unknown {
  return error instanceof OutputError ? new OutputError(`${error.message} ${outcome}`) : error;
}

/** The directory, in an output directory, in which the files of the tree are staged. */
const STAGED = `${WORK_FOLDER}/new/tree`;

/** Returns the path at which a file or directory of the tree is staged. */
function stagedPath(folder: string, path = '.'): string {
  return join(folder, STAGED, path);
}

/**
 * Throws OutputError if a directory on the path of a file is a link: another user may replace a directory during the build. Node.js
 * has no functions relative to an open directory, so the check comes directly before each change.
 */
function refuseLinks(folder: string, path: string): void {
  for (const above of ['', ...foldersAbove(path)].map((name) => join(folder, name)))
    if (lstatSync(above, { throwIfNoEntry: false })?.isSymbolicLink())
      throw new OutputError(
        `${above} must be a directory of the output tree but is a link. Move it away and rebuild.`,
      );
}

function stage({ folder, tree, difference }: Output): void {
  clear(folder);
  // Staged files may contain secrets, and stay if a build is killed.
  mkdirSync(workPath(folder, 'new'), { recursive: true, mode: 0o770 });
  const staged = stagedPath(folder);
  mkdirSync(staged);
  const paths = writtenIn(difference);
  for (const above of new Set(paths.map((path) => dirname(path))))
    mkdirSync(stagedPath(folder, above), { recursive: true });
  let parent: string | undefined;
  for (const path of paths) {
    const file = tree.get(path) as File;
    const bytes = Buffer.from(file.content);
    digestOf(tree, file, bytes);
    if (dirname(path) !== parent) refuseLinks(folder, `${STAGED}/${path}`);
    parent = dirname(path);
    writeFileSync(`${staged}/${path}`, bytes, { mode: modeOf(file) });
  }
}

/** Returns the files to write, the manifest last: it is rendered from the digests of the others. */
function writtenIn({ added, changed }: Difference): readonly string[] {
  const all = [...added, ...changed];
  const manifest = all.indexOf(MANIFEST);
  if (manifest >= 0) all.push(...all.splice(manifest, 1));
  return all;
}

/** Yields the files that may be in the directory from now on: those of earlier interrupted builds, and those of this build. */
function* journalOf({ tree, difference }: Output, earlier: Journal): Iterable<[string, readonly Placed[]]> {
  yield* earlier;
  for (const path of writtenIn(difference)) {
    const file = tree.get(path) as File;
    const digest = digestOf(tree, file);
    yield [path, [...(earlier.get(path) ?? []), file.secrets ? { filled: digest } : digest]];
  }
}

/**
 * Detects problems that would stop the build after some files have moved: a directory without write permission, or on another
 * disk. Throws the error that `node:fs` would throw then.
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
  for (const path of removed.filter((path) => !isInTheWay(path))) remove(folder, path);
  if (!writtenIn(difference).includes(MANIFEST)) return;
  refuseLinks(folder, MANIFEST);
  renameSync(stagedPath(folder, MANIFEST), join(folder, MANIFEST));
}

/** Returns whether a file to remove is at the path of a new directory, or in a directory at the path of a new file. */
function blocking(added: readonly string[], removed: readonly string[]): (path: string) => boolean {
  if (removed.length === 0) return () => false;
  const files = new Set(added);
  const folders = new Set(added.flatMap(foldersAbove));
  return (path) => folders.has(path) || foldersAbove(path).some((folder) => files.has(folder));
}

/** Moves staged entries into a directory of the tree; a new directory as a whole: a first build renames five, not thousands. */
function placeIn(folder: string, path: string): void {
  const entries = readdirSync(stagedPath(folder, path), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inner = join(path, entry.name);
    const target = join(folder, inner);
    if (inner === MANIFEST) continue;
    refuseLinks(folder, inner);
    const there = lstatSync(target, { throwIfNoEntry: false });
    if (!entry.isDirectory()) {
      if (there?.isDirectory()) removeFolder(target);
      renameSync(stagedPath(folder, inner), target);
    } else if (there || inheritedGroup(statSync(dirname(target))) !== inheritedGroup(statSync(folder))) {
      // Files created in the work directory have the group that the output directory passes on.
      if (!there) mkdirSync(target);
      placeIn(folder, inner);
    } else renameSync(stagedPath(folder, inner), target);
  }
}

/** Returns the group that new files in a directory inherit, or undefined if they have the group of their creator. */
function inheritedGroup({ mode, gid }: Stats): number | undefined {
  return mode & 0o2000 ? gid : undefined;
}

/** Whether a directory exists; a file above it will be replaced. */
function isFolder(path: string): boolean {
  return orUndefined(() => lstatSync(path).isDirectory()) ?? false;
}

function remove(folder: string, path: string): void {
  refuseLinks(folder, path);
  rmSync(join(folder, path));
  try {
    for (const above of foldersAbove(path).reverse()) rmdirSync(join(folder, above));
  } catch {
    // The directory contains other files.
  }
}

/** Removes a directory that contains only directories and is at the path of a new file. */
function removeFolder(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeFolder(join(folder, entry.name));
  rmdirSync(folder);
}

function putJournal(folder: string, journal: Iterable<readonly [string, readonly Placed[]]>): void {
  refuseLinks(folder, `${WORK_FOLDER}/new/.`);
  writeJournal(folder, journal);
}

/** Leaves only a journal. Files that cannot be removed are harmless, and the next build removes them. Never throws. */
function tidy(folder: string, journal: Journal): void {
  // Without space for the journal, the existing one lists more files, and nothing wrong.
  orUndefined(() => putJournal(folder, journal));
  orUndefined(() => clear(folder));
}

/** Removes the staged files, and the files that earlier versions of harvgen kept in `old`. */
function clear(folder: string): void {
  refuseLinks(folder, `${WORK_FOLDER}/.`);
  for (const name of ['new', 'old']) rmSync(workPath(folder, name), { recursive: true, force: true });
}
