
# --- The target server: tgt ---

still_logged_in='; if it is off, or lost power within the last hour: add --yes --force'

# read_targets: reads the target of each disk, and the client that is logged in. Without tgtd, there are none.
read_targets() {
  local path name who
  target=()
  initiators=()
  while IFS=$'\t' read -r path name who; do
    target[$path]=$name
    initiators[$path]=$who
  done < <(tgtadm --lld iscsi --mode target --op show 2>/dev/null | awk '
    /^Target [0-9]+: / { sub(/^Target [0-9]+: /, ""); name = $0; who = "" }
    /^ +Initiator: / { who = who (who == "" ? "" : " ") $2 }
    /^ +Backing store path: / { sub(/^ +Backing store path: /, ""); if ($0 != "None") print $0 "\t" name "\t" who }' || true)
}

# take_down TARGET: tgtd itself refuses if a client is logged in, unless forced.
take_down() { run tgt-admin ${force:+--force} --delete "$1"; }

# serve DISK: restores its target, if it has one and tgtd runs.
serve() {
  taken=
  local node=${node_of[$1]:-} name conf
  if [ -z "$node" ] || [ -z "${have[$1]:-}" ]; then return 0; fi
  if ! expose "$1"; then
    fail "could not export $1 to tgt: see above"
    return 0
  fi
  [ -z "${target[$(backing "$1")]:-}" ] || return 0
  conf=/etc/tgt/conf.d/harvgen-$site-$node.conf
  # Until put-targets.sh has run, this may be the target of another disk.
  grep -qsF -e "<backing-store $(backing "$1")>" "$conf" || return 0
  name=$(sed -n 's/^<target \(.*\)>$/\1/p' "$conf")
  if [ -n "$name" ] && has tgt-admin && tgtadm --lld iscsi --mode sys --op show >/dev/null 2>&1; then
    run tgt-admin --update "$name" || fail "$1: tgt rejects its target"
  fi
}

# can_see: prints a note if this machine cannot detect logins.
can_see() {
  has tgtadm || say "note: tgtadm is not installed here, so logins cannot be detected: run this on the iSCSI server"
}
