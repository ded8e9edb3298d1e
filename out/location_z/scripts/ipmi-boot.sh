#!/usr/bin/env bash
# Boots machines of location_z from the network, once, over IPMI 2.0 (ipmitool): sets the next boot source in their BMCs and
# cycles their power. It can also only switch their power, or show a console.
#
#   ipmi-boot.sh [OPTION…] NODE… | --all
#
#   NODE               a node, or a range: cg01, cg[01-06,08]
#   --all              every node whose BMC is in the inventory
#   --no-power         sets the next boot source, without a power change: some BMCs forget it after 60 seconds
#   --power WHAT       switches only the power: on, off, cycle or status
#   --console          shows the serial console of one node (Serial over LAN), until ~. at the start of a line
#   --list             prints the nodes with the addresses of their BMCs, without any request
#   --dry-run          prints what would be done, without any request
#   --cipher SUITE     the cipher suite; many old BMCs need 3 (default: the best that the BMC reports)
#   --port PORT        the port of the BMCs (default: 623)
#   --timeout SECONDS  time limit for an answer, and for a power change (default: 60)
#   --jobs COUNT       number of concurrent BMCs (default: 16)
#
# Credentials come only from the environment: IPMI_USER and IPMI_PASSWORD, or for one node
# IPMI_USER_CG01 and IPMI_PASSWORD_CG01: in upper case, with _ for characters other than letters and digits.
# A BMC of several nodes is in this list for its first node: IPMI supports one.
#
# The exit status is 0 on success, 1 on failure, and 2 for an invalid command line or environment.
set -euo pipefail

# A failure of one node must not stop the others: functions report it and return a status.
chosen=()
what=boot
target=pxe
power=cycle
dry_run=
cipher=()
port=623
timeout=60
jobs=16

# For each node: the address of its BMC, and its firmware's boot mode.
declare -A address_of mode_of
known=()
while read -r name address mode; do
  known+=("$name")
  address_of[$name]=$address mode_of[$name]=$mode
done <<'END'
r5-n1 10.20.9.41 UEFI
r5-n2 10.20.9.42 UEFI
r5-n3 10.20.9.43 UEFI
r5-n4 10.20.9.44 UEFI
r5-n5 10.20.9.45 UEFI
END

# The common part of the scripts for BMCs. Before it: the settings, and the nodes in `known` and `address_of`.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $*"
  say "see ${0##*/} --help"
  exit 2
}

# fail TEXT: reports a failure of the current node.
fail() {
  say "FAILED  $name: $*"
  return 1
}

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# names TEXT: prints the names of a range in brackets.
names() {
  local text=$1 before inner behind part first last number padded
  if [[ $text =~ ^(([^][,]|\[[^][]*\])+),(.*)$ ]]; then
    before=${BASH_REMATCH[1]} behind=${BASH_REMATCH[3]}
    names "$before" && names "$behind"
    return
  fi
  if [[ ! $text =~ ^([^][]*)\[([0-9,-]+)\](.*)$ ]]; then
    [[ $text != *[][]* && -n $text ]] || return 1
    printf '%s\n' "$text"
    return
  fi
  before=${BASH_REMATCH[1]} inner=${BASH_REMATCH[2]} behind=${BASH_REMATCH[3]}
  for part in ${inner//,/ }; do
    [[ $part =~ ^([0-9]{1,9})(-([0-9]{1,9}))?$ ]] || return 1
    first=${BASH_REMATCH[1]} last=${BASH_REMATCH[3]:-${BASH_REMATCH[1]}}
    ((10#$first <= 10#$last)) || return 1
    for ((number = 10#$first; number <= 10#$last; number += 1)); do
      printf -v padded "%0${#first}d" "$number"
      names "$before$padded$behind" || return 1
    done
  done
}

# choose TEXT: selects the nodes of a name or a range; reports the first unknown one.
choose() {
  local name list
  list=$(names "$1") || { wrong="$1 is not the name of a node, nor a range such as cg[01-06]" && return 1; }
  while read -r name; do
    [ -n "${address_of[$name]-}" ] || { wrong="no BMC for the node $name; see --list" && return 1; }
    # A repeated name counts once.
    [ -n "${is_chosen[$name]-}" ] || chosen+=("$name")
    is_chosen[$name]=yes
  done <<<"$list"
}
declare -A is_chosen=()

# parse ARGUMENT…: reads the command line. `own_option` reads the options of one script: it sets `took`, or fails.
parse() {
  local name took
  while [ $# -gt 0 ]; do
    took=1
    case $1 in
      --help)
        usage
        exit 0
        ;;
      --all)
        chosen=("${known[@]}")
        for name in "${known[@]}"; do is_chosen[$name]=yes; done
        ;;
      --no-power) power= ;;
      --list) what=list ;;
      --dry-run) dry_run=yes ;;
      --power)
        took=2
        case ${2-} in on | off | cycle | status) ;; *) die "--power requires on, off, cycle or status, not '${2-}'" ;; esac
        what=$2
        ;;
      --port | --timeout | --jobs)
        took=2
        [[ ${2-} =~ ^[1-9][0-9]{0,4}$ ]] || die "$1 requires a number, not '${2-}'"
        printf -v "${1#--}" %s "$2"
        ;;
      -*) own_option "$@" || die "unknown option $1" ;;
      *) choose "$1" || die "$wrong" ;;
    esac
    shift "$took"
  done
}

