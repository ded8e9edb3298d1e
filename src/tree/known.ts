import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, readJournal } from './journal.ts';
import { MANIFEST, parseManifests } from './manifest.ts';
import { OutputError } from './output-error.ts';
import type { SeenFiles } from './seen-files.ts';
import { WORK_FOLDER } from './work-folder.ts';

/** Which files of a folder are harvgen's: what the builds that made them wrote, as SHA-256 in hexadecimal, by path. */
export type Known = ReadonlyMap<string, readonly string[]>;

/**
 * Reads which files in a folder earlier builds made: by its manifest, by both sides of a manifest that a merge has left
 * in conflict, and by the journal of builds that were cut short. Gives none for a folder that is empty, or not there.
 * A manifest that was `seen`, and is as it was, is not parsed again.
 * Throws OutputError where the folder holds files and no manifest of harvgen's.
 */
export function knownFiles(folder: string, seen?: SeenFiles): Known {
  // First of all: what another build puts here after this look is in its journal before it is here.
  if (isVacant(folder)) return new Map();
  const known = new Map<string, readonly string[]>();
  const add = (path: string, digests: readonly string[]) =>
    known.set(path, known.has(path) ? [...(known.get(path) ?? []), ...digests] : digests);
  for (const [path, placed] of readJournal(folder)) add(path, placed.map(digestOf));
  const text = textOf(join(folder, MANIFEST));
  const alone = known.size === 0 && text !== undefined; // without a journal, the manifest tells all
  const before = alone ? seen?.knownBy(folder, text) : undefined;
  if (before) return before;
  const manifests = text === undefined ? [] : parseManifests(text);
  // A first build that was cut short has left a journal, and no manifest yet.
  const isOurs = manifests.length > 0 ? !manifests.includes(undefined) : known.size > 0;
  if (!isOurs) {
    throw new OutputError(
      `${folder} is not empty and has no manifest of harvgen's: it may hold files of somebody else. ` +
        `Choose another folder with --out, or empty this one; if ${MANIFEST} was lost or broken, get it back from git.`,
    );
  }
  for (const manifest of manifests) {
    for (const [path, digest] of Object.entries(manifest?.files ?? {})) add(path, [digest]);
  }
  if (alone) seen?.noteKnown(folder, text, known);
  return known;
}

/**
 * Says whether a folder holds nothing, or is not there. Throws OutputError for what is no folder, or cannot be read.
 */
export function isVacant(folder: string): boolean {
  return list(folder).every((name) => name === WORK_FOLDER);
}

function list(folder: string): string[] {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new OutputError(
        `${folder} is a link, and should be the folder of the output: it may lead anywhere. Choose another with --out, or move the link away.`,
      );
    }
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new OutputError(
      code === 'ENOTDIR'
        ? `${folder} is a file, and should be the folder of the output. Choose another with --out, or move the file.`
        : `${folder} cannot be read: ${code}. Check its permissions.`,
    );
  }
}

/** The text of a file; undefined where there is none. A link, or a folder, is none of ours. */
function textOf(path: string): string | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch (error) {
    throw new OutputError(
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}. Check its permissions.`,
    );
  }
}
