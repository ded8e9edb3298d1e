#!/usr/bin/env bash
# Fetches the installation media for the machines of location_x, and verifies them.
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

say 'Harvester v1.4.1 amd64'
fetch v1.4.1 harvester-v1.4.1-vmlinuz-amd64 4ca4a8f8106f736a92e11ae56aa91ad1d1e511b510be6dbecf2b784683ac795b26c701aaa1498e8350f6601c9a8c818bc25b143992aa1e3886109c4496e173e0
fetch v1.4.1 harvester-v1.4.1-initrd-amd64 b1ce39cd270dabbda3e49fe5b343e8eb32c4aadba76ea543e61f9388417866aec372d9e30133ae05a3ed2a4229b6d710cb8cf23f179072f873eb8ed7895ad0a1
fetch v1.4.1 harvester-v1.4.1-rootfs-amd64.squashfs f80e11f63798fb38430bbb90961c5d1f937b2bec1d83c068be4de4e3571a612bd16dcce92295d6cc431c0cf11d6d1a672dfbe8340d3414da9f11d45e96f1ae0e
fetch v1.4.1 harvester-v1.4.1-amd64.iso d736eb28b5859a722836549e800ec9d19ea535b6c531dcb70a2722f9a1c5c25434c2e3784141154e3a520c6501505444897c67b5be00edcf356f842d983e9209

exit "$failed"
