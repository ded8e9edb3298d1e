
# qcow2 files.
format=qcow2 other=raw is_exported=1 has_unit=
# tgt cannot serve qcow2: a unit exports each disk as a raw file.
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
backing() {
  case $1 in
  *+before) file_of "$1" ;;
  *) printf '%s/exports/%s.raw' "$folder" "$1" ;;
  esac
}
unit_of() { printf '%s@%s.service' "$unit" "$1"; }

put_unit() {
  local file=/etc/systemd/system/$unit@.service
  [ -z "$has_unit" ] || return 0
  cmp -s "$here/../systemd/$unit@.service" "$file" && return
  run install -m 0644 "$here/../systemd/$unit@.service" "$file" && run systemctl daemon-reload && has_unit=1
}

# With --dry-run: the disks whose units the printed steps would have stopped.
declare -A withdrawn=()
expose() {
  if [ -z "${withdrawn[$1]:-}" ] && systemctl is-active --quiet "$(unit_of "$1")" && systemctl is-enabled --quiet "$(unit_of "$1")"; then return; fi
  unset "withdrawn[$1]"
  put_unit && run install -d -m 0700 "$folder/exports" && run systemctl enable --now "$(unit_of "$1")" 9>&-
}

withdraw() {
  if systemctl is-active --quiet "$(unit_of "$1")"; then run systemctl stop "$(unit_of "$1")" || return; fi
  withdrawn[$1]=$dry
}

bytes_of() { qemu-img info -U -f qcow2 "$(file_of "$1")" | sed -n 's/^virtual size: .*(\([0-9]*\) bytes)$/\1/p'; }
is_flat() { [ -z "$(parent_of "$(file_of "$1")")" ]; }

# children NAME: prints the disks and images that share data with it, one per line.
children() { [[ $1 == *+before ]] || overlays "$1.qcow2"; }

forget_export() {
  if systemctl is-enabled --quiet "$(unit_of "$1")"; then run systemctl disable "$(unit_of "$1")"; fi
  run rm -f "$(backing "$1")"
}

# import_raw FROM FILE
import_raw() { run qemu-img convert "${progress[@]}" -f raw -O qcow2 "$1" "$2"; }

# new_clone NAME IMAGE
new_clone() { discard "$1" && run qemu-img create -q -f qcow2 -b "$2.qcow2" -F qcow2 "$(file_of "$1+new")"; }

# new_blank NAME BYTES
new_blank() {
  discard "$1" || return
  run qemu-img create -q -f qcow2 "$(file_of "$1+new")" "$2"
}

# new_copy IMAGE DISK
new_copy() {
  discard "$1" || return
  local status=0
  free "$2" && run qemu-img convert "${progress[@]}" -f qcow2 -O qcow2 "$(file_of "$2")" "$(file_of "$1+new")" || status=1
  serve "$2"
  [ "$status" -eq 0 ] || return
  run chmod 0400 "$(file_of "$1+new")"
}

# grow NAME BYTES
grow() { run qemu-img resize -q -f qcow2 "$(file_of "$1")" "$2"; }

flatten() {
  local status=0
  free "$1" && run qemu-img convert "${progress[@]}" -f qcow2 -O qcow2 "$(file_of "$1")" "$(file_of "$1+new")" && settle "$1" || status=1
  serve "$1"
  return "$status"
}
