import type { HarvesterConfig } from '../knowledge/harvester-config.gen.ts';
import { cloudInitLeaves } from '../site/cloud-init.ts';
import { isoNetwork } from '../site/management.ts';
import { locationIn, manifestsOf, textIn } from '../site/manifests.ts';
import type { CloudInit, LinuxBoot, Node, Site } from '../site/model.ts';
import type { Server } from '../site/model-server.ts';
import { keyLocationOf, locationOf } from '../source/origin.ts';
import type { SourceLocation } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';

interface Requested {
  readonly url: string;
  /** Returns the source location of the URL. */
  readonly at: () => SourceLocation;
}

/** A URL that iPXE, an initrd or the installer requests; `text` is the name of the kernel argument that contains it. */
export type BootRequest = Requested &
  (
    | { readonly kind: 'script' | 'installer' | 'kernel' | 'initrd' | 'root file system' }
    | { readonly kind: 'configuration' | 'ISO' }
    | { readonly kind: 'argument' | 'ISO'; readonly text: string }
  );

/** A URL that the installer or the installed system requests, with the key, the command or the name of the setting. */
export interface LaterRequest extends Requested {
  readonly kind: 'ssh-keys' | 'command' | 'webhook' | 'setting';
  readonly text: string;
}

/** A URL from which the cluster downloads what a manifest defines; `text` is the name of the object. */
export interface ManifestRequest extends Requested {
  readonly kind: 'VM image' | 'release';
  readonly text: string;
  /** The digest in a VM image. */
  readonly sha512?: string | undefined;
}

/** Returns what clusters download because of the manifests of a site. */
export function* manifestRequests(site: Pick<Draft<Site>, 'manifests'>): Iterable<ManifestRequest> {
  for (const one of manifestsOf('VirtualMachineImage')(site)) {
    const url = textIn(one, 'spec', 'sourceType') === 'download' ? textIn(one, 'spec', 'url') : undefined;
    const [text, sha512] = [one.name ?? '', textIn(one, 'spec', 'checksum')];
    if (url) yield { kind: 'VM image', url, text, sha512, at: () => locationIn(one, 'spec', 'url') };
  }
  for (const one of manifestsOf('Version')(site)) {
    const url = textIn(one, 'spec', 'isoURL');
    if (url)
      yield { kind: 'release', url, text: one.name ?? '', at: () => locationIn(one, 'spec', 'isoURL') };
  }
}

/** Returns what iPXE, and the initrd or installer that it starts, request for a node. */
export function* bootRequests(node: Draft<Node>, server: Draft<Server> | undefined): Iterable<BootRequest> {
  if (!server) return;
  const { os, linux, install, installerArgs, userConfig } = node;
  if (server.url) yield { kind: 'script', url: server.url, at: () => locationOf(server, 'url') };
  if (linux) yield* linuxRequests(linux);
  if (os === 'harvester' && install === 'never') return;
  const media = os === 'harvester' ? server.media?.url : undefined;
  if (media) yield { kind: 'installer', url: media, at: () => locationOf(server, 'media') };
  const { tls } = server;
  if (tls?.url && (os === 'harvester' || linux))
    yield { kind: 'configuration', url: tls.url, at: () => locationOf(tls, 'url') };
  const { install: keys } = (os === 'harvester' && userConfig) || {};
  if (keys?.iso_url && isoNetwork(node) === node.bootNic?.network)
    yield { kind: 'ISO', url: keys.iso_url, at: () => locationOf(keys, 'iso_url') };
  yield* argumentRequests(installerArgs);
}

/** Returns what a boot of Linux requests. */
export function* linuxRequests(linux: Draft<LinuxBoot>): Iterable<BootRequest> {
  const { kernel, initrds = [], squashfs } = linux;
  if (kernel) yield { kind: 'kernel', url: kernel, at: () => locationOf(linux, 'kernel') };
  for (const [index, url] of initrds.entries())
    if (url) yield { kind: 'initrd', url, at: () => locationOf(initrds, index) };
  if (squashfs) yield { kind: 'root file system', url: squashfs, at: () => locationOf(linux, 'squashfs') };
  for (const request of argumentRequests(linux.args)) if (request.url !== squashfs) yield request;
}

