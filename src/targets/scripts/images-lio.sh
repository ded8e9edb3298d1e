
# --- The target server: lio ---

still_logged_in=

read_targets() {
  local link path group
  target=()
  initiators=()
  for link in /sys/kernel/config/target/iscsi/*/tpgt_*/lun/lun_*/*; do
    [ -e "$link/udev_path" ] || continue
    path=$(cat "$link/udev_path")
    group=${link%/lun/*}
    target[$path]=$(basename "${group%/*}")
    initiators[$path]=$(cat "$group"/acls/*/info 2>/dev/null | sed -n 's/^InitiatorName: *\([^ ]*\).*/\1/p' | paste -s -d ' ' || true)
  done
}

# take_down TARGET
take_down() {
  fail "LIO serves it: run targetcli /iscsi delete $1, delete its backstore, then run this command again, then put-targets.sh"
  return 1
}

# serve DISK: prepares it for put-targets.sh, which serves it.
serve() {
  taken=
  if [ -z "${node_of[$1]:-}" ] || [ -z "${have[$1]:-}" ]; then return 0; fi
  expose "$1" || fail "could not export $1 as a raw file: see above"
}

# can_see: prints a note if this machine cannot detect logins.
can_see() {
  [ -d /sys/kernel/config/target ] || say "note: LIO does not run here, so logins cannot be detected: run this on the iSCSI server"
}
