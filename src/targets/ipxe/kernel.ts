import { type Arch, harvesterMedia, ISCSI_ARGS } from '../../knowledge/harvester.ts';
import { consoleInConfig } from '../../site/effective.ts';
import { iscsiNic } from '../../site/iscsi.ts';
import type { Cluster, LinuxBoot, Node, Site } from '../../site/model.ts';
import { cloudInitUrl, configUrl, scriptPath, signaturePath, urlOf } from '../../tree/paths.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { kernelWords, setsParameter } from '../../values/text.ts';

/** Gives the installer of a Harvester node: URLs of its kernel and initrd, and the kernel's arguments, each one word. */
export function installer(site: Site, node: Node) {
  const { version, arch } = node.cluster as Cluster;
  const { kernel, initrd, rootfs } = harvesterMedia(version.text, arch);
  const base = `${site.server.media.url}/${version.text}`;
  const { bootNic, said } = node;
  const isUnsaid = !bootNic.mac && !bootNic.name && !said.install?.management_interface?.interfaces;
  return {
    version: version.text,
    kernel: `${base}/${kernel}`,
    initrd: `${base}/${initrd}`,
    args: [
      // Under UEFI the kernel finds its initrd by this name alone: the last part of the URL.
      `initrd=${initrd}`,
      ...addressArgs(node),
      'net.ifnames=1',
      'rd.cos.disable',
      // The initrd holds no certificates. This concerns its own download of the root file system, nothing else.
      ...(base.startsWith('https:') ? ['rd.noverifyssl'] : []),
      // The installer runs on the first console only.
      `console=${consoleInConfig(node) ?? 'tty1'}`,
      `root=live:${base}/${rootfs}`,
      'harvester.install.automatic=true',
      `harvester.install.config_url=${configUrl(site, node)}`,
    ],
    // What stands before the MAC address of the NIC that booted, where iPXE is to tell it: nothing else knows it. Source:
    // harvester-installer, pkg/config/read.go; every release reads `interfaces=hwAddr:<mac>` on the kernel line.
    nicArg: isUnsaid ? 'harvester.install.management_interface.interfaces=hwAddr:' : undefined,
  };
}

/**
 * Exactly one `ip=`: by DHCP, or where there is none the node's own address, as dracut reads it. By a NIC that leads to the disk too
 * there is the address that firmware describes: dracut gives that NIC another name (ibft0), and no other `ip=` would find it.
 * Source: dracut, modules.d/35network-legacy/parse-ibft.sh, parse-ip-opts.sh and net-lib.sh (ibft_to_cmdline).
 */
function addressArgs(node: Node): string[] {
  const { network, ip, name } = node.bootNic;
  const iscsi = node.iscsi ? ISCSI_ARGS : [];
  if (node.iscsi && iscsiNic(node) === node.bootNic) return ['ip=ibft', ...iscsi];
  // With several NICs the one to ask on is named, where its name is known: the others may lead elsewhere.
  if (network.dhcp) return [name && node.nics.length > 1 ? `ip=${name}:dhcp` : 'ip=dhcp', ...iscsi];
  return [
    `ip=${ip}::${network.gateway}:${network.subnet.mask}:${node.name}:${name}:none`,
    ...network.dns.map((server) => `nameserver=${server}`),
    ...iscsi,
  ];
}

/**
 * The label of the EFI system partition of an installed Harvester: cOS, Elemental and what is made of them call it so.
 * Source: harvester-installer, pkg/console/util_test.go (the partitions that it has elemental make).
 */
export const INSTALLED_LABEL = 'COS_GRUB';

/**
 * A file that an installed Harvester has and no other disk, as iPXE under UEFI finds it: by the label of its EFI
 * system partition and the path of the firmware's default boot program.
 * Source: iPXE, src/interface/efi/efi_local.c (`file://<volume label>/<path>`).
 */
export function installedFile(arch: Arch): string {
  return `file://${INSTALLED_LABEL}/EFI/BOOT/${arch === 'arm64' ? 'BOOTAA64' : 'BOOTX64'}.EFI`;
}

/**
 * Gives the signatures of what a node boots; undefined where the site's boot is not signed. iPXE calls an image by the
 * last part of its URL. Source: iPXE, src/core/image.c (image_set_uri).
 */
export function signatures(site: Site, node: Node) {
  if (!site.server.sign) return undefined;
  const urlFor = (path: string) => urlOf(site, signaturePath(path));
  const self = urlFor(scriptPath(node));
  if (!node.cluster) return { self };
  const { version, arch } = node.cluster;
  const { kernel, initrd } = harvesterMedia(version.text, arch);
  const signed = (image: string) => ({ image, url: urlFor(`harvester/${version.text}/${image}`) });
  return { self, kernel: signed(kernel), initrd: signed(initrd) };
}

/**
 * Gives the arguments that the kernel of a node gets that boots Linux, each one word, as the kernel reads them: those of the
 * inventory, and then, unless they are among these, `BOOTIF=`, by which an initrd finds the NIC that booted, and `ds=`, by
 * which cloud-init finds its data. Nothing is quoted. None for a node that boots anything else.
 * Source: dracut.cmdline(7) (BOOTIF); cloud-init, cloudinit/sources/DataSourceNoCloud.py: releases up to 22.4
 * fetch from a server for `nocloud-net` alone, and later ones take that name, too.
 */
export function kernelArgs(site: Pick<Site, 'server'>, node: Node): string[] {
  if (!node.linux) return [];
  const said = node.linux.args.flatMap(kernelWords);
  const { mac } = node.bootNic;
  const isSaid = (name: string) => said.some((word) => setsParameter(word, name));
  return [
    ...said,
    ...(mac && !isSaid('BOOTIF') ? [`BOOTIF=01-${hyphenMac(mac)}`] : []),
    ...(isSaid('ds') ? [] : [`ds=nocloud-net;s=${cloudInitUrl(site, node)}`]),
  ];
}

/**
 * Gives what the script of a node says that boots Linux. Initrds have names of their own: two URLs may end alike, and the
 * kernel asks for each by its name. An argument with a blank in quotes is two words to iPXE, which puts one blank between
 * words.
 */
export function linuxScript(site: Site, node: Node, { kernel, initrds }: LinuxBoot) {
  return {
    site,
    node,
    kernel,
    initrds: initrds.map((url, index) => ({ name: initrdName(initrds.length, index), url })),
    words: kernelArgs(site, node).flatMap((arg) => arg.split(' ')),
    self: urlOf(site, scriptPath(node)),
  };
}

/** Gives what iPXE calls an initrd, by its place among so many. */
export function initrdName(count: number, index: number): string {
  return count === 1 ? 'initrd' : `initrd${index}`;
}
