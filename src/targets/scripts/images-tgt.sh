
# --- The server of the targets: tgt ---

still_logged_in='; if it is off, or was cut off within the last hour: the same with --yes --force'

# read_targets: which disk is whose backing store, and who is logged in there. No answer: tgtd does not run.
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

# take_down TARGET: tgtd itself refuses where somebody is logged in, unless forced.
take_down() { run tgt-admin ${force:+--force} --delete "$1"; }

# serve DISK: has its target again, where there is one for it to have, and tgtd runs.
serve() {
  taken=
  local node=${node_of[$1]:-} name conf
  if [ -z "$node" ] || [ -z "${have[$1]:-}" ]; then return 0; fi
  if ! expose "$1"; then
    fail "$1 is there, and cannot be shown to tgt: see above"
    return 0
  fi
  [ -z "${target[$(backing "$1")]:-}" ] || return 0
  conf=/etc/tgt/conf.d/harvgen-$site-$node.conf
  # Until put-targets.sh has run, that may be another disk's.
  grep -qsF -e "<backing-store $(backing "$1")>" "$conf" || return 0
  name=$(sed -n 's/^<target \(.*\)>$/\1/p' "$conf")
  if [ -n "$name" ] && has tgt-admin && tgtadm --lld iscsi --mode sys --op show >/dev/null 2>&1; then
    run tgt-admin --update "$name" || fail "$1: tgt does not take its target"
  fi
}

# can_see: whether anybody here knows who is logged in.
can_see() {
  has tgtadm || say "note: there is no tgtadm here, and nobody who can tell which machines are logged in: this is for the iSCSI server"
}
