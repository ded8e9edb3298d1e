import type { Arch } from '../../knowledge/tables/harvester-media.ts';

/**
 * The label of the EFI system partition of an installed Harvester: cOS, Elemental and what is made of them call it so.
 * Source: harvester-installer, pkg/console/util_test.go (the partitions that it has elemental make).
 */
export const INSTALLED_LABEL = 'COS_GRUB';

/**
 * A file that an installed Harvester has and no other disk, as iPXE under UEFI finds it: by the label of its EFI
 * system partition and the path of the firmware's default boot program.
 * Source: iPXE, src/interface/efi/efi_local.c (`file://<volume label>/<path>`).
 */
export function installedFile(arch: Arch): string {
  return `file://${INSTALLED_LABEL}/EFI/BOOT/${arch === 'arm64' ? 'BOOTAA64' : 'BOOTX64'}.EFI`;
}
