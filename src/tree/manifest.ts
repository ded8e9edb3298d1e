import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeholdersIn } from '../source/marks.ts';
import { onceFor } from '../values/once-for.ts';
import { OutputError, unreadable, WORK_FOLDER, workPath } from './output-folder.ts';
import { isFilledPath } from './paths.ts';
import { type File, type FilledSecret, type Tree, textOf } from './tree.ts';

/** Where the manifest lies in the tree. */
export const MANIFEST = 'manifest.json';

/** What a build wrote: by it the next one knows which files are harvgen's. */
export interface Manifest {
  readonly generator: string;
  readonly site: string;
  /** SHA-256 of each file, in hexadecimal, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Where secrets are filled in, by path: first byte, length in bytes, and the mark. Not there where none are. */
  readonly secrets?: Readonly<Record<string, readonly Filled[]>>;
}

type Filled = readonly [start: number, length: number, mark: string];

/** A file that secrets were filled into, as a manifest knows it. */
export interface FilledFile {
  /** SHA-256 of what was written, in hexadecimal. */
  readonly digest: string;
  readonly secrets: readonly FilledSecret[];
}

/**
 * Renders the manifest of a tree, of all in it but a manifest; `generator` is the program and its version. No clock time, so
 * that it is stable. Of files whose digests are known it asks for no content.
 */
export function renderManifest(tree: Tree, site: string, generator: string): string {
  const paths = [...tree].filter(([path]) => path !== MANIFEST);
  const files = Object.fromEntries(paths.map(([path, file]) => [path, digestOf(tree, file)]));
  const secrets = Object.fromEntries(
    paths.flatMap(([path, { secrets }]) =>
      secrets ? [[path, secrets.map(({ start, length, mark }): Filled => [start, length, mark])]] : [],
    ),
  );
  const tail = Object.keys(secrets).length > 0 ? { secrets } : {};
  return `${JSON.stringify({ generator, site, files, ...tail }, null, 2)}\n`;
}

/** Gives the files that a manifest says secrets are filled into, by path. What is not as it should be is left out. */
export function filledIn({ files, secrets }: Manifest): Map<string, FilledFile> {
  const filled = new Map<string, FilledFile>();
  for (const [path, places] of Object.entries(secrets ?? {})) {
    const digest = files[path];
    if (typeof digest !== 'string' || !Array.isArray(places) || !places.every(isPlace)) continue;
    filled.set(path, { digest, secrets: places.map(([start, length, mark]) => ({ start, length, mark })) });
  }
  return filled;
}

/** Says whether a manifest may mean that secrets are filled into a file, whether or not it says so as it should. */
function isSaidFilled({ secrets }: Manifest, path: string): boolean {
  if (secrets === undefined) return false;
  return typeof secrets !== 'object' || secrets === null || Object.hasOwn(secrets, path);
}

function isPlace(place: unknown): place is Filled {
  if (!Array.isArray(place)) return false;
  const [start, length, mark] = place;
  return Number.isSafeInteger(start) && Number.isSafeInteger(length) && typeof mark === 'string';
}

/** Reads a manifest; undefined where the text is none of harvgen's. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(text) as Partial<Manifest> | null;
    const ours = typeof manifest?.generator === 'string' && manifest.generator.startsWith('harvgen ');
    const files = manifest?.files;
    if (!ours || typeof files !== 'object' || files === null || Array.isArray(files)) return undefined;
    return manifest as Manifest;
  } catch {
    return undefined;
  }
}

/** The two texts that a merge of git has left in conflict; the text itself where there is no conflict in it. */
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
 * Gives the digest of a file of a tree, which is made once: SHA-256, in hexadecimal. Who has its content at hand gives it
 * along, so that it is not made for this alone.
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

/** Gives the SHA-256 of bytes, or of a text's UTF-8 bytes, in hexadecimal. */
export function digest(content: string | Uint8Array): string {
  return hash('sha256', content);
}

/* What earlier builds have left in an output folder: by its manifest, and by the journal of builds that were cut short. */

/** A file that a build may have put in place: its SHA-256 in hexadecimal, and whether secrets are filled into it. */
export type Placed = string | { readonly filled: string };

/**
 * What builds that did not end may have put into a folder, by path. The manifest does not know of it, and without it the
 * next build would take it for somebody's edit, and what is filled in for marks.
 */
export type Journal = ReadonlyMap<string, readonly Placed[]>;

/** Reads the journal of an output folder; it is empty where no build was cut short. Never throws. */
export function readJournal(folder: string): Journal {
  try {
    const journal: object = JSON.parse(readFileSync(journalPath(folder), 'utf8'));
    const all = Object.entries(journal).filter(([, placed]) => Array.isArray(placed));
    return new Map(all.map(([path, placed]) => [path, placed.filter(isPlaced)]));
  } catch {
    return new Map(); // there is none: it is never half-written
  }
}

/**
 * Writes the journal, as a whole or not at all; an empty one is none. It waits for its turn where the files do, so that
 * half of one goes away with them. Throws what `node:fs` throws.
 */
export function writeJournal(folder: string, journal: Journal): void {
  if (journal.size > 0) {
    const staged = workPath(folder, 'new', 'journal.json');
    // Digests of files that hold secrets are told to nobody else.
    writeFileSync(staged, JSON.stringify(Object.fromEntries(journal)), { mode: 0o640 });
    renameSync(staged, journalPath(folder));
  } else rmSync(journalPath(folder), { force: true });
}

function isPlaced(entry: unknown): entry is Placed {
  const digest = typeof entry === 'object' && entry !== null && 'filled' in entry ? entry.filled : entry;
  return typeof digest === 'string';
}