# prepare PREFIX PROGRAM…: ends after a list or a dry run, without any request. Otherwise checks the programs, and the
# credentials in the environment, whose names begin with PREFIX.
prepare() {
  local program
  prefix=$1
  if [ "$what" = list ]; then
    [ ${#chosen[@]} -gt 0 ] || chosen=("${known[@]}")
    for name in "${chosen[@]}"; do printf '%s %s\n' "$name" "${address_of[$name]}"; done
    exit 0
  fi
  [ ${#chosen[@]} -gt 0 ] || die 'name the nodes, or use --all'
  if [ -n "$dry_run" ]; then
    for name in "${chosen[@]}"; do printf 'dry run %s: %s, at %s\n' "$name" "$(plan)" "${address_of[$name]}"; done
    exit 0
  fi
  for program in "${@:2}"; do
    command -v "$program" >/dev/null || die "$program is not installed: apt-get install $program"
  done
  for name in "${chosen[@]}"; do
    credentials "$name"
    if [ -z "$user" ] || [ -z "$password" ]; then
      die "$name: set ${prefix}_USER and ${prefix}_PASSWORD in the environment"
    fi
    [[ $user$password != *[[:cntrl:]]* ]] || die "$name: the credentials must not contain control characters"
  done
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
}

# Prints what is done with a node, as in the report of success.
plan() {
  case $what in
    console) printf 'serial console' ;;
    powerman) printf 'commands of powermand' ;;
    boot) printf '%s once%s' "$target" "$([ -z "$power" ] || printf ', power cycled')" ;;
    *) printf 'power %s' "$what" ;;
  esac
}

