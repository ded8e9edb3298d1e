import { existsSync } from 'node:fs';
import { isOwnDhcpServer } from '../knowledge/boot-programs.ts';
import { fetchesByHttps, loaderKindOf } from '../plan/programs.ts';
import type { Node, Site } from '../site/model.ts';
import type { Firmware } from './qemu.ts';

/** The values of `--firmware`, with the firmware of the machine for each. */
export const FIRMWARES = { bios: 'bios-pxe', uefi: 'uefi', http: 'uefi-http' } as const satisfies Record<
  string,
  Firmware
>;
export type FirmwareOption = keyof typeof FIRMWARES;

/** The state of the disk of a machine before its boot: its iSCSI disk, if it has one. */
export type DiskState = 'blank' | 'installed';

/** The end of a boot: the system for the installer or Linux has reported, the disk boots, or the script halts the machine. */
export type End = 'system' | 'disk' | 'halt';

/** A boot to rehearse. */
export interface Rehearsal {
  readonly node: Node;
  readonly firmware: Firmware;
  readonly disk: DiskState;
  readonly end: End;
}

/** Returns the firmware of a node's machine: that of the option, or of the inventory. */
export function firmwareOf(site: Site, node: Node, option?: FirmwareOption): Firmware {
  if (embedded(site, node)) return 'bios-embedded';
  if (option) return FIRMWARES[option];
  if (node.firmware === 'bios') return 'bios-pxe';
  return node.domain && node.os === 'linux' ? 'uefi-http' : 'uefi';
}

/** Returns the script in the tree that a machine gets with its iPXE, instead of from the network: on a boot medium, or by Oracle's cloud. */
export function embedded({ name }: Site, { oci, bootNic }: Node): string | undefined {
  if (oci) return 'oci/first-stage.ipxe';
  const { dhcp } = bootNic.network;
  // coredhcp sends no boot file.
  return dhcp && dhcp.server !== 'coredhcp' ? undefined : `embed/${name}.ipxe`;
}

/** Returns the end of a node's boot with this state of its disk. */
function endOf({ os, install, iscsi }: Node, disk: DiskState): End {
  if (os === 'linux') return 'system';
  if (os === 'iscsi' || (disk === 'installed' && (install !== 'always' || os === 'local'))) return 'disk';
  return os === 'local' || (install === 'never' && !iscsi) ? 'halt' : 'system';
}

/** Returns the boots of nodes. Nodes without an own disk boot once; all others with a blank and with an installed disk. */
export function rehearsalsOf(
  site: Site,
  nodes: readonly Node[],
  isAll: boolean,
  option?: FirmwareOption,
): Rehearsal[] {
  const seen = new Set<string>();
  return nodes.flatMap((node) => {
    const firmware = firmwareOf(site, node, option);
    return disksOf(node).flatMap((disk) => {
      const end = endOf(node, disk);
      const kind = kindOf(node, firmware, disk, end);
      if (!isAll && seen.has(kind)) return [];
      seen.add(kind);
      return [{ node, firmware, disk, end }];
    });
  });
}

/** Returns the states of a node's disk that make a difference to its boot. */
function disksOf({ os, install }: Node): readonly DiskState[] {
  if (os === 'linux') return ['blank'];
  return os === 'iscsi' || (os === 'harvester' && install === 'always')
    ? ['installed']
    : ['blank', 'installed'];
}

/** Returns the properties that make a difference to a boot, except for the machine's own names and IP addresses. */
function kindOf(node: Node, firmware: Firmware, disk: DiskState, end: End): string {
  const { os, install, drive, bootNic, iscsi, nics, mode, cluster, arch, linux, groups } = node;
  const script = [
    os,
    install,
    drive,
    bootNic.network.name,
    arch,
    loaderKindOf(node),
    iscsi?.fallback,
    firmware,
  ];
  // A disk that boots ends the boot before anything is requested for the system.
  const system = [
    cluster?.name,
    mode,
    nics.length,
    linux?.kernel,
    linux?.initrds,
    groups.map(({ name }) => name),
  ];
  return JSON.stringify([disk, end, script, iscsi?.chap?.targetUser, end === 'system' ? system : []]);
}

/** The boot loaders under Secure Boot, of Debian's packages shim-signed and grub-efi-amd64-signed. */
const SHIM = ['/usr/lib/shim/shimx64.efi.signed', '/usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed'];

/** Returns why a node cannot be rehearsed, or undefined. */
export function obstacleOf(site: Site, node: Node): string | undefined {
  const { server } = site;
  const { linux, iscsi, bootNic } = node;
  if (node.arch !== 'amd64')
    return `its architecture is ${node.arch}, and the rehearsal has only x86 machines`;
  if (!/^[\d.]+$/.test(server.host)) return `${server.url} has a name, and the rehearsal has no DNS`;
  if (server.sign) return 'its boot files are signed, and the rehearsal has no key';
  if (fetchesByHttps(site)) return 'it boots by https, which iPXE packages do not support';
  if (iscsi && (iscsi.disk === undefined || server.iscsi.driver !== 'tgt'))
    return 'its iSCSI disk is not on a tgt server of the site';
  if (node.os === 'harvester' && server.media.path === undefined)
    return `its installation media are on another server, ${server.media.url}`;
  const foreign = [linux?.kernel ?? [], linux?.initrds ?? []]
    .flat()
    .find((url) => !url.startsWith(`${server.url}/images/`));
  if (foreign !== undefined) return `it boots ${foreign}, which is not among the images of the boot server`;
  if (loaderKindOf(node) === 'shim' && !SHIM.every((path) => existsSync(path)))
    return `its Secure Boot needs ${SHIM.join(' and ')}, which this machine lacks`;
  if (!bootNic.mac && isOwnDhcpServer(bootNic.network.dhcp?.server))
    return 'the inventory has no MAC address of it';
  return undefined;
}
