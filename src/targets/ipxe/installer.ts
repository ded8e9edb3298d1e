import { ISCSI_ARGS } from '../../knowledge/tables/harvester-iscsi.ts';
import { harvesterMedia } from '../../knowledge/tables/harvester-media.ts';
import { iscsiNic } from '../../site/iscsi-disk.ts';
import type { Cluster, Node, Site } from '../../site/model.ts';
import { consoleInConfig } from '../../site/one-of-config.ts';
import { configUrl } from '../../tree/paths.ts';

/** What iPXE loads to install a node. */
export interface Installer {
  readonly version: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The kernel's arguments, each one word. */
  readonly args: readonly string[];
  /**
   * What stands before the MAC address of the NIC that booted, where iPXE is to tell it: nothing else knows it. Source:
   * harvester-installer, pkg/config/read.go; every release reads `interfaces=hwAddr:<mac>` on the kernel line.
   */
  readonly nicArg?: string | undefined;
}

/** Gives the installer of a Harvester node: URLs of its kernel and initrd, and the kernel's arguments. */
export function installer(site: Site, node: Node): Installer {
  const { version, kernel, initrd, initrdArg, rootArg, isHttps } = releaseOf(site, node.cluster as Cluster);
  return {
    version,
    kernel,
    initrd,
    args: [
      // Under UEFI the kernel finds its initrd by this name alone: the last part of the URL.
      initrdArg,
      ...addressArgs(node),
      'net.ifnames=1',
      'rd.cos.disable',
      // The initrd holds no certificates. This concerns its own download of the root file system, nothing else.
      ...(isHttps ? ['rd.noverifyssl'] : []),
      // The installer runs on the first console only.
      `console=${consoleInConfig(node) ?? 'tty1'}`,
      rootArg,
      'harvester.install.automatic=true',
      `harvester.install.config_url=${configUrl(site, node)}`,
    ],
    nicArg: tellsNic(node) ? 'harvester.install.management_interface.interfaces=hwAddr:' : undefined,
  };
}

/** What the nodes of a cluster have in common, by where its release is. */
interface Release {
  readonly url: string;
  readonly version: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly initrdArg: string;
  readonly rootArg: string;
  readonly isHttps: boolean;
}

/** The releases of clusters, which never change: each of their nodes asks. */
const releases = new WeakMap<Cluster, Release>();

function releaseOf({ server: { media } }: Site, cluster: Cluster): Release {
  const known = releases.get(cluster);
  if (known?.url === media.url) return known;
  const version = cluster.version.text;
  const { kernel, initrd, rootfs } = harvesterMedia(version, cluster.arch);
  const base = `${media.url}/${version}`;
  const release = {
    url: media.url,
    version,
    kernel: `${base}/${kernel}`,
    initrd: `${base}/${initrd}`,
    initrdArg: `initrd=${initrd}`,
    rootArg: `root=live:${base}/${rootfs}`,
    isHttps: base.startsWith('https:'),
  };
  releases.set(cluster, release);
  return release;
}

/** Whether neither the inventory nor the configuration says which NIC is the node's. */
function tellsNic({ bootNic, said }: Node): boolean {
  return !bootNic.mac && !bootNic.name && !said.install?.management_interface?.interfaces;
}

/**
 * Exactly one `ip=`: by DHCP, or where there is none the node's own address, as dracut reads it. By a NIC that leads to the disk too
 * there is the address that firmware describes: dracut gives that NIC another name (ibft0), and no other `ip=` would find it.
 * Source: dracut, modules.d/35network-legacy/parse-ibft.sh, parse-ip-opts.sh and net-lib.sh (ibft_to_cmdline).
 */
function addressArgs(node: Node): string[] {
  if (node.iscsi) {
    const own = iscsiNic(node) === node.bootNic ? ['ip=ibft'] : bootArgs(node);
    return [...own, ...ISCSI_ARGS];
  }
  return bootArgs(node);
}

function bootArgs(node: Node): string[] {
  const { network, ip, name } = node.bootNic;
  // With several NICs the one to ask on is named, where its name is known: the others may lead elsewhere.
  if (network.dhcp) return [name && node.nics.length > 1 ? `ip=${name}:dhcp` : 'ip=dhcp'];
  return [
    `ip=${ip}::${network.gateway}:${network.subnet.mask}:${node.name}:${name}:none`,
    ...network.dns.map((server) => `nameserver=${server}`),
  ];
}
