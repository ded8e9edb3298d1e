import { execFile } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Only these: firmware takes a second to load all modules of GRUB. */
const GRUB_MODULES = ['echo', 'sleep', 'halt'];

/** The output of an installed system when it boots. */
export const INSTALLED = 'THE SYSTEM ON THE DISK';

/** Makes an empty disk image. Returns its path. */
export function blankDisk(folder: string, name: string): string {
  const path = join(folder, `${name}.img`);
  writeFileSync(path, '');
  truncateSync(path, 64 * 1024 * 1024);
  return path;
}

/** BIOS code that prints the character in al: on the screen, or on the first serial port if the screen is not redirected. */
const SHOW = {
  screen: [0xb4, 0x0e, 0xcd, 0x10], // mov ah, 0x0e; int 0x10
  serial: [0xb4, 0x01, 0x31, 0xd2, 0xcd, 0x14], // mov ah, 1; xor dx, dx; int 0x14
};

/** Makes a disk image that a BIOS boots: a master boot record that prints a line and halts. Returns its path. */
export function biosDisk(
  folder: string,
  name: string,
  text = INSTALLED,
  where: keyof typeof SHOW = 'screen',
): string {
  const path = blankDisk(folder, name);
  const show = SHOW[where];
  const code = [
    [0x31, 0xc0], // xor ax, ax
    [0x8e, 0xd8], // mov ds, ax
    [0xbe, 17 + show.length, 0x7c], // mov si, text
    [0xac], // next: lodsb
    [0x84, 0xc0], // test al, al
    [0x74, show.length + 2], // jz halt
    show,
    [0xeb, 0x100 - 7 - show.length], // jmp next
    [0xf4], // halt: hlt
    [0xeb, 0xfd], // jmp halt
  ].flat();
  const record = Buffer.alloc(512);
  Buffer.from([...code, ...Buffer.from(`\r\n${text}\r\n\0`)]).copy(record);
  record.writeUInt16LE(0xaa55, 510);
  writeFileSync(path, record, { flag: 'r+' });
  return path;
}

/**
 * Makes a disk image that UEFI boots: an EFI system partition with a label, and a GRUB as its default boot loader that
 * prints a line and halts. Returns its path. Throws if a program fails.
 */
export async function uefiDisk(
  folder: string,
  name: string,
  label: string,
  text = INSTALLED,
): Promise<string> {
  const path = blankDisk(folder, name);
  const program = join(folder, `${name}.efi`);
  const script = join(folder, `${name}.cfg`);
  writeFileSync(script, `echo "${text}"\nsleep 10\nhalt\n`);
  await run('grub-mkimage', ['-O', 'x86_64-efi', '-o', program, '-c', script, '-p', '/', ...GRUB_MODULES]);
  await run('mkfs.fat', ['-F', '32', '-n', label, path]);
  await run('mmd', ['-i', path, '::/EFI', '::/EFI/BOOT']);
  await run('mcopy', ['-i', path, program, '::/EFI/BOOT/BOOTX64.EFI']);
  return path;
}
