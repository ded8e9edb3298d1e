#!/usr/bin/env bash
# Puts GRUB where the firmware of machines of ochami loads it: shimx64.efi, grubx64.efi,
# and, for those that load it by TFTP, the files that lead it on to the web server.
#
#   put-grub.sh [--dry-run] [FOLDER]     FOLDER: /srv/harvgen/tftp unless said
#
# What is there and right already is left alone. The status is 0 where all is there, 1 where it is not.
set -euo pipefail

# TFTP and the web server, which are other users, read what is made here.
umask 022
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
dry=
if [ "${1:-}" = --dry-run ]; then
  dry=1
  shift
fi
folder=${1:-/srv/harvgen/tftp}
failed=0
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "FAILED  $*"
  failed=1
}

# put FILE NAME
put() {
  if cmp -s "$1" "$folder/$2"; then
    say "there   $2"
  elif [ -n "$dry" ]; then
    say "would put $2"
  else
    install -D -m 0644 "$1" "$folder/$2.new"
    mv "$folder/$2.new" "$folder/$2"
    say "put     $2"
  fi
}


# take NAME PATH PACKAGE: what is signed is as its package has it.
take() {
  if [ -e "$2" ]; then
    put "$2" "$1"
  elif [ ! -e "$folder/$1" ]; then
    fail "$1: $2 is not there: apt-get install $3, or bring it to $folder/$1 from a machine that has it"
  else
    say "there   $1"
  fi
}

# take_grub NAME PATH PACKAGE: that of Debian 12 has no HTTP in it.
take_grub() {
  if [ -e "$2" ] && grep -aq net/http "$2"; then
    put "$2" "$1"
  elif [ ! -e "$folder/$1" ]; then
    fail "$1: it takes a signed GRUB that speaks HTTP, as $2 of Debian 13's $3 does: bring it to $folder/$1"
  else
    say "there   $1"
  fi
}

take shimx64.efi /usr/lib/shim/shimx64.efi.signed shim-signed
take_grub grubx64.efi /usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed grub-efi-amd64-signed
for file in "$here"/../tftp/grub/*; do
  put "$file" "grub/${file##*/}"
done
exit "$failed"
