#!/usr/bin/env bash
# Says which kernels, initrds and root file systems of Linux the machines of ochami boot from, and are missing:
# these are of your own making, and nothing fetches them.
#
#   fetch-media.sh
#
# IMAGES=FOLDER looks in another folder than /srv/harvgen/images.
set -euo pipefail

images=${IMAGES:-/srv/harvgen/images}
failed=0

say() { printf '%s\n' "$*" >&2; }

# image NAME: whether it is there.
image() {
  if [ -s "$images/$1" ]; then
    say "there   $1"
  else
    say "FAILED  $1: put it into $images, by this name"
    failed=1
  fi
}

say Linux
image rocky8/compute.squashfs
image rocky8/initramfs-4.18.0-477.21.1.el8_8.x86_64.img
image rocky8/ochami-vm.squashfs
image rocky8/vmlinuz-4.18.0-477.21.1.el8_8.x86_64

exit "$failed"
