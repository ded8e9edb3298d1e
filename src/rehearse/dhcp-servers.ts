import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dnsmasqIn, startDaemon } from './daemons.ts';
import type { Sandbox } from './sandbox.ts';

/** A DHCP server that harvgen configures, by its name in the inventory. */
export type ServerName = 'dnsmasq' | 'isc' | 'kea' | 'coredhcp';

/** How a server starts: its files, its command, and the log line that reports that it serves. */
interface Start {
  /** Paths in the tree, by their paths on the server. */
  readonly files: Readonly<Record<string, string>>;
  readonly before?: readonly (readonly string[])[];
  readonly argv: readonly string[];
  readonly ready: RegExp;
}

const starts = (sandbox: Sandbox, site: string): Readonly<Record<ServerName, Start>> => ({
  dnsmasq: {
    files: {
      [`/etc/dnsmasq.d/${site}.conf`]: `dnsmasq/${site}.conf`,
      [`/srv/harvgen/${site}/dnsmasq/${site}.hosts`]: `dnsmasq/${site}.hosts`,
      [`/srv/harvgen/${site}/dnsmasq/${site}.options`]: `dnsmasq/${site}.options`,
    },
    before: [['mkdir', '-p', '/srv/harvgen/tftp']],
    argv: [...dnsmasqIn(sandbox), `--conf-file=/etc/dnsmasq.d/${site}.conf`],
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
      [`/srv/harvgen/${site}/coredhcp/hosts`]: 'coredhcp/hosts',
    },
    before: [['mkdir', '-p', '/var/lib/coredhcp']],
    argv: ['coredhcp', '--conf', '/etc/coredhcp/config.yml'],
    ready: /Listen /,
  },
});

/** Returns the text of a file of a tree by its path, or undefined if the tree lacks it. */
export type ReadTree = (path: string) => string | undefined;

/** A DHCP server that runs in a sandbox. */
export interface DhcpServer {
  /** Returns the whole log. */
  log(): Promise<string>;
  /** Installs the files of another tree, and has the server read them again by SIGHUP. */
  reread(tree: ReadTree): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a DHCP server with its files of a site's tree, at the paths of Debian's package, and waits until it serves. Throws
 * UserError with its log if it does not start.
 */
export async function startDhcpServer(
  sandbox: Sandbox,
  tree: ReadTree,
  name: ServerName,
  site: string,
): Promise<DhcpServer> {
  const { files, before = [], argv, ready } = starts(sandbox, site)[name];
  await putAll(sandbox, tree, files);
  for (const command of before) await sandbox.run(command);
  const daemon = await startDaemon(sandbox, name, argv, ready);
  return {
    ...daemon,
    async reread(other) {
      await putAll(sandbox, other, files);
      await sandbox.run(['sh', '-c', `kill -HUP "$(pidof ${argv[0]})"`]);
      await sleep(500);
    },
  };
}

/** Writes files of a tree in a sandbox, at the paths of the server; skips files that the tree lacks. */
async function putAll(sandbox: Sandbox, tree: ReadTree, files: Start['files']): Promise<void> {
  for (const [to, path] of Object.entries(files)) {
    const content = tree(path);
    if (content !== undefined) await putFile(sandbox, to, content);
  }
}

/** Writes a file in a sandbox, and the directories above it. */
export async function putFile(
  { folder, run }: Pick<Sandbox, 'folder' | 'run'>,
  to: string,
  content: string,
): Promise<void> {
  const file = join(folder, 'put');
  await writeFile(file, content);
  await run(['install', '-D', '-m', '0644', file, to]);
}
