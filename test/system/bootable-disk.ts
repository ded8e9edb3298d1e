import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { copyFile, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildLinux, VIRTIO_MODULES } from '../../src/rehearse/initramfs.ts';

const run = promisify(execFile);

const MIB = 1024 * 1024;
const SECTOR = 512;
const SIZE = 48 * MIB;
/** The start of the only partition: the EFI system partition, which GRUB for BIOS reads as well. */
const PARTITION = MIB;

/** The drivers for an iSCSI disk: those of SCSI disks, of the firmware's table, and of iSCSI. */
const ISCSI_MODULES = ['sd_mod', 'iscsi_ibft', 'iscsi_tcp'];

const GRUB_MODULES = [
  'part_msdos',
  'fat',
  'linux',
  'normal',
  'configfile',
  'search',
  'search_fs_file',
  'echo',
];

/**
 * Makes a raw image that BIOS and UEFI boot. Its system logs on with the data of the firmware (iBFT), and reports what
 * disk-init.sh lists. Returns its path. Throws if a program fails.
 */
export async function bootableDisk(folder: string): Promise<string> {
  const path = join(folder, 'bootable.img');
  const own = (name: string) => join(folder, `bootable.${name}`);
  await buildLinux(
    {
      init: await readFile(join(import.meta.dirname, 'disk-init.sh'), 'utf8'),
      modules: [...VIRTIO_MODULES, ...ISCSI_MODULES],
      programs: ['/usr/sbin/iscsistart'],
    },
    own('vmlinuz'),
    own('initrd'),
  );
  await writeFile(path, await bootSectors(own));
  await truncate(path, SIZE);
  const blocks = String((SIZE - PARTITION - MIB) / 1024);
  await run('mkfs.fat', ['-F', '16', '-s', '16', '--offset', String(PARTITION / SECTOR), path, blocks]);
  await makeGrub('x86_64-efi', [], own);
  const image = `${path}@@${PARTITION}`;
  await run('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT']);
  await run('mcopy', ['-i', image, own('x86_64-efi'), '::/EFI/BOOT/BOOTX64.EFI']);
  await run('mcopy', ['-i', image, own('vmlinuz'), '::/vmlinuz']);
  await run('mcopy', ['-i', image, own('initrd'), '::/initrd']);
  return path;
}

/** Returns what the boot loader of such a disk prints first. */
export const loaderOf = (who: string): string => `the boot loader of ${who}`;

/** Copies such an image to a path, and adds a name to its kernel command line and to its last sector. */
export async function diskOf(image: string, path: string, who: string): Promise<void> {
  await copyFile(image, path, constants.COPYFILE_FICLONE);
  const menu = `${path}.cfg`;
  await writeFile(
    menu,
    `echo ${loaderOf(who)}\nlinux /vmlinuz console=ttyS0 quiet who=${who}\ninitrd /initrd\nboot\n`,
  );
  await run('mcopy', ['-i', `${path}@@${PARTITION}`, menu, '::/grub.cfg']);
  await rm(menu);
  const disk = await open(path, 'r+');
  await disk.write(who, SIZE - SECTOR);
  await disk.close();
}

/**
 * Returns the sectors before the partition: GRUB's boot sector with a partition table, then GRUB's core, where the boot
 * sector looks for it by default.
 */
async function bootSectors(own: (name: string) => string): Promise<Buffer> {
  await makeGrub('i386-pc', ['biosdisk'], own);
  const boot = Buffer.alloc(SECTOR);
  (await readFile('/usr/lib/grub/i386-pc/boot.img')).copy(boot, 0, 0, 440);
  // active, of type EFI, without valid cylinders
  boot.set([0x80, 0xfe, 0xff, 0xff, 0xef, 0xfe, 0xff, 0xff], 446);
  boot.writeUInt32LE(PARTITION / SECTOR, 454);
  boot.writeUInt32LE((SIZE - PARTITION - MIB) / SECTOR, 458);
  boot.writeUInt16LE(0xaa55, 510);
  return Buffer.concat([boot, await readFile(own('i386-pc'))]);
}

/** Makes a GRUB of a format, with additional modules, that runs the grub.cfg of a disk. */
async function makeGrub(
  format: string,
  modules: readonly string[],
  own: (name: string) => string,
): Promise<void> {
  const first = own('cfg');
  await writeFile(first, 'search --file --set=root /grub.cfg\nconfigfile /grub.cfg\n');
  const all = [...GRUB_MODULES, ...modules];
  await run('grub-mkimage', ['-O', format, '-c', first, '-p', '/', '-o', own(format), ...all]);
}
