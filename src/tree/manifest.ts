import { hash } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isValueMap } from '../source/origin.ts';
import { placeholdersIn } from '../source/placeholders.ts';
import { onceFor } from '../values/once-for.ts';
import { orUndefined } from '../values/or-undefined.ts';
import { OutputError, readRegular, unreadable, WORK_FOLDER, workPath } from './output-folder.ts';
import { isFilledPath } from './paths.ts';
import { type File, type FilledSecret, type Tree, textOf } from './tree.ts';

/** The path of the manifest in the tree. */
export const MANIFEST = 'manifest.json';

/** The record of a build: from it, the next build determines which files are managed. */
export interface Manifest {
  readonly generator: string;
  readonly site: string;
  /** SHA-256 of each file, in hexadecimal, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Substituted secrets by path: first byte, length in bytes, and the placeholder. Absent without secrets. */
  readonly secrets?: Readonly<Record<string, readonly Filled[]>>;
}

type Filled = readonly [start: number, length: number, mark: string];

/** A file with substituted secrets, as the manifest lists it. */
export interface FilledFile {
  /** SHA-256 of the written content, in hexadecimal. */
  readonly digest: string;
  readonly secrets: readonly FilledSecret[];
}

/**
 * Renders the manifest of a tree, for all files but the manifest; `generator` is the program and its version. Contains no clock
 * time, so that it is stable. Does not render files with known digests.
 */
export function renderManifest(tree: Tree, site: string, generator: string): string {
  // Without a prototype: a file can have any name. Filled in place: lists of pairs would take much memory.
  const files: Record<string, string> = Object.create(null);
  const secrets: Record<string, Filled[]> = Object.create(null);
  for (const [path, file] of tree) {
    if (path === MANIFEST) continue;
    files[path] = digestOf(tree, file);
    if (file.secrets)
      secrets[path] = file.secrets.map(({ start, length, mark }): Filled => [start, length, mark]);
  }
  const tail = Object.keys(secrets).length > 0 ? { secrets } : {};
  return `${JSON.stringify({ generator, site, files, ...tail }, null, 2)}\n`;
}

/** Returns the files with substituted secrets that a manifest lists, by path. Omits malformed entries. */
export function filledIn({ files, secrets }: Manifest): Map<string, FilledFile> {
  const filled = new Map<string, FilledFile>();
  for (const [path, places] of Object.entries(secrets ?? {})) {
    const digest = files[path];
    if (typeof digest !== 'string' || !Array.isArray(places) || !places.every(isPlace)) continue;
    filled.set(path, { digest, secrets: places.map(([start, length, mark]) => ({ start, length, mark })) });
  }
  return filled;
}

/** Whether secrets may be substituted in a file according to a manifest, even if its entry is malformed. */
function mayBeFilled({ secrets }: Manifest, path: string): boolean {
  if (secrets === undefined) return false;
  return typeof secrets !== 'object' || secrets === null || Object.hasOwn(secrets, path);
}

function isPlace(place: unknown): place is Filled {
  if (!Array.isArray(place)) return false;
  const [start, length, mark] = place;
  return Number.isSafeInteger(start) && Number.isSafeInteger(length) && typeof mark === 'string';
}

/** Parses a manifest; returns undefined if the text is not a harvgen manifest. */
export function parseManifest(text: string): Manifest | undefined {
  const manifest = orUndefined(() => JSON.parse(text) as Partial<Manifest> | null);
  const ours = typeof manifest?.generator === 'string' && manifest.generator.startsWith('harvgen ');
  return ours && isValueMap(manifest.files) ? (manifest as Manifest) : undefined;
}

/** Returns both texts of a git merge conflict, or the text itself if it contains no conflict. */
function sides(text: string): string[] {
  if (!/^<{7} /m.test(text)) return [text];
  const ours: string[] = [];
  const theirs: string[] = [];
  let into = [ours, theirs];
  for (const line of text.split('\n')) {
    if (/^<{7} /.test(line)) into = [ours];
    else if (/^\|{7} /.test(line)) into = [];
    else if (/^={7}\r?$/.test(line)) into = [theirs];
    else if (/^>{7} /.test(line)) into = [ours, theirs];
    else for (const side of into) side.push(line);
  }
  return [ours, theirs].map((side) => side.join('\n'));
}

