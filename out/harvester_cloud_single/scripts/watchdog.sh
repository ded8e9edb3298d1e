#!/usr/bin/env bash
# Starts virtual machines of harvester_cloud_single that are off or paused: they switch themselves off during the
# installation, and libvirt pauses them if the host's disk is full. Ignores all others.
#
#   watchdog.sh
#
# harvgen-harvester_cloud_single-watchdog.timer runs it: to keep a machine down, stop that timer first.
# LIBVIRT_DEFAULT_URI=URI connects to another libvirt than qemu:///system.
#
# The exit status is 0 if all machines run, 1 if one could not be started, and 2 for an invalid command line.
# It prints only changes and errors.
set -euo pipefail

# The script compares the output of virsh.
export LC_ALL=C
export LIBVIRT_DEFAULT_URI=${LIBVIRT_DEFAULT_URI:-qemu:///system}
held=/var/lib/harvgen/harvester_cloud_single/held

failed=0

say() { printf '%s\n' "$*" >&2; }

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

case ${1-} in
  '') ;;
  --help)
    usage
    exit 0
    ;;
  *)
    say "watchdog.sh: unknown argument '$1': only --help is supported"
    exit 2
    ;;
esac

# ask ARGUMENT…: prints the output of virsh on one line. A machine that does not answer must not block the others.
ask() {
  local output status=0
  output=$(timeout 120 virsh "$@" 2>&1) || status=$?
  [ "$status" -ne 124 ] || output='no answer within two minutes'
  sed -e 's/^error: //' -e '/^$/d' <<<"$output" | paste -s -d ' '
  return "$status"
}

# again NAME STATE DONE COMMAND: runs the virsh command, and reports the change.
again() {
  local why now
  if why=$(ask "$4" --domain "$1"); then
    say "$1 was $2: $3"
    return
  fi
  # Another user may have been faster.
  now=$(ask domstate --domain "$1") || true
  [ "$now" != running ] || return 0
  say "$1 is $2 and cannot be $3: $why"
  failed=1
}

# watch NAME
watch() {
  local state
  # host-setup.sh lists machines whose images are incomplete.
  ! grep -qxF -e "$1" "$held" 2>/dev/null || return 0
  if ! state=$(ask domstate --domain "$1" --reason); then
    say "$1 cannot be watched: $state"
    failed=1
    return
  fi
  case $state in
    # These states end by themselves or by another user; a migrated machine runs elsewhere.
    'paused (migrating)' | 'paused (post-copy)' | 'paused (post-copy failed)' | 'shut off (migrated)') ;;
    'paused (saving)' | 'paused (dumping)' | 'paused (creating snapshot)') ;;
    'paused (starting up)' | 'paused (shutting down)' | 'in shutdown'*) ;;
    'shut off'*) again "$1" "$state" started start ;;
    paused*) again "$1" "$state" resumed resume ;;
    pmsuspended*) again "$1" "$state" 'woken up' dompmwakeup ;;
    crashed*)
      # A crashed machine that still exists would block its own start.
      ask destroy --domain "$1" >/dev/null || true
      again "$1" "$state" started start
      ;;
  esac
}

if ! why=$(ask uri); then
  say "libvirt does not answer at $LIBVIRT_DEFAULT_URI: $why"
  exit 1
fi
watch harvester

exit "$failed"
