import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { workPath } from './work-folder.ts';

/** A file that a build may have put in place: its SHA-256 in hexadecimal, and whether secrets are filled into it. */
export type Placed = string | { readonly filled: string };

/**
 * What builds that did not end may have put into a folder, by path. The manifest does not know of it, and without it the
 * next build would take it for somebody's edit, and what is filled in for marks.
 */
export type Journal = ReadonlyMap<string, readonly Placed[]>;

/** Gives the SHA-256 of what was put in place, in hexadecimal. */
export function digestOf(placed: Placed): string {
  return typeof placed === 'string' ? placed : placed.filled;
}

/** Reads the journal of an output folder; it is empty where no build was cut short. Never throws. */
export function readJournal(folder: string): Journal {
  try {
    const journal: object = JSON.parse(readFileSync(pathOf(folder), 'utf8'));
    return new Map(
      Object.entries(journal).flatMap(([path, all]) =>
        Array.isArray(all) ? [[path, all.filter(isPlaced)] as const] : [],
      ),
    );
  } catch {
    return new Map(); // there is none: it is never half-written
  }
}

/**
 * Writes the journal, as a whole or not at all; an empty one is none. It waits for its turn where the files do, so that
 * half of one goes away with them. Throws what `node:fs` throws.
 */
export function writeJournal(folder: string, journal: Journal): void {
  const path = pathOf(folder);
  if (journal.size === 0) {
    rmSync(path, { force: true });
    return;
  }
  const staged = workPath(folder, 'new', 'journal.json');
  // Digests of files that hold secrets are told to nobody else.
  writeFileSync(staged, textOf(journal), { mode: 0o640 });
  renameSync(staged, path);
}

/** The JSON of a journal, put together by hand: an object of so many keys takes five times as long. */
function textOf(journal: Journal): string {
  let text = '';
  for (const [path, placed] of journal)
    text += `${text === '' ? '{' : ','}${JSON.stringify(path)}:${JSON.stringify(placed)}`;
  return `${text}}`;
}

function isPlaced(entry: unknown): entry is Placed {
  const digest = typeof entry === 'object' && entry !== null && 'filled' in entry ? entry.filled : entry;
  return typeof digest === 'string';
}

function pathOf(folder: string): string {
  return workPath(folder, 'journal.json');
}