const digestsOf = onceFor((_tree: Tree) => new Map<File, string>());

/**
 * Returns the digest of a file of a tree, computed once: SHA-256, in hexadecimal. A caller that already has the content passes
 * it, so that it is not rendered again.
 */
export function digestOf(tree: Tree, file: File, content?: File['content']): string {
  const digests = digestsOf(tree);
  let found = digests.get(file);
  if (found === undefined) {
    found = digest(content ?? file.content);
    digests.set(file, found);
  }
  return found;
}

/** Returns the SHA-256 of bytes, or of a text's UTF-8 bytes, in hexadecimal. */
export function digest(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/* The records of earlier builds in an output directory: its manifest, and the journal of interrupted builds. */

/** A file that a build may have moved into place: its SHA-256 in hexadecimal, and whether secrets are substituted in it. */
export type Placed = string | { readonly filled: string };

/**
 * The files that interrupted builds may have moved into a directory, by path. They are not in the manifest. Without the journal,
 * the next build would report them as manual edits, and would treat substituted secrets as placeholders.
 */
export type Journal = ReadonlyMap<string, readonly Placed[]>;

/** Reads the journal of an output directory, which is empty unless a build was interrupted. Never throws. */
export function readJournal(folder: string): Journal {
  // Without a journal, there is no file: it is never partly written.
  const journal = orUndefined((): object | null => JSON.parse(String(readRegular(journalPath(folder)))));
  const all = Object.entries(journal ?? {}).filter(([, placed]) => Array.isArray(placed));
  return new Map(all.map(([path, placed]) => [path, placed.filter(isPlaced)]));
}

/**
 * Writes the journal as a whole or not at all, of two entries for a path the last; removes it if it is empty. Stages the journal with
 * the other files, so that a partly written one is removed with them. Throws the errors of `node:fs`.
 */
export function writeJournal(folder: string, entries: Iterable<readonly [string, readonly Placed[]]>): void {
  const text = JSON.stringify(Object.fromEntries(entries));
  if (text !== '{}') {
    const staged = workPath(folder, 'new', 'journal.json');
    // Other users must not read digests of files that contain secrets.
    writeFileSync(staged, text, { mode: 0o640 });
    renameSync(staged, journalPath(folder));
  } else rmSync(journalPath(folder), { force: true });
}

function isPlaced(entry: unknown): entry is Placed {
  return (
    typeof (entry as { readonly filled?: unknown } | null)?.filled === 'string' || typeof entry === 'string'
  );
}

function journalPath(folder: string): string {
  return workPath(folder, 'journal.json');
}

/** The managed files of a directory: the SHA-256 of each version that a build wrote, in hexadecimal, by path. */
export type Known = ReadonlyMap<string, readonly string[]>;

/**
 * Returns the files in a directory that earlier builds wrote, from its manifest, from both sides of a merge conflict in it, and
 * from the journal of interrupted builds. Returns no files for a directory that is empty or does not exist.
 * Throws OutputError if the directory has files but no harvgen manifest.
 */
export function managedFiles(folder: string): Known {
  // Must come first: another build lists its files in its journal before it moves them here.
  if (isVacant(folder)) return new Map();
  const known = new Map<string, readonly string[]>();
  for (const [path, placed] of readJournal(folder))
    known.set(
      path,
      placed.map((digest) => (typeof digest === 'string' ? digest : digest.filled)),
    );
  const manifests = manifestsOf(folder);
  // An interrupted first build has left a journal, but no manifest yet.
  const isOurs = manifests.length > 0 ? !manifests.includes(undefined) : known.size > 0;
  if (!isOurs) {
    throw new OutputError(
      `${folder} is not empty and has no harvgen manifest: it may contain unmanaged files. ` +
        `Choose another directory with --out or empty this one; if ${MANIFEST} was lost or damaged, restore it from git.`,
    );
  }
  for (const manifest of manifests) {
    const { files = {} } = manifest ?? {};
    for (const path in files) known.set(path, [...(known.get(path) ?? []), files[path] as string]);
  }
  return known;
}

/** Whether a directory is empty or does not exist. Throws OutputError if it is not a directory or cannot be read. */
export function isVacant(folder: string): boolean {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new OutputError(
        `${folder} is a link but must be the output directory: a link can lead anywhere. Choose another directory with --out or move the link away.`,
      );
    }
    return readdirSync(folder).every((name) => name === WORK_FOLDER);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code !== 'ENOTDIR') throw unreadable(folder, error);
    throw new OutputError(
      `${folder} is a file but must be the output directory. Choose another directory with --out or move the file.`,
    );
  }
}

