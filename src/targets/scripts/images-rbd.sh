
# --- The store: a Ceph pool. New images are named NAME+new, an impossible name, and renamed when they are complete. ---

format=raw is_exported=
quiet=(--no-progress)
[ ! -t 2 ] || quiet=()

# slow COMMAND…
slow() { run "${rbd[@]}" "$@" "${quiet[@]}"; }

lock_file() {
  local at=/run
  [ -w "$at" ] || at=${XDG_RUNTIME_DIR:-$HOME}
  printf '%s/harvgen-images-%s.lock' "$at" "$site"
}

prepare_store() { :; }

open_store() {
  local names name
  has rbd || die 1 "rbd is not installed: apt-get install ceph-common"
  names=$("${rbd[@]}" ls "$pool") || die 1 "cannot list the pool $pool: see the error of rbd above"
  while IFS= read -r name; do
    [ -z "$name" ] || have[$name]=1
  done <<<"$names"
}

# backing DISK: prints its path for the target server.
backing() {
  if [ "$driver" = tgt ]; then printf '%s/%s' "$pool" "$1"; else printf '/dev/rbd/%s/%s' "$pool" "$1"; fi
}

# Images of this script carry the site's name as metadata: others may use the pool too.
is_made_here() { [ "$("${rbd[@]}" image-meta get "$pool/$1" harvgen 2>/dev/null || true)" = "$site" ]; }
mark() { run "${rbd[@]}" image-meta set "$pool/$1" harvgen "$site"; }

expose() { :; }
withdraw() { :; }

# A pool has one format.
is_before() { false; }
file_before() { :; }

bytes_of() { "${rbd[@]}" info --format json "$pool/$1" | grep -o '"size":[0-9]*' | cut -d : -f 2; }
mebibytes() { printf '%sM' $((($1 + 1048575) / 1048576)); }

# open_by DISK: prints the clients that have it open; nothing if there are none.
open_by() { "${rbd[@]}" status "$pool/$1" | sed -n 's/.*watcher=\([^ ]*\).*/\1/p' | paste -s -d ' '; }

# kept DISK: prints the names of its snapshots, the oldest first, each with its time.
kept() { "${rbd[@]}" snap ls "$pool/$1" | awk -v own="$snapshot" 'NR > 1 && $2 != own { when = ""; for (i = 5; i <= NF; i++) when = when " " $i; print $2 when }'; }

has_snapshot() { "${rbd[@]}" snap ls "$pool/$1" 2>/dev/null | awk -v name="$2" 'NR > 1 && $2 == name { found = 1 } END { exit !found }'; }
is_protected() {
  local info
  info=$("${rbd[@]}" info "$pool/$1@$snapshot" 2>/dev/null) && [[ $info == *'protected: True'* ]]
}

# is_ready IMAGE: whether it can be cloned.
is_ready() { is_protected "$1"; }

protect() {
  if [ -n "${have[$1]:-}" ] && is_protected "$1"; then return; fi
  if [ -z "${have[$1]:-}" ] || ! has_snapshot "$1" "$snapshot"; then run "${rbd[@]}" snap create "$pool/$1@$snapshot" || return; fi
  run "${rbd[@]}" snap protect "$pool/$1@$snapshot"
}

# unprotect NAME: removes the snapshot for clones, if there are no clones.
unprotect() {
  has_snapshot "$1" "$snapshot" || return 0
  if is_protected "$1"; then run "${rbd[@]}" snap unprotect "$pool/$1@$snapshot" || return; fi
  run "${rbd[@]}" snap rm "$pool/$1@$snapshot"
}

# children NAME: prints the disks and images that share data with it, one per line. Ceph itself refuses to remove images with clones.
children() {
  if has_snapshot "$1" "$snapshot"; then "${rbd[@]}" children "$pool/$1@$snapshot" | sed "s|^$pool/||" || true; fi
}

# discard NAME: removes the remains of an earlier run.
discard() {
  [ -z "${have[$1+new]:-}" ] || slow rm "$pool/$1+new" || return
  unset "have[$1+new]"
}

settle() {
  run "${rbd[@]}" rename "$pool/$1+new" "$pool/$1" || return
  have[$1]=1
}

