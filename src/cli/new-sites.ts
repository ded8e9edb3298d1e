import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { writeNewSite } from './new-site.ts';

/** A new site: its folder, and what its site.yaml says. */
interface NewSite {
  readonly folder: string;
  readonly text: string;
}

/** Writes several new sites; where one cannot be written, those before it are taken back. Says why then. */
export function writeNewSites(sites: readonly NewSite[]): string | undefined {
  const undo: (() => void)[] = [];
  for (const { folder, text } of sites) {
    const made = missingFolders(resolve(folder));
    const why = writeNewSite(folder, text);
    undo.unshift(() => takeBack(folder, made, why === undefined));
    if (why === undefined) continue;
    for (const step of undo) step();
    return why;
  }
  return undefined;
}

/** The folders that have to be made for one, from the inside out. */
function missingFolders(folder: string): string[] {
  return existsSync(folder) || dirname(folder) === folder ? [] : [folder, ...missingFolders(dirname(folder))];
}

function takeBack(folder: string, made: readonly string[], isWritten: boolean): void {
  if (isWritten) rmSync(join(resolve(folder), 'site.yaml'), { force: true });
  for (const path of made) {
    try {
      rmdirSync(path);
    } catch {
      return; // somebody has put something there, or it was never made
    }
  }
}
