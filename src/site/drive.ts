/** The first hard disk, as a BIOS counts; iPXE counts those of UEFI so, too. */
export const FIRST_DRIVE = 0x80;

/** Gives the number of a disk as the pages of iPXE write it, 0x81; the first where none is said. */
export function driveText(drive: number = FIRST_DRIVE): string {
  return `0x${drive.toString(16)}`;
}
