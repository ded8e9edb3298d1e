import { harvesterMedia } from '../knowledge/harvester.ts';
import { loaderKindOf, loaderOf } from '../plan/programs.ts';
import type { Node, Site } from '../site/model.ts';
import {
  BOOT_SCRIPT,
  cloudInitPath,
  configPath,
  furtherScriptPaths,
  GRUB_SCRIPT,
  grubScriptPaths,
  pxelinuxMenus,
  pxelinuxScript,
  scriptPath,
} from '../tree/paths.ts';
import { INSTALLED } from './disks.ts';
import { embedded, type Rehearsal } from './kinds.ts';
import type { Answer } from './wire.ts';

/** A step of a boot: its name, the files or the text by which a machine reaches it. */
export interface Station {
  readonly name: string;
  /** Whether an answer belongs to the station. */
  readonly has?: (answer: Answer) => boolean;
  /** The text on the console that shows that the machine has reached it. */
  readonly text?: RegExp;
  /** Whether the machine tries other files first, which may be missing. */
  readonly isSearch?: boolean;
}

/** Returns the stations of a boot, in order: docs/explanation/boot-process.md. */
export function stationsOf(site: Site, rehearsal: Rehearsal): Station[] {
  const { node, firmware, end } = rehearsal;
  const disk: Station = { name: 'disk', text: new RegExp(INSTALLED) };
  // A domain boots its own disk first.
  if (node.domain && !node.iscsi && end === 'disk') return [disk];
  const script = embedded(site, node);
  const firmwareNode = { ...node, firmware: firmware.startsWith('uefi') ? 'uefi' : 'bios' } as const;
  const kind = loaderKindOf(firmwareNode);
  const isGrub = kind === 'grub' || kind === 'shim';
  const loads = (name: string, ...paths: readonly string[]): Station => ({
    name,
    has: (answer) => 'path' in answer && paths.some((path) => pathOf(answer.path) === path),
  });
  const dhcp: Station = { name: 'DHCP', has: ({ by }) => by === 'dhcp' };
  const program = loaderOf(firmwareNode as typeof node);
  const loader = loads('boot loader', program, `loader/${program}`);
  const further = [scriptPath(node), ...furtherScriptPaths(node)];
  const scripts =
    kind === 'pxelinux'
      ? [
          { ...loads('menu', ...pxelinuxMenus(node)), isSearch: true },
          loads("the node's script", pxelinuxScript(node)),
        ]
      : isGrub
        ? [loads('entry script', GRUB_SCRIPT), loads("the node's script", ...grubScriptPaths(node))]
        : [loads('entry script', BOOT_SCRIPT), loads("the node's script", ...further)];
  const hasDhcp = node.bootNic.network.dhcp !== undefined;
  return [
    ...(hasDhcp ? [dhcp] : []),
    ...(script === undefined ? [loader] : []),
    ...scripts,
    ...(node.iscsi ? [{ name: 'iSCSI disk', has: ({ by }: Answer) => by === 'iscsi' }] : []),
    ...(end === 'disk' ? [disk] : []),
    ...(end === 'halt' ? [{ name: 'halt', text: /halting, because/ }] : []),
    ...(end === 'system' ? systemStations(site, rehearsal, loads) : []),
  ];
}

function systemStations(
  site: Site,
  { node }: Rehearsal,
  loads: (name: string, ...paths: readonly string[]) => Station,
): Station[] {
  const { linux, cluster, cloudInit } = node;
  const below = (url: string | undefined) =>
    url === undefined ? [] : [url.slice(site.server.url.length + 1)];
  const end: Station = { name: linux ? 'Linux' : 'installer', text: /STAND-IN end/ };
  if (linux) {
    const data = ['meta-data', 'user-data', 'vendor-data', 'network-config'];
    const paths = node.bootNics.flatMap((nic) => data.map((file) => `${cloudInitPath(node, nic)}${file}`));
    return [
      loads('kernel', ...below(linux.kernel)),
      ...linux.initrds.map((url) => loads('initrd', ...below(url))),
      ...(linux.squashfs ? [loads('root file system', ...below(linux.squashfs))] : []),
      ...(cloudInit ? [loads('cloud-init', ...paths)] : []),
      end,
    ];
  }
  if (!cluster) return [end];
  const media = harvesterMedia(cluster.version.text, cluster.arch);
  const folder = `harvester/${cluster.version.text}`;
  return [
    loads('kernel', `${folder}/${media.kernel}`),
    loads('initrd', `${folder}/${media.initrd}`),
    loads('root file system', `${folder}/${media.rootfs}`),
    loads('configuration', configPath(node)),
    ...managementStation(node),
    end,
  ];
}

/** Returns the station at which a machine uses its management network, if that is not the one that it boots from. */
function managementStation({ bond: [nic], bootNic, config }: Node): Station[] {
  const { method, gateway } = config.install?.management_interface ?? {};
  if (!nic?.mac || nic.network === bootNic.network) return [];
  const { vlan = 0 } = nic.network;
  const has = (answer: Answer) =>
    method === 'static'
      ? answer.by === 'arp' &&
        answer.address === nic.ip &&
        answer.target === gateway &&
        (answer.vlan ?? 1) === Math.max(vlan, 1)
      : answer.by === 'dhcp' && answer.address === nic.ip;
  // Leases are not rehearsed in VLANs, for which the kernel of a server may have no support.
  return method === 'static' || vlan < 2 ? [{ name: 'management network', has }] : [];
}

/** Returns a requested path without its beginning and its query. */
export const pathOf = (path: string): string =>
  path.replace(/^\/*(?:srv\/harvgen\/tftp\/)?/, '').replace(/\?.*/, '');
