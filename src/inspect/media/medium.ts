import { isoFile } from '../../knowledge/config-values.ts';
import { type Arch, harvesterMedia, RELEASES_URL } from '../../knowledge/harvester.ts';
import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { type CloudInitLeaf, cloudInitLeaves } from '../../site/cloud-init.ts';
import type { Site } from '../../site/model.ts';
import { cloudInitUrl, furtherScriptPaths, scriptPath, WWW } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { serverOf, shownUrl } from '../../values/urls.ts';

/** What machines, or the boot server for them, fetch or ask by one URL. */
export interface Medium {
  /** As a machine asks for it. Of one that only notifies or configures, nothing but the server. Without passwords. */
  readonly url: string;
  readonly kind: MediumKind;
  /** In bytes; undefined where it is not known, or is another one once the boot server has filled secrets in. */
  readonly size?: number;
  /** Of what is in the tree, and of what is pinned; undefined where the boot server fills secrets in. */
  readonly sha512?: string;
  /** Where a mirror, or the boot server, gets it from; undefined for what is in the tree, and for what is not had by URL. */
  readonly from?: Source;
  readonly release?: { readonly version: string; readonly arch: Arch };
  readonly served: boolean;
  /** The names of the nodes that need it, in the order of the inventory; none where that cannot be told. */
  readonly nodes: readonly string[];
}

/** Where something is had from. */
export type Source =
  | { readonly url: string }
  /** A Debian package, or else what is to be built in iPXE's sources. */
  | { readonly package: string }
  | { readonly build: string };

