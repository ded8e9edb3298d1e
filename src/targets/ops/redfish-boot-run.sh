
# names TEXT: prints the names that a text with numbers in brackets stands for.
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

# choose TEXT: takes the nodes of a name or a range; says the first that there is not.
choose() {
  local name list
  list=$(names "$1") || { wrong="$1 is no name of a node, and no range such as cg[01-06]" && return 1; }
  while read -r name; do
    [ -n "${address_of[$name]-}" ] || { wrong="there is no node $name whose controller is known; --list prints those" && return 1; }
    # One that is named twice is one.
    [ -n "${is_chosen[$name]-}" ] || chosen+=("$name")
    is_chosen[$name]=yes
  done <<<"$list"
}
declare -A is_chosen=()

if [ -n "${REDFISH_PORT-}" ]; then
  [[ $REDFISH_PORT =~ ^[1-9][0-9]{0,4}$ ]] || die "REDFISH_PORT is a number, not '$REDFISH_PORT'"
  port=$REDFISH_PORT
fi
case ${REDFISH_INSECURE-} in
  '' | 0) ;;
  1) verify=(--insecure) ;;
  *) die "REDFISH_INSECURE is 1 or 0, not '$REDFISH_INSECURE'" ;;
esac

while [ $# -gt 0 ]; do
  case $1 in
    --help)
      usage
      exit 0
      ;;
    --all)
      chosen=("${known[@]}")
      for name in "${known[@]}"; do is_chosen[$name]=yes; done
      ;;
    --http) target=UefiHttp ;;
    --no-power) power= ;;
    --list) what=list ;;
    --dry-run) dry_run=yes ;;
    --insecure) verify=(--insecure) ;;
    --powerman) what=powerman ;;
    --power | --cacert | --port | --timeout | --jobs)
      [ $# -ge 2 ] || die "$1 needs a value"
      case $1 in
        --power)
          case $2 in on | off | cycle | status) ;; *) die "--power takes on, off, cycle or status, not '$2'" ;; esac
          what=$2
          ;;
        --cacert)
          [ -r "$2" ] || die "$2 cannot be read"
          verify=(--cacert "$2")
          ;;
        *)
          [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || die "$1 takes a number, not '$2'"
          printf -v "${1#--}" %s "$2"
          ;;
      esac
      shift
      ;;
    -*) die "there is no $1" ;;
    *) choose "$1" || die "$wrong" ;;
  esac
  shift
done

