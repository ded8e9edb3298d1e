import { isoFile } from '../knowledge/config-values.ts';
import { type Arch, harvesterMedia, RELEASES_URL } from '../knowledge/harvester.ts';
import { digestOf } from '../knowledge/harvester-digests.ts';
import type { Site } from '../site/model.ts';
import { cloudInitUrl, furtherScriptPaths, scriptPath, WWW } from '../tree/paths.ts';
import { type Tree, textOf } from '../tree/tree.ts';
import type { Draft } from '../values/draft.ts';
import { serverOf, shownUrl } from '../values/urls.ts';
import { cloudInitRequests, configRequests, type LaterRequest } from './requests.ts';

/** A URL that machines, or the boot server for them, request. */
export interface Medium {
  /** The URL as a machine requests it, without passwords; only the server of a webhook or setting. */
  readonly url: string;
  readonly kind: MediumKind;
  /** The size in bytes; undefined if it is unknown or changes because the boot server substitutes secrets. */
  readonly size?: number;
  /** The digest of a pinned file or a file in the tree; undefined if the boot server substitutes secrets. */
  readonly sha512?: string;
  /** The source for a mirror or the boot server; undefined for files in the tree, and for files without a URL. */
  readonly from?: Source;
  readonly release?: { readonly version: string; readonly arch: Arch };
  readonly served: boolean;
  /** The names of the nodes that request the URL, in the order of the inventory; empty if unknown. */
  readonly nodes: readonly string[];
}

/** The source of a medium. */
export type Source =
  | { readonly url: string }
  /** A Debian package, or a make target in iPXE's sources. */
  | { readonly package: string }
  | { readonly build: string };

/** The purposes of media in the order of the boot, which is the order of the list. */
export const MEDIUM_KINDS = [
  'program',
  'script',
  'signature',
  'kernel',
  'initrd',
  'rootfs',
  'configuration',
  'iso',
  'image',
  'checksums',
  'file',
  'ssh-keys',
  'command',
  'webhook',
  'setting',
  'other',
] as const;

export type MediumKind = (typeof MEDIUM_KINDS)[number];

/** The list of a site. */
export interface SiteMedia {
  readonly site: Site;
  readonly folder: string;
  readonly media: readonly Medium[];
}

/** Returns the directory and name of a release file relative to the root of a mirror. */
export function mediaPath({ url, release }: Medium): string | undefined {
  return release && `${release.version}/${url.replace(/^.*\//, '')}`;
}

/** Returns the release files that can be pinned, by directory and name, each once. ISOs other than the full one cannot. */
export function pinnable(media: readonly Medium[]): Map<string, Medium> {
  return new Map(
    media.flatMap((medium) => {
      const { release, kind, url } = medium;
      if (!release || kind === 'checksums') return [];
      const files: string[] = Object.values(harvesterMedia(release.version, release.arch));
      const isKnown = files.some((name) => url.endsWith(`/${name}`));
      return isKnown ? [[mediaPath(medium) ?? '', medium] as const] : [];
    }),
  );
}

/* URLs in configurations, in cloud-init's data and in site scripts. */

const SCRIPT_URLS = /\b(?:https?|tftp|ftp|nfs):\/\/[^\s"]+/g;

/** Returns the path of a URL of the boot server, on any of its ports and addresses; undefined for the URL of another server. */
export function pathOnServer(
  { server, networks = [] }: Pick<Draft<Site>, 'server' | 'networks'>,
  url: string,
): string | undefined {
  if (!server?.host || !URL.canParse(url)) return undefined;
  const { hostname, port, protocol, pathname } = new URL(url);
  const isPort = [server.port, ...(server.ports ?? [])].includes(
    Number(port) || (protocol === 'https:' ? 443 : 80),
  );
  const isOwn =
    hostname === server.host.toLowerCase() || networks.some((network) => network?.bootServer === hostname);
  return isPort && isOwn ? pathname.slice(1) : undefined;
}

/** Whether the boot server itself serves a URL. Below `harvester/`, it has a directory for each release. */
export function isServed(site: Pick<Draft<Site>, 'server' | 'networks' | 'files'>, url: string): boolean {
  const { server, files = [] } = site;
  const path = pathOnServer(site, url);
  if (path?.startsWith('harvester/'))
    return server?.media?.path !== undefined && path.split('/').length === 3;
  if (path?.startsWith('images/')) return server?.images?.path !== undefined;
  return path !== undefined && files.some((file) => file?.path === `${WWW}/${path}`);
}

/** The path may be a secret: for servers other than the boot server it is hidden. SSH keys are public. */
function medium(site: Site, { url, kind }: LaterRequest, name: string): Medium {
  const served = isServed(site, url);
  const isShown = kind === 'ssh-keys' || (kind === 'command' && served);
  return { url: isShown ? shownUrl(url) : serverOf(url), kind, served, nodes: [name] };
}

/**
 * Returns the URLs that Harvester's installer and the installed system request because of a configuration. Ignores the
 * content of files that the configuration writes.
 */
export function* configurationMedia(site: Site): Iterable<Medium> {
  for (const { name, os, config } of site.nodes) {
    if (os !== 'harvester') continue;
    const { iso_url: iso } = config.install ?? {};
    if (iso) yield { ...isoMedium(site, iso), nodes: [name] };
    for (const request of configRequests(config)) yield medium(site, request, name);
  }
}

/** Returns an installation ISO, with its release and pin if it is that of a release. */
export function isoMedium(site: Site, url: string): Omit<Medium, 'nodes'> {
  const { of } = isoFile(url);
  const name = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  const isRelease = of !== undefined && harvesterMedia(of.version, of.arch).iso === name;
  const served = isServed(site, url);
  const shown = shownUrl(url);
  const from = of ? `${RELEASES_URL}/${of.version}/${name}` : served ? undefined : shown;
  return {
    url: shown,
    kind: 'iso',
    ...(isRelease ? { size: site.size[name], sha512: digestOf(site.sha512, name) } : {}),
    from: from === undefined ? undefined : { url: from },
    release: of ?? undefined,
    served,
  };
}

/** Returns the URLs that machines request because of cloud-init's data. Ignores the content of files that it writes. */
export function* cloudInitMedia(site: Site): Iterable<Medium> {
  for (const { name, cloudInit } of site.nodes)
    for (const request of cloudInit ? cloudInitRequests(cloudInit) : []) yield medium(site, request, name);
}

/** Returns the URLs in scripts that are not `known`, except URLs that iPXE assembles at run time. */
export function* otherMedia(site: Site, tree: Tree, known: ReadonlySet<string>): Iterable<Medium> {
  const owners = new Map(
    site.nodes.flatMap((node) =>
      [scriptPath(node), ...furtherScriptPaths(node)].map((path) => [`${WWW}/${path}`, node.name] as const),
    ),
  );
  // cloud-init requests the files of this directory one by one.
  const seeds = new Set(site.nodes.map((node) => cloudInitUrl(site, node)));
  for (const [path, file] of tree) {
    if (!path.endsWith('.ipxe')) continue;
    const owner = owners.get(path as `${typeof WWW}/${string}`);
    // Ignores URLs in comments and in console output.
    const lines = textOf(file).replace(/^\s*(#|echo\b).*$/gm, '');
    for (const url of lines.match(SCRIPT_URLS) ?? []) {
      if (url.includes('${') || known.has(url) || seeds.has(url)) continue;
      yield { url: shownUrl(url), kind: 'other', served: false, nodes: owner === undefined ? [] : [owner] };
    }
  }
}
