import { IPXE_KERNEL } from '../../knowledge/boot-programs.ts';
import { type Arch, harvesterMedia, ISCSI_ARGS } from '../../knowledge/harvester.ts';
import { markChap } from '../../secrets/uses-of.ts';
import { driveText } from '../../site/disks.ts';
import { iscsiNic } from '../../site/iscsi.ts';
import type { Cluster, IscsiBoot, LinuxBoot, Node, Site } from '../../site/model.ts';
import { insertPlaceholders } from '../../source/marks.ts';
import {
  BOOT_SCRIPT,
  cloudInitUrl,
  configUrl,
  embedPath,
  furtherScriptPaths,
  pxelinuxMenus,
  pxelinuxScript,
  scriptPath,
  signaturePath,
  TFTP,
  urlOf,
  WWW,
} from '../../tree/paths.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { kernelWords, setsParameter } from '../../values/text.ts';
import { hasEmbedded, loaderKindOf } from '../programs.ts';
import { pick, type Render, type Target } from '../target.ts';

/** What machines run: the first script, which finds the node, and a script for each node. */
export const ipxe: Target = {
  name: 'ipxe',
  *emit(site, render) {
    const data = { site, signer: site.server.sign?.signer, lookUps: lookUps(site) };
    yield { path: `${WWW}/${BOOT_SCRIPT}`, content: render('ipxe/boot.ipxe', data) };
    for (const node of site.nodes) {
      const content = scriptOf(site, node, render);
      for (const path of [scriptPath(node), ...furtherScriptPaths(node)])
        yield { path: `${WWW}/${path}`, content };
    }
  },
};

/** Renders the script of a node; secrets in it are marks. */
export function scriptOf(site: Site, node: Node, render: Render): string {
  if (node.linux) return render('ipxe/linux.ipxe', linuxScript(site, node, node.linux));
  if (node.os === 'iscsi' && node.iscsi)
    return render('ipxe/iscsi.ipxe', iscsiScript(site, node, node.iscsi));
  return render('ipxe/node.ipxe', nodeData(site, node));
}

function nodeData(site: Site, node: Node) {
  const installs = node.os === 'harvester' && node.install !== 'never';
  const { iscsi } = node;
  const nic = iscsiNic(node);
  return {
    site,
    node,
    self: urlOf(site, scriptPath(node)),
    // A disk that is booted whatever is on it is not looked into.
    installedFile: node.cluster && installedFile(node.cluster.arch),
    installedLabel: INSTALLED_LABEL,
    // That is of use where something else than Harvester may be on it: in the site's own store there is nothing else.
    looksInside: iscsi !== undefined && iscsi.disk === undefined,
    // How the script of a node whose Harvester is on a disk by iSCSI comes to that: by a NIC of its own where there is one.
    san: iscsi && {
      ...pick(iscsiScript(site, node, iscsi), ['chap', 'unset', 'uri']),
      nic: nic?.mac ? nic : undefined,
      isOther: nic !== node.bootNic,
    },
    drive: driveText(node.drive),
    triesDisk: node.install !== 'always' || !installs,
    installer: installs ? installer(site, node) : undefined,
    signer: site.server.sign?.signer,
    signatures: signatures(site, node),
  };
}

/** One way to ask for a machine's script: what iPXE calls the image, the setting that it needs, and the path. */
function lookUp(image: string, setting: string, filled: string) {
  return { image, setting, script: `ipxe/\${${filled}}.ipxe` };
}

const BY_MAC = ['netX', 'net0', 'net1', 'net2', 'net3'].map((nic) =>
  lookUp(nic, `${nic}/mac`, `${nic}/mac:hexhyp`),
);

/** With blanks in it, as boards that nobody has numbered have one, a serial number is no path. */
const BY_SERIAL = {
  image: 'serial',
  setting: 'serial',
  script: 'ipxe/serial/${serial:uristring}.ipxe',
};

/**
 * Gives the ways by which a site's nodes are found, in turn; one by which none can be found is left out.
 * Source: https://ipxe.org/cfg (settings, and their types hexhyp and uristring).
 */
export function lookUps({ nodes }: Site) {
  return [
    ...(nodes.some(({ bootNic }) => bootNic.mac) ? BY_MAC : []),
    ...(nodes.some(({ bootNic }) => !bootNic.mac) ? [lookUp('ip', 'ip', 'ip')] : []),
    ...(nodes.some(({ uuid }) => uuid) ? [lookUp('uuid', 'uuid', 'uuid')] : []),
    ...(nodes.some(({ serial }) => serial) ? [BY_SERIAL] : []),
  ];
}

function iscsiScript(site: Site, node: Node, iscsi: IscsiBoot) {
  const { chap } = iscsi;
  return {
    site,
    node,
    iscsi,
    // Any NIC of its management network may be the one that its firmware boots from. One without a MAC has booted it.
    macs: node.bootNic.mac ? node.bond.flatMap(({ mac }) => mac ?? []) : [],
    // Of what iPXE may still have from an earlier script, what this one does not set.
    unset: [
      ...(chap ? [] : ['username', 'password']),
      ...(chap?.targetPassword ? [] : ['reverse-username', 'reverse-password']),
    ],
    chap: markChap(chap),
    uri: sanUri(iscsi),
    drive: driveText(node.drive),
    self: urlOf(site, scriptPath(node)),
  };
}

