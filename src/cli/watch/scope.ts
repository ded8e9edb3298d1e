import { existsSync } from 'node:fs';
import { basename, dirname, relative, resolve, sep } from 'node:path';
import { isLitter } from '../../inventory/litter.ts';

/**
 * Which paths matter to sites: what is below their folders and may be read, and the files elsewhere that they asked for.
 * Takes and compares absolute paths.
 */
export class Scope {
  readonly #sites: readonly string[];
  readonly #asked: ReadonlySet<string>;
  /** The folders on the way to all of these. */
  readonly #above = new Set<string>();
  /** The folders to look into: those that hold a site, or the folder of a file elsewhere, so that these may come and go. */
  readonly roots: readonly string[];

  readonly #neighbours: boolean;

  /**
   * Takes the folders of the sites, the files that they asked for when they were compiled, and whether what comes and
   * goes beside the sites matters, too: it may be a site.
   */
  constructor(sites: readonly string[], asked: Iterable<string>, neighbours = false) {
    this.#neighbours = neighbours;
    this.#sites = sites.map((site) => resolve(site));
    this.#asked = new Set([...asked].filter((file) => !this.#siteOf(file)));
    const roots = new Set<string>();
    for (const path of [...this.#sites, ...this.#asked]) {
      roots.add(existing(dirname(this.#sites.includes(path) ? path : dirname(path))));
      for (let folder = dirname(path); !this.#above.has(folder); folder = dirname(folder)) {
        this.#above.add(folder);
      }
    }
    this.roots = [...roots].sort();
  }

  /** Gives a text that is the same for scopes with the same paths. */
  get key(): string {
    return [...this.roots, '', ...this.#sites, '', ...[...this.#asked].sort()].join('\n');
  }

  /** Says whether a path is to be looked at: it matters, or lies on the way to what does. */
  holds(path: string): boolean {
    if (this.#above.has(path) || this.#asked.has(path)) return true;
    const site = this.#siteOf(path);
    if (site === undefined) return false;
    const steps = relative(site, path).split(sep);
    return !steps.includes('.git') && (isOwn(steps) || !steps.includes('node_modules'));
  }

  /** Says whether a change of a path can change what a site gives. */
  matters(path: string): boolean {
    if (this.#asked.has(path) || this.#sites.includes(path)) return true;
    const site = this.#siteOf(path);
    if (site === undefined) return this.#above.has(path) || (this.#neighbours && this.#isBeside(path));
    const name = basename(path);
    if (isLitter(name) || !this.holds(path)) return false;
    // What has no ending may be a folder.
    return isOwn(relative(site, path).split(sep)) || /\.ya?ml$/i.test(name) || !name.includes('.');
  }

  #isBeside(path: string): boolean {
    return (
      !/^[._]/.test(basename(path)) &&
      !isLitter(basename(path)) &&
      this.#sites.some((site) => dirname(site) === dirname(path))
    );
  }

  #siteOf(path: string): string | undefined {
    return this.#sites.find((site) => path === site || path.startsWith(site + sep));
  }
}

/** Whether a path, by its steps from the site's folder, is of the site's own templates or files. */
function isOwn([first]: readonly string[]): boolean {
  return first === 'templates' || first === 'files';
}

/** The innermost folder at or above a path that is there. */
function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}