function journalPath(folder: string): string {
  return workPath(folder, 'journal.json');
}

/** Which files of a folder are harvgen's: what the builds that made them wrote, as SHA-256 in hexadecimal, by path. */
export type Known = ReadonlyMap<string, readonly string[]>;

/**
 * Reads which files in a folder earlier builds made: by its manifest, by both sides of a manifest that a merge has left
 * in conflict, and by the journal of builds that were cut short. Gives none for a folder that is empty, or not there.
 * Throws OutputError where the folder holds files and no manifest of harvgen's.
 */
export function managedFiles(folder: string): Known {
  // First of all: what another build puts here after this look is in its journal before it is here.
  if (isVacant(folder)) return new Map();
  const known = new Map<string, readonly string[]>();
  for (const [path, placed] of readJournal(folder))
    known.set(
      path,
      placed.map((one) => (typeof one === 'string' ? one : one.filled)),
    );
  const manifests = manifestsOf(folder);
  // A first build that was cut short has left a journal, and no manifest yet.
  const isOurs = manifests.length > 0 ? !manifests.includes(undefined) : known.size > 0;
  if (!isOurs) {
    throw new OutputError(
      `${folder} is not empty and has no manifest of harvgen's: it may hold files of somebody else. ` +
        `Choose another folder with --out, or empty this one; if ${MANIFEST} was lost or broken, get it back from git.`,
    );
  }
  for (const manifest of manifests)
    for (const [path, digest] of Object.entries(manifest?.files ?? {}))
      known.set(path, [...(known.get(path) ?? []), digest]);
  return known;
}

/** Says whether a folder holds nothing, or is not there. Throws OutputError for what is no folder, or cannot be read. */
export function isVacant(folder: string): boolean {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new OutputError(
        `${folder} is a link, and should be the folder of the output: it may lead anywhere. Choose another with --out, or move the link away.`,
      );
    }
    return readdirSync(folder).every((name) => name === WORK_FOLDER);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code !== 'ENOTDIR') throw unreadable(folder, error);
    throw new OutputError(
      `${folder} is a file, and should be the folder of the output. Choose another with --out, or move the file.`,
    );
  }
}

/** Gives a text that is another one as soon as another build has written a folder. */
export function stampOf(folder: string): string {
  try {
    const { ino, mtimeNs, size } = statSync(join(folder, MANIFEST), { bigint: true });
    return `${ino} ${mtimeNs} ${size}`;
  } catch {
    return ''; // what is wrong with it is said when it is read
  }
}

/** The manifest of a folder, or both sides of a conflict; none where there is no file. A link, or a folder, is none of ours. */
function manifestsOf(folder: string): (Manifest | undefined)[] {
  const path = join(folder, MANIFEST);
  try {
    const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile();
    return isFile ? sides(readFileSync(path, 'utf8')).map(parseManifest) : [];
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** What can be read of the manifest of a folder: `compareTree` says what is wrong with one. */
function readableManifests(folder: string): Manifest[] {
  try {
    return manifestsOf(folder).flatMap((manifest) => manifest ?? []);
  } catch {
    return [];
  }
}

/**
 * Gives the files of an output folder that an earlier build filled secrets into, by path, as the folder's manifest knows
 * them. Empty where there are none, or no manifest that can be read.
 */
export function filledFiles(folder: string): Map<string, FilledFile> {
  return new Map(readableManifests(folder).flatMap((manifest) => [...filledIn(manifest)]));
}

/**
 * Gives what builds wrote into an output folder without a secret's value in it, as SHA-256 by path: by what the folder's
 * manifest says, and the journal of builds that were cut short.
 */
export function unfilledFiles(folder: string): Map<string, ReadonlySet<string>> {
  const unfilled = new Map<string, Set<string>>();
  const add = (path: string, digest: string) =>
    unfilled.set(path, (unfilled.get(path) ?? new Set()).add(digest));
  for (const manifest of readableManifests(folder))
    for (const [path, digest] of Object.entries(manifest.files))
      if (!isSaidFilled(manifest, path)) add(path, digest);
  for (const [path, placed] of readJournal(folder))
    for (const one of placed) if (typeof one === 'string') add(path, one);
  return unfilled;
}

/**
 * Says whether a build of a tree would put marks in a folder in place of secrets that are filled in there: by builds that
 * the manifest knows, or by one that was cut short.
 */
export function isUnfilling(folder: string, tree: Tree): boolean {
  if (isFilled(tree)) return false;
  // The folder first: to look for marks, each file has to be made.
  if (filledFiles(folder).size === 0 && !isHalfFilled(folder)) return false;
  return [...tree].some(([path, file]) => isFilledPath(path) && placeholdersIn(textOf(file)).length > 0);
}

/** Says whether a build that was cut short has filled secrets into a file of a folder, which is still there. */
function isHalfFilled(folder: string): boolean {
  return [...readJournal(folder)].some(([path, placed]) => {
    const filled = placed.flatMap((one) => (typeof one === 'string' ? [] : one.filled));
    return filled.length > 0 && filled.includes(digestAt(join(folder, path)) ?? '');
  });
}

function digestAt(path: string): string | undefined {
  try {
    return lstatSync(path).isFile() ? digest(readFileSync(path)) : undefined;
  } catch {
    return undefined;
  }
}

/** Says whether the values of secrets stand in a tree, in place of their marks. */
export function isFilled(tree: Tree): boolean {
  return tree.get(MANIFEST)?.confidential ?? false;
}
