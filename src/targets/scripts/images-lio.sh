
# --- The server of the targets: lio ---

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
  fail "LIO has it: targetcli /iscsi delete $1, and its backstore, then this again, then put-targets.sh"
  return 1
}

# serve DISK: what it needs to be served; put-targets.sh does that.
serve() {
  taken=
  if [ -z "${node_of[$1]:-}" ] || [ -z "${have[$1]:-}" ]; then return 0; fi
  expose "$1" || fail "$1 is there, and cannot be shown as a raw file: see above"
}

# can_see: whether anybody here knows who is logged in.
can_see() {
  [ -d /sys/kernel/config/target ] || say "note: LIO does not run here, and nobody can tell which machines are logged in: this is for the iSCSI server"
}
