import { isoFile } from '../../knowledge/harvester/iso-file.ts';
import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { harvesterMedia, RELEASES_URL } from '../../knowledge/tables/harvester-media.ts';
import type { Site } from '../../site/model.ts';
import { serverOf, shownUrl } from '../../values/shown-url.ts';
import type { Medium } from './medium.ts';
import { type Asked, askedByCommand, isServed, urlsInText } from './urls-in-text.ts';

/** Where the installed system fetches the keys of an account from; what follows is `<user>.keys`. */
const ACCOUNTS: Readonly<Record<string, string>> = {
  github: 'https://github.com/',
  gitlab: 'https://gitlab.com/',
};

/**
 * Gives what Harvester's installer, and the system that it installs, fetches or asks because a configuration says so: the
 * ISO, SSH keys of accounts, webhooks, addresses in settings and in commands. What files hold that a configuration
 * writes is not looked into.
 */
export function* configurationMedia(site: Site): Iterable<Medium> {
  for (const node of site.nodes) {
    if (node.os !== 'harvester') continue;
    const nodes = [node.name];
    const { iso_url: iso } = node.config.install ?? {};
    if (iso !== undefined && iso !== '') yield { ...isoMedium(site, iso), nodes };
    for (const { url, kind } of asked(site, node.config))
      yield { url, kind, served: isServed(site, url), nodes };
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

function* asked(
  site: Site,
  { os, install, system_settings: settings = {} }: HarvesterConfig,
): Iterable<Asked> {
  for (const key of os?.ssh_authorized_keys ?? []) {
    const url = keysUrl(key);
    if (url !== undefined) yield { url: shownUrl(url), kind: 'ssh-keys' };
  }
  for (const command of os?.after_install_chroot_commands ?? []) yield* askedByCommand(site, command);
  for (const { url } of install?.webhooks ?? []) if (url) yield { url: serverOf(url), kind: 'webhook' };
  for (const [name, value] of Object.entries(settings)) {
    // A proxy is on the way to others, and asked for nothing itself.
    if (name === 'http-proxy') continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    for (const url of urlsInText(text)) yield { url: serverOf(url), kind: 'setting' };
  }
}

function keysUrl(key: string): string | undefined {
  const [, account = '', user] = /^(github|gitlab):([\w.-]+)$/.exec(key) ?? [];
  if (user !== undefined) return `${ACCOUNTS[account]}${user}.keys`;
  return /^https?:\/\/\S+$/.test(key) ? key : undefined;
}
