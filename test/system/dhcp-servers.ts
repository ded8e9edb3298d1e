import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tree } from '../../src/tree/tree.ts';
import { fileText } from '../support/file-text.ts';
import { PATIENCE } from '../support/patience.ts';
import { writeFiles } from '../support/scratch.ts';
import type { Sandbox } from './sandbox.ts';

/** A DHCP server that harvgen configures, by its name in the inventory. */
export type ServerName = 'dnsmasq' | 'isc' | 'kea' | 'coredhcp';

/** How a server starts: its files, its command, and the log line that reports that it serves. */
interface Start {
  /** Paths in the tree, by their paths on the server. */
  readonly files: Readonly<Record<string, string>>;
  readonly before?: readonly (readonly string[])[];
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly ready: RegExp;
}

const STARTS: Readonly<Record<ServerName, Start>> = {
  dnsmasq: {
    files: {
      '/etc/dnsmasq.d/plant.conf': 'dnsmasq/plant.conf',
      '/srv/harvgen/plant/dnsmasq/plant.hosts': 'dnsmasq/plant.hosts',
      '/srv/harvgen/plant/dnsmasq/plant.options': 'dnsmasq/plant.options',
    },
    before: [['mkdir', '-p', '/srv/harvgen/tftp']],
    argv: ['dnsmasq', '--keep-in-foreground', '--conf-file=/etc/dnsmasq.d/plant.conf', '--log-facility=-'],
    ready: /started, version/,
  },
  isc: {
    files: { '/etc/dhcp/dhcpd.conf': 'dhcpd/dhcpd.conf' },
    before: [
      ['mkdir', '-p', '/var/lib/dhcp'],
      ['touch', '/var/lib/dhcp/dhcpd.leases'],
    ],
    argv: ['dhcpd', '-4', '-d', '-cf', '/etc/dhcp/dhcpd.conf', '-lf', '/var/lib/dhcp/dhcpd.leases'],
    ready: /Server starting service/,
  },
  kea: {
    files: { '/etc/kea/kea-dhcp4.conf': 'kea/kea-dhcp4.conf' },
    before: [['mkdir', '-p', '/var/lib/kea', '/run/kea', '/run/lock/kea']],
    argv: ['kea-dhcp4', '-c', '/etc/kea/kea-dhcp4.conf'],
    ready: /DHCP4_STARTED/,
  },
  coredhcp: {
    files: {
      '/etc/coredhcp/config.yml': 'coredhcp/config.yaml',
      '/srv/harvgen/plant/coredhcp/hosts': 'coredhcp/hosts',
    },
    before: [['mkdir', '-p', '/var/lib/coredhcp']],
    argv: ['coredhcp', '--conf', '/etc/coredhcp/config.yml'],
    ready: /Listen /,
  },
};

/** A DHCP server that runs in a sandbox. */
export interface DhcpServer {
  /** Returns the whole log. */
  log(): Promise<string>;
  /** Installs the files of another tree, and has the server read them again by SIGHUP. */
  reread(tree: Tree): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a DHCP server with its files of a tree, at the paths of Debian's package, and waits until it serves. Throws with
 * its log if it does not start.
 */
export async function startDhcpServer(sandbox: Sandbox, tree: Tree, name: ServerName): Promise<DhcpServer> {
  const { files, before = [], argv, ready } = STARTS[name];
  await putAll(sandbox, tree, files);
  for (const command of before) await sandbox.run(command);
  const path = join(sandbox.folder, `${name}.log`);
  const file = openSync(path, 'a');
  const child: ChildProcess = sandbox.spawn(argv, { stdio: ['ignore', file, file] });
  closeSync(file);
  const log = () => readFile(path, 'utf8');
  const end = Date.now() + PATIENCE;
  while (!ready.test(await log())) {
    if (child.exitCode !== null || Date.now() > end)
      throw new Error(`${name} did not start:\n${await log()}`);
    await sleep(50);
  }
  return {
    log,
    async reread(other) {
      await putAll(sandbox, other, files);
      await sandbox.run(['sh', '-c', `kill -HUP "$(pidof ${argv[0]})"`]);
      await sleep(500);
    },
    stop: () => sandbox.stop(child),
  };
}

/** Writes files of a tree in a sandbox, at the paths of the server; skips files that the tree lacks. */
async function putAll(sandbox: Sandbox, tree: Tree, files: Start['files']): Promise<void> {
  for (const [to, path] of Object.entries(files)) {
    const content = fileText(tree, path);
    if (content === undefined) continue;
    const folder = writeFiles(join(sandbox.folder, 'put'), { file: content });
    await sandbox.run(['install', '-D', '-m', '0644', join(folder, 'file'), to]);
  }
}
