import { quoteNginxLocation } from '../../quoting/nginx.ts';
import type { Site, SiteFile } from '../../site/model.ts';
import { WWW } from '../paths.ts';

/** A file of the site's own that the web server hands out, and as what. */
export interface Served {
  /** The path that it is asked for by, quoted as a location. */
  readonly location: string;
  readonly type: string;
}

/** Endings of text files that a machine or a person fetches. Where the web server knows an ending, it says so itself. */
const TEXT = /\.(cfg|conf|csv|env|ini|ipxe|json|ks|log|md|preseed|pub|sh|toml|txt|xml|ya?ml)$/i;

/** Folders below the document root that nginx serves from elsewhere: iPXE's programs, and Harvester's files. */
const BESIDE_THE_TREE = ['loader', 'harvester'];

/** Gives the site's own files that lie below the document root, but for those that cannot be served from there. */
export function servedFiles(site: Site): Served[] {
  return site.files.flatMap((file) => {
    const path = pathServed(file);
    if (path === undefined || whyNotServed(file)) return [];
    return [
      {
        location: quoteNginxLocation(path),
        type: TEXT.test(path) ? 'text/plain' : 'application/octet-stream',
      },
    ];
  });
}

/** Says why a file below the document root cannot be served; undefined for one that can, and for one elsewhere. */
export function whyNotServed(
  file: SiteFile,
): { readonly message: string; readonly help: string } | undefined {
  const path = pathServed(file);
  if (path === undefined) return undefined;
  for (const folder of BESIDE_THE_TREE) {
    if (!path.startsWith(`/${folder}/`)) continue;
    const message = `Below /${folder}/ nginx serves what lies beside the tree: this file would stand in its way.`;
    return { message, help: 'choose another folder' };
  }
  return undefined;
}

/** The path by which the web server is asked for a file, if it lies below the document root. */
function pathServed({ path }: SiteFile): string | undefined {
  return path.startsWith(`${WWW}/`) ? path.slice(WWW.length) : undefined;
}
