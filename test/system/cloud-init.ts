import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Sandbox } from './sandbox.ts';

/** The parts of cloud-init that set the host name, write files and run programs. The network is already configured. */
const CONFIGURATION = `
datasource_list: [NoCloud]
network: { config: disabled }
preserve_hostname: false
cloud_init_modules: [write-files, set-hostname, update-hostname]
cloud_config_modules: [runcmd]
cloud_final_modules: [scripts-vendor, scripts-user]
system_info: { distro: debian }
`;

/** A whole boot, in the order of init systems; its last line is the kernel's host name. */
const BOOT = `
rm -rf /var/lib/cloud /run/cloud-init /var/tmp/order /var/log/cloud-init.log
hostname unset
set -e
cloud-init init --local
cloud-init init
cloud-init modules --mode=config
cloud-init modules --mode=final
hostname
`;

/** A machine that boots by cloud-init: its kernel command line and its IP address, and the IP address of its server. */
interface Booting {
  readonly cmdline: string;
  readonly ip: string;
  readonly server: string;
  /** Further configuration of cloud-init, as in an image. */
  readonly image?: string;
}

/**
 * Runs the real cloud-init to its end, in a sandbox that is the server and has the IP address of the machine. Returns the
 * machine's host name, its files and its log.
 */
export async function runCloudInit(
  { folder, run }: Pick<Sandbox, 'folder' | 'run'>,
  { cmdline, ip, server, image = '' }: Booting,
) {
  const file = join(folder, 'cloud.cfg');
  writeFileSync(file, CONFIGURATION);
  await run(['install', '-D', '-m', '0644', file, '/etc/cloud/cloud.cfg']);
  await run(['sh', '-c', 'rm -rf /etc/cloud/cloud.cfg.d /var/tmp/*']);
  writeFileSync(file, image);
  await run(['install', '-D', '-m', '0644', file, '/etc/cloud/cloud.cfg.d/99-image.cfg']);
  // It sends its requests as the node does: from the node's IP address.
  await run(['ip', 'route', 'replace', 'table', 'local', 'local', server, 'dev', 'lo', 'src', ip]);
  const output = await run(['env', `DEBUG_PROC_CMDLINE=${cmdline}`, 'unshare', '--uts', 'sh', '-c', BOOT]);
  const text = (path: string) => run(['cat', path]);
  const log = await text('/var/log/cloud-init.log');
  return { hostname: output.trim().split('\n').at(-1), text, log };
}

/** Asserts that cloud-init logged no warning and no error. */
export function assertNoWarnings(log: string): void {
  const wrong = log.split('\n').filter((line) => /\[(?:WARNING|ERROR|CRITICAL)\]|Traceback/.test(line));
  assert.equal(wrong, []);
}
