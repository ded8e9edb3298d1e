#!/usr/bin/env bash
# Fetches the installation media for the machines of harvester_cloud_single, and verifies them.
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

# checksums VERSION NAME: fetches the checksum file, unless its directory cannot be written and has an earlier one.
checksums() {
  unlisted="no SHA-512 in the inventory or in $2"
  if [ -f "$folder/$1/$2" ] && [ ! -w "$folder/$1" ]; then
    say "cannot write to $folder/$1: the $2 of an earlier run is used"
    return
  fi
  make_folder "$1"
  rm -f "$folder/$1/$2.new"
  if download "$releases/$1/$2" "$folder/$1/$2.new" --silent --show-error; then
    mv "$folder/$1/$2.new" "$folder/$1/$2"
  elif [ -f "$folder/$1/$2" ]; then
    say "could not fetch $2 from $releases: see the error of curl above; the list of an earlier run is used"
  else
    unlisted="no SHA-512, since $2 is missing"
    say "FAILED  $2: could not be fetched from $releases: see the error of curl above"
  fi
}

# listed FILE NAME: prints the digest of NAME in a checksum file, or nothing.
listed() {
  [ -f "$1" ] && awk -v name="$2" '{ sub(/\r$/, "") } $2 == name || $2 == "*" name { print $1; exit }' "$1"
}

# fetch VERSION NAME DIGEST: creates DIRECTORY/VERSION/NAME only if its digest matches.
fetch() {
  local target="$folder/$1/$2" part="$folder/$1/$2.part" try why
  if [ -z "$3" ]; then
    say "FAILED  $2: $unlisted"
    failed=1
    return
  fi
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

say 'Harvester v1.8.1 amd64'
fetch v1.8.1 harvester-v1.8.1-vmlinuz-amd64 6aea2747ec2fecf8eaac22e20ef30ec2440d02bc5bd210cf897d311004e25472a1361bbafd9bf3032de249793f63b9a81074c686ec9d381262fb2afab883ab80
fetch v1.8.1 harvester-v1.8.1-initrd-amd64 892a0a7d3d7b07c872e4efe9958a97329cbb8ebf4e7eb762f5aaa6919b0543778700f5ba358a7b3e597a8c7e1620e0ebba069cb9efde3b46e9f2a7c6977c8119
fetch v1.8.1 harvester-v1.8.1-rootfs-amd64.squashfs 8418fb5a3b72a37c9862a78dcf17e787ab89a74fcd040bd17c144f72ec4f1dda9fd16945e50710991e74b355a737d097f8706eebec7260161187385933bd5e5c
fetch v1.8.1 harvester-v1.8.1-amd64.iso b1950e7d0543b813711e1b5006eafe1bb042cc3625449180a987a21d31bc70de9111df270b7911fafbfbd53a86b834f7f8f3fbfcd2ad81ee86fa2d9f1bd8a5a0

exit "$failed"
