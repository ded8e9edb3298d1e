import { isoFile } from '../../knowledge/config-values.ts';
import { harvesterMedia, RELEASES_URL } from '../../knowledge/harvester.ts';
import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { type CloudInitLeaf, cloudInitLeaves } from '../../site/cloud-init.ts';
import type { Site } from '../../site/model.ts';
import { cloudInitUrl, furtherScriptPaths, scriptPath, WWW } from '../../tree/paths.ts';
import { type Tree, textOf } from '../../tree/tree.ts';
import { serverOf, shownUrl } from '../../values/urls.ts';
import type { Medium } from './medium.ts';

/* What machines fetch or ask because a configuration, cloud-init's data or a script of the site's own says so. */

/** A URL in a command, a setting or another text of a configuration. */
const URLS = /https?:\/\/[^\s'"`<>|;&()\\]+/g;

/** A URL that iPXE or the kernel fetches; one of a disk is none. */
const SCRIPT_URLS = /\b(?:https?|tftp|ftp|nfs):\/\/[^\s"]+/g;

/** What a configuration has a machine fetch or ask, as it may be shown. */
type Asked = Pick<Medium, 'url' | 'kind'>;

/** Whether the boot server has what a URL leads to. */
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
 * Returns what Harvester's installer, and the system that it installs, fetches or asks because a configuration says so:
 * the ISO, SSH keys of accounts, webhooks, addresses in settings and in commands. What files hold that a configuration
 * writes is not looked into.
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

/**
 * Returns what machines that boot Linux fetch or ask because cloud-init's data says so: SSH keys of accounts, repositories,
 * includes, addresses in commands and scripts. What files hold that it writes is not looked into.
 */
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

/**
 * Returns what scripts refer to beside what is `known`: templates of the site's own may name anything. A URL that iPXE
 * puts together as it runs cannot be told.
 */
export function* otherMedia(site: Site, tree: Tree, known: (url: string) => boolean): Iterable<Medium> {
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
      if (url.includes('${') || known(url) || seeds.has(url)) continue;
      yield { url: shownUrl(url), kind: 'other', served: false, nodes: owner === undefined ? [] : [owner] };
    }
  }
}