# new_import NAME FILE
new_import() {
  local raw=$2
  discard "$1" || return
  if is_qcow2 "$2"; then
    is_alone "$2" || return
    # rbd cannot import qcow2. The next run overwrites the remains of a killed run.
    raw=$2.new
    run qemu-img convert "${progress[@]}" -f qcow2 -O raw "$2" "$raw" &&
      slow import --image-feature layering "$raw" "$pool/$1+new" &&
      run rm -f "$raw" || return
  else
    slow import --image-feature layering "$raw" "$pool/$1+new" || return
  fi
  mark "$1+new"
}

# new_clone NAME IMAGE
new_clone() {
  discard "$1" &&
    run "${rbd[@]}" clone --image-feature layering "$pool/$2@$snapshot" "$pool/$1+new" &&
    mark "$1+new"
}

# new_blank NAME BYTES
new_blank() {
  discard "$1" &&
    run "${rbd[@]}" create --image-feature layering --size "$(mebibytes "$2")" "$pool/$1+new" &&
    mark "$1+new"
}

# new_copy IMAGE DISK
new_copy() {
  discard "$1" && unprotect "$2" &&
    run "${rbd[@]}" snap create "$pool/$2@$snapshot" &&
    run "${rbd[@]}" snap protect "$pool/$2@$snapshot" &&
    run "${rbd[@]}" clone --image-feature layering "$pool/$2@$snapshot" "$pool/$1+new" &&
    mark "$1+new" &&
    slow flatten "$pool/$1+new" &&
    run "${rbd[@]}" snap unprotect "$pool/$2@$snapshot" &&
    run "${rbd[@]}" snap rm "$pool/$2@$snapshot"
}

# grow NAME BYTES
grow() { slow resize --size "$(mebibytes "$2")" "$pool/$1"; }

# keep DISK NAME
keep() { run "${rbd[@]}" snap create "$pool/$1@$2"; }

# put_back DISK NAME: a pool restores block by block. Until it is complete, the disk has another name and cannot be served.
put_back() {
  if [ -z "${have[$1+half]:-}" ]; then run "${rbd[@]}" rename "$pool/$1" "$pool/$1+half" || return; fi
  have[$1+half]=1
  slow snap rollback "$pool/$1+half@$2" && run "${rbd[@]}" rename "$pool/$1+half" "$pool/$1" || return
  unset "have[$1+half]"
  have[$1]=1
}

drop_kept() { run "${rbd[@]}" snap rm "$pool/$1@$2"; }

# replace DISK: replaces it by its new version.
replace() {
  drop "$1" && settle "$1"
}

# can_replace DISK
can_replace() {
  [ -z "$(kept "$1")" ] || {
    fail "$1 still has snapshots in the pool: remove them first, or roll back"
    return 1
  }
}

drop() {
  local name when
  unprotect "$1" || return
  while read -r name when; do
    : "$when"
    [ -z "$name" ] || run "${rbd[@]}" snap rm "$pool/$1@$name" || return
  done < <(kept "$1")
  slow rm "$pool/$1" || return
  unset "have[$1]"
}

flatten() { slow flatten "$pool/$1"; }
is_flat() {
  local info
  info=$("${rbd[@]}" info "$pool/$1") && [[ $info != *'parent: '* ]]
}

# write_out NAME FILE: writes a consistent copy of a disk.
write_out() {
  local raw=$2
  if [ -n "${node_of[$1]:-}" ] || ! has_snapshot "$1" "$snapshot"; then
    unprotect "$1" && run "${rbd[@]}" snap create "$pool/$1@$snapshot" || return
  fi
  case $2 in
  *.qcow2.new) raw=$2.raw ;;
  esac
  run rm -f "$raw" && slow export "$pool/$1@$snapshot" "$raw" || return
  # A disk keeps no snapshot for clones; a dry run has not made the one above.
  if [ -n "${node_of[$1]:-}" ]; then run "${rbd[@]}" snap rm "$pool/$1@$snapshot" || return; fi
  if [ "$raw" != "$2" ]; then
    run qemu-img convert "${progress[@]}" -f raw -O qcow2 "$raw" "$2" || return
    run rm -f "$raw"
  fi
}
