import { type CloudInitLeaf, cloudInitLeaves } from '../../site/cloud-init-leaves.ts';
import type { CloudInit, Site } from '../../site/model.ts';
import type { Medium } from './medium.ts';
import { type Asked, askedByCommand, isServed } from './urls-in-text.ts';

/**
 * Gives what machines that boot Linux fetch or ask because cloud-init's data says so: SSH keys of accounts, repositories,
 * includes, addresses in commands and scripts. What files hold that it writes is not looked into.
 */
export function* cloudInitMedia(site: Site): Iterable<Medium> {
  // Most nodes share what cloud-init finds on them.
  const known = new Map<CloudInit, readonly Asked[]>();
  for (const { name, cloudInit } of site.nodes) {
    if (!cloudInit) continue;
    const asked = known.get(cloudInit) ?? cloudInitLeaves(cloudInit).flatMap((leaf) => askedBy(site, leaf));
    known.set(cloudInit, asked);
    for (const { url, kind } of asked) yield { url, kind, served: isServed(site, url), nodes: [name] };
  }
}

function askedBy(site: Site, { path, value }: CloudInitLeaf): Asked[] {
  const [, file] = path;
  if (typeof value !== 'string' || (file !== 'user_data' && file !== 'vendor_data')) return [];
  if (path.includes('write_files')) return [];
  return path.includes('ssh_import_id')
    ? [{ url: keysUrl(value), kind: 'ssh-keys' }]
    : askedByCommand(site, value);
}

/** Where the keys of an account are asked for; Launchpad is who is not said. Source: ssh-import-id, ssh_import_id. */
function keysUrl(account: string): string {
  const [, from, user] = /^(?:(\w+):)?(.*)$/s.exec(account) ?? [];
  return from === 'gh'
    ? `https://api.github.com/users/${user}/keys`
    : `https://launchpad.net/~${user}/+sshkeys`;
}
