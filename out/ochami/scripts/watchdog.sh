#!/usr/bin/env bash
# Brings back those virtual machines of ochami that are off or paused: they switch themselves off while they
# install, and libvirt pauses them where the host's disk is full. All others are left alone.
#
#   watchdog.sh
#
# harvgen-ochami-watchdog.timer runs it: to keep a machine down, stop that timer first.
# LIBVIRT_DEFAULT_URI=URI asks another libvirt than qemu:///system.
#
# The status is 0 where all machines run, or do so now, 1 where one could not be brought back, 2 where the command line is
# wrong. It says nothing where there is nothing to do.
set -euo pipefail

# What virsh says is compared.
export LC_ALL=C
export LIBVIRT_DEFAULT_URI=${LIBVIRT_DEFAULT_URI:-qemu:///system}
failed=0

say() { printf '%s\n' "$*" >&2; }

# What stands at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

case ${1-} in
  '') ;;
  --help)
    usage
    exit 0
    ;;
  *)
    say "watchdog.sh: it takes nothing but --help, not '$1'"
    exit 2
    ;;
esac

# ask ARGUMENT…: what virsh says, in one line. One machine that does not answer must not keep the others waiting.
ask() {
  local said status=0
  said=$(timeout 120 virsh "$@" 2>&1) || status=$?
  [ "$status" -ne 124 ] || said='no answer within two minutes'
  sed -e 's/^error: //' -e '/^$/d' <<<"$said" | paste -s -d ' '
  return "$status"
}

# again NAME STATE DONE COMMAND: has virsh do it, and says so.
again() {
  local why now
  if why=$(ask "$4" --domain "$1"); then
    say "$1 was $2: $3"
    return
  fi
  # Somebody else may have been quicker.
  now=$(ask domstate --domain "$1") || true
  [ "$now" != running ] || return 0
  say "$1 is $2, and cannot be $3: $why"
  failed=1
}

# watch NAME
watch() {
  local state
  if ! state=$(ask domstate --domain "$1" --reason); then
    say "$1 cannot be watched: $state"
    failed=1
    return
  fi
  case $state in
    # These end by themselves, or somebody else ends them; a machine that has moved runs elsewhere.
    'paused (migrating)' | 'paused (post-copy)' | 'paused (post-copy failed)' | 'shut off (migrated)') ;;
    'paused (saving)' | 'paused (dumping)' | 'paused (creating snapshot)') ;;
    'paused (starting up)' | 'paused (shutting down)' | 'in shutdown'*) ;;
    'shut off'*) again "$1" "$state" started start ;;
    paused*) again "$1" "$state" resumed resume ;;
    pmsuspended*) again "$1" "$state" 'woken up' dompmwakeup ;;
    crashed*)
      # What has crashed and is still there would be in its own way.
      ask destroy --domain "$1" >/dev/null || true
      again "$1" "$state" started start
      ;;
  esac
}

if ! why=$(ask uri); then
  say "libvirt does not answer at $LIBVIRT_DEFAULT_URI: $why"
  exit 1
fi
watch ochami-vm

exit "$failed"
