#!/usr/bin/env bash
# Replaces Ceph's rbd: a pool is a directory, RBD_POOL, and an image a directory in it, with its data, its parent, its
# metadata, and its snapshots. Rejects what rbd rejects. Each call is in RBD_POOL.log.
#
# KILL=NUMBER kills its caller by SIGKILL at the caller's NUMBERth change of the pool: before the change is done, and with a
# rollback half done.
set -euo pipefail

pool=$RBD_POOL
printf '%s\n' "$*" >>"$pool.log"

refuse() {
  printf 'rbd: %s\n' "$2" >&2
  exit "$1"
}

# The arguments by which the real one identifies the cluster.
[[ "$1 $3" == '--id --conf' ]] || refuse 22 "the cluster is not identified: $*"
shift 4
[ "$1" != --keyring ] || shift 2

verb=$1
shift
if [ "$verb" = snap ] || [ "$verb" = image-meta ]; then
  verb="$verb $1"
  shift
fi
words=()
size=
while [ $# -gt 0 ]; do
  case $1 in
  --no-progress) ;;
  --size)
    size=$2
    shift
    ;;
  --image-feature)
    [ "$2" = layering ] || refuse 22 "$*"
    shift
    ;;
  --format)
    [ "$2" = json ] || refuse 22 "$*"
    shift
    ;;
  --*) refuse 22 "unrecognised option '$1'" ;;
  *) words+=("$1") ;;
  esac
  shift
done

