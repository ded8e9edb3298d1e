import type { Arch } from '../../tables/harvester-media.ts';

/**
 * A file that an installed Harvester has and no other disk, as iPXE under UEFI finds it: by the label of its EFI
 * system partition (cOS and Elemental call it COS_GRUB) and the path of the firmware's default boot program.
 * Source: iPXE, src/interface/efi/efi_local.c (`file://<volume label>/<path>`).
 */
export function installedFile(arch: Arch): string {
  return `file://COS_GRUB/EFI/BOOT/${arch === 'arm64' ? 'BOOTAA64' : 'BOOTX64'}.EFI`;
}
