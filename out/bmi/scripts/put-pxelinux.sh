#!/usr/bin/env bash
# Copies PXELINUX to the directory from which the BIOS of machines of bmi loads it: lpxelinux.0, ldlinux.c32, menu.c32, libutil.c32, libcom32.c32, ipxe.lkrn,
# with the menus of the nodes and the scripts for iPXE, which PXELINUX loads. Removes files of earlier runs for this site that
# the tree no longer contains.
#
#   put-pxelinux.sh [--dry-run] [DIRECTORY]     (default: /srv/harvgen/tftp)
#
# Skips identical files. The exit status is 0 if all files are in place, 1 if not, and 2 for an invalid command
# line.
set -euo pipefail

# TFTP runs as another user, which must be able to read the files but not to write.
umask 022
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
dry=
if [ "${1:-}" = --dry-run ]; then
  dry=1
  shift
fi
folder=${1:-/srv/harvgen/tftp}
if [ $# -gt 1 ] || [[ $folder == -* ]]; then
  printf '%s\n' 'put-pxelinux.sh [--dry-run] [DIRECTORY]' >&2
  exit 2
fi
failed=0
# The files for this site, one per line. Several sites may share the directory.
list=$folder/pxelinux.cfg/.harvgen-bmi

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "FAILED  $*"
  failed=1
}

# put FILE NAME
put() {
  if [ -f "$folder/$2" ] && [ ! -L "$folder/$2" ] && cmp -s "$1" "$folder/$2"; then
    say "there   $2"
  elif [ -n "$dry" ]; then
    say "would put $2"
    return
  else
    install -D -m 0644 "$1" "$folder/$2.new"
    mv "$folder/$2.new" "$folder/$2"
    say "put     $2"
  fi
  if [ -z "$dry" ]; then chmod 0644 "$folder/$2"; fi
}

# take NAME PACKAGE PATH…: copies a program from the first existing path of the distributions.
take() {
  local name=$1 package=$2 path
  shift 2
  for path in "$@"; do
    if [ -e "$path" ]; then
      put "$path" "$name"
      return
    fi
  done
  if [ -e "$folder/$name" ]; then
    say "there   $name"
  else
    fail "$name: $1 is missing: apt-get install $package (dnf install syslinux-nonlinux ipxe-bootimgs-x86, zypper install syslinux ipxe-bootimgs), \
or copy it to $folder/$name from another machine"
  fi
}

if [ -z "$dry" ]; then
  mkdir -p "$folder/pxelinux.cfg"
  # A user who can write here controls every machine that boots from it.
  chmod o-w "$folder" "$folder/pxelinux.cfg"
fi
take lpxelinux.0 pxelinux /usr/lib/PXELINUX/lpxelinux.0 /usr/share/syslinux/lpxelinux.0
take ldlinux.c32 syslinux-common /usr/lib/syslinux/modules/bios/ldlinux.c32 /usr/share/syslinux/ldlinux.c32
take menu.c32 syslinux-common /usr/lib/syslinux/modules/bios/menu.c32 /usr/share/syslinux/menu.c32
take libutil.c32 syslinux-common /usr/lib/syslinux/modules/bios/libutil.c32 /usr/share/syslinux/libutil.c32
take libcom32.c32 syslinux-common /usr/lib/syslinux/modules/bios/libcom32.c32 /usr/share/syslinux/libcom32.c32
take ipxe.lkrn ipxe /usr/lib/ipxe/ipxe.lkrn /usr/share/ipxe/ipxe.lkrn

# The names of the site's own files.
wanted=
if [ -d "$here/../tftp" ]; then
  wanted=$(cd "$here/../tftp" && find . -type f \( -regex '\./[^/]*\.ipxe' -o -regex '\./pxelinux\.cfg/01-[^/]*' \) -printf '%P\n' | LC_ALL=C sort)
fi

# is_others NAME: whether it belongs to another site.
is_others() {
  local other
  for other in "$folder"/pxelinux.cfg/.harvgen-*; do
    if [ "$other" != "$list" ] && [ -e "$other" ] && grep -qxF -e "$1" "$other"; then return 0; fi
  done
  return 1
}

# write_down NAMES: only root may read the list, because TFTP clients must not learn the names of nodes.
write_down() {
  if [ -n "$dry" ] || cmp -s "$list" <<<"$1"; then return; fi
  install -m 0600 /dev/stdin "$list.new" <<<"$1"
  mv "$list.new" "$list"
}

# Lists all files before it creates them, so that the next run recognizes those of an interrupted one.
write_down "$(if [ -e "$list" ]; then cat "$list"; fi | LC_ALL=C sort -u - <(printf '%s\n' "$wanted"))"
while IFS= read -r name; do
  if [ -z "$name" ]; then continue; fi
  if is_others "$name" && ! cmp -s "$here/../tftp/$name" "$folder/$name"; then
    fail "$name: another site uses this name: rename one of the nodes, or set another directory for one of the sites (server.tftp)"
  else
    put "$here/../tftp/$name" "$name"
  fi
done <<<"$wanted"

if [ -e "$list" ]; then
  while IFS= read -r name; do
    case $name in
      '' | /* | *..*) continue ;;
    esac
    if grep -qxF -e "$name" <<<"$wanted" || is_others "$name" || [ ! -e "$folder/$name" ]; then continue; fi
    if [ -n "$dry" ]; then
      say "would remove $name"
    else
      rm -f "$folder/$name"
      say "removed $name"
    fi
  done <"$list"
fi
write_down "$wanted"
exit "$failed"