# at SPEC: prints the directory of an image, or of a snapshot, that exists.
at() {
  local name=${1#*/} folder
  [ "${1%%/*}" = "$(basename "$pool")" ] || refuse 2 "error opening pool ${1%%/*}"
  folder=$pool/${name%@*}
  [ -d "$folder" ] || refuse 2 "error opening image ${name%@*}: (2) No such file or directory"
  if [[ $name == *@* ]]; then
    folder=$folder/snapshots/${name#*@}
    [ -d "$folder" ] || refuse 2 "error setting snapshot context: (2) No such file or directory"
  fi
  printf '%s' "$folder"
}

# new SPEC: prints the directory of an image that does not exist yet.
new() {
  local folder=$pool/${1#*/}
  [ ! -e "$folder" ] || refuse 17 "image ${1#*/} already exists"
  printf '%s' "$folder"
}

children_of() { grep -lxF -e "${1#*/}" "$pool"/*/parent 2>/dev/null | while read -r file; do basename "$(dirname "$file")"; done; }
watched() { [ ! -e "$1/watcher" ] || refuse 16 "image has watchers - not removing"; }
bytes() { printf '%s' "$((${size%M} * 1024 * 1024))"; }

change() {
  local folder other
  case $verb in
  import)
    folder=$(new "${words[1]}")
    mkdir -p "$folder/snapshots" "$folder/meta"
    cp --sparse=always "${words[0]}" "$folder/data"
    ;;
  create)
    folder=$(new "${words[0]}")
    mkdir -p "$folder/snapshots" "$folder/meta"
    truncate -s "$(bytes)" "$folder/data"
    ;;
  clone)
    other=$(at "${words[0]}")
    folder=$(new "${words[1]}")
    [ -e "$other/protected" ] || refuse 22 "clone error: (22) Invalid argument: parent snapshot must be protected"
    mkdir -p "$folder/snapshots" "$folder/meta"
    cp --sparse=always "$other/data" "$folder/data"
    printf '%s\n' "${words[0]#*/}" >"$folder/parent"
    ;;
  rename)
    folder=$(at "${words[0]}")
    other=$(new "${words[1]}")
    mv "$folder" "$other"
    # A clone of the image stays its clone under any name.
    sed -i "s|^${words[0]#*/}@|${words[1]#*/}@|" "$pool"/*/parent 2>/dev/null || true
    ;;
  resize)
    folder=$(at "${words[0]}")
    [ "$(bytes)" -ge "$(stat -c %s "$folder/data")" ] || refuse 22 'shrinking an image is only allowed with the --allow-shrink flag'
    truncate -s "$(bytes)" "$folder/data"
    ;;
  flatten)
    folder=$(at "${words[0]}")
    [ -e "$folder/parent" ] || refuse 22 'flatten error: (22) Invalid argument: image has no parent'
    rm "$folder/parent"
    ;;
  rm)
    folder=$(at "${words[0]}")
    [ -z "$(ls "$folder/snapshots")" ] || refuse 39 'image has snapshots - these must be deleted with rbd snap purge before the image can be removed.'
    watched "$folder"
    rm -r "$folder"
    ;;
  'snap create')
    folder=$(at "${words[0]%@*}")
    other=$folder/snapshots/${words[0]#*@}
    mkdir "$other" 2>/dev/null || refuse 17 'failed to create snapshot: (17) File exists'
    cp --sparse=always "$folder/data" "$other/data"
    ;;
  'snap rm')
    folder=$(at "${words[0]}")
    [ ! -e "$folder/protected" ] || refuse 16 'failed to remove snapshot: (16) Device or resource busy: it is protected'
    rm -r "$folder"
    ;;
  'snap protect')
    folder=$(at "${words[0]}")
    [ ! -e "$folder/protected" ] || refuse 16 'protecting snap failed: (16) Device or resource busy'
    touch "$folder/protected"
    ;;
  'snap unprotect')
    folder=$(at "${words[0]}")
    [ -e "$folder/protected" ] || refuse 22 'unprotecting snap failed: (22) Invalid argument'
    [ -z "$(children_of "${words[0]}")" ] || refuse 16 'unprotecting snap failed: (16) Device or resource busy'
    rm "$folder/protected"
    ;;
  'snap rollback')
    folder=$(at "${words[0]}")
    watched "$folder/../.."
    cp --sparse=always "$folder/data" "$folder/../../data"
    ;;
  'image-meta set')
    folder=$(at "${words[0]}")
    printf '%s' "${words[2]}" >"$folder/meta/${words[1]}"
    ;;
  *) refuse 22 "error parsing command '$verb'" ;;
  esac
}

case $verb in
ls) ls "$pool" ;;
info)
  folder=$(at "${words[0]}")
  if [[ " $(tail -n 1 "$pool.log") " == *' --format json '* ]]; then
    printf '{"name":"x","size":%s,"objects":16,"order":22,"object_size":4194304,"format":2}' "$(stat -c %s "$folder/data")"
  else
    printf "rbd image 'x':\n\tsize 64 MiB in 16 objects\n\tformat: 2\n\tfeatures: layering\n"
    if [[ ${words[0]} == *@* ]]; then
      if [ -e "$folder/protected" ]; then printf '\tprotected: True\n'; else printf '\tprotected: False\n'; fi
    fi
    if [ -e "$folder/parent" ]; then printf '\tparent: %s/%s\n\toverlap: 64 MiB\n' "$(basename "$pool")" "$(cat "$folder/parent")"; fi
  fi
  ;;
status)
  folder=$(at "${words[0]}")
  if [ -e "$folder/watcher" ]; then
    printf 'Watchers:\n\twatcher=%s client.4123 cookie=1\n' "$(cat "$folder/watcher")"
  else
    echo 'Watchers: none'
  fi
  ;;
children) children_of "${words[0]}" | sed "s|^|$(basename "$pool")/|" ;;
export)
  folder=$(at "${words[0]}")
  cp --sparse=always "$folder/data" "${words[1]}"
  ;;
'snap ls')
  folder=$(at "${words[0]}")
  [ -z "$(ls "$folder/snapshots")" ] || echo 'SNAPID  NAME     SIZE    PROTECTED  TIMESTAMP'
  # No name contains a space.
  # shellcheck disable=SC2045
  for name in $(ls -tr "$folder/snapshots"); do
    protected=
    [ ! -e "$folder/snapshots/$name/protected" ] || protected=yes
    printf '%6s  %s  64 MiB  %-9s  %s\n' 4 "$name" "$protected" 'Sun Nov 22 13:00:00 2026'
  done
  ;;
'image-meta get') cat "$(at "${words[0]}")/meta/${words[1]}" 2>/dev/null || refuse 2 "failed to get metadata ${words[1]} of image : (2) No such file or directory" ;;
*)
  count=$(($(cat "$pool.changes" 2>/dev/null || echo 0) + 1))
  echo "$count" >"$pool.changes"
  if [ "$count" = "${KILL:-}" ]; then
    # A rollback is not atomic.
    if [ "$verb" = 'snap rollback' ]; then printf half >"$(at "${words[0]%@*}")/data"; fi
    kill -KILL "$PPID"
    exit 1
  fi
  change
  ;;
esac
