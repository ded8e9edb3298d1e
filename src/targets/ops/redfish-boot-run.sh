
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
