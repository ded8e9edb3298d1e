import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { keyLocationOf, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { cloudInitLeaves } from './cloud-init.ts';
import type { CloudInit, LinuxBoot, Node } from './model.ts';
import type { Server } from './model-server.ts';

interface Requested {
  readonly url: string;
  /** Returns the source location of the URL. */
  readonly at: () => SourceLocation;
}

/** A URL that iPXE, an initrd or the installer requests. */
export interface BootRequest extends Requested {
  readonly kind: 'script' | 'installer' | 'kernel' | 'initrd' | 'root file system' | 'configuration' | 'ISO';
}

/** A URL that the installer or the installed system requests, with the key, the command or the name of the setting. */
export interface LaterRequest extends Requested {
  readonly kind: 'ssh-keys' | 'command' | 'webhook' | 'setting';
  readonly text: string;
}

/** Returns what iPXE, and the initrd or installer that it starts, request for a node. */
export function* bootRequests(node: Draft<Node>, server: Draft<Server> | undefined): Iterable<BootRequest> {
  if (!server) return;
  const { os, linux, install, userConfig } = node;
  if (server.url) yield { kind: 'script', url: server.url, at: () => locationOf(server, 'url') };
  if (linux) yield* linuxRequests(linux);
  if (os === 'harvester' && install === 'never') return;
  const media = os === 'harvester' ? server.media?.url : undefined;
  if (media) yield { kind: 'installer', url: media, at: () => locationOf(server, 'media') };
  const { tls } = server;
  if (tls?.url && (os === 'harvester' || linux))
    yield { kind: 'configuration', url: tls.url, at: () => locationOf(tls, 'url') };
  const { install: keys } = (os === 'harvester' && userConfig) || {};
  if (keys?.iso_url) yield { kind: 'ISO', url: keys.iso_url, at: () => locationOf(keys, 'iso_url') };
}

/** Returns what a boot of Linux requests. */
export function* linuxRequests(linux: Draft<LinuxBoot>): Iterable<BootRequest> {
  const { kernel, initrds = [], squashfs } = linux;
  if (kernel) yield { kind: 'kernel', url: kernel, at: () => locationOf(linux, 'kernel') };
  for (const [index, url] of initrds.entries())
    if (url) yield { kind: 'initrd', url, at: () => locationOf(initrds, index) };
  if (squashfs) yield { kind: 'root file system', url: squashfs, at: () => locationOf(linux, 'squashfs') };
}

const URLS = /https?:\/\/[^\s'"`<>|;&()\\]+/g;

/**
 * Returns what Harvester's installer and the installed system request because of a configuration, except the ISO. Ignores the
 * content of files that the configuration writes.
 */
export function* configRequests({
  os,
  install,
  system_settings: settings = {},
}: Draft<HarvesterConfig>): Iterable<LaterRequest> {
  const keys = os?.ssh_authorized_keys ?? [];
  for (const [index, key = ''] of keys.entries()) {
    const url = installedKeys(key);
    if (url !== undefined) yield { kind: 'ssh-keys', url, text: key, at: () => locationOf(keys, index) };
  }
  const commands = os?.after_install_chroot_commands ?? [];
  for (const [index, command = ''] of commands.entries())
    yield* inCommand(command, () => locationOf(commands, index));
  for (const hook of install?.webhooks ?? [])
    if (hook?.url) yield { kind: 'webhook', url: hook.url, text: '', at: () => locationOf(hook, 'url') };
  for (const [name, value] of Object.entries(settings)) {
    // A proxy only forwards requests to other servers.
    if (name === 'http-proxy' || value === undefined) continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    for (const url of text.match(URLS) ?? [])
      yield { kind: 'setting', url, text: name, at: () => keyLocationOf(settings, name as never) };
  }
}

/** Returns the URL of an account's SSH keys; undefined for a literal key. */
function installedKeys(key: string): string | undefined {
  const [, account, user] = /^(github|gitlab):([\w.-]+)$/.exec(key) ?? [];
  if (user !== undefined) return `https://${account}.com/${user}.keys`;
  return /^https?:\/\/\S+$/.test(key) ? key : undefined;
}

/** Returns what machines request because of cloud-init's data. Ignores the content of files that it writes. */
export function* cloudInitRequests(cloudInit: Draft<CloudInit>): Iterable<LaterRequest> {
  for (const { path, value, at } of cloudInitLeaves(cloudInit)) {
    const [, file] = path;
    if (typeof value !== 'string' || (file !== 'user_data' && file !== 'vendor_data')) continue;
    if (path.includes('write_files')) continue;
    if (!path.includes('ssh_import_id')) {
      yield* inCommand(value, () => at);
      continue;
    }
    // The default is Launchpad. Source: ssh-import-id, ssh_import_id.
    const [, from, user] = /^(?:(\w+):)?(.*)$/s.exec(value) ?? [];
    const gitHub = `https://api.github.com/users/${user}/keys`;
    const url = from === 'gh' ? gitHub : `https://launchpad.net/~${user}/+sshkeys`;
    yield { kind: 'ssh-keys', url, text: value, at: () => at };
  }
}

function* inCommand(command: string, at: Requested['at']): Iterable<LaterRequest> {
  for (const url of command.match(URLS) ?? []) yield { kind: 'command', url, text: command, at };
}