/** Returns a text that changes whenever a build writes the directory. */
export function stampOf(folder: string): string {
  const stats = orUndefined(() => statSync(join(folder, MANIFEST), { bigint: true }));
  // An error is reported when the manifest is read.
  return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.size}` : '';
}

/** Nothing, a link and a socket: these cannot be opened as a file. */
const NO_FILE: readonly unknown[] = ['ENOENT', 'ELOOP', 'ENXIO'];

/** Returns the manifest of a directory, or both sides of a conflict; none if there is no regular file at its path. */
function manifestsOf(folder: string): (Manifest | undefined)[] {
  const path = join(folder, MANIFEST);
  try {
    const content = readRegular(path);
    return content ? sides(content.toString()).map(parseManifest) : [];
  } catch (error) {
    if (NO_FILE.includes((error as NodeJS.ErrnoException).code)) return [];
    throw unreadable(path, error);
  }
}

/** Returns the readable manifests of a directory: `compareTree` reports the errors of the others. */
function readableManifests(folder: string): Manifest[] {
  return orUndefined(() => manifestsOf(folder).flatMap((manifest) => manifest ?? [])) ?? [];
}

/** Returns the version of harvgen that wrote an output directory, according to its manifest; undefined without one. */
export function recordedVersion(folder: string): string | undefined {
  // The first key: the manifest of a large site takes long to parse.
  const head = orUndefined(() => readRegular(join(folder, MANIFEST))?.subarray(0, 1000).toString());
  return /"generator": "harvgen ([\w.+-]{1,40})"/.exec(head ?? '')?.[1];
}

/**
 * Returns the files of an output directory in which an earlier build substituted secrets, by path, according to its manifest.
 * Empty if there are none, or no readable manifest.
 */
export function filledFiles(folder: string): Map<string, FilledFile> {
  return new Map(readableManifests(folder).flatMap((manifest) => [...filledIn(manifest)]));
}

/**
 * Returns the SHA-256 of the files without secret values that builds wrote into an output directory, by path. Reads the
 * manifest, and the journal of interrupted builds.
 */
export function unfilledFiles(folder: string): Map<string, ReadonlySet<string>> {
  const unfilled = new Map<string, Set<string>>();
  const add = (path: string, digest: string) =>
    unfilled.set(path, (unfilled.get(path) ?? new Set()).add(digest));
  for (const manifest of readableManifests(folder))
    for (const [path, digest] of Object.entries(manifest.files))
      if (!mayBeFilled(manifest, path)) add(path, digest);
  for (const [path, placed] of readJournal(folder))
    for (const digest of placed) if (typeof digest === 'string') add(path, digest);
  return unfilled;
}

/**
 * Whether a build of a tree would replace substituted secrets in a directory with placeholders, for files of builds in the
 * manifest or of an interrupted one.
 */
export function isUnfilling(folder: string, tree: Tree): boolean {
  if (isFilled(tree)) return false;
  // The directory first: the search for placeholders renders every file.
  if (filledFiles(folder).size === 0 && !isHalfFilled(folder)) return false;
  return [...tree].some(([path, file]) => isFilledPath(path) && placeholdersIn(textOf(file)).length > 0);
}

/** Whether an interrupted build has substituted secrets in a file of a directory that is still there. */
function isHalfFilled(folder: string): boolean {
  return [...readJournal(folder)].some(([path, placed]) => {
    const filled = placed.flatMap((digest) => (typeof digest === 'string' ? [] : digest.filled));
    return filled.length > 0 && filled.includes(digestAt(join(folder, path)) ?? '');
  });
}

function digestAt(path: string): string | undefined {
  const content = orUndefined(() => readRegular(path));
  return content && digest(content);
}

/** Whether a tree contains the values of secrets instead of their placeholders. */
export function isFilled(tree: Tree): boolean {
  return tree.get(MANIFEST)?.confidential ?? false;
}
