#!/usr/bin/env bash
# Boots machines of location_z from the network, once, over Redfish (DMTF DSP0266): sets the next boot source in their BMCs
# and cycles their power. It can also only switch their power.
#
#   redfish-boot.sh [OPTION…] NODE… | --all
#
#   NODE               a node, or a range: cg01, cg[01-06,08]
#   --all              every node whose BMC is in the inventory
#   --http             boots by UEFI HTTP instead of PXE
#   --no-power         sets the next boot source, without a power change
#   --power WHAT       switches only the power: on, off, cycle or status
#   --list             prints the nodes with the addresses of their BMCs, without any request
#   --dry-run          prints what would be done, without any request
#   --insecure         accepts any certificate: an attacker on the network can then read the password
#   --cacert FILE      the CA certificate of the BMCs (default: the system's CAs)
#   --port PORT        the port of the BMCs (default: 443)
#   --timeout SECONDS  time limit for an answer, and for a power change (default: 60)
#   --jobs COUNT       number of concurrent BMCs (default: 16)
#   --powerman         reads the commands that powermand sends to a program (ops/redfish.dev)
#
# Credentials come only from the environment: REDFISH_USER and REDFISH_PASSWORD, or for one node
# REDFISH_USER_CG01 and REDFISH_PASSWORD_CG01: in upper case, with _ for characters other than letters and digits.
#
# REDFISH_PORT and REDFISH_INSECURE=1 replace --port and --insecure without a command line, as under powermand, and
# CURL_CA_BUNDLE replaces --cacert. The command line takes precedence.
#
# The exit status is 0 on success, 1 on failure, and 2 for an invalid command line or environment.
set -euo pipefail

# A failure of one node must not stop the others: functions report it and return a status.
chosen=()
what=boot
target=Pxe
power=cycle
dry_run=
verify=()
port=443
timeout=60
jobs=16

# For each node: the address of its BMC, its firmware's boot mode, its UUID, its serial number, and its MAC addresses.
declare -A address_of mode_of uuid_of serial_of macs_of
known=()
while read -r name address mode uuid serial macs; do
  known+=("$name")
  address_of[$name]=$address mode_of[$name]=$mode uuid_of[$name]=$uuid serial_of[$name]=$serial macs_of[$name]=$macs
done <<'END'
r5-n1 10.20.9.41 UEFI - - 52:54:00:05:00:01,52:54:00:05:01:01,52:54:00:05:02:01
r5-n2 10.20.9.42 UEFI - - 52:54:00:05:00:02,52:54:00:05:01:02,52:54:00:05:02:02
r5-n3 10.20.9.43 UEFI - - 52:54:00:05:00:03,52:54:00:05:01:03,52:54:00:05:02:03
r5-n4 10.20.9.44 UEFI - - 52:54:00:05:00:04,52:54:00:05:01:04,52:54:00:05:02:04
r5-n5 10.20.9.45 UEFI - - 52:54:00:05:00:05,52:54:00:05:01:05,52:54:00:05:02:05
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

if [ -n "${REDFISH_PORT-}" ]; then
  [[ $REDFISH_PORT =~ ^[1-9][0-9]{0,4}$ ]] || die "REDFISH_PORT must be a number, not '$REDFISH_PORT'"
  port=$REDFISH_PORT
fi
case ${REDFISH_INSECURE-} in
  '' | 0) ;;
  1) verify=(--insecure) ;;
  *) die "REDFISH_INSECURE must be 1 or 0, not '$REDFISH_INSECURE'" ;;
esac

own_option() {
  case $1 in
    --http) target=UefiHttp ;;
    --insecure) verify=(--insecure) ;;
    --powerman) what=powerman ;;
    --cacert)
      [ -r "${2-}" ] || die "cannot read '${2-}'"
      verify=(--cacert "$2") took=2
      ;;
    *) return 1 ;;
  esac
}

