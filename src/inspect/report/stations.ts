import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import type { Medium, MediumKind } from '../../plan/medium.ts';
import { loaderKindOf, loaderOf } from '../../plan/programs.ts';
import { bootOrder, driveText, effectiveWipe, usedDisks } from '../../site/disks.ts';
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

/**
 * Returns a step of a machine from power-on to its system: docs/explanation/boot-process.md. Takes the server that answers, or
 * the machine itself, the files that the machine gets, or the result, and what happens otherwise.
 */
function station(what: string, server: string, gets: readonly string[], fails: string) {
  return { what, server, gets, fails };
}

type Station = ReturnType<typeof station>;

/** The machine itself, as the server of a step. */
const ITSELF = 'the machine itself';

/** Returns the way of a node from power-on to its system. Takes the media that the node requests. */
export function stationsOf(site: Site, node: Node, media: readonly Medium[]): Station[] {
  const web = `nginx on ${site.server.host}`;
  const urls = (...kinds: MediumKind[]) =>
    media.flatMap(({ kind, url }) => (kinds.includes(kind) ? [url] : []));
  return [
    powerOn(site, node),
    ...loaders(site, node, web),
    ...(node.iscsi ? [iscsiDisk(node)] : localDisk(node)),
    ...(node.linux ? linux(urls) : []),
    ...(node.os === 'harvester' && node.install !== 'never' ? installation(node, web, urls) : []),
    ...(node.os === 'harvester' ? [joining(node)] : []),
  ];
}

const NEXT_DEVICE = 'The firmware tries its next boot device.';
const RETRIES = 'It prints the error and retries every 30 seconds.';

function powerOn(site: Site, node: Node): Station {
  const { domain, firmware, bootNic, ip, oci } = node;
  const what = domain
    ? `Power-on: the virtual machine starts (${firmware.toUpperCase()})`
    : `Power-on: ${firmware.toUpperCase()} boots from the network`;
  if (oci)
    return station(
      what,
      'Oracle Cloud',
      [`${ip}, and the iPXE script of the instance`],
      'The script prints the reason and retries with growing pauses.',
    );
  if (!bootNic.network.dhcp)
    return station(
      'Power-on: the machine boots an iPXE image',
      'the boot medium',
      [embedPath(site), `${ip}, which the script sets on the NIC`],
      'The screen names the missing link, server or node, and the script retries.',
    );
  const first = domain ? bootOrder(node)[0] : undefined;
  const disk =
    first && 'disk' in first ? `The disk ${first.disk.target} boots first, once it has a system. ` : '';
  return station(what, dhcpServer(site, bootNic.network), [ip, loaderOf(node)], disk + NEXT_DEVICE);
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
    return [
      station(
        what,
        web,
        scripts.map((path) => urlOf(site, path)),
        RETRIES,
      ),
    ];
  }
  const { network } = node.bootNic;
  const hasChain = network.dhcp && !isOciNetwork(site, network);
  const unknown =
    site.unknownMachines.length > 0
      ? 'A machine that the site does not know boots the Linux for unknown machines.'
      : 'It shows the identifiers of the machine and retries every 30 seconds.';
  return [
    kind === 'pxelinux'
      ? station(
          'PXELINUX shows its menu, then starts iPXE',
          `TFTP on ${site.server.host}`,
          pxelinuxMenus(node).slice(0, 1),
          'PXELINUX prints the error. The other menu entry boots the local disk.',
        )
      : station(
          'iPXE loads the entry script',
          hasChain ? `${dhcpServer(site, network)}, then ${web}` : web,
          [urlOf(site, BOOT_SCRIPT)],
          'iPXE prints the error and returns to the firmware.',
        ),
    station('The entry script finds the node', web, [urlOf(site, scriptPath(node))], unknown),
  ];
}

function iscsiDisk({ os, iscsi, install }: Node): Station {
  const isHarvester = os === 'harvester';
  return station(
    isHarvester ? 'The script connects the iSCSI disk' : 'The system boots from its iSCSI disk',
    `iSCSI server ${iscsi?.address}:${iscsi?.port}`,
    [
      `LUN ${iscsi?.lun} of ${iscsi?.target}`,
      ...(isHarvester && install !== 'always'
        ? ['An installed Harvester boots, and nothing is installed.']
        : []),
    ],
    iscsi?.fallback === 'disk' ? 'The local disk boots.' : RETRIES,
  );
}

function localDisk({ os, install, firmware, drive }: Node): Station[] {
  if (os === 'linux' || os === 'iscsi' || (os === 'harvester' && install === 'always')) return [];
  const halts = os === 'local' || install === 'never';
  const found =
    os === 'harvester' && firmware === 'uefi'
      ? 'A disk with Harvester boots.'
      : `The disk ${driveText(drive)} boots, with any system on it.`;
  return [
    station(
      'The script looks for an installed system',
      ITSELF,
      [halts ? found : `${found} Then nothing is installed.`],
      halts ? 'The machine halts with a message.' : 'The installation starts.',
    ),
  ];
}

type Urls = (...kinds: MediumKind[]) => string[];

function linux(urls: Urls): Station[] {
  const kernel = urls('kernel', 'initrd');
  const system = [...urls('rootfs'), ...urls('configuration')];
  return [
    station('The kernel of Linux starts', serversOf(kernel), kernel, RETRIES),
    station(
      'Linux runs in memory',
      serversOf(system) || ITSELF,
      system.length > 0 ? system : ['No file of this site.'],
      'The console shows the error. A restart begins again.',
    ),
  ];
}

function installation(node: Node, web: string, urls: Urls): Station[] {
  const installer = urls('kernel', 'initrd', 'rootfs');
  const iso = urls('iso');
  return [
    station(
      `The installer of Harvester ${node.cluster?.version.text} starts`,
      serversOf(installer),
      installer,
      RETRIES,
    ),
    station(
      'The installer fetches its configuration',
      `${web}, with the secrets substituted`,
      urls('configuration'),
      'The installer waits for it. Its console shows the error.',
    ),
    station(
      `The installer wipes ${wipedDisks(node).join(', ')}`,
      serversOf(iso),
      iso,
      'The installer stops with a message. The next boot installs again.',
    ),
  ];
}

function joining({ mode, cluster, install }: Node): Station {
  const again = install === 'always' ? ['The next boot from the network installs it again.'] : [];
  return mode === 'create'
    ? station(
        `Harvester creates the cluster ${cluster?.name}`,
        ITSELF,
        [`The VIP ${cluster?.vip} answers.`, ...again],
        'The console shows the state. Other nodes wait.',
      )
    : station(
        `Harvester joins the cluster ${cluster?.name}`,
        `VIP ${cluster?.vip}`,
        ['Its place in the cluster.', ...again],
        'The node waits for the VIP.',
      );
}

/** Returns the hosts of URLs, each once. */
function serversOf(urls: readonly string[]): string {
  return [...new Set(urls.map((url) => hostOfUrl(url) ?? url.replace(/^\w+:\/\/([^/]*).*$/, '$1')))].join(
    ', ',
  );
}

/** Returns the disks that the installation of a node formats or wipes, in words; empty if it installs nothing. */
export function wipedDisks(node: Node): string[] {
  if (node.os !== 'harvester' || node.install === 'never') return [];
  if (effectiveWipe(node, 'wipe_disks')) return ['every disk'];
  const others = effectiveWipe(node, 'wipe_all_disks') ? ['every disk with an earlier Harvester'] : [];
  return [...new Set([...usedDisks(node).map(({ name }) => name), ...others])];
}
