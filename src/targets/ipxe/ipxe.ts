import { IPXE_KERNEL } from '../../knowledge/boot-programs.ts';
import { type Arch, harvesterMedia } from '../../knowledge/harvester.ts';
import { driveText } from '../../plan/boot-order.ts';
import { sanUri } from '../../plan/iscsi.ts';
import { initrdName, installer, kernelArgs } from '../../plan/kernel-args.ts';
import { hasEmbedded, pxelinuxNodes } from '../../plan/programs.ts';
import { markChap } from '../../secrets/uses-of.ts';
import { iscsiNic } from '../../site/iscsi.ts';
import type { IscsiBoot, LinuxBoot, Node, Site, UnknownBoot } from '../../site/model.ts';
import { Report } from '../../source/diagnostics/report.ts';
import { selfLocation } from '../../source/origin.ts';
import * as paths from '../../tree/paths.ts';
import { LazyFile } from '../../tree/tree.ts';
import { hyphenMac } from '../../values/identifiers.ts';
import { kernelWords } from '../../values/text.ts';
import { rendererOf } from '../render.ts';
import { pick, type Render, type Target } from '../target.ts';

/** The iPXE scripts of machines: the entry script, which finds the node, and a script for each node. */
export const ipxe: Target = {
  name: 'ipxe',
  *emit(site, render) {
    const data = {
      site,
      signer: site.server.sign?.signer,
      lookUps: lookUps(site),
      unknown: site.unknownMachines.map(unknownBoot),
    };
    yield { path: `${paths.WWW}/${paths.BOOT_SCRIPT}`, content: render('ipxe/boot.ipxe', data) };
    const script = (node: Node) => scriptOf(site, node, render);
    for (const node of site.nodes) {
      script(node); // reports the errors of the template; the texts of all nodes together would take much memory
      for (const path of [paths.scriptPath(node), ...paths.furtherScriptPaths(node)])
        yield new LazyFile(`${paths.WWW}/${path}`, script, node);
    }
  },
};

/** Renders the script of a node, with placeholders for secrets. */
export function scriptOf(site: Site, node: Node, render: Render): string {
  if (node.linux) return render('ipxe/linux.ipxe', linuxScript(site, node, node.linux));
  if (node.os === 'iscsi' && node.iscsi)
    return render('ipxe/iscsi.ipxe', iscsiScript(site, node, node.iscsi));
  return render('ipxe/node.ipxe', nodeData(site, node));
}

/** Returns the scripts of a site's nodes by their names, as the built-in templates write them. */
export function builtInScripts(site: Site): (name: string) => string | undefined {
  const render = rendererOf(new Map(), selfLocation(site), new Report());
  const nodes = new Map(site.nodes.map((node) => [node.name, node]));
  return (name) => {
    const node = nodes.get(name);
    return node && scriptOf(site, node, render);
  };
}

