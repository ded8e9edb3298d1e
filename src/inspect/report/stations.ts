import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { bootOrder, driveText } from '../../plan/boot-order.ts';
import type { Medium, MediumKind } from '../../plan/medium.ts';
import { loaderKindOf, loaderOf } from '../../plan/programs.ts';
import { effectiveWipe, usedDisks } from '../../site/disks.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { isOciNetwork } from '../../site/nodes.ts';
import {
  BOOT_SCRIPT,
  embedPath,
  GRUB_SCRIPT,
  grubScriptPaths,
  pxelinuxMenus,
  scriptPath,
  urlOf,
} from '../../tree/paths.ts';
import { hostOfUrl } from '../../values/urls.ts';

/* The way of a machine from power-on to its system: docs/explanation/boot-process.md. */

/** A step: the server that answers, or the machine itself; the files that the machine gets, or the result; what happens otherwise. */
type Station = readonly [what: string, server: string, gets: readonly string[], fails: string];

/** The machine itself, as the server of a step. */
const ITSELF = 'the machine itself';

const RETRIES = 'It prints the error and retries every 30 seconds.';

/** Returns the way of a node from power-on to its system. Takes the media that the node requests. */
export function stationsOf(site: Site, node: Node, media: readonly Medium[]): Station[] {
  const web = `nginx on ${site.server.host}`;
  const urls = (...kinds: MediumKind[]) =>
    media.flatMap(({ kind, url }) => (kinds.includes(kind) ? [url] : []));
  const isHarvester = node.os === 'harvester';
  return [
    powerOn(site, node),
    ...loaders(site, node, web),
    ...(node.iscsi ? [iscsiDisk(node)] : localDisk(node)),
    ...(node.linux ? linux(urls) : []),
    ...(isHarvester && node.install !== 'never' ? installation(node, web, urls) : []),
    ...(isHarvester ? [joining(node)] : []),
  ];
}

function powerOn(site: Site, node: Node): Station {
  const { domain, firmware, bootNic, oci } = node;
  const { ip } = bootNic;
  const what = domain
    ? `Power-on: the virtual machine starts (${firmware.toUpperCase()})`
    : `Power-on: ${firmware.toUpperCase()} boots from the network`;
  if (oci) {
    const fails = 'The script prints the reason and retries with growing pauses.';
    return [what, 'Oracle Cloud', [`${ip}, and the iPXE script of the instance`], fails];
  }
  if (!bootNic.network.dhcp) {
    const gets = [embedPath(site), `${ip}, which the script sets on the NIC`];
    const fails = 'The screen names the missing link, server or node, and the script retries.';
    return ['Power-on: the machine boots an iPXE image', 'the boot medium', gets, fails];
  }
  const first = domain ? bootOrder(node)[0] : undefined;
  const disk =
    first && 'disk' in first ? `The disk ${first.disk.target} boots first, once it has a system. ` : '';
  const fails = `${disk}The firmware tries its next boot device.`;
  return [what, dhcpServer(site, bootNic.network), [ip ?? '', loaderOf(node)], fails];
}

function dhcpServer({ server }: Site, { dhcp }: Network): string {
  if (dhcp && isOwnDhcpServer(dhcp.server)) return `${OWN_DHCP_SERVERS[dhcp.server].name} on ${server.host}`;
  return dhcp?.server === 'libvirt' ? "libvirt's dnsmasq on the host" : 'the DHCP server of the network';
}

function loaders(site: Site, node: Node, web: string): Station[] {
  const kind = loaderKindOf(node);
  if (kind === 'grub' || kind === 'shim') {
    const what = kind === 'shim' ? 'shim verifies GRUB, and GRUB finds the node' : 'GRUB finds the node';
    const scripts = [GRUB_SCRIPT, ...grubScriptPaths(node).slice(0, 1)];
    return [[what, web, scripts.map((path) => urlOf(site, path)), RETRIES]];
  }
  const { network } = node.bootNic;
  const hasChain = network.dhcp && !isOciNetwork(site, network);
  const server = hasChain ? `${dhcpServer(site, network)}, then ${web}` : web;
  const returns = 'iPXE prints the error and returns to the firmware.';
  const otherEntry = 'PXELINUX prints the error. The other menu entry boots the local disk.';
  const menu = pxelinuxMenus(node).slice(0, 1);
  const unknown =
    site.unknownMachines.length > 0
      ? 'A machine that the site does not know boots the Linux for unknown machines.'
      : 'It shows the identifiers of the machine and retries every 30 seconds.';
  return [
    kind === 'pxelinux'
      ? ['PXELINUX shows its menu, then starts iPXE', `TFTP on ${site.server.host}`, menu, otherEntry]
      : ['iPXE loads the entry script', server, [urlOf(site, BOOT_SCRIPT)], returns],
    ['The entry script finds the node', web, [urlOf(site, scriptPath(node))], unknown],
  ];
}

