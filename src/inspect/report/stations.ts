import { isOwnDhcpServer, OWN_DHCP_SERVERS } from '../../knowledge/boot-programs.ts';
import { bootOrder, driveText } from '../../site/disks.ts';
import type { Network, Node, Site } from '../../site/model.ts';
import { isOciNetwork } from '../../site/nodes.ts';
import { loaderKindOf, loaderOf } from '../../targets/programs.ts';
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
import type { Medium, MediumKind } from '../media/medium.ts';
import { wipedDisks } from './wiped-disks.ts';

/** A step of a machine from power-on to its system: docs/explanation/boot-process.md. */
export interface Station {
  readonly what: string;
  /** The server that answers, or the machine itself. */
  readonly server: string;
  /** The files that the machine gets, or the result of the step. */
  readonly gets: readonly string[];
  readonly fails: string;
}

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
    return {
      what,
      server: 'Oracle Cloud',
      gets: [`${ip}, and the iPXE script of the instance`],
      fails: 'The script prints the reason and retries with growing pauses.',
    };
  if (!bootNic.network.dhcp)
    return {
      what: 'Power-on: the machine boots an iPXE image',
      server: 'the boot medium',
      gets: [embedPath(site), `${ip}, which the script sets on the NIC`],
      fails: 'The screen names the missing link, server or node, and the script retries.',
    };
  const first = domain ? bootOrder(node)[0] : undefined;
  const disk =
    first && 'disk' in first ? `The disk ${first.disk.target} boots first, once it has a system. ` : '';
  return {
    what,
    server: dhcpServer(site, bootNic.network),
    gets: [ip, loaderOf(node)],
    fails: disk + NEXT_DEVICE,
  };
}

function dhcpServer({ server }: Site, { dhcp }: Network): string {
  if (dhcp && isOwnDhcpServer(dhcp.server)) return `${OWN_DHCP_SERVERS[dhcp.server].name} on ${server.host}`;
  return dhcp?.server === 'libvirt' ? "libvirt's dnsmasq on the host" : 'the DHCP server of the network';
}

function loaders(site: Site, node: Node, web: string): Station[] {
  const menus = pxelinuxMenus(node);
  const kind = loaderKindOf(node);
  if (kind === 'grub' || kind === 'shim')
    return [
      {
        what: kind === 'shim' ? 'shim verifies GRUB, and GRUB finds the node' : 'GRUB finds the node',
        server: web,
        gets: [
          urlOf(site, GRUB_SCRIPT),
          ...grubScriptPaths(node)
            .slice(0, 1)
            .map((path) => urlOf(site, path)),
        ],
        fails: RETRIES,
      },
    ];
  const ipxe: Station[] = [
    {
      what: 'iPXE loads the entry script',
      server:
        isOciNetwork(site, node.bootNic.network) || !node.bootNic.network.dhcp
          ? web
          : `${dhcpServer(site, node.bootNic.network)}, then ${web}`,
      gets: [urlOf(site, BOOT_SCRIPT)],
      fails: 'iPXE prints the error and returns to the firmware.',
    },
    {
      what: 'The entry script finds the node',
      server: web,
      gets: [urlOf(site, scriptPath(node))],
      fails:
        site.unknownMachines.length > 0
          ? 'A machine that the site does not know boots the Linux for unknown machines.'
          : 'It shows the identifiers of the machine and retries every 30 seconds.',
    },
  ];
  if (kind !== 'pxelinux') return ipxe;
  const menu = {
    what: 'PXELINUX shows its menu, then starts iPXE',
    server: `TFTP on ${site.server.host}`,
    gets: menus.slice(0, 1),
    fails: 'PXELINUX prints the error. The other menu entry boots the local disk.',
  };
  return [menu, ...ipxe.slice(1)];
}

function iscsiDisk({ os, iscsi, install }: Node): Station {
  const to = `${iscsi?.address}:${iscsi?.port}`;
  const gets = [`LUN ${iscsi?.lun} of ${iscsi?.target}`];
  if (os === 'harvester' && install !== 'always')
    gets.push('An installed Harvester boots, and nothing is installed.');
  return {
    what: os === 'harvester' ? 'The script connects the iSCSI disk' : 'The system boots from its iSCSI disk',
    server: `iSCSI server ${to}`,
    gets,
    fails: iscsi?.fallback === 'disk' ? 'The local disk boots.' : RETRIES,
  };
}

function localDisk({ os, install, firmware, drive }: Node): Station[] {
  if (os === 'linux' || os === 'iscsi') return [];
  if (os === 'harvester' && install === 'always') return [];
  const halts = os === 'local' || install === 'never';
  const found =
    os === 'harvester' && firmware === 'uefi'
      ? 'A disk with Harvester boots.'
      : `The disk ${driveText(drive)} boots, with any system on it.`;
  return [
    {
      what: 'The script looks for an installed system',
      server: 'the machine itself',
      gets: [halts ? found : `${found} Then nothing is installed.`],
      fails: halts ? 'The machine halts with a message.' : 'The installation starts.',
    },
  ];
}

type Urls = (...kinds: MediumKind[]) => string[];

function linux(urls: Urls): Station[] {
  const system = [...urls('rootfs'), ...urls('configuration')];
  return [
    {
      what: 'The kernel of Linux starts',
      server: serversOf(urls('kernel', 'initrd')),
      gets: urls('kernel', 'initrd'),
      fails: RETRIES,
    },
    {
      what: 'Linux runs in memory',
      server: system.length > 0 ? serversOf(system) : 'the machine itself',
      gets: system.length > 0 ? system : ['No file of this site.'],
      fails: 'The console shows the error. A restart begins again.',
    },
  ];
}

function installation(node: Node, web: string, urls: Urls): Station[] {
  const disks = wipedDisks(node);
  return [
    {
      what: `The installer of Harvester ${node.cluster?.version.text} starts`,
      server: serversOf(urls('kernel', 'initrd', 'rootfs')),
      gets: urls('kernel', 'initrd', 'rootfs'),
      fails: RETRIES,
    },
    {
      what: 'The installer fetches its configuration',
      server: `${web}, with the secrets substituted`,
      gets: urls('configuration'),
      fails: 'The installer waits for it. Its console shows the error.',
    },
    {
      what: `The installer wipes ${disks.join(', ')}`,
      server: serversOf(urls('iso')),
      gets: urls('iso'),
      fails: 'The installer stops with a message. The next boot installs again.',
    },
  ];
}

function joining({ mode, cluster, install }: Node): Station {
  const creates = mode === 'create';
  return {
    what: creates
      ? `Harvester creates the cluster ${cluster?.name}`
      : `Harvester joins the cluster ${cluster?.name}`,
    server: creates ? 'the machine itself' : `VIP ${cluster?.vip}`,
    gets: [
      creates ? `The VIP ${cluster?.vip} answers.` : `Its place in the cluster.`,
      ...(install === 'always' ? ['The next boot from the network installs it again.'] : []),
    ],
    fails: creates ? 'The console shows the state. Other nodes wait.' : 'The node waits for the VIP.',
  };
}

/** Returns the hosts of URLs, each once. */
function serversOf(urls: readonly string[]): string {
  return [...new Set(urls.map((url) => hostOfUrl(url) ?? url.replace(/^\w+:\/\/([^/]*).*$/, '$1')))].join(
    ', ',
  );
}