const URLS = /https?:\/\/[^\s'"`<>|;&()\\]+/g;

/** Yields the URLs in kernel arguments, such as `inst.repo=http://…`. */
function* argumentRequests(args: LinuxBoot['args'] | undefined = []): Iterable<BootRequest> {
  for (const [index, item] of args.entries())
    for (const word of item.split(/\s/)) {
      const kind = /^"?harvester\.install\.iso_url=/.test(word) ? 'ISO' : 'argument';
      for (const url of word.match(URLS) ?? [])
        yield { kind, url, text: word.replace(/^"|=.*$/g, ''), at: () => locationOf(args, index) };
    }
}

/**
 * Returns what Harvester's installer and the installed system request because of a configuration, except the ISO. Ignores
 * messages of commands, and the content of files that the configuration writes.
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

/** Returns what machines request because of cloud-init's data. Ignores messages, and the content of files that it writes. */
export function* cloudInitRequests(cloudInit: Draft<CloudInit>): Iterable<LaterRequest> {
  for (const { path, value, at, holder } of cloudInitLeaves(cloudInit)) {
    const [, file] = path;
    if (typeof value !== 'string' || (file !== 'user_data' && file !== 'vendor_data')) continue;
    if (path.includes('write_files') || /^(?:final_message|power_state,message)$/.test(String(path.slice(2))))
      continue;
    const [first] = Array.isArray(holder) ? holder : [];
    if (typeof first === 'string' && PRINTS.test(first)) continue;
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

/** A part of a shell command in quotes, or an escaped character. */
const QUOTED = /'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]/.source;

/** A comment. After `#include`, cloud-init reads a URL. Source: cloud-init, cloudinit/user_data.py (_do_include). */
const COMMENT = new RegExp(`(${QUOTED})|(?<![^\\s;&|(])#(?!include)[^\\n]*`, 'g');

/** A simple command, and the operator after it. */
const SIMPLE = new RegExp(`((?:${QUOTED}|&>|>&|[^;&|\\n'"\\\\>]+|['"\\\\>])+)([;&|\\n]*)`, 'g');

/** Redirects after which a text is still a message: to another descriptor, to a device, or to what people read. */
const TO_READERS = />>?(?:&\d|\s*\/(?:dev\/|var\/log\/|etc\/(?:motd|issue)(?![\w/-])))/g;

/** The words with which a simple command begins, of the compound commands around it. */
const HEAD = /^(?:\s|[({}!]|(?:then|else|do|done|if|fi|case|esac)(?=[\s;)}>]|$))*/;

/** The name of a command that prints its arguments. */
const PRINTS = /^(?:\/(?:usr\/)?bin\/)?(?:echo|printf|logger)$/;

/** Yields the URLs in a shell command, except those in comments and messages. */
function* inCommand(command: string, at: Requested['at']): Iterable<LaterRequest> {
  const found: string[][] = [];
  // From the last simple command to the first: whether the output of the compound commands around it goes elsewhere.
  const around: boolean[] = [];
  for (const [, simple = '', operator = ''] of [
    ...command.replace(COMMENT, '$1').matchAll(SIMPLE),
  ].reverse()) {
    const bare = simple.replace(new RegExp(QUOTED, 'g'), '').replace(TO_READERS, '');
    const goesElsewhere = (text: string) => text.includes('>') || /^\|(?!\|)/.test(operator);
    const isMessage = isPrint(simple) && !goesElsewhere(bare) && !around.at(-1);
    if (!isMessage) found.push(simple.match(URLS) ?? []);
    const words = [...(HEAD.exec(bare)?.[0] ?? '').matchAll(/[{}]|\w+/g), ...bare.matchAll(/[()]/g)];
    for (const { 0: word, index } of words.reverse()) {
      const after = bare.slice(index);
      // The parenthesis of a pattern of `case` is before a command.
      const isPattern = /^\)\s*[a-z]/i.test(after);
      if (/^(?:[({]|do|if|case)$/.test(word)) around.pop();
      else if (/^(?:[)}]|done|fi|esac)$/.test(word))
        around.push(around.at(-1) || (!isPattern && goesElsewhere(after)));
    }
  }
  for (const url of found.reverse().flat()) yield { kind: 'command', url, text: command, at };
}

/** Whether a simple command only prints a text, without another command. */
function isPrint(simple: string): boolean {
  const [, name = ''] = /^(?:[\s({!]|(?:then|else|do|if|sudo)\s)*(\S+)/.exec(simple) ?? [];
  return PRINTS.test(name) && !/\$\(|`/.test(simple);
}