function iscsiDisk({ os, iscsi, install }: Node): Station {
  const isHarvester = os === 'harvester';
  const what = isHarvester ? 'The script connects the iSCSI disk' : 'The system boots from its iSCSI disk';
  const installed = 'An installed Harvester boots, and nothing is installed.';
  const gets = [
    `LUN ${iscsi?.lun} of ${iscsi?.target}`,
    ...(isHarvester && install !== 'always' ? [installed] : []),
  ];
  const fails = iscsi?.fallback === 'disk' ? 'The local disk boots.' : RETRIES;
  return [what, `iSCSI server ${iscsi?.address}:${iscsi?.port}`, gets, fails];
}

function localDisk({ os, install, firmware, drive }: Node): Station[] {
  if (os === 'linux' || os === 'iscsi' || (os === 'harvester' && install === 'always')) return [];
  const halts = os === 'local' || install === 'never';
  const found =
    os === 'harvester' && firmware === 'uefi'
      ? 'A disk with Harvester boots.'
      : `The disk ${driveText(drive)} boots, with any system on it.`;
  const gets = halts ? found : `${found} Then nothing is installed.`;
  const fails = halts ? 'The machine halts with a message.' : 'The installation starts.';
  return [['The script looks for an installed system', ITSELF, [gets], fails]];
}

type Urls = (...kinds: MediumKind[]) => string[];

function linux(urls: Urls): Station[] {
  const kernel = urls('kernel', 'initrd');
  const system = [...urls('rootfs'), ...urls('configuration')];
  const gets = system.length > 0 ? system : ['No file of this site.'];
  const fails = 'The console shows the error. A restart begins again.';
  return [
    ['The kernel of Linux starts', serversOf(kernel), kernel, RETRIES],
    ['Linux runs in memory', serversOf(system) || ITSELF, gets, fails],
  ];
}

function installation(node: Node, web: string, urls: Urls): Station[] {
  const [installer, iso] = [urls('kernel', 'initrd', 'rootfs'), urls('iso')];
  const starts = `The installer of Harvester ${node.cluster?.version.text} starts`;
  const filled = `${web}, with the secrets substituted`;
  const waits = 'The installer waits for it. Its console shows the error.';
  const stops = 'The installer stops with a message. The next boot installs again.';
  return [
    [starts, serversOf(installer), installer, RETRIES],
    ['The installer fetches its configuration', filled, urls('configuration'), waits],
    [`The installer wipes ${wipedDisks(node).join(', ')}`, serversOf(iso), iso, stops],
  ];
}

function joining({ mode, cluster, install }: Node): Station {
  const again = install === 'always' ? ['The next boot from the network installs it again.'] : [];
  const { name, vip } = cluster ?? {};
  const shows = 'The console shows the state. Other nodes wait.';
  const place = ['Its place in the cluster.', ...again];
  return mode === 'create'
    ? [`Harvester creates the cluster ${name}`, ITSELF, [`The VIP ${vip} answers.`, ...again], shows]
    : [`Harvester joins the cluster ${name}`, `VIP ${vip}`, place, 'The node waits for the VIP.'];
}

/** Returns the hosts of URLs, each once. */
function serversOf(urls: readonly string[]): string {
  const hosts = urls.map((url) => hostOfUrl(url) ?? url.replace(/^\w+:\/\/([^/]*).*$/, '$1'));
  return [...new Set(hosts)].join(', ');
}

/** Returns the disks that the installation of a node formats or wipes, in words; empty if it installs nothing. */
export function wipedDisks(node: Node): string[] {
  if (node.os !== 'harvester' || node.install === 'never') return [];
  if (effectiveWipe(node, 'wipe_disks')) return ['every disk'];
  const others = effectiveWipe(node, 'wipe_all_disks') ? ['every disk with an earlier Harvester'] : [];
  return [...new Set([...usedDisks(node).map(({ name }) => name), ...others])];
}
