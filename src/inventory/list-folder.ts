import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Something in a folder, or below it, that is no folder. */
export interface Listed {
  /** The absolute path. */
  readonly path: string;
  /** Whether it is a link that leads to nothing. */
  readonly isBrokenLink: boolean;
}

/** What lies below a folder. */
export interface Listing {
  readonly entries: readonly Listed[];
  /** Whether links are among them, or led to some: the same file may be there under several names. */
  readonly hasLinks: boolean;
}

/**
 * Lists all below a site's folder that is no folder, links followed, but for what templates/, files/, node_modules/ and
 * folders that begin with a dot hold. Throws what `readdirSync` throws for a folder that cannot be looked into.
 */
export function listFolder(folder: string): Listing {
  const lister = new Lister();
  lister.list(folder, [], true);
  return { entries: lister.entries, hasLinks: lister.hasLinks };
}

class Lister {
  readonly entries: Listed[] = [];
  hasLinks = false;

  /** Lists a folder; `chain` are the folders that links on the way to it led to. */
  list(folder: string, chain: readonly string[], isTop: boolean): void {
    const isPassedOver = !isTop && basename(folder).startsWith('.');
    for (const entry of readFolder(folder)) {
      const { name } = entry;
      if (isPassedOver || name === 'node_modules') continue;
      if (isTop && (name === 'templates' || name === 'files')) continue;
      const path = join(folder, name);
      if (entry.isSymbolicLink()) this.#link(path, chain);
      else if (entry.isDirectory()) this.list(path, chain, false);
      else this.entries.push({ path, isBrokenLink: false });
    }
  }

  #link(path: string, chain: readonly string[]): void {
    this.hasLinks = true;
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch {
      this.entries.push({ path, isBrokenLink: true });
      return;
    }
    if (!isFolder) {
      this.entries.push({ path, isBrokenLink: false });
      return;
    }
    // A link that leads back is followed once: from there on all would be met again.
    const target = realpathSync(path);
    if (!chain.includes(target)) this.list(path, [...chain, target], false);
  }
}

/** A folder that has gone meanwhile holds nothing. */
function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
