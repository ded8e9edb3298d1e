#!/usr/bin/env bash
# Builds iPXE for the machines of ochami, with embed/ochami.ipxe of this tree in it.
#
#   build-ipxe-iso.sh [OPTION…] [WHAT…]
#
#   iso          an image for CD-ROM drives, virtual ones too, for BIOS and UEFI: ochami.iso
#   usb          one for sticks, which dd copies there, for UEFI: ochami.usb
#                (to a BIOS, the stick that it starts from is the first disk, and would be booted as such for ever)
#   efi          the programs of UEFI in it, for disks and firmware: ochami.efi
#   loaders      what DHCP has firmware load: snponly.efi
#                (unless said: iso usb efi)
#
#   --ipxe DIR   iPXE's sources, 2.0.0 or newer, such as a clone of https://github.com/ipxe/ipxe (./ipxe unless said).
#                make leaves there what git ignores, and nothing else changes
#   --out DIR    where the images go (. unless said)
#   --dry-run    says what is missing and what it would do, and does nothing
#
# It takes some minutes the first time, and after another site's in the same clone; two at once wait for each other. The
# status is 0 where all is built, 1 where it is not, 2 where the command line is wrong.
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
  say 'build-ipxe-iso.sh --help says more'
  exit 2
}

# What stands at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

while [ $# -gt 0 ]; do
  case $1 in
    --help)
      usage
      exit 0
      ;;
    --dry-run) dry=yes ;;
    --ipxe | --out)
      [ -n "${2-}" ] || die "$1 needs a value"
      case $1 in
        --ipxe) ipxe=$2 ;;
        --out) out=$2 ;;
      esac
      shift
      ;;
    iso | usb | efi | loaders) what+=("$1") ;;
    *) die "there is no $1" ;;
  esac
  shift
done
[ ${#what[@]} -gt 0 ] || what=(iso usb efi)

# wants WHAT: whether it is asked for.
wants() { [[ " ${what[*]} " = *" $1 "* ]]; }

# run COMMAND…: does it, or says that it would.
run() {
  local words
  if [ -z "$dry" ]; then
    "$@"
    return
  fi
  printf -v words ' %q' "$@"
  say "would: ${words# }"
}

# What is missing is all said at once.
faults=()
src=$ipxe/src
[ -f "$src/config/general.h" ] ||
  faults+=("$ipxe holds no sources of iPXE: git clone https://github.com/ipxe/ipxe, and name the folder with --ipxe")
script=${here%/*}/embed/ochami.ipxe
[ -f "$script" ] || faults+=("$script is not there: run this script where the whole tree is")

# A folder of the sources' own settings for this site, so that those of whoever has the sources stay as they are. It stays:
# make builds anew only what has changed.
ours=config/local/harvgen_ochami
config=$src/$ours
mark=$config/.made-by-harvgen
if [ -e "$config" ] && [ "$(cat "$mark" 2>/dev/null)" != ochami ]; then
  faults+=("$config is not of this script: move it away")
fi

# The programs that are missing, and the packages of Debian and Ubuntu that have them.
lacking=()
packages=()
lacks() {
  lacking+=("$1")
  [[ " ${packages[*]-} " = *" $2 "* ]] || packages+=("$2")
}
tool() { command -v "$1" >/dev/null || lacks "$1" "$2"; }
# Debian's folders of what BIOS starts from a CD-ROM.
isolinux=/usr/lib/ISOLINUX
syslinux=/usr/lib/syslinux/modules/bios
file() { [ -e "$1/$2" ] || lacks "$2" "$3"; }

tool make make
tool gcc gcc
tool ld binutils
tool perl perl
tool flock util-linux
# iPXE compresses its programs for BIOS with LZMA.
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
  faults+=("missing here: ${lacking[*]}" "  apt-get install ${packages[*]}")
fi
if [ ${#faults[@]} -gt 0 ]; then
  for fault in "${faults[@]}"; do say "$fault"; done
  if [ -z "$dry" ]; then exit 1; fi
fi

# The folder for images keeps nothing that is half done.
clean() { [ -z "$part" ] || rm -rf "$part"; }
trap clean EXIT
trap 'exit 1' HUP INT TERM

arguments=(CONFIG=harvgen_ochami)
embedded=("EMBED=$ours/ochami.ipxe")

# settle FILE NAME: has our folder hold a file by that name, and does not touch what is as it should be.
settle() { cmp -s "$1" "$config/$2" || cp "$1" "$config/$2"; }

if [ -z "$dry" ]; then
  # Programs of all sites come out of the same folders of the sources.
  exec 9>>"$src/config/local/.harvgen.lock"
  flock -n 9 || {
    say "another build goes on in $ipxe: waiting until it ends"
    flock 9
  }
  mkdir -p "$out"
  part=$(mktemp -d "$out/.build-ipxe.XXXXXX")
  mkdir -p "$config"
  echo ochami >"$mark"
  settle "$script" ochami.ipxe
  : >"$part/general.h"
  settle "$part/general.h" general.h
fi

# build PROGRAM ARGUMENT…: has make build it.
build() {
  local program=$1
  shift
  run make -C "$src" -j "$(nproc)" "$program" "${arguments[@]}" "$@" || {
    say "FAILED  $program"
    exit 1
  }
}

# keep FILE NAME: puts what is whole in its place.
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

# medium: makes an image of the programs, which firmware starts from a CD-ROM drive by El Torito, and UEFI from a stick by
# a table of partitions.
medium() {
  local root=$part/root esp=$part/esp.img
  mkdir "$root"
  cp "$isolinux/isolinux.bin" "$syslinux/ldlinux.c32" "$src/bin/ipxe.lkrn" "$root"
  printf '%s\n' 'SAY iPXE, for ochami' 'DEFAULT ipxe.lkrn' >"$root/isolinux.cfg"
  mkdir -p "$part/efi/EFI/BOOT"
  cp "$src/bin-x86_64-efi/ipxe.efi" "$part/efi/EFI/BOOT/BOOTX64.EFI"
  # Firmware takes a FAT of any size; a quarter of a megabyte is for what is not files.
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
    if wants "$kind"; then keep "$part/medium" "ochami.$kind"; fi
  done
fi
if wants efi; then
  keep "$src/bin-x86_64-efi/ipxe.efi" ochami.efi
fi

if wants loaders; then
  build bin-x86_64-efi/snponly.efi ${cross_x86:+"CROSS_COMPILE=$cross_x86"}
  keep "$src/bin-x86_64-efi/snponly.efi" snponly.efi
fi
