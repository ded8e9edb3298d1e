
# --- The server of the targets: iet ---

still_logged_in=

read_targets() {
  local path name who
  target=()
  initiators=()
  while IFS=$'\t' read -r path name who; do
    target[$path]=$name
    initiators[$path]=$who
  done < <(cat /proc/net/iet/session /proc/net/iet/volume 2>/dev/null | awk '
    /^tid:/ { name = $2; sub(/^name:/, "", name) }
    /initiator:/ { who[name] = who[name] (name in who ? " " : "") substr($2, length("initiator:") + 1) }
    match($0, /path:.*/) { print substr($0, RSTART + 5) "\t" name "\t" who[name] }' || true)
}

# take_down TARGET
take_down() {
  fail "IET has it: ietadm --op delete --tid=…, that of $1, then this again, then put-targets.sh"
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
  [ -e /proc/net/iet/session ] || say "note: IET does not run here, and nobody can tell which machines are logged in: this is for the iSCSI server"
}
