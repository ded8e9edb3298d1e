import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { workPath } from './work-folder.ts';

/**
 * What builds that did not end may have put into a folder: SHA-256 in hexadecimal, by path. The manifest does not know of
 * it, and without it the next build would take it for somebody's edit.
 */
export type Journal = ReadonlyMap<string, readonly string[]>;

/** Reads the journal of an output folder; it is empty where no build was cut short. Never throws. */
export function readJournal(folder: string): Journal {
  try {
    const journal: object = JSON.parse(readFileSync(pathOf(folder), 'utf8'));
    return new Map(Object.entries(journal).filter(([, digests]) => Array.isArray(digests)));
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
  writeFileSync(staged, JSON.stringify(Object.fromEntries(journal)), { mode: 0o640 });
  renameSync(staged, path);
}

function pathOf(folder: string): string {
  return workPath(folder, 'journal.json');
}
