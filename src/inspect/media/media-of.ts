import type { Site } from '../../site/model.ts';
import type { Tree } from '../../tree/tree.ts';
import { MEDIUM_KINDS, type Medium } from './medium.ts';
import { cloudInitMedia } from './of-cloud-init.ts';
import { configurationMedia } from './of-configurations.ts';
import { linuxMedia } from './of-linux.ts';
import { programMedia } from './of-programs.ts';
import { releaseMedia } from './of-releases.ts';
import { otherMedia } from './of-scripts.ts';
import { treeMedia } from './of-tree.ts';

/**
 * Gives everything that a boot of a site's machines, and the installation after it, fetches or asks by URL: each URL once,
 * in the order of the boot, and then of the alphabet. Takes the site and its tree. A mirror of it is enough for a site
 * without a way to the internet, but for what nobody can mirror: accounts, webhooks, settings.
 */
export function mediaOf(site: Site, tree: Tree): Medium[] {
  const media = new Media();
  for (const medium of programMedia(site)) media.add(medium);
  for (const medium of treeMedia(site, tree)) media.add(medium);
  for (const medium of releaseMedia(site)) media.add(medium);
  for (const medium of linuxMedia(site)) media.add(medium);
  for (const medium of configurationMedia(site)) media.add(medium);
  for (const medium of cloudInitMedia(site)) media.add(medium);
  for (const medium of [...otherMedia(site, tree, (url) => media.has(url))]) media.add(medium);
  return media.sorted(site.nodes.map(({ name }) => name));
}

/** Media by URL: what is named several times is one, for all the nodes together. */
class Media {
  readonly #byUrl = new Map<string, { readonly medium: Medium; readonly nodes: Set<string> }>();
  readonly #sources = new Set<string>();

  add(medium: Medium): void {
    const known = this.#byUrl.get(medium.url);
    if (known) for (const node of medium.nodes) known.nodes.add(node);
    else this.#byUrl.set(medium.url, { medium, nodes: new Set(medium.nodes) });
    if (medium.from && 'url' in medium.from) this.#sources.add(medium.from.url);
  }

  has(url: string): boolean {
    return this.#byUrl.has(url) || this.#sources.has(url);
  }

  sorted(order: readonly string[]): Medium[] {
    const rank = new Map(order.map((name, index) => [name, index]));
    const place = (name: string) => rank.get(name) ?? order.length;
    return [...this.#byUrl.values()]
      .map(({ medium, nodes }) => ({ ...medium, nodes: [...nodes].sort((a, b) => place(a) - place(b)) }))
      .sort(compare);
  }
}

function compare(a: Medium, b: Medium): number {
  const kinds = MEDIUM_KINDS.indexOf(a.kind) - MEDIUM_KINDS.indexOf(b.kind);
  return kinds || (a.url < b.url ? -1 : 1);
}
