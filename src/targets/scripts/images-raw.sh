
# Raw files.
format=raw other=qcow2 is_exported=
backing() {
  case $1 in
  *+before) printf '%s/exports/%s.raw' "$folder" "${1%+before}" ;;
  *) file_of "$1" ;;
  esac
}
bytes_of() { stat -c %s "$(file_of "$1")"; }
is_flat() { true; }

# children NAME: prints the disks that share data with it, one per line: none, except for a file of the other format.
children() { [[ $1 != *+before ]] || overlays "${1%+before}.qcow2"; }

# Target servers use raw files directly, without an export.
expose() { :; }
withdraw() { :; }
forget_export() { :; }

# import_raw FROM FILE
import_raw() { run cp --reflink=auto --sparse=always "$1" "$2" && run truncate -s %512 "$2"; }

# new_clone NAME IMAGE
new_clone() { discard "$1" && run cp --reflink=auto --sparse=always "$(file_of "$2")" "$(file_of "$1+new")" && run chmod 0600 "$(file_of "$1+new")"; }

# new_blank NAME BYTES
new_blank() {
  discard "$1" || return
  run truncate -s "$2" "$(file_of "$1+new")" && run truncate -s %512 "$(file_of "$1+new")"
}

# new_copy IMAGE DISK
new_copy() {
  discard "$1" || return
  copy "$2" "$(file_of "$1+new")" || return
  run chmod 0400 "$(file_of "$1+new")"
}

# grow NAME BYTES
grow() { run truncate -s "$2" "$(file_of "$1")" && run truncate -s %512 "$(file_of "$1")"; }

flatten() { :; }
