
# --- The store: files in a directory. New files are named NAME+new, an impossible name, and renamed when they are complete. ---

# NAME+before, also an impossible name, is a file in the other format, raw or qcow2.
file_before() { printf '%s/%s.%s' "$folder" "$1" "$other"; }
file_of() {
  case $1 in
  *+before) file_before "${1%+before}" ;;
  *) printf '%s/%s.%s' "$folder" "$1" "$format" ;;
  esac
}
lock_file() { printf '%s/.harvgen-%s.lock' "$folder" "$site"; }

# The names of files that this script has made or begun: others may use the directory too.
record=$folder/.harvgen-$site
is_made_here() {
  local name=${1%+new}
  grep -qxF -e "${name%+before}" "$record" 2>/dev/null
}

# is_before NAME: whether it exists only in the other format.
is_before() { [ -z "${have[$1]:-}" ] && [ -n "${have[$1+before]:-}" ]; }

mark() {
  if [ -z "$dry" ] && ! is_made_here "$1"; then printf '%s\n' "$1" >>"$record"; fi
}

forget() {
  if [ -n "$dry" ] || ! is_made_here "$1"; then return 0; fi
  grep -vxF -e "$1" "$record" >"$record.new" || true
  mv "$record.new" "$record"
}

# prepare_store: creates the directory.
prepare_store() { [ -d "$folder" ] || run install -d -m 0700 "$folder"; }

open_store() {
  local file name
  for file in "$folder"/*."$format"; do
    [ -e "$file" ] || continue
    file=${file##*/}
    file=${file%."$format"}
    # Names with @ are snapshots.
    [[ $file == *@* ]] || have[$file]=1
  done
  if [ ! -e "$record" ]; then return 0; fi
  while IFS= read -r name; do
    if [ -n "$name" ] && [ -e "$(file_before "$name")" ]; then have[$name+before]=1; fi
  done <"$record"
}

parent_of() { qemu-img info -U -f qcow2 "$1" | sed -n 's/^backing file: \([^ ]*\).*/\1/p'; }

# overlays FILE: prints the files that are based on this qcow2, one per line.
overlays() {
  local file parent
  for file in "$folder"/*.qcow2; do
    [ -e "$file" ] || continue
    parent=$(parent_of "$file") || return
    if [ "${parent##*/}" = "$1" ]; then
      file=${file##*/}
      printf '%s\n' "${file%.qcow2}"
    fi
  done
}

# open_by DISK: prints the processes that have it open; nothing if there are none.
open_by() {
  local file fd pid
  file=$(readlink -f "$(file_of "$1")")
  while IFS= read -r fd; do
    pid=${fd#/proc/}
    pid=${pid%%/*}
    printf '%s (process %s) ' "$(cat "/proc/$pid/comm" 2>/dev/null || true)" "$pid"
  done < <(find /proc/[0-9]*/fd -lname "$file" 2>/dev/null || true)
}

# kept DISK: prints the names of its snapshots, the oldest first, each with its time.
kept() {
  find "$folder" -maxdepth 1 -name "$1@*.$format" ! -name "*+new.$format" -printf '%T@ %TY-%Tm-%Td %.8TT %f\n' 2>/dev/null | sort -n |
    sed "s/^[^ ]* \([^ ]* [^ ]*\) [^@]*@\(.*\)\.$format\$/\2 \1/"
}

has_snapshot() { [ -e "$(file_of "$1@$2")" ]; }
is_ready() { true; }
protect() { :; }

# discard NAME: removes the remains of an earlier run.
discard() {
  local file
  mark "$1"
  for file in "$(file_of "$1+new")" "$folder/$1@"*+new."$format"; do
    [ ! -e "$file" ] || run rm -f "$file" || return
  done
  unset "have[$1+new]"
}

settle() {
  run sync "$(file_of "$1+new")" && run mv "$(file_of "$1+new")" "$(file_of "$1")" && run sync "$folder" || return
  have[$1]=1
}

# new_import NAME FILE
new_import() {
  local file
  file=$(file_of "$1+new")
  discard "$1" || return
  if is_qcow2 "$2"; then
    is_alone "$2" && run qemu-img convert "${progress[@]}" -f qcow2 -O "$format" "$2" "$file" || return
  else
    import_raw "$2" "$file" || return
  fi
  run chmod 0400 "$file"
}

# copy DISK FILE: makes a consistent copy. If a process writes to the disk, this requires a file system with shared blocks.
copy() {
  local status=0
  if [ "$format" = raw ]; then
    # A dry run also prints the steps for a file system without shared blocks.
    if [ -n "$dry" ]; then
      run cp --reflink=always "$(file_of "$1")" "$2"
    elif cp --reflink=always "$(file_of "$1")" "$2" 2>/dev/null; then
      return
    fi
    # cp creates the file before it detects the failure.
    run rm -f "$2"
  fi
  if free "$1"; then
    if ! run cp --reflink=auto --sparse=always "$(file_of "$1")" "$2"; then
      status=1
      run rm -f "$2"
    fi
  else
    status=1
  fi
  serve "$1"
  return "$status"
}

# keep DISK NAME
keep() {
  local file
  file=$(file_of "$1@$2+new")
  copy "$1" "$file" && run chmod 0400 "$file" && run sync "$file" && run mv "$file" "$(file_of "$1@$2")"
}

# put_back DISK NAME
put_back() {
  discard "$1" &&
    run cp --reflink=auto --sparse=always "$(file_of "$1@$2")" "$(file_of "$1+new")" &&
    run chmod 0600 "$(file_of "$1+new")" &&
    settle "$1"
}

drop_kept() { run rm -f "$(file_of "$1@$2")"; }
can_replace() { true; }
replace() { settle "$1"; }

drop() {
  local name when
  while read -r name when; do
    : "$when"
    [ -z "$name" ] || drop_kept "$1" "$name" || return
  done < <(kept "$1")
  forget_export "$1" && discard "$1" && run rm -f "$(file_of "$1")" || return
  unset "have[$1]"
  forget "$1"
}

# write_out NAME FILE: writes a consistent copy of a disk.
write_out() {
  local to=raw status=0
  case $2 in
  *.qcow2.new) to=qcow2 ;;
  esac
  [ -z "${node_of[$1]:-}" ] || free "$1" || status=1
  if [ "$status" -eq 0 ]; then run qemu-img convert "${progress[@]}" -f "$format" -O "$to" "$(file_of "$1")" "$2" || status=1; fi
  [ -z "${node_of[$1]:-}" ] || serve "$1"
  return "$status"
}
