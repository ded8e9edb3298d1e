#!/usr/bin/env bash
# Replaces ietadm, by its manual page: keeps the content of /proc/net/iet in files, and every call in a list.
set -euo pipefail
proc=/run/iet
all="$*"
echo "$all" >>"$proc/calls"
case $all in
'--op new --tid=0 --params Name='*)
  number=$(($(wc -l <"$proc/volume") + 10))
  echo "tid:$number name:${all##*Name=}" | tee -a "$proc/volume" >>"$proc/session"
  ;;
'--op delete --tid='*' --sid='*) ;;
'--op delete --tid='*)
  sed -i "/^tid:${all##*tid=} name/d" "$proc/volume"
  ;;
esac