function nodeData(site: Site, node: Node) {
  const installs = node.os === 'harvester' && node.install !== 'never';
  const { iscsi } = node;
  const nic = iscsiNic(node);
  return {
    site,
    node,
    self: paths.urlOf(site, paths.scriptPath(node)),
    // Undefined if the disk is booted without checking its content.
    installedFile: node.cluster && installedFile(node.cluster.arch),
    installedLabel: INSTALLED_LABEL,
    // Only a disk outside the site's own store may contain something other than Harvester.
    looksInside: iscsi !== undefined && iscsi.disk === undefined,
    // The iSCSI disk of a Harvester node, and the NIC for it.
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

/**
 * Returns the ways to request a machine's script, in order, without those that cannot find any of a site's nodes: the image name in
 * iPXE, the setting that it needs, and the path. Source: https://ipxe.org/cfg (settings, and their types hexhyp and uristring).
 */
export function lookUps({ nodes }: Site) {
  const lookUp = (image: string, setting: string, filled = setting) => {
    return { image, setting, script: `ipxe/\${${filled}}.ipxe` };
  };
  const nics = ['netX', 'net0', 'net1', 'net2', 'net3'];
  return [
    ...(nodes.some(({ bootNic }) => bootNic.mac)
      ? nics.map((nic) => lookUp(nic, `${nic}/mac`, `${nic}/mac:hexhyp`))
      : []),
    ...(nodes.some(({ bootNic }) => !bootNic.mac) ? [lookUp('ip', 'ip')] : []),
    ...(nodes.some(({ uuid }) => uuid) ? [lookUp('uuid', 'uuid')] : []),
    // Encoded, because a serial number may contain spaces, such as that of boards without one.
    ...(nodes.some(({ serial }) => serial)
      ? [{ image: 'serial', setting: 'serial', script: 'ipxe/serial/${serial:uristring}.ipxe' }]
      : []),
  ];
}

/** The values of iPXE's `buildarch`. An iPXE for i386 is that of a BIOS. */
export const BUILDS: Readonly<Record<Arch, readonly string[]>> = {
  amd64: ['x86_64', 'i386'],
  arm64: ['arm64'],
};

function unknownBoot(boot: UnknownBoot) {
  const { arch, kernel, args } = boot;
  const words = args.flatMap(kernelWords).flatMap((arg) => arg.split(' '));
  const builds = arch && BUILDS[arch];
  return { label: `linux-${arch ?? 'other'}`, builds, kernel, initrds: namedInitrds(boot), words };
}

function iscsiScript(site: Site, node: Node, iscsi: IscsiBoot) {
  const { chap } = iscsi;
  // The firmware may boot from any NIC on the network of the boot NIC. Without a MAC, iPXE uses the NIC that booted.
  const macs = node.bootNic.mac ? node.bootNics.flatMap(({ mac }) => mac ?? []) : [];
  // The settings of an earlier script that this one does not replace.
  const unset = [
    ...(chap ? [] : ['username', 'password']),
    ...(chap?.targetPassword ? [] : ['reverse-username', 'reverse-password']),
  ];
  const self = paths.urlOf(site, paths.scriptPath(node));
  const [uri, drive] = [sanUri(iscsi), driveText(node.drive)];
  return { site, node, iscsi, macs, unset, chap: markChap(chap), uri, drive, self };
}

/** Returns an iPXE script that chains to another one and retries after `pause` seconds; `intro` is a comment. */
export function leadingTo(script: string, pause: number, intro = ''): string {
  return `#!ipxe\n${intro}:start\nchain --replace --autofree ${script} || sleep ${pause}\ngoto start\n`;
}

/**
 * The label of the EFI system partition of an installed Harvester, as for all systems based on cOS or Elemental.
 * Source: harvester-installer, pkg/console/util_test.go (the partitions that elemental creates).
 */
const INSTALLED_LABEL = 'COS_GRUB';

/**
 * Returns a URL for iPXE under UEFI of a file that only an installed Harvester has: `file://<volume label>/<path>`.
 * Source: iPXE, src/interface/efi/efi_local.c.
 */
function installedFile(arch: Arch): string {
  return `file://${INSTALLED_LABEL}/EFI/BOOT/${arch === 'arm64' ? 'BOOTAA64' : 'BOOTX64'}.EFI`;
}

/** Returns the signatures of a node's images if boots are signed. Source: iPXE, src/core/image.c (image_set_uri). */
export function signatures(site: Site, node: Node) {
  if (!site.server.sign) return undefined;
  const urlFor = (path: string) => paths.urlOf(site, paths.signaturePath(path));
  const self = urlFor(paths.scriptPath(node));
  if (!node.cluster) return { self };
  const { version, arch } = node.cluster;
  const { kernel, initrd } = harvesterMedia(version.text, arch);
  const signed = (image: string) => ({ image, url: urlFor(`harvester/${version.text}/${image}`) });
  return { self, kernel: signed(kernel), initrd: signed(initrd) };
}

/**
 * Returns the template data of a Linux node's script. Initrds have their own names, because two URLs may have the same last part.
 * An argument with a quoted space is two words for iPXE, which joins words with one space.
 */
function linuxScript(site: Site, node: Node, linux: LinuxBoot) {
  const args = kernelArgs(site, node);
  const { mac } = node.bootNic;
  // iPXE replaces the MAC in these: the firmware may boot from any NIC of the node.
  const booted = args.slice(linux.args.flatMap(kernelWords).length).flatMap((word) => {
    if (!mac || !(word.startsWith('BOOTIF=') || paths.spareNics(node).length > 0)) return [];
    const [before = '', after = ''] = word.split(hyphenMac(mac));
    return [{ word, before, after }];
  });
  const [{ kernel }, initrds] = [linux, namedInitrds(linux)];
  const words = args.flatMap((arg) => arg.split(' '));
  return { site, node, kernel, initrds, words, booted, self: paths.urlOf(site, paths.scriptPath(node)) };
}

function namedInitrds({ initrds }: LinuxBoot) {
  return initrds.map((url, index) => ({ name: initrdName(initrds.length, index), url }));
}

/** Seconds to wait after the first failure, the second and so on; the last applies to all further ones. */
export const RETRY_PAUSES = [2, 5, 10, 20, 40, 60];

/** Seconds to show the menu for after a key was pressed. */
const MENU_BY_KEY = 60;

/** Milliseconds to wait for the link of a NIC. A switch port without "port fast" blocks for longer. */
const LINK_WAIT = 15_000;

/** The script to embed in an iPXE image: for machines that start from a medium, and to verify the entry script. */
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
      pauses: RETRY_PAUSES,
      menuByKey: MENU_BY_KEY,
      linkWait: LINK_WAIT,
      bootUrl: paths.urlOf(site, paths.BOOT_SCRIPT),
      signer: site.server.sign?.signer,
      bootSignature: site.server.sign && paths.urlOf(site, paths.signaturePath(paths.BOOT_SCRIPT)),
    };
    yield { path: paths.embedPath(site), content: render('embed/embed.ipxe', data) };
  },
};

/** The files of PXELINUX for each node whose BIOS loads it: a menu for each possible boot NIC, and the script of its iPXE. */
export const pxelinux: Target = {
  name: 'pxelinux',
  *emit(site, render) {
    for (const node of pxelinuxNodes(site)) {
      const script = paths.pxelinuxScript(node);
      const menu = render('pxelinux/menu.pxelinux', { site, node, ipxe: IPXE_KERNEL, script });
      for (const path of paths.pxelinuxMenus(node)) yield { path: `${paths.TFTP}/${path}`, content: menu };
      const macs = node.bootNics.flatMap(({ mac }) => mac ?? []);
      const data = { site, node, macs, next: paths.urlOf(site, paths.scriptPath(node)) };
      yield { path: `${paths.TFTP}/${script}`, content: render('pxelinux/node.ipxe', data) };
    }
  },
};
