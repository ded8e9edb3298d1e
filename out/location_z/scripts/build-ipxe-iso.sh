#!/usr/bin/env bash
# Builds iPXE for the machines of location_z, with embed/location_z.ipxe of this tree embedded.
#
#   build-ipxe-iso.sh [OPTION…] [WHAT…]
#
#   iso          an image for real and virtual CD-ROM drives, for BIOS and UEFI: location_z.iso
#   usb          an image for USB drives (copy it with dd), for UEFI: location_z.usb
#                (a BIOS treats the USB drive that it boots as the first disk, and would boot it forever)
#   efi          the UEFI binaries of these images, for disks and firmware: location_z.efi
#   loaders      the iPXE binaries that firmware loads by DHCP: snponly.efi
#                (default: iso usb efi)
#
#   --ipxe DIR   iPXE's sources, 2.0.0 or newer, such as a clone of https://github.com/ipxe/ipxe (default: ./ipxe).
#                The build creates only files there that git ignores
#   --out DIR    the output directory (default: .)
#   --dry-run    prints what is missing and what it would do; changes nothing
#
# The first build takes some minutes, and so does one after another site's in the same clone. Concurrent builds wait for each
# other. The exit status is 0 on success, 1 on failure, and 2 for an invalid command line.
set -Eeuo pipefail
trap 'exit 1' ERR

here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
ipxe=./ipxe
out=.
dry=
what=()
part=

say() { printf '%s\n' "$*" >&2; }

die() {
  say "build-ipxe-iso.sh: $*"
  say 'see build-ipxe-iso.sh --help'
  exit 2
}

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

while [ $# -gt 0 ]; do
  case $1 in
    --help)
      usage
      exit 0
      ;;
    --dry-run) dry=yes ;;
    --ipxe | --out)
      [ -n "${2-}" ] || die "$1 requires a value"
      case $1 in
        --ipxe) ipxe=$2 ;;
        --out) out=$2 ;;
      esac
      shift
      ;;
    iso | usb | efi | loaders) what+=("$1") ;;
    *) die "unknown argument $1" ;;
  esac
  shift
