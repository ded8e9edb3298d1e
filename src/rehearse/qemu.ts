import { execFileSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orUndefined } from '../values/or-undefined.ts';

/**
 * The way of a machine to its boot file. A BIOS has a PXE ROM that is not iPXE, or iPXE as its ROM. A UEFI has its own PXE,
 * or boots by HTTP without PXE. A BIOS can also start iPXE with a script from a local medium.
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
  /** For bios-embedded: the iPXE to start (default: Debian's). */
  ipxe?: string;
  /** Image files (raw) of its disks, tried in this order when no NIC boots. They are written to. */
  disks?: readonly string[];
  /** The boot order: all NICs, the first NIC, or the disks before the first NIC (default: all NICs). */
  order?: 'first NIC first' | 'disks first';
  /** MiB (default: 320). */
  memory?: number;
  /** The bridges of the NICs, if the machine is on several networks. */
  bridges?: readonly string[];
  /** Files for the packets of the NICs (pcap). */
  wires?: readonly string[];
  /** Whether it has a screen, which makes it slower. It then stays on when its system switches it off. */
  screen?: boolean;
  /** Those of `macs` that have no cable. */
  unplugged?: readonly string[];
  /** Further arguments for QEMU. */
  extra?: readonly string[];
}

/** The connection of a NIC: a backend of QEMU, without its id, and further arguments. */
export interface Link {
  backend: string;
  more: readonly string[];
}

/** The name of the socket of QEMU's monitor, in the machine's own directory. */
export const MONITOR = 'monitor';

/** The id of the backend of the NIC with this index in `macs`. */
export const netdev = (index: number): string => `nic${index}`;

/**
 * Returns the command line of QEMU for a machine, with the serial port on stdin and stdout. Takes the links of its NICs (in the order of
 * `macs`), and a directory for the machine's own files. Throws if the machine lacks a requirement of its firmware.
 */
export async function commandLine(
  machine: MachineOptions,
  links: readonly Link[],
  folder: string,
): Promise<string[]> {
  const before = machine.order === 'disks first' ? (machine.disks?.length ?? 0) : 0;
  const nics = links.flatMap(({ backend, more }, index) => {
    // Debian's iPXE ROM names only the modern virtio device, and SeaBIOS skips the ROM for another one
    const nic = `virtio-net-pci,disable-legacy=on,netdev=${netdev(index)},mac=${machine.macs[index]}`;
    const order = machine.order && index > 0 ? '' : `,bootindex=${index + 1 + before}`;
    const device = `${nic}${order},romfile=${romOf(machine.firmware)}`;
    const wire = machine.wires?.[index];
    const dump = `filter-dump,id=dump${index},netdev=${netdev(index)},maxlen=${WIRE_LENGTH},file=${wire}`;
    const watch = wire === undefined ? [] : ['-object', dump];
    return ['-netdev', `${backend},id=${netdev(index)}`, ...watch, ...more, '-device', device];
  });
  const disks = (machine.disks ?? []).flatMap((file, index) => {
    const disk = `virtio-blk-pci,drive=disk${index},bootindex=${index + 1 + (before > 0 ? 0 : machine.macs.length)}`;
    return ['-drive', `file=${file},format=raw,if=none,id=disk${index}`, '-device', disk];
  });
  const board = `qemu-system-x86_64 -nodefaults -no-user-config -machine q35,graphics=off ${ACCELERATORS}
    -m ${machine.memory ?? 320} -display none ${machine.screen ? '-vga std -no-shutdown' : '-vga none'} -no-reboot -serial stdio
    -monitor unix:${join(folder, MONITOR)},server=on,wait=off`;
  const firmware = (await FIRMWARES[machine.firmware]?.(machine, folder)) ?? [];
  return [...board.split(/\s+/), ...firmware, ...nics, ...disks, ...(machine.extra ?? [])];
}

/** The bytes of each packet that are kept: a whole answer of DHCP, but not a whole kernel. */
const WIRE_LENGTH = 800;

/** Whether QEMU can use the processor's virtualization. A device file alone is not sufficient: some hosts hang with it. */
export const hasKvm: boolean =
  /^flags\b.*\b(?:vmx|svm)\b/m.test(orUndefined(() => readFileSync('/proc/cpuinfo', 'latin1')) ?? '') &&
  (orUndefined(() => {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  }) ??
    false);

/** QEMU takes the first that works. */
const ACCELERATORS = hasKvm ? '-accel kvm -accel tcg' : '-accel tcg';

const IPXE_ROM = '/usr/lib/ipxe/qemu/pxe-virtio.rom';

/** The boot ROM of the NICs; empty if something else boots from the network. */
const romOf = (firmware: Firmware) => (/^bios-i?pxe$/.test(firmware) ? IPXE_ROM : '');

/** The arguments for firmware outside the NICs; SeaBIOS needs none. */
type Arguments = (machine: MachineOptions, folder: string) => Promise<string[]>;
const FIRMWARES: Partial<Record<Firmware, Arguments>> = {
  uefi: (_, folder) => uefi(folder, ['IPv6PXESupport', 'IPv6Support']),
  'uefi-http': (_, folder) => uefi(folder, ['IPv4PXESupport', 'IPv6PXESupport', 'IPv6Support']),
  async 'bios-embedded'({ name, script, ipxe }) {
    if (script === undefined) throw new Error(`${name}: bios-embedded needs a script`);
    return ['-kernel', ipxe ?? '/usr/lib/ipxe/ipxe.lkrn', '-initrd', script];
  },
};

/** Returns the arguments for UEFI with its variables in a directory, and with some features off. */
async function uefi(folder: string, off: readonly string[]): Promise<string[]> {
  const variables = join(folder, 'variables.fd');
  await copyFile('/usr/share/OVMF/OVMF_VARS_4M.fd', variables);
  const flash = (file: string, more = '') => ['-drive', `if=pflash,format=raw,file=${file}${more}`];
  // With IPv6 UEFI tries the network for minutes more before the disks; also, the ipxe.efi
  // of Debian 12 (of 2019) then hangs when a script exits to the firmware. Later ones and snponly.efi do not.
  const no = (name: string) => ['-fw_cfg', `name=opt/org.tianocore/${name},string=n`];
  return [
    ...flash('/usr/share/OVMF/OVMF_CODE_4M.fd', ',readonly=on'),
    ...[...flash(variables), ...off.flatMap(no), ...(await brokenTpm(folder))],
  ];
}

/**
 * Returns the arguments for a TPM that answers each command with that command, which OVMF takes for a broken one. Without a
 * TPM, OVMF polls for one for two seconds, a third of the CPU time of a boot.
 */
async function brokenTpm(folder: string): Promise<string[]> {
  const [echo, cancel] = [join(folder, 'tpm'), join(folder, 'tpm-cancel')];
  execFileSync('mkfifo', [echo]);
  await writeFile(cancel, '');
  const backend = `passthrough,id=tpm,path=${echo},cancel-path=${cancel}`;
  return ['-tpmdev', backend, '-device', 'tpm-tis,tpmdev=tpm'];
}