/** Gives the URI of a disk for iPXE, its LUN in hexadecimal. Source: RFC 4173, 5; iPXE, scsi.c (scsi_parse_lun). */
export function sanUri({ address, port, lun, target }: IscsiBoot): string {
  return `iscsi:${address}:tcp:${port}:${lun.toString(16)}:${insertPlaceholders(target)}`;
}

/** Gives a script of iPXE's that leads on to another one, and waits so many seconds where that does not come; `intro` is for people. */
export function leadingTo(script: string, pause: number, intro = ''): string {
  return `#!ipxe\n${intro}:start\nchain --replace --autofree ${script} || sleep ${pause}\ngoto start\n`;
}

/** Gives the installer of a Harvester node: URLs of its kernel and initrd, and the kernel's arguments, each one word. */
export function installer(site: Site, node: Node) {
  const { version, arch } = node.cluster as Cluster;
  const { kernel, initrd, rootfs } = harvesterMedia(version.text, arch);
  const base = `${site.server.media.url}/${version.text}`;
  const { bootNic, userConfig } = node;
  const isUnsaid = !bootNic.mac && !bootNic.name && !userConfig.install?.management_interface?.interfaces;
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
      `console=${node.config.install?.tty ?? 'tty1'}`,
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
 * Exactly one `ip=`: by DHCP, else the node's own address; `ibft` by a NIC that leads to the disk too, which dracut names anew.
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
const INSTALLED_LABEL = 'COS_GRUB';

/**
 * A file that only an installed Harvester has, as iPXE under UEFI finds it: `file://<volume label>/<path>`.
 * Source: iPXE, src/interface/efi/efi_local.c.
 */
function installedFile(arch: Arch): string {
  return `file://${INSTALLED_LABEL}/EFI/BOOT/${arch === 'arm64' ? 'BOOTAA64' : 'BOOTX64'}.EFI`;
}

/** Gives the signatures of what a node boots, if it is signed. Source: iPXE, src/core/image.c (image_set_uri). */
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
 * Gives what the script of a node says that boots Linux. Initrds have names of their own: two URLs may end alike. An argument
 * with a blank in quotes is two words to iPXE, which puts one blank between words.
 */
function linuxScript(site: Site, node: Node, { kernel, initrds }: LinuxBoot) {
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

/** Seconds to wait after the first failure, the second and so on; the last holds for all after it. */
const PAUSES = [2, 5, 10, 20, 40, 60];

/** Seconds that the menu is shown for to somebody who has asked for it by a key. */
const MENU_BY_KEY = 60;

/** How long a NIC may take to find its link, in milliseconds: a switch port without "port fast" blocks for longer. */
const LINK_WAIT = 15_000;

/** The script to build into an iPXE image: for machines that start from a medium, and to verify the first script. */
export const embed: Target = {
  name: 'embed',
  *emit(site, render) {
    if (!hasEmbedded(site)) return;
    const data = {
      site,
      nodes: site.nodes.filter(({ bootNic }) => bootNic.mac),
      byFirmware: site.nodes.filter(({ uuid, serial }) => uuid || serial),
      asksByAddress: site.nodes.some(({ bootNic, uuid, serial }) => !(bootNic.mac || uuid || serial)),
      networks: [...new Set(site.nodes.map(({ bootNic }) => bootNic.network))],
      asksAll: site.networks.some(({ dhcp }) => dhcp),
      keyOf: hyphenMac,
      pauses: PAUSES,
      menuByKey: MENU_BY_KEY,
      linkWait: LINK_WAIT,
      bootUrl: urlOf(site, BOOT_SCRIPT),
      signer: site.server.sign?.signer,
      bootSignature: site.server.sign && urlOf(site, signaturePath(BOOT_SCRIPT)),
    };
    yield { path: embedPath(site), content: render('embed/embed.ipxe', data) };
  },
};

/** What PXELINUX finds for a node whose BIOS loads it: a menu for each NIC that may boot, and the script of the iPXE that it loads. */
export const pxelinux: Target = {
  name: 'pxelinux',
  *emit(site, render) {
    for (const node of pxelinuxNodes(site)) {
      const script = pxelinuxScript(node);
      const menu = render('pxelinux/menu.pxelinux', { site, node, ipxe: IPXE_KERNEL, script });
      for (const path of pxelinuxMenus(node)) yield { path: `${TFTP}/${path}`, content: menu };
      const macs = node.bond.flatMap(({ mac }) => mac ?? []);
      const data = { site, node, macs, next: urlOf(site, scriptPath(node)) };
      yield { path: `${TFTP}/${script}`, content: render('pxelinux/node.ipxe', data) };
    }
  },
};

/** Gives the nodes whose firmware loads PXELINUX, and that it finds a menu for. */
export function pxelinuxNodes({ nodes }: Pick<Site, 'nodes'>): Node[] {
  return nodes.filter(
    (node) =>
      node.bootNic.network.dhcp && loaderKindOf(node) === 'pxelinux' && pxelinuxMenus(node).length > 0,
  );
}
