
# --- The target server: iet ---

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
  fail "IET serves it: run ietadm --op delete --tid=… with the tid of $1, then this command again, then put-targets.sh"
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
  [ -e /proc/net/iet/session ] || say "note: IET does not run here, so logins cannot be detected: run this on the iSCSI server"
}