/** What a medium is for, in the order of the boot; the order of the list. */
export const MEDIUM_KINDS = [
  'program',
  'script',
  'signature',
  'kernel',
  'initrd',
  'rootfs',
  'configuration',
  'iso',
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

/** Gives the folder and the name of a release's file below a mirror: what stands behind the place of all releases. */
export function mediaPath({ url, release }: Medium): string | undefined {
  return release && `${release.version}/${url.replace(/^.*\//, '')}`;
}

/** Gives the files of releases that can be pinned, by folder and name, each once; another ISO than the whole one cannot. */
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

/* What machines fetch or ask because a configuration, cloud-init's data or a script of the site's own says so. */

const URLS = /https?:\/\/[^\s'"`<>|;&()\\]+/g;

const SCRIPT_URLS = /\b(?:https?|tftp|ftp|nfs):\/\/[^\s"]+/g;

type Asked = Pick<Medium, 'url' | 'kind'>;

function isServed({ server, files }: Site, url: string): boolean {
  if (!url.startsWith(`${server.url}/`)) return false;
  const path = url.slice(server.url.length + 1);
  if (path.startsWith('harvester/')) return server.media.path !== undefined;
  if (path.startsWith('images/')) return server.images.path !== undefined;
  return files.some((file) => file.path === `${WWW}/${path}`);
}

/** What the URLs in commands ask for. Whoever knows the path may call: of others than the boot server it is not shown. */
function askedByCommand(site: Site, command: string): Asked[] {
  return (command.match(URLS) ?? []).map((url) => ({
    url: isServed(site, url) ? shownUrl(url) : serverOf(url),
    kind: 'command',
  }));
}

/**
 * Returns what Harvester's installer and the installed system fetch or ask because a configuration says so; what files hold
 * that it writes is not looked into.
 */
export function* configurationMedia(site: Site): Iterable<Medium> {
  for (const { name, os, config } of site.nodes) {
    if (os !== 'harvester') continue;
    const { iso_url: iso } = config.install ?? {};
    if (iso) yield { ...isoMedium(site, iso), nodes: [name] };
    for (const asked of askedByConfig(site, config))
      yield { ...asked, served: isServed(site, asked.url), nodes: [name] };
  }
}

function isoMedium(site: Site, url: string): Omit<Medium, 'nodes'> {
  const { of } = isoFile(url);
  const name = url.replace(/[?#].*$/, '').replace(/^.*\//, '');
  const isRelease = of !== undefined && harvesterMedia(of.version, of.arch).iso === name;
  const served = isServed(site, url);
  const shown = shownUrl(url);
  const from = of ? `${RELEASES_URL}/${of.version}/${name}` : served ? undefined : shown;
  return {
    url: shown,
    kind: 'iso',
    ...(isRelease ? { size: site.size[name], sha512: site.sha512[name] } : {}),
    from: from === undefined ? undefined : { url: from },
    release: of ?? undefined,
    served,
  };
}

function* askedByConfig(
  site: Site,
  { os, install, system_settings: settings = {} }: HarvesterConfig,
): Iterable<Asked> {
  for (const key of os?.ssh_authorized_keys ?? []) {
    const url = installedKeys(key);
    if (url !== undefined) yield { url: shownUrl(url), kind: 'ssh-keys' };
  }
  for (const command of os?.after_install_chroot_commands ?? []) yield* askedByCommand(site, command);
  for (const { url } of install?.webhooks ?? []) if (url) yield { url: serverOf(url), kind: 'webhook' };
  for (const [name, value] of Object.entries(settings)) {
    // A proxy is on the way to others, and asked for nothing itself.
    if (name === 'http-proxy') continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    for (const url of text.match(URLS) ?? []) yield { url: serverOf(url), kind: 'setting' };
  }
}

/** Where the installed system fetches the keys of an account from; undefined of a key that stands there itself. */
function installedKeys(key: string): string | undefined {
  const [, account, user] = /^(github|gitlab):([\w.-]+)$/.exec(key) ?? [];
  if (user !== undefined) return `https://${account}.com/${user}.keys`;
  return /^https?:\/\/\S+$/.test(key) ? key : undefined;
}

/** Returns what machines that boot Linux fetch or ask by cloud-init's data; files that it writes are not looked into. */
export function* cloudInitMedia(site: Site): Iterable<Medium> {
  for (const { name, cloudInit } of site.nodes) {
    const asked = cloudInit ? cloudInitLeaves(cloudInit).flatMap((leaf) => askedByLeaf(site, leaf)) : [];
    for (const one of asked) yield { ...one, served: isServed(site, one.url), nodes: [name] };
  }
}

function askedByLeaf(site: Site, { path, value }: CloudInitLeaf): Asked[] {
  const [, file] = path;
  if (typeof value !== 'string' || (file !== 'user_data' && file !== 'vendor_data')) return [];
  if (path.includes('write_files')) return [];
  if (!path.includes('ssh_import_id')) return askedByCommand(site, value);
  // Launchpad is who is not said. Source: ssh-import-id, ssh_import_id.
  const [, from, user] = /^(?:(\w+):)?(.*)$/s.exec(value) ?? [];
  const gitHub = `https://api.github.com/users/${user}/keys`;
  return [{ url: from === 'gh' ? gitHub : `https://launchpad.net/~${user}/+sshkeys`, kind: 'ssh-keys' }];
}

/** Returns what scripts refer to beside what is `known`, but for URLs that iPXE puts together as it runs. */
export function* otherMedia(site: Site, tree: Tree, known: ReadonlySet<string>): Iterable<Medium> {
  const owners = new Map(
    site.nodes.flatMap((node) =>
      [scriptPath(node), ...furtherScriptPaths(node)].map((path) => [`${WWW}/${path}`, node.name] as const),
    ),
  );
  // The files of that folder are asked for one by one.
  const seeds = new Set(site.nodes.map((node) => cloudInitUrl(site, node)));
  for (const [path, file] of tree) {
    if (!path.endsWith('.ipxe')) continue;
    const owner = owners.get(path as `${typeof WWW}/${string}`);
    // What is a remark, or said on the console, is fetched by nobody.
    const lines = textOf(file).replace(/^\s*(#|echo\b).*$/gm, '');
    for (const url of lines.match(SCRIPT_URLS) ?? []) {
      if (url.includes('${') || known.has(url) || seeds.has(url)) continue;
      yield { url: shownUrl(url), kind: 'other', served: false, nodes: owner === undefined ? [] : [owner] };
    }
  }
}