parse "$@"
prepare REDFISH curl jq
for name in "${chosen[@]}"; do
  credentials "$name"
  [[ $user != *:* ]] || die "$name: the user name must not contain a colon"
done

# node NAME: sets its variables of the inventory.
node() {
  name=$1 address=${address_of[$1]} mode=${mode_of[$1]} uuid=${uuid_of[$1]} serial=${serial_of[$1]} macs=${macs_of[$1]}
  credentials "$1"
  answer=$work/$1
}

# escaped TEXT: prints a text escaped for quotes in a curl configuration.
escaped() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//\"/\\\"}"
}

# ask METHOD PATH [BODY [ETAG]]: sends a request to the BMC; sets `status`, `body` and `etag`. Fails without an answer.
ask() {
  local method=$1 path=$2 data=${3-} match=${4-} follow=()
  # Requests with changes must not follow redirects to other addresses.
  [ "$method" != GET ] || follow=(--location --max-redirs 3)
  : >"$answer.body"
  status=$(
    {
      printf 'user = "%s"\n' "$(escaped "$user:$password")"
      printf 'header = "%s"\n' 'Accept: application/json' 'OData-Version: 4.0'
      [ -z "$data" ] || printf 'header = "Content-Type: application/json"\ndata = "%s"\n' "$(escaped "$data")"
      [ -z "$match" ] || printf 'header = "If-Match: %s"\n' "$(escaped "$match")"
    } | curl --disable --config - --silent --show-error --globoff --noproxy '*' --proto =https --connect-timeout 15 \
      --max-time "$timeout" ${follow[@]+"${follow[@]}"} ${verify[@]+"${verify[@]}"} --request "$method" \
      --dump-header "$answer.headers" --output "$answer.body" --write-out '%{http_code}' "https://$address:$port$path" 2>"$answer.error"
  ) || {
    fail "its BMC $address does not answer: $(sed 's/^curl: //' "$answer.error")"
    return 1
  }
  body=$(<"$answer.body")
  etag=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' "$answer.headers" | tr -d '\r' | tail -n 1)
}

# look FILTER: prints the result of a jq filter on the answer; nothing if the answer is not JSON.
look() { jq -r "$@" <<<"$body" 2>/dev/null || true; }