done
[ ${#what[@]} -gt 0 ] || what=(iso usb efi)

# wants WHAT: whether it is requested.
wants() { [[ " ${what[*]} " = *" $1 "* ]]; }

# run COMMAND…: runs it, or with --dry-run prints it.
run() {
  local words
  if [ -z "$dry" ]; then
    "$@"
    return
  fi
  printf -v words ' %q' "$@"
  say "would: ${words# }"
}

# Collects all missing requirements, to report them at once.
problems=()
src=$ipxe/src
[ -f "$src/config/general.h" ] ||
  problems+=("$ipxe contains no iPXE sources: git clone https://github.com/ipxe/ipxe, and set its directory with --ipxe")
script=${here%/*}/embed/location_z.ipxe
[ -f "$script" ] || problems+=("$script is missing: run this script in a complete tree")

# A configuration directory for this site, so that the other settings of the sources stay unchanged. It remains after the
# build, so that make rebuilds only what has changed.
ours=config/local/harvgen_location_z
config=$src/$ours
marker=$config/.made-by-harvgen
if [ -e "$config" ] && [ "$(cat "$marker" 2>/dev/null)" != location_z ]; then
  problems+=("this script did not create $config: move it away")
fi

# The missing programs, and their Debian and Ubuntu packages.
lacking=()
packages=()
lacks() {
  lacking+=("$1")
  [[ " ${packages[*]-} " = *" $2 "* ]] || packages+=("$2")
}
tool() { command -v "$1" >/dev/null || lacks "$1" "$2"; }
# Debian's directories of the BIOS boot files for a CD-ROM.
isolinux=/usr/lib/ISOLINUX
syslinux=/usr/lib/syslinux/modules/bios
file() { [ -e "$1/$2" ] || lacks "$2" "$3"; }

tool make make
tool gcc gcc
tool ld binutils
tool perl perl
tool flock util-linux
# iPXE compresses its BIOS binaries with LZMA.
if { wants iso || wants usb; } && command -v gcc >/dev/null; then
  echo '#include <lzma.h>' | gcc -E -x c - >/dev/null 2>&1 || lacks lzma.h liblzma-dev
fi
cross_x86=
if [ "$(uname -m)" != x86_64 ]; then
  cross_x86=x86_64-linux-gnu-
  tool "${cross_x86}gcc" gcc-x86-64-linux-gnu
fi
if wants iso || wants usb; then
  tool xorrisofs xorriso
  tool mformat mtools
  tool mcopy mtools
  file "$isolinux" isolinux.bin isolinux
  file "$syslinux" ldlinux.c32 syslinux-common
fi
if [ ${#lacking[@]} -gt 0 ]; then
  problems+=("not installed: ${lacking[*]}" "  apt-get install ${packages[*]}")
fi
if [ ${#problems[@]} -gt 0 ]; then
  for problem in "${problems[@]}"; do say "$problem"; done
  if [ -z "$dry" ]; then exit 1; fi
fi

# Incomplete images never reach the output directory.
clean() { [ -z "$part" ] || rm -rf "$part"; }
trap clean EXIT
trap 'exit 1' HUP INT TERM

arguments=(CONFIG=harvgen_location_z)
embedded=("EMBED=$ours/location_z.ipxe")

# settle FILE NAME: copies a file to the configuration directory, unless it is identical.
settle() { cmp -s "$1" "$config/$2" || cp "$1" "$config/$2"; }

if [ -z "$dry" ]; then
  # The sites share the build directories of the sources.
  exec 9>>"$src/config/local/.harvgen.lock"
  flock -n 9 || {
    say "another build is running in $ipxe: waiting for its end"
    flock 9
  }
  mkdir -p "$out"
  part=$(mktemp -d "$out/.build-ipxe.XXXXXX")
  mkdir -p "$config"
  echo location_z >"$marker"
  settle "$script" location_z.ipxe
  : >"$part/general.h"
  settle "$part/general.h" general.h
fi

# build PROGRAM ARGUMENT…: builds it with make.
build() {
  local program=$1
  shift
  run make -C "$src" -j "$(nproc)" "$program" "${arguments[@]}" "$@" || {
    say "FAILED  $program"
    exit 1
  }
}

# keep FILE NAME: moves a complete file to the output directory.
keep() {
  if [ -z "$dry" ]; then
    cp "$1" "$part/whole"
    chmod 0644 "$part/whole"
    mv -f "$part/whole" "$out/$2"
    say "built   $out/$2"
  else
    say "would make $out/$2"
  fi
}

# medium: makes an image of the binaries, which firmware boots from a CD-ROM by El Torito, and UEFI from a USB drive by
# its partition table.
medium() {
  local root=$part/root esp=$part/esp.img
  mkdir "$root"
  cp "$isolinux/isolinux.bin" "$syslinux/ldlinux.c32" "$src/bin/ipxe.lkrn" "$root"
  printf '%s\n' 'SAY iPXE, for location_z' 'DEFAULT ipxe.lkrn' >"$root/isolinux.cfg"
  mkdir -p "$part/efi/EFI/BOOT"
  cp "$src/bin-x86_64-efi/ipxe.efi" "$part/efi/EFI/BOOT/BOOTX64.EFI"
  # Firmware accepts a FAT of any size. A quarter of a megabyte is for the file system's own data.
  truncate -s "$(($(du -s -k "$part/efi" | cut -f 1) + 256))K" "$esp"
  mformat -i "$esp" -v iPXE -T "$(($(stat -c %s "$esp") / 512))" ::
  mcopy -s -i "$esp" "$part/efi/EFI" ::
  xorrisofs -quiet -volid iPXE -o "$part/medium" -J -R -l \
    -eltorito-boot isolinux.bin -eltorito-catalog boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table -eltorito-alt-boot \
    -append_partition 2 0xef "$esp" -appended_part_as_gpt -e --interval:appended_partition_2:all:: -no-emul-boot "$root"
}

if wants iso || wants usb || wants efi; then
  if wants iso || wants usb; then build bin/ipxe.lkrn "${embedded[@]}" ${cross_x86:+"CROSS_COMPILE=$cross_x86"}; fi
  build bin-x86_64-efi/ipxe.efi "${embedded[@]}" ${cross_x86:+"CROSS_COMPILE=$cross_x86"}
fi
if wants iso || wants usb; then
  if [ -z "$dry" ]; then medium; fi
  for kind in iso usb; do
    if wants "$kind"; then keep "$part/medium" "location_z.$kind"; fi
  done
fi
if wants efi; then
  keep "$src/bin-x86_64-efi/ipxe.efi" location_z.efi
fi

if wants loaders; then
  build bin-x86_64-efi/snponly.efi ${cross_x86:+"CROSS_COMPILE=$cross_x86"}
  keep "$src/bin-x86_64-efi/snponly.efi" snponly.efi
fi
