import type { Site } from '../../site/model.ts';
import { cloudInitUrl, furtherScriptPaths, scriptPath, WWW } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { shownUrl } from '../../values/shown-url.ts';
import type { Medium } from './medium.ts';

/** A URL that iPXE or the kernel fetches; one of a disk is none. */
const URLS = /\b(?:https?|tftp|ftp|nfs):\/\/[^\s"]+/g;

/**
 * Gives what scripts refer to beside what is `known`: templates of the site's own may name anything. A URL that iPXE puts
 * together as it runs cannot be told.
 */
export function* otherMedia(site: Site, tree: Tree, known: (url: string) => boolean): Iterable<Medium> {
  const owners = new Map<string, string>(
    site.nodes.flatMap((node) =>
      [scriptPath(node), ...furtherScriptPaths(node)].map((path): [string, string] => [
        `${WWW}/${path}`,
        node.name,
      ]),
    ),
  );
  // The files of that folder are asked for one by one.
  const seeds = new Set(site.nodes.map((node) => cloudInitUrl(site, node)));
  for (const [path, file] of tree) {
    if (!path.endsWith('.ipxe')) continue;
    const owner = owners.get(path);
    for (const line of textOf(file).split('\n')) {
      // What is a remark, or said on the console, is fetched by nobody.
      if (/^\s*(#|echo\b)/.test(line)) continue;
      for (const [url] of line.matchAll(URLS)) {
        if (url.includes('${') || known(url) || seeds.has(url)) continue;
        yield { url: shownUrl(url), kind: 'other', served: false, nodes: owner === undefined ? [] : [owner] };
      }
    }
  }
}
