import { isUnknown } from '../site/is-unknown.ts';
import type { LinuxBoot, Node, Server, Site } from '../site/model.ts';
import { consoleInConfig } from '../site/one-of-config.ts';
import { isBroken, lacks, placeOf } from '../source/origin.ts';
import { installer } from '../targets/ipxe/installer.ts';
import { initrdName } from '../targets/ipxe/linux-script.ts';
import { kernelArgs } from '../targets/linux/kernel-args.ts';
import type { Draft } from '../values/draft.ts';
import type { Finding, Rule } from './rule.ts';

/** COMMAND_LINE_SIZE of x86 and arm64, less the zero byte at its end. */
const LONGEST = 2047;

/** As long as the MAC address that iPXE fills in. */
const ANY_MAC = '00:00:00:00:00:00';

export const kernelLineTooLong: Rule = {
  code: 'kernel-line-too-long',
  severity: 'warning',
  what: `The kernel line of a node has at most ${LONGEST} bytes.`,
  why: 'The kernel drops the rest without a word, and with it what stands last: where the installer, or cloud-init, finds what it is to do. The installer then waits for somebody at the console.',
  check(site, report) {
    for (const node of site.nodes ?? []) {
      if (node?.linux) checkLinux(site, node, report);
      if (node?.os !== 'harvester' || node.install === 'never') continue;
      if (mostBytes(site.server, node) <= LONGEST || !isLineKnown(site, node)) continue;
      const { args, nicArg } = installer(site as Site, node as Node);
      const bytes = Buffer.byteLength([...args, ...(nicArg ? [nicArg + ANY_MAC] : [])].join(' '));
      if (bytes <= LONGEST || !site.server) continue;
      const isMedia = args.some((arg) => arg.startsWith('root=') && arg.length > LONGEST / 2);
      report({
        node,
        message: `The kernel line has ${bytes} bytes, and the kernel reads ${LONGEST}: the installer would not learn where its configuration is.`,
        at: isMedia ? placeOf(site.server, 'media') : placeOf(node, 'name'),
        help: isMedia
          ? 'shorten the URL of server.media'
          : 'shorten what stands on it: URLs, and the list of DNS servers',
      });
    }
  },
};

/** More than stands on any installer's line that is none of the texts below. */
const BESIDES = 600;

/** Gives what the line of a node's installer has at most, by the texts that it is made of: quicker than to make it. */
export function mostBytes(server: Draft<Server> | undefined, node: Draft<Node>): number {
  const { name, cluster, bootNic } = node;
  const urls = lengthOf(server?.url) + lengthOf(server?.tls?.url) + lengthOf(server?.media?.url);
  const names = lengthOf(name) + lengthOf(bootNic?.name) + lengthOf(consoleInConfig(node));
  const servers = bootNic?.network?.dns?.length ?? 0;
  return BESIDES + urls + MOST_BYTES * (names + 4 * lengthOf(cluster?.version?.text)) + 30 * servers;
}

/** Of a character in UTF-8. */
const MOST_BYTES = 4;

function lengthOf(text: string | undefined): number {
  return text?.length ?? 0;
}

/** What boot loaders put before the arguments: the names of initrds, or the URL of the kernel. */
function prefixOf({ kernel = '', initrds = [] }: Draft<LinuxBoot>, loader: Draft<Node>['loader']): string {
  return loader === 'grub'
    ? `BOOT_IMAGE=${kernel.replace('http://', '(http,)')} `
    : initrds.map((_, index) => `initrd=${initrdName(initrds.length, index)} `).join('');
}

function checkLinux({ server }: Draft<Site>, node: Draft<Node>, report: (finding: Finding) => void): void {
  const { linux, bootNic } = node;
  const isKnown =
    server?.url && linux?.args && (bootNic?.mac || (bootNic && lacks(bootNic, 'mac') && node.ip));
  if (!isKnown) return;
  const args = kernelArgs({ server } as Site, node as Node).join(' ');
  const bytes = Buffer.byteLength(prefixOf(linux, node.loader) + args);
  if (bytes <= LONGEST) return;
  report({
    node,
    oncePerPlace: true,
    message: `The kernel line of ${node.name} has ${bytes} bytes, and the kernel reads ${LONGEST}: it would not learn what stands last.`,
    at: node.boot ? placeOf(node.boot, 'args') : placeOf(node, 'name'),
    help: 'shorten boot.args, and the URLs among them',
  });
}

/** Whether all that the line is made of is there. */
function isLineKnown({ server }: Draft<Site>, node: Draft<Node>): boolean {
  const { cluster, bootNic, name, nics, config } = node;
  const network = bootNic?.network;
  // Who has no MAC is known by its address.
  if (!bootNic?.mac && !(bootNic && lacks(bootNic, 'mac') && node.ip)) return false;
  if (!server?.url || !server.media?.url || !cluster?.version || !cluster.arch) return false;
  if (bootNic && isBroken(bootNic, 'name')) return false;
  if (isUnknown(node, 'install.management_interface.interfaces')) return false;
  if (!name || !nics || !config || !bootNic || isUnknown(node, 'install.tty')) return false;
  if (!network || isBroken(network, 'dhcp') || isBroken(network, 'dns')) return false;
  return Boolean(network.dhcp || (network.gateway && network.subnet && bootNic.ip && bootNic.name));
}
