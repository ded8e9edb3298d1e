import { harvesterMedia, ISCSI_ARGS } from '../knowledge/harvester.ts';
import { VM_SERIAL_PORTS } from '../site/derived-facts.ts';
import { isInteractive } from '../site/effective.ts';
import { iscsiNic } from '../site/iscsi.ts';
import type { Cluster, Node, Site } from '../site/model.ts';
import { RESERVED_NIC } from '../site/nics.ts';
import { cloudInitUrl, configUrl, spareNics } from '../tree/paths.ts';
import { hyphenMac } from '../values/identifiers.ts';
import { kernelWords, setsParameter } from '../values/text.ts';

/** Returns the installer of a Harvester node: URLs of its kernel and initrd, and the kernel's arguments, each one word. */
export function installer(site: Site, node: Node) {
  const { version, arch } = node.cluster as Cluster;
  const { kernel, initrd, rootfs } = harvesterMedia(version.text, arch);
  const base = `${site.server.media.url}/${version.text}`;
  const { bootNic, userConfig, installerArgs = [] } = node;
  const isUnset = !bootNic.mac && !bootNic.name && !userConfig.install?.management_interface?.interfaces;
  const words = installerArgs.flatMap(kernelWords);
  const isSet = (name: string) => words.some((word) => setsParameter(word, name));
  return {
    version: version.text,
    kernel: `${base}/${kernel}`,
    initrd: `${base}/${initrd}`,
    args: [
      // Under UEFI the kernel finds its initrd only by this name: the last part of the URL.
      `initrd=${initrd}`,
      ...addressArgs(node).filter((arg) => !isSet(arg.replace(/=.*/, ''))),
      ...(node.iscsi ? ISCSI_ARGS : []),
      'net.ifnames=1',
      'rd.cos.disable',
      // The initrd contains no certificates. This affects only its download of the root file system.
      ...(base.startsWith('https:') ? ['rd.noverifyssl'] : []),
      ...(isSet('console') ? [] : consoles(node).map((name) => `console=${name}`)),
      `root=live:${base}/${rootfs}`,
      // Without it, the installer asks at its console, and proposes the URL below. Source: pkg/console/install_panels.go.
      ...(isInteractive(node) ? [] : ['harvester.install.automatic=true']),
      `harvester.install.config_url=${configUrl(site, node)}`,
      ...words.flatMap((word) => word.split(' ')),
    ],
    // The argument before the MAC of the boot NIC, which only iPXE can add if the inventory has none. Source:
    // harvester-installer, pkg/config/read.go; every release reads `interfaces=hwAddr:<mac>` on the kernel command line.
    nicArg: isUnset ? 'harvester.install.management_interface.interfaces=hwAddr:' : undefined,
  };
}

/**
 * Returns the consoles of the installer, which runs on the first. A virtual machine has a screen and a serial port: the last console,
 * `/dev/console`, gets the messages of the system, so that the log of the serial port has them.
 * Source: harvester-installer, package/harvester-os/files/usr/bin/setup-installer.sh, pkg/console/tty.go (isFirstConsoleTTY).
 */
function consoles({ domain, arch, config, userConfig }: Node): readonly string[] {
  if (!domain) return [config.install?.tty ?? 'tty1'];
  const device = (name: string) => name.replace(/,.*/s, '');
  const all = [userConfig.install?.tty ?? 'tty1', 'tty1', VM_SERIAL_PORTS[arch]];
  return all.filter((name, index) => all.findIndex((other) => device(other) === device(name)) === index);
}

/**
 * Returns exactly one `ip=`: DHCP, the node's IP address, or `ibft` if the boot NIC also has the disk: dracut renames that NIC.
 * Source: dracut, modules.d/35network-legacy/parse-ibft.sh, parse-ip-opts.sh and net-lib.sh (ibft_to_cmdline).
 */
function addressArgs(node: Node): string[] {
  const { network, ip, name, mac } = node.bootNic;
  if (node.iscsi && iscsiNic(node) === node.bootNic) return ['ip=ibft'];
  // Names the boot NIC if its name is known: other NICs, also those that the inventory omits, may be on other networks.
  if (network.dhcp) {
    if (name && !RESERVED_NIC.test(name)) return [`ip=${name}:dhcp`];
    // A DHCP server of the management network could answer first.
    return node.bond.includes(node.bootNic) || !mac
      ? ['ip=dhcp']
      : [`BOOTIF=01-${hyphenMac(mac)}`, 'ip=dhcp'];
  }
  return [
    `ip=${ip}::${network.gateway ?? ''}:${network.subnet.mask}:${node.name}:${name}:none`,
    ...network.dns.map((server) => `nameserver=${server}`),
  ];
}

/**
 * Returns the arguments of a Linux node's kernel, one per word and unquoted, or none for other nodes. The inventory's arguments
 * are first. `BOOTIF=` (for the initrd to find the NIC that booted) and `ds=` (for cloud-init to find its data) are added if
 * missing.
 * Source: dracut.cmdline(7) (BOOTIF); cloud-init, cloudinit/sources/DataSourceNoCloud.py: releases up to 22.4
 * download data only for `nocloud-net`, and later ones also accept that name.
 */
export function kernelArgs(site: Pick<Site, 'server'>, node: Node, nic = node.bootNic): string[] {
  if (!node.linux) return [];
  const words = node.linux.args.flatMap(kernelWords);
  const isSet = (name: string) => words.some((word) => setsParameter(word, name));
  const seed = cloudInitUrl(site, node, spareNics(node).includes(nic) ? nic : undefined);
  return [
    ...words,
    ...(nic.mac && !isSet('BOOTIF') ? [`BOOTIF=01-${hyphenMac(nic.mac)}`] : []),
    ...(isSet('ds') ? [] : [`ds=nocloud-net;s=${seed}`]),
  ];
}

/** Returns the name of an initrd in iPXE, by its index among `count`. */
export function initrdName(count: number, index: number): string {
  return count === 1 ? 'initrd' : `initrd${index}`;
}
