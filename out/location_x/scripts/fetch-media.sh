#!/usr/bin/env bash
# Fetches the Harvester files that the machines of location_x boot from, and checks them.
# What is there and right already is left alone; what was cut short is resumed.
#
#   fetch-media.sh [FOLDER]     FOLDER: /srv/harvgen/media unless said
#
# HARVESTER_RELEASES=URL fetches from a mirror that is laid out as https://releases.rancher.com/harvester.
set -euo pipefail

# The web server, which is another user, reads what is made here.
umask 022
folder=${1:-/srv/harvgen/media}
releases=${HARVESTER_RELEASES:-https://releases.rancher.com/harvester}
failed=0

say() { printf '%s\n' "$*" >&2; }

# download URL FILE: resumes FILE where a part of it is there.
download() {
  curl --fail --location --retry 5 --retry-delay 2 --continue-at - --output "$2" "$1"
}

# matches FILE DIGEST
matches() {
  [ "$(sha512sum <"$1" | cut -d ' ' -f 1)" = "$2" ]
}

# checksums VERSION NAME: fetches the release's own list of digests, anew each time.
checksums() {
  mkdir -p "$folder/$1"
  rm -f "$folder/$1/$2.new"
  download "$releases/$1/$2" "$folder/$1/$2.new" && mv "$folder/$1/$2.new" "$folder/$1/$2"
}

# listed FILE NAME: the digest of NAME in a list of digests; nothing where it is not in it.
listed() {
  [ -f "$1" ] && awk -v name="$2" '{ sub(/\r$/, "") } $2 == name || $2 == "*" name { print $1; exit }' "$1"
}

# fetch VERSION NAME DIGEST: leaves FOLDER/VERSION/NAME there only if it is what the digest says.
fetch() {
  local target="$folder/$1/$2" part="$folder/$1/$2.part" try
  if [ -z "$3" ]; then
    say "FAILED  $2: no SHA-512 for it, neither pinned in the inventory nor in the release's list"
    failed=1
    return
  fi
  if [ -f "$target" ] && matches "$target" "$3"; then
    say "there   $2"
    return
  fi
  mkdir -p "$folder/$1"
  # A part may be left from another download: if the whole is wrong, once more from the beginning.
  for try in resume anew; do
    [ "$try" = anew ] && rm -f "$part"
    if { [ -f "$part" ] && matches "$part" "$3"; } || { download "$releases/$1/$2" "$part" && matches "$part" "$3"; }; then
      chmod 0644 "$part"
      mv "$part" "$target"
      say "fetched $2"
      return
    fi
  done
  say "FAILED  $2: it could not be fetched, or is not what its SHA-512 says"
  failed=1
}

say 'Harvester v1.4.1 amd64'
checksums v1.4.1 harvester-v1.4.1-amd64.sha512 || say 'harvester-v1.4.1-amd64.sha512 could not be fetched'
list=$folder/v1.4.1/harvester-v1.4.1-amd64.sha512
fetch v1.4.1 harvester-v1.4.1-vmlinuz-amd64 "$(listed "$list" harvester-v1.4.1-vmlinuz-amd64)"
fetch v1.4.1 harvester-v1.4.1-initrd-amd64 "$(listed "$list" harvester-v1.4.1-initrd-amd64)"
fetch v1.4.1 harvester-v1.4.1-rootfs-amd64.squashfs "$(listed "$list" harvester-v1.4.1-rootfs-amd64.squashfs)"
fetch v1.4.1 harvester-v1.4.1-amd64.iso "$(listed "$list" harvester-v1.4.1-amd64.iso)"

exit "$failed"
