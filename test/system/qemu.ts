import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * How a machine comes to its boot file: a BIOS with a PXE ROM that is not iPXE, a BIOS with iPXE as its
 * ROM, a UEFI with its own PXE, a UEFI without any, which boots by HTTP, or a BIOS that starts iPXE with a script from a local
 * medium.
 */
export type Firmware = 'bios-pxe' | 'bios-ipxe' | 'uefi' | 'uefi-http' | 'bios-embedded';

/** A machine to switch on. */
export interface MachineOptions {
  /** For messages. */
  name: string;
  /** The MAC addresses of its NICs, in the order in which the firmware tries them. */
  macs: readonly string[];
  firmware: Firmware;
  /** For bios-embedded: the iPXE script to start with. */
  script?: string;
  /** For bios-embedded: the iPXE to start, if not Debian's. */
  ipxe?: string;
  /** Image files (raw) of its disks, tried in this order when no NIC boots. They are written to. */
  disks?: readonly string[];
  /** MiB; 320 unless said otherwise. */
  memory?: number;
  /** Those of `macs` whose cable is not plugged in. */
  unplugged?: readonly string[];
  /** Further arguments for QEMU. */
  extra?: readonly string[];
}

/** What a NIC is plugged into: a backend of QEMU, without its id, and arguments that go with it. */
export interface Link {
  backend: string;
  more: readonly string[];
}

/** The name of the socket of QEMU's monitor, in the machine's own folder. */
export const MONITOR = 'monitor';

/** The id of the backend of the NIC at this place in `macs`. */
export const netdev = (index: number): string => `nic${index}`;

/**
 * Takes a machine, what its NICs are plugged into (in the order of `macs`), and a folder for what it keeps of
 * its own. Gives the command line of QEMU, with the serial port on stdin and stdout. Throws if the machine
 * lacks what its firmware needs.
 */
export async function commandLine(
  machine: MachineOptions,
  links: readonly Link[],
  folder: string,
): Promise<string[]> {
  const nics = links.flatMap(({ backend, more }, index) => {
    // Debian's iPXE ROM names the modern virtio device only, and SeaBIOS passes over it for another
    const nic = `virtio-net-pci,disable-legacy=on,netdev=${netdev(index)},mac=${machine.macs[index]},bootindex=${index + 1}`;
    const rom = ROMS[machine.firmware];
    return ['-netdev', `${backend},id=${netdev(index)}`, ...more, '-device', `${nic},romfile=${rom}`];
  });
  const disks = (machine.disks ?? []).flatMap((file, index) => {
    const disk = `virtio-blk-pci,drive=disk${index},bootindex=${machine.macs.length + index + 1}`;
    return ['-drive', `file=${file},format=raw,if=none,id=disk${index}`, '-device', disk];
  });
  const board = `qemu-system-x86_64 -nodefaults -no-user-config -machine q35,graphics=off -accel tcg
    -m ${machine.memory ?? 320} -display none -vga none -no-reboot -serial stdio
    -monitor unix:${join(folder, MONITOR)},server=on,wait=off`;
  const firmware = await FIRMWARES[machine.firmware](machine, folder);
  return [...board.split(/\s+/), ...firmware, ...nics, ...disks, ...(machine.extra ?? [])];
}

const IPXE_ROM = '/usr/lib/ipxe/qemu/pxe-virtio.rom';

/** The boot ROM of the NICs; none where something else boots from the network. */
const ROMS: Record<Firmware, string> = {
  'bios-pxe': IPXE_ROM,
  'bios-ipxe': IPXE_ROM,
  uefi: '',
  'uefi-http': '',
  'bios-embedded': '',
};

/** The arguments for the firmware, as far as it is not in a NIC: SeaBIOS is there anyway. */
const FIRMWARES: Record<Firmware, (machine: MachineOptions, folder: string) => Promise<string[]>> = {
  'bios-pxe': async () => [],
  'bios-ipxe': async () => [],
  uefi: (_, folder) => uefi(folder, ['IPv6PXESupport', 'IPv6Support']),
  'uefi-http': (_, folder) => uefi(folder, ['IPv4PXESupport', 'IPv6PXESupport', 'IPv6Support']),
  async 'bios-embedded'({ name, script, ipxe }) {
    if (script === undefined) throw new Error(`${name}: bios-embedded needs a script`);
    return ['-kernel', ipxe ?? '/usr/lib/ipxe/ipxe.lkrn', '-initrd', script];
  },
};

/** UEFI whose variables are in a folder, without what is to be off. */
async function uefi(folder: string, off: readonly string[]): Promise<string[]> {
  const variables = join(folder, 'variables.fd');
  await copyFile('/usr/share/OVMF/OVMF_VARS_4M.fd', variables);
  const flash = (file: string, more = '') => ['-drive', `if=pflash,format=raw,file=${file}${more}`];
  // With IPv6 it would try the network for minutes more before it goes on to the disks; also, the ipxe.efi
  // of Debian 12 (of 2019) then hangs when a script exits to the firmware. Later ones and snponly.efi do not.
  const no = (name: string) => ['-fw_cfg', `name=opt/org.tianocore/${name},string=n`];
  return [
    ...flash('/usr/share/OVMF/OVMF_CODE_4M.fd', ',readonly=on'),
    ...[...flash(variables), ...off.flatMap(no)],
  ];
}
