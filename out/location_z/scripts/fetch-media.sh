#!/usr/bin/env bash
# Fetches the installation media for the machines of location_z, and verifies them.
# Skips files with a matching checksum; resumes interrupted downloads.
#
#   fetch-media.sh [DIRECTORY]     (default: /srv/harvgen/media)
#
# HARVESTER_RELEASES=URL fetches from a mirror with the layout of https://releases.rancher.com/harvester.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

if [ "${1-}" = --help ]; then
  usage
  exit
fi
if [ $# -gt 1 ] || [[ ${1-} = -* ]]; then
  say "fetch-media.sh: unknown argument ${*: -1}"
  say 'see fetch-media.sh --help'
  exit 2
fi

# The web server runs as another user and must be able to read the files.
umask 022
folder=${1:-/srv/harvgen/media}
releases=${HARVESTER_RELEASES:-https://releases.rancher.com/harvester}
failed=0

# download URL FILE [OPTION…]: resumes FILE if a part of it exists.
download() {
  curl "${@:3}" --fail --location --retry 5 --retry-delay 2 --continue-at - --output "$2" "$1"
}

# make_folder VERSION: creates its directory, or exits.
make_folder() {
  mkdir -p "$folder/$1" && [ -w "$folder/$1" ] && return
  say "FAILED  cannot write to $folder/$1: run this as a user who can, or pass another DIRECTORY"
  exit 1
}

# matches FILE DIGEST
matches() {
  [ "$(sha512sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

# fetch VERSION NAME DIGEST: creates DIRECTORY/VERSION/NAME only if its digest matches.
fetch() {
  local target="$folder/$1/$2" part="$folder/$1/$2.part" try why
  if [ -f "$target" ] && matches "$target" "$3"; then
    say "there   $2"
    return
  fi
  make_folder "$1"
  # The part may belong to another file: on a mismatch, downloads again from the beginning.
  for try in resume restart; do
    [ "$try" = restart ] && rm -f "$part"
    why='the download failed, see the error of curl above'
    if { [ -f "$part" ] && matches "$part" "$3"; } ||
      { download "$releases/$1/$2" "$part" && why='its SHA-512 differs' && matches "$part" "$3"; }; then
      chmod 0644 "$part"
      mv "$part" "$target"
      say "fetched $2"
      return
    fi
  done
  say "FAILED  $2: $why"
  failed=1
}

say 'Harvester v1.6.1 amd64'
fetch v1.6.1 harvester-v1.6.1-vmlinuz-amd64 2f0a4c77e5ff60728f822d40db88756ccceaf09ddeb3a80f3ebd68706b02e75cf32363185239e1fa3d212157e72d03c7545f4e67ffd20982c54352ccf7d81fa0
fetch v1.6.1 harvester-v1.6.1-initrd-amd64 f817bb37537f44076d54e4484f47aeb2e7d4b0c584c3bc293c82f8f2e20cc3b10cb2bdb78ad43bb9ef555603b0286d1a34404ecacbaa1bf5152e828fb7cfa1c8
fetch v1.6.1 harvester-v1.6.1-rootfs-amd64.squashfs 7d2ba73dde4a45f24c9ab92856665ffb1da85d4c1c5c41e7811978346f36f5359ec9224e01f3f55c0777578c46c368a50eb1bed41d2a58430d319c09f96874c7
fetch v1.6.1 harvester-v1.6.1-amd64.iso a7192f5d5e21517d03d5e5cffe162026d8cd0691038f4c0eae5dc50d7ef416c935b233fc8bdc3bc02dcc7efaee6277e51bc4331867f4d9061d9ee3960324d63a

exit "$failed"