# credentials NAME: sets `user` and `password`, the node's own or the common ones.
credentials() {
  local own=${1^^}
  own=${own//[!A-Z0-9]/_}
  local user_of=${prefix}_USER_$own password_of=${prefix}_PASSWORD_$own
  local user_for_all=${prefix}_USER password_for_all=${prefix}_PASSWORD
  user=${!user_of-${!user_for_all-}} password=${!password_of-${!password_for_all-}}
}

# each FUNCTION: calls it for every selected node, several at a time. Fails if one failed.
each() {
  local one pids=()
  rm -f "$work"/*.failed
  for one in "${chosen[@]}"; do
    # Waits by process id, as below: other processes, such as the logger, do not end with these.
    if [ ${#pids[@]} -ge "$jobs" ]; then
      wait "${pids[0]}" || true
      pids=("${pids[@]:1}")
    fi
    (
      node "$one"
      "$1" || : >"$work/$one.failed"
    ) </dev/null &
    pids+=("$!")
  done
  wait "${pids[@]}" || true
  local failed=("$work"/*.failed)
  [ ! -e "${failed[0]}" ]
}

own_option() {
  case $1 in
    --console) what=console ;;
    --cipher)
      [[ ${2-} =~ ^[0-9]{1,2}$ ]] || die "--cipher requires a number, not '${2-}'"
      cipher=(-C "$2") took=2
      ;;
    *) return 1 ;;
  esac
}

parse "$@"
[ "$what" != console ] || [ ${#chosen[@]} -eq 1 ] || die '--console requires one node'
prepare IPMI ipmitool

# node NAME: sets its variables of the inventory, and the arguments of ipmitool for its BMC.
node() {
  name=$1 address=${address_of[$1]} mode=${mode_of[$1]}
  credentials "$1"
  bmc=(-I lanplus -H "$address" -p "$port" -U "$user" -E ${cipher[@]+"${cipher[@]}"})
}

# ask WORD…: sets `answer` to the answer of the BMC to a command of ipmitool. That reads the password from its environment, where
# IPMITOOL_PASSWORD takes precedence over IPMI_PASSWORD.
ask() {
  local error=$work/$name.error status=0
  answer=$(IPMITOOL_PASSWORD=$password timeout "$timeout" ipmitool "${bmc[@]}" "$@" 2>"$error") || status=$?
  [ "$status" != 124 ] || fail "its BMC $address does not answer within $timeout seconds" || return 1
  [ "$status" = 0 ] || fail "its BMC $address answers $* with: $(grep . "$error" | tail -n 1)"
}

# get_state: sets `state` to the power state: on, off or unknown.
get_state() {
  state=unknown
  ask chassis power status || return 1
  case $answer in *' is on') state=on ;; *' is off') state=off ;; esac
}

# turn COMMAND STATE: switches the power, and waits until the BMC reports the state.
turn() {
  local end=$((SECONDS + timeout))
  ask chassis power "$1" || return 1
  # A BMC may be slow to answer after a change.
  until get_state >/dev/null && [ "$state" = "$2" ]; do
    [ "$SECONDS" -lt "$end" ] || break
    sleep 1
  done
  [ "$state" != "$2" ] || return 0
  fail "its BMC $address accepted the change, but the power is not $2 after $timeout seconds"
}

# switch WHAT: switches the power of the node.
switch() {
  local state
  get_state || return 1
  case $1:$state in
    on:on | off:off) ;;
    on:* | cycle:off) turn on on ;;
    off:*) turn off off ;;
    # After the command for a power cycle (IPMI 2.0, 28.3), the BMC reports that the power is on, even if nothing has happened.
    # Some BMCs ignore a change right after another.
    cycle:on) turn off off && sleep 2 && { turn on on || fail "it is switched off now: repeat with --power on"; } ;;
    *) fail "its BMC $address does not report the power state" ;;
  esac
}

do_boot() {
  local efi=() note=
  [ "$mode" != UEFI ] || efi=(options=efiboot)
  get_state || return 1
  # Otherwise the BMC forgets the boot source 60 seconds after the last command for the power (IPMI 2.0, table 28-14, parameter 3).
  ask raw 0x00 0x08 0x03 0x08 2>/dev/null || note='; its BMC may forget this after 60 seconds'
  ask chassis bootdev "$target" ${efi[@]+"${efi[@]}"} && ask chassis bootparam get 5 || return 1
  [[ ${answer^^} = *"FORCE ${target^^}"* ]] ||
    fail "its BMC $address accepted the change, but does not report $target as the next boot source" || return 1
  [ -z "$power" ] || switch "$power" || return 1
  say "done    $name: $(plan)$note"
}

do_power() {
  switch "$what" || return 1
  say "done    $name: $(plan)"
}

do_status() {
  local state=unknown
  get_state || true
  printf '%s: %s\n' "$name" "$state"
  [ "$state" != unknown ]
}

case $what in
  boot) each do_boot ;;
  status) each do_status ;;
  console)
    node "${chosen[0]}"
    IPMITOOL_PASSWORD=$password ipmitool "${bmc[@]}" sol activate && exit
    say "$name: no console. If another session has it, this ends that session: ipmitool$(printf ' %q' "${bmc[@]}") sol deactivate"
    exit 1
    ;;
  *) each do_power ;;
esac
