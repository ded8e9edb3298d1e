import { basename } from 'node:path/posix';
import type { SiteFile } from '../../inventory/own-files.ts';
import type { Site } from '../../site/model.ts';
import type { Server } from '../../site/model-server.ts';
import { OCI_SCRIPT, WWW } from '../../tree/paths.ts';
import { foldersAbove } from '../../tree/tree.ts';
import { quoteNginxLocation } from '../../values/quoting.ts';

/** Endings of text files that a machine or a person fetches. Where the web server knows an ending, it says so itself. */
const TEXT = /\.(cfg|conf|csv|env|ini|ipxe|json|ks|log|md|preseed|pub|sh|toml|txt|xml|ya?ml)$/i;

/** Folders below the document root that nginx serves from beside the tree, and whether it does so for a site. */
const BESIDE_THE_TREE: Readonly<Record<string, (server: Server) => boolean>> = {
  loader: () => true,
  images: ({ images }) => images.path !== undefined,
  harvester: ({ media }) => media.path !== undefined,
  sign: ({ sign }) => sign !== undefined,
};

/** What a machine is known by, in any spelling: its MAC, its address, its UUID. */
const KNOWN_BY = [
  '[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}',
  '[0-9]{1,3}(?:\\.[0-9]{1,3}){3}',
  '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
];

/**
 * What a node's script, its configuration or cloud-init's data is asked for by; by its serial number, in a folder of these alone; or by nothing, but
 * for the address of who asks. nginx says who may have it there; a file of one's own is everybody's, and would come before.
 */
const OF_A_NODE = new RegExp(
  `^/(?:ipxe|config)(?:/(?:${KNOWN_BY.join('|')})(?:\\.ipxe|\\.yaml)?)?$|^/ipxe/serial/|^/cloud-init/(?:${KNOWN_BY.join('|')})(?:/|$)`,
  'i',
);

/**
 * What OpenCHAMI's services are asked for, but for the groups' files: nginx says who may have it, and a file of one's own is
 * everybody's, and would come before.
 */
const OF_OCHAMI =
  /^\/(?:apis|boot\/v1|hsm\/v2|cloud-init\/ochami|(?:cloud-init\/(?:[a-z0-9_-]+\/)?)?(?:meta-data|user-data|vendor-data|network-config|phone-home))(?:\/|$)/;

/** A file of a group, or what is asked for as one. */
const GROUP_FILE = /^\/(?:cloud-init\/)?([a-z0-9_-]+)\.yaml$/;

/** What has to begin with a dot, since a standard says so (RFC 8615). */
const WELL_KNOWN = '.well-known';

/** Gives the site's own files that the web server hands out: the path that each is asked for by, quoted as a location, and as what. */
export function servedFiles(site: Site) {
  const paths = site.files.flatMap((file) => pathServed(file) ?? []);
  return paths.map((path) => {
    const type = TEXT.test(path) ? 'text/plain' : 'application/octet-stream';
    return { location: quoteNginxLocation(path), type };
  });
}

/** Says why a file below the document root cannot be served; undefined for one that can, and for one elsewhere. */
export function whyNotServed(
  file: SiteFile,
  { server, groups }: Pick<Site, 'server' | 'groups'>,
): { readonly message: string; readonly help: string } | undefined {
  const path = pathServed(file);
  if (path === undefined) return undefined;
  const help = 'choose another name';
  if (OF_A_NODE.test(path) || path === `/${OCI_SCRIPT}`) {
    const message = `Machines ask for their own files by what they are known by, ${path} among it: this file would be given out instead, to everybody.`;
    return { message, help };
  }
  const isOfOchami = OF_OCHAMI.test(path) || groups.some(({ name }) => name === GROUP_FILE.exec(path)?.[1]);
  if (server.compat.includes('ochami') && isOfOchami) {
    const message = `OpenCHAMI's clients ask for ${path} or what is below it (server.compat): this file would be given out instead, to everybody.`;
    return { message, help };
  }
  for (const [folder, isBeside] of Object.entries(BESIDE_THE_TREE)) {
    if (!path.startsWith(`/${folder}/`) || !isBeside(server)) continue;
    const message = `Below /${folder}/ nginx serves what lies beside the tree: this file would stand in its way.`;
    return { message, help: 'choose another folder' };
  }
  return undefined;
}

/**
 * Gives the path, in the tree, of what is hidden by a dot below the document root: the file, or the outermost such folder
 * around it; undefined where nothing is.
 */
export function hiddenPart(file: SiteFile): string | undefined {
  if (pathServed(file) === undefined) return undefined;
  return [...foldersAbove(file.path), file.path].find((path) => {
    const name = basename(path);
    return name.startsWith('.') && name !== WELL_KNOWN;
  });
}

/** The path by which the web server is asked for a file, if it lies below the document root. */
function pathServed({ path }: SiteFile): string | undefined {
  return path.startsWith(`${WWW}/`) ? path.slice(WWW.length) : undefined;
}
