#!/usr/bin/env bash
# Copies GRUB to the directory from which firmware of ochami loads it: shimx64.efi, grubx64.efi.
# For machines that load GRUB by TFTP, also copies the files that lead GRUB to the web server.
#
#   put-grub.sh [--dry-run] [DIRECTORY]     (default: /srv/harvgen/tftp)
#
# Skips identical files. The exit status is 0 if all files are in place, otherwise 1.
set -euo pipefail

# TFTP and the web server run as other users and must be able to read the files.
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


# take NAME PATH PACKAGE: copies a signed program unchanged from its package.
take() {
  if [ -e "$2" ]; then
    put "$2" "$1"
  elif [ ! -e "$folder/$1" ]; then
    fail "$1: $2 is missing: apt-get install $3, or copy it to $folder/$1 from another machine"
  else
    say "there   $1"
  fi
}

# take_grub NAME PATH PACKAGE: the GRUB of Debian 12 does not support HTTP.
take_grub() {
  if [ -e "$2" ] && grep -aq net/http "$2"; then
    put "$2" "$1"
  elif [ ! -e "$folder/$1" ]; then
    fail "$1: requires a signed GRUB with HTTP, such as $2 of Debian 13's $3: copy it to $folder/$1"
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
