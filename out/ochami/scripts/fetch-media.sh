#!/usr/bin/env bash
# Lists the kernels, initrds and root file systems of Linux that machines of ochami boot from, and the VM images, that are
# missing. You provide these files; the script does not fetch them.
#
#   fetch-media.sh
#
# IMAGES=DIRECTORY checks another directory than /srv/harvgen/images.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

if [ "${1-}" = --help ]; then
  usage
  exit
fi
if [ $# -gt 0 ]; then
  say "fetch-media.sh: unknown argument ${*: -1}"
  say 'see fetch-media.sh --help'
  exit 2
fi

images=${IMAGES:-/srv/harvgen/images}
failed=0

# image NAME [WAITING]: reports whether it exists, and fails unless only WAITING waits for it.
image() {
  if [ -s "$images/$1" ]; then
    say "there   $1"
  elif [ $# -gt 1 ]; then
    say "waits   $1: copy it to $images under this name, before $2"
  else
    say "FAILED  $1: copy it to $images under this name"
    failed=1
  fi
}

say Linux
image rocky8/compute.squashfs
image rocky8/initramfs-4.18.0-477.21.1.el8_8.x86_64.img
image rocky8/ochami-vm.squashfs
image rocky8/vmlinuz-4.18.0-477.21.1.el8_8.x86_64

exit "$failed"