if [ "$what" = list ]; then
  [ ${#chosen[@]} -gt 0 ] || chosen=("${known[@]}")
  for name in "${chosen[@]}"; do printf '%s %s\n' "$name" "${address_of[$name]}"; done
  exit 0
fi
[ ${#chosen[@]} -gt 0 ] || die 'name the nodes, or say --all'
for program in curl jq; do
  command -v "$program" >/dev/null || die "it needs $program: apt install $program"
done

# credentials NAME: sets `user` and `password`, the node's own or those of all.
credentials() {
  local own=${1^^}
  own=${own//[!A-Z0-9]/_}
  local user_of=REDFISH_USER_$own password_of=REDFISH_PASSWORD_$own
  user=${!user_of-${REDFISH_USER-}} password=${!password_of-${REDFISH_PASSWORD-}}
}

for name in "${chosen[@]}"; do
  credentials "$name"
  if [ -z "$user" ] || [ -z "$password" ]; then die "$name: set REDFISH_USER and REDFISH_PASSWORD in the environment"; fi
  [[ $user != *:* ]] || die "$name: a user's name has no colon"
  [[ $user$password != *[[:cntrl:]]* ]] || die "$name: the credentials hold a control character"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# node NAME: sets what the inventory says of it.
node() {
  name=$1 address=${address_of[$1]} mode=${mode_of[$1]} uuid=${uuid_of[$1]} serial=${serial_of[$1]} macs=${macs_of[$1]}
  credentials "$1"
  answer=$work/$1
}

# escaped TEXT: prints a text as it stands in quotes in a configuration of curl's.
escaped() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//\"/\\\"}"
}

# ask METHOD PATH [BODY [ETAG]]: asks the controller; sets `status`, `body` and, of what it gave, `etag`. Fails where there is no answer.
ask() {
  local method=$1 path=$2 data=${3-} match=${4-} follow=()
  # What changes something is not told to another address than was meant.
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
    fail "its controller $address gives no answer: $(sed 's/^curl: //' "$answer.error")"
    return 1
  }
  body=$(<"$answer.body")
  etag=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' "$answer.headers" | tr -d '\r' | tail -n 1)
}

# look FILTER: prints what a filter of jq's gives of the answer; nothing where it is no JSON.
look() { jq -r "$@" <<<"$body" 2>/dev/null || true; }

# get PATH: asks for something that must be there.
get() {
  [[ $1 = /* ]] || fail "its controller $address leads to '$1', which is none of its own" || return 1
  ask GET "$1" || return 1
  case $status in
    200)
      [ -n "$etag" ] || etag=$(look '."@odata.etag" // empty')
      jq -e 'type == "object"' <<<"$body" >/dev/null 2>&1 || fail "its controller $address answers $1 with what is no JSON"
      ;;
    401 | 403) fail "its controller $address does not take the credentials" ;;
    *) fail "its controller $address answers GET $1 with $status$(reason)" ;;
  esac
}

# What the controller says of its own refusal.
reason() {
  local text
  text=$(look '[.error."@Message.ExtendedInfo"[0].Message?, .error.message?] | map(select(. != null))[0] // empty')
  [ -z "$text" ] || printf ': %s' "$text" | tr -d '\000-\037'
}

# change METHOD PATH BODY [OTHER]: changes something, or prints what it would change. Another body is for who refuses the first.
change() {
  local method=$1 path=$2 data
  if [ -n "$dry_run" ]; then
    printf '%s: %s https://%s:%s%s %s\n' "$name" "$method" "$address" "$port" "$path" "$3"
    return
  fi
  local match=
  [ "$method" != PATCH ] || match=$etag
  for data in "${@:3}"; do
    ask "$method" "$path" "$data" "$match" || return 1
    # Some change what they gave the tag of between two requests, and some ask for any tag at all (RFC 6585).
    case $status in 412 | 428) ask "$method" "$path" "$data" '*' || return 1 ;; esac
    [ "$status" = 400 ] || break
  done
  case $status in
    200 | 201 | 202 | 204) ;;
    401 | 403) fail "its controller $address does not let $user do that$(reason)" ;;
    *) fail "its controller $address answers $method $path with $status$(reason)" ;;
  esac
}

# is_named: whether the system at hand is the node, by what its firmware says of it.
is_named() {
  # shellcheck disable=SC2016 # these are jq's
  [ -n "$(look --arg uuid "$uuid" --arg serial "$serial" '
    def same($text): . != null and $text != "-" and (tostring | ascii_downcase) == ($text | ascii_downcase);
    select((.UUID | same($uuid)) or (.SerialNumber | same($serial))) | "yes"')" ]
}

# has_nic: whether a NIC of the system at hand is one of the node's.
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

# find_system: sets `system`, the path of the node among what its controller looks after, with its state as the answer.
find_system() {
  local systems is
  get /redfish/v1/Systems || return 1
  mapfile -t systems < <(look '.Members[]?."@odata.id" // empty')
  [ ${#systems[@]} -gt 0 ] || fail "its controller $address knows no system" || return 1
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
  fail "its controller $address looks after ${systems[*]}, and none has the node's UUID, serial number or MAC address"
}

# boot_once: has the system boot from the network, once.
boot_once() {
  local allowed data pending others=()
  [ "$target" != UefiHttp ] || [ "$mode" = UEFI ] || fail 'its firmware is a BIOS, which does not boot by HTTP' || return 1
  allowed=$(look '.Boot."BootSourceOverrideTarget@Redfish.AllowableValues" // [] | join(" ")')
  case " $allowed " in '  ' | *" $target "*) ;; *) fail "it cannot boot $target once, but $allowed" || return 1 ;; esac
  # Where there is a mode beside it, it is the other one until somebody says.
  # shellcheck disable=SC2016 # these are jq's
  data=$(look -c --arg target "$target" --arg mode "$mode" '
    {BootSourceOverrideEnabled: "Once", BootSourceOverrideTarget: $target} as $boot
    | {Boot: (if .Boot | has("BootSourceOverrideMode") then $boot + {BootSourceOverrideMode: $mode} else $boot end)}')
  [ -n "$data" ] || fail "its controller $address does not say how it boots" || return 1
  # Some let nobody write the mode, not even the one that it is (HPE's iLO).
  [ "$(look .Boot.BootSourceOverrideMode)" != "$mode" ] || others=("$(jq -c 'del(.Boot.BootSourceOverrideMode)' <<<"$data")")
  # Where changes wait for the next start in an object of their own, this one does not have them yet (DSP0266, settings resource).
  pending=$(look '."@Redfish.Settings" // empty')
  change PATCH "$system" "$data" ${others[@]+"${others[@]}"} || return 1
  [ -n "$pending" ] ||
    await "select(.Boot.BootSourceOverrideTarget == \"$target\" and .Boot.BootSourceOverrideEnabled != \"Disabled\") | \"yes\"" \
      "its controller $address took the change, and does not say that it boots $target next"
}

# resets: prints the ways to reset that the system at hand has; nothing where it does not say.
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

# reset TYPE…: resets the system in the first of these ways that it has. Takes `ways` and `action`.
reset() {
  local type
  for type in "$@"; do
    if [ -z "$ways" ] || [[ $'\n'$ways$'\n' = *$'\n'"$type"$'\n'* ]]; then
      change POST "$action" "{\"ResetType\":\"$type\"}"
      return
    fi
  done
  fail "it can be reset by ${ways//$'\n'/, } alone, and that is not $*"
}

# await FILTER FAULT: waits until a filter of jq's gives something of the system; says else what is at fault.
await() {
  local end=$((SECONDS + timeout))
  [ -z "$dry_run" ] || return 0
  while get "$system" || return 1; do
    [ -z "$(look "$1")" ] || return 0
    [ "$SECONDS" -lt "$end" ] || break
    sleep 1
  done
  fail "$2 after $timeout seconds"
}

# is_turned STATE: waits until the power of the system is On or Off. What did not say before how it is, is not asked. Takes `state`.
is_turned() {
  [ -z "$state" ] || await "select(.PowerState == \"$1\") | \"yes\"" "its controller $address took the change, and it is not ${1,,}"
}

# switch WHAT: switches the power of the system at hand.
switch() {
  local state ways action
  state=$(look '.PowerState // empty')
  action=$(look '.Actions."#ComputerSystem.Reset".target // empty')
  [ -n "$action" ] || action=${system%/}/Actions/ComputerSystem.Reset
  [[ $action = /* ]] || fail "its controller $address leads to '$action', which is none of its own" || return 1
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
    # What was asked before is another state of it by now.
    get "$system" || return 1
    switch "$power" || return 1
  fi
  say "done    $name: $target once$([ -z "$power" ] || printf ', and its power is cycled')"
}

do_power() {
  find_system && switch "$what" || return 1
  say "done    $name: power $what"
}

do_status() {
  local state=unknown
  if find_system; then
    case $(look .PowerState) in On) state=on ;; Off) state=off ;; esac
  fi
  printf '%s: %s\n' "$name" "$state"
  [ "$state" != unknown ]
}

# each FUNCTION: does something with every node that is chosen, so many at once. Fails where one has.
each() {
  local one pids=()
  rm -f "$work"/*.failed
  for one in "${chosen[@]}"; do
    # By number, as below: what else runs, as that which logs, does not end with them.
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

# powerman: does what powermand asks for, a line at a time, behind a prompt.
powerman() {
  local command nodes all=("${chosen[@]}")
  # What is said of a failure must not be taken for an answer: powermand reads both.
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