# get PATH: requests something that must exist.
get() {
  [[ $1 = /* ]] || fail "its BMC $address refers to '$1', which is not one of its paths" || return 1
  ask GET "$1" || return 1
  case $status in
    200)
      [ -n "$etag" ] || etag=$(look '."@odata.etag" // empty')
      jq -e 'type == "object"' <<<"$body" >/dev/null 2>&1 || fail "its BMC $address answers $1 without valid JSON"
      ;;
    401 | 403) fail "its BMC $address rejects the credentials" ;;
    *) fail "its BMC $address answers GET $1 with $status$(reason)" ;;
  esac
}

# Prints the error message of the BMC.
reason() {
  local text
  text=$(look '[.error."@Message.ExtendedInfo"[0].Message?, .error.message?] | map(select(. != null))[0] // empty')
  [ -z "$text" ] || printf ': %s' "$text" | tr -d '\000-\037'
}

# change METHOD PATH BODY [OTHER]: makes a change. OTHER is for a BMC that rejects the first BODY.
change() {
  local method=$1 path=$2 data match=
  [ "$method" != PATCH ] || match=$etag
  for data in "${@:3}"; do
    ask "$method" "$path" "$data" "$match" || return 1
    # Some BMCs change their tag between two requests, and some require any tag at all (RFC 6585).
    case $status in 412 | 428) ask "$method" "$path" "$data" '*' || return 1 ;; esac
    [ "$status" = 400 ] || break
  done
  case $status in
    200 | 201 | 202 | 204) ;;
    401 | 403) fail "its BMC $address denies this to $user$(reason)" ;;
    *) fail "its BMC $address answers $method $path with $status$(reason)" ;;
  esac
}

# is_named: whether the current system is the node, by its firmware's identifiers.
is_named() {
  # shellcheck disable=SC2016 # these are jq's
  [ -n "$(look --arg uuid "$uuid" --arg serial "$serial" '
    def same($text): . != null and $text != "-" and (tostring | ascii_downcase) == ($text | ascii_downcase);
    select((.UUID | same($uuid)) or (.SerialNumber | same($serial))) | "yes"')" ]
}

# has_nic: whether the current system has one of the node's NICs.
has_nic() {
  local nics nic
  nics=$(look '.EthernetInterfaces."@odata.id" // empty')
  if [ -z "$nics" ] || ! get "$nics"; then return 1; fi
  while read -r nic; do
    get "$nic" || continue
    # shellcheck disable=SC2016 # these are jq's
    [ -z "$(look --arg macs "$macs" '
      ($macs | split(",")) as $all | [.MACAddress, .PermanentMACAddress] | map(strings | ascii_downcase | gsub("-"; ":"))
      | select(any(. as $one | $all | index($one))) | "yes"')" ] || return 0
  done < <(look '.Members[]?."@odata.id" // empty')
  return 1
}

# find_system: sets `system` to the path of the node among the systems of its BMC, with its state as the answer.
find_system() {
  local systems is
  get /redfish/v1/Systems || return 1
  mapfile -t systems < <(look '.Members[]?."@odata.id" // empty')
  [ ${#systems[@]} -gt 0 ] || fail "its BMC $address has no system" || return 1
  system=${systems[0]}
  if [ ${#systems[@]} -eq 1 ]; then
    get "$system"
    return
  fi
  for is in is_named has_nic; do
    for system in "${systems[@]}"; do
      get "$system" || return 1
      if "$is"; then
        get "$system"
        return
      fi
    done
  done
  fail "its BMC $address manages ${systems[*]}, but none has the node's UUID, serial number or MAC address"
}

# boot_once: sets the network as the next boot source of the system, once.
boot_once() {
  local allowed data pending others=()
  [ "$target" != UefiHttp ] || [ "$mode" = UEFI ] || fail 'its firmware is a BIOS, which cannot boot by HTTP' || return 1
  allowed=$(look '.Boot."BootSourceOverrideTarget@Redfish.AllowableValues" // [] | join(" ")')
  case " $allowed " in '  ' | *" $target "*) ;; *) fail "it cannot boot $target once, only $allowed" || return 1 ;; esac
  # If the BMC has a boot mode, the mode must be set too: it may be the other one.
  # shellcheck disable=SC2016 # these are jq's
  data=$(look -c --arg target "$target" --arg mode "$mode" '
    {BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: $target} as $boot
    | {Boot: (if .Boot | has("BootSourceOverrideMode") then $boot + {BootSourceOverrideMode: $mode} else $boot end)}')
  [ -n "$data" ] || fail "its BMC $address does not report its boot settings" || return 1
  # Some BMCs reject any write of the mode, even its current value (HPE's iLO).
  [ "$(look .Boot.BootSourceOverrideMode)" != "$mode" ] || others=("$(jq -c 'del(.Boot.BootSourceOverrideMode)' <<<"$data")")
  # If changes wait in a settings object for the next start, they are not visible here yet (DSP0266, settings resource).
  pending=$(look '."@Redfish.Settings" // empty')
  change PATCH "$system" "$data" ${others[@]+"${others[@]}"} || return 1
  [ -n "$pending" ] ||
    await "select(.Boot.BootSourceOverrideTarget == \"$target\" and .Boot.BootSourceOverrideEnabled != \"Disabled\") | \"yes\"" \
      "its BMC $address accepted the change, but does not report $target as the next boot source"
}

# resets: prints the reset types of the current system; nothing if the BMC does not list them.
resets() {
  local info
  info=$(look '.Actions."#ComputerSystem.Reset"."@Redfish.ActionInfo" // empty')
  if [ -z "$(look '.Actions."#ComputerSystem.Reset"."ResetType@Redfish.AllowableValues" // empty')" ] && [ -n "$info" ]; then
    get "$info" || return 1
    look '.Parameters[]? | select(.Name == "ResetType") | .AllowableValues[]?'
  else
    look '.Actions."#ComputerSystem.Reset"."ResetType@Redfish.AllowableValues"[]?'
  fi
}

# reset TYPE…: resets the system with the first supported type. Uses `ways` and `action`.
reset() {
  local type
  for type in "$@"; do
    if [ -z "$ways" ] || [[ $'\n'$ways$'\n' = *$'\n'"$type"$'\n'* ]]; then
      change POST "$action" "{\"ResetType\":\"$type\"}"
      return
    fi
  done
  fail "its BMC supports only the resets ${ways//$'\n'/, }, not $*"
}

# await FILTER TEXT: waits until a jq filter on the system prints something; otherwise reports the failure.
await() {
  local end=$((SECONDS + timeout))
  while get "$system" || return 1; do
    [ -z "$(look "$1")" ] || return 0
    [ "$SECONDS" -lt "$end" ] || break
    sleep 1
  done
  fail "$2 after $timeout seconds"
}

# is_turned STATE: waits until the power of the system is On or Off, if the BMC reported it before. Uses `state`.
is_turned() {
  [ -z "$state" ] || await "select(.PowerState == \"$1\") | \"yes\"" "its BMC $address accepted the change, but the power is not ${1,,}"
}

# switch WHAT: switches the power of the current system.
switch() {
  local state ways action
  state=$(look '.PowerState // empty')
  action=$(look '.Actions."#ComputerSystem.Reset".target // empty')
  [ -n "$action" ] || action=${system%/}/Actions/ComputerSystem.Reset
  [[ $action = /* ]] || fail "its BMC $address refers to '$action', which is not one of its paths" || return 1
  ways=$(resets) || return 1
  case $1:$state in
    on:On | off:Off) ;;
    on:* | cycle:Off) reset On ForceOn && is_turned On ;;
    off:*) reset ForceOff && is_turned Off ;;
    cycle:*)
      if [ -z "$ways" ] || [[ $'\n'$ways$'\n' =~ $'\n'(ForceRestart|PowerCycle)$'\n' ]]; then
        reset ForceRestart PowerCycle && is_turned On
      else
        reset ForceOff && is_turned Off && reset On ForceOn && is_turned On
      fi
      ;;
  esac
}

do_boot() {
  find_system || return 1
  boot_once || return 1
  if [ -n "$power" ]; then
    # The earlier answer is outdated by now.
    get "$system" || return 1
    switch "$power" || return 1
  fi
  say "done    $name: $(plan)"
}

do_power() {
  find_system && switch "$what" || return 1
  say "done    $name: $(plan)"
}

do_status() {
  local state=unknown
  if find_system; then
    case $(look .PowerState) in On) state=on ;; Off) state=off ;; esac
  fi
  printf '%s: %s\n' "$name" "$state"
  [ "$state" != unknown ]
}

# powerman: executes powermand's commands, one per line, with a prompt.
powerman() {
  local command nodes all=("${chosen[@]}")
  # powermand reads both outputs, and must not take an error message for an answer.
  if command -v logger >/dev/null; then exec 2> >(logger -t redfish-boot.sh); else exec 2>/dev/null; fi
  while printf 'redfish> ' && read -r command nodes; do
    chosen=("${all[@]}") is_chosen=()
    if [ -n "$nodes" ]; then
      chosen=()
      choose "$nodes" || { say "$wrong" && continue; }
    fi
    case $command in
      stat) each do_status || true ;;
      on | off | cycle)
        what=$command
        each do_power || true
        ;;
      quit) break ;;
    esac
  done
}

case $what in
  powerman) powerman ;;
  boot) each do_boot ;;
  status) each do_status ;;
  *) each do_power ;;
esac
