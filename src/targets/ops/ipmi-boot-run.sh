
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
