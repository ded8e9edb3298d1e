#!/usr/bin/env bash
# Launches the nodes of oci on Oracle Cloud Infrastructure with its CLI, `oci`. Each instance gets the IP address of the
# inventory, by which the boot server identifies it, and the iPXE script oci/first-stage.ipxe, which runs at every boot. Then
# the script creates a console connection for each, and prints the command that opens it.
#
#   oci-launch.sh [OPTION…] NODE… | --all
#
#   --all                   every node: oci-1, oci-2, oci-3
#   --only-console          only creates console connections, without a launch
#   --vip                   only assigns the VIP of the NODE's cluster to that NODE, without a launch
#   --dry-run               prints the commands that would make changes, and runs no command
#   --ssh-public-key FILE   the key of the console connections (default: that of the inventory); OCI accepts only RSA keys
#   --max-wait SECONDS      time limit for each instance and each connection (default: 1200)
#
# All checks run before the first launch; if one fails, nothing is launched. A node's instance is the one that has the node's IP address
# in its subnet, with any display name; an existing instance is not changed. The CLI's own configuration and
# environment (OCI_CLI_PROFILE, OCI_CLI_AUTH and so on) apply as usual.
#
# The exit status is 0 if all instances exist, 1 if one does not, and 2 for an invalid command line.
set -euo pipefail

here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
script=${here%/*}/oci/first-stage.ipxe
# OCI's limit for a script, in bytes.
limit=10240

# The home directory, even without HOME, as in a systemd unit.
home=~
known=(oci-1 oci-2 oci-3)
chosen=()
what=launch
dry_run=
own_key=
max_wait=1200
failed=0

say() { printf '%s\n' "$*" >&2; }

die() {
  say "oci-launch.sh: $*"
  say 'see oci-launch.sh --help'
  exit 2
}

# fail TEXT: reports a problem of the current node; the checks continue.
fail() {
  say "FAILED  $name: $*"
  failed=1
}

# only WHAT: selects an action instead of a launch.
only() {
  [ "$what" = launch ] || [ "$what" = "$1" ] || die '--only-console and --vip exclude each other'
  what=$1
}

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# node NAME: sets its variables of the inventory; those that all nodes share come first.
node() {
  name=$1 region='' fault_domain='' nsgs='' tags='' label='' key='' key_at_home='' cluster='' vip=''
  cidr=10.0.10.0/24
  region=us-phoenix-1
  compartment=ocid1.compartment.oc1..aaaaaaaaexamplecompartment
  availability_domain=Uocm:PHX-AD-1
  shape=BM.DenseIO.E4.128
  image=ocid1.image.oc1.phx.aaaaaaaaexampleimage
  subnet=ocid1.subnet.oc1.phx.aaaaaaaaexamplesubnet
  public_ip=false
  tags='{"site":"oci"}'
  key_at_home=.ssh/oci-console.pub
  cluster=oci
  vip=10.0.10.10
  case $name in
    oci-1)
      ip=10.0.10.11
      fault_domain=FAULT-DOMAIN-1
      label=oci-1
      ;;
    oci-2)
      ip=10.0.10.12
      fault_domain=FAULT-DOMAIN-2
      label=oci-2
      ;;
    oci-3)
      ip=10.0.10.13
      fault_domain=FAULT-DOMAIN-3
      label=oci-3
      ;;
    *) return 1 ;;
  esac
  [ -z "$key_at_home" ] || key=$home/$key_at_home
  key=${own_key:-$key}
}

while [ $# -gt 0 ]; do
  case $1 in
    --help)
      usage
      exit 0
      ;;
    --all) chosen=("${known[@]}") ;;
    --only-console) only console ;;
    --vip) only vip ;;
    --dry-run) dry_run=yes ;;
    --ssh-public-key | --max-wait)
      [ $# -ge 2 ] || die "$1 requires a value"
      if [ "$1" = --max-wait ]; then
        [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || die "--max-wait requires a number of seconds, not '$2'"
        max_wait=$2
      else
        own_key=$2
      fi
      shift
      ;;
    -*) die "unknown option $1" ;;
    *)
      node "$1" || die "unknown node $1; use one of ${known[*]}"
      # A repeated name counts once.
      case " ${chosen[*]-} " in *" $1 "*) ;; *) chosen+=("$1") ;; esac
      ;;
  esac
  shift
done
[ ${#chosen[@]} -gt 0 ] || die 'name the nodes, or use --all'
[ "$what" != vip ] || [ ${#chosen[@]} -eq 1 ] || die '--vip requires exactly one node: only one can have the VIP'

# cli WORD…: calls the CLI without prompts, for unattended runs, and with JSON output, whatever its configuration sets.
cli() {
  set -- --output json "$@"
  if [ -n "$region" ]; then set -- --region "$region" "$@"; fi
  oci "$@" </dev/null
}

# quoted WORD…: prints a shell command line.
quoted() {
  local word quote="'\\''" line=
  for word in "$@"; do
    [[ $word =~ ^[A-Za-z0-9_./:@%+,=-]+$ ]] || word="'${word//"'"/$quote}'"
    line+=" $word"
  done
  printf '%s\n' "${line# }"
}

# show WORD…: prints a call of the CLI.
show() {
  set -- --output json "$@"
  if [ -n "$region" ]; then set -- --region "$region" "$@"; fi
  quoted oci "$@"
}

# Reduce each answer to one line: `--query` is JMESPath. The CLI prints nothing for an empty list.
subnets="join(' ', data.[\"cidr-block\", not_null(\"dns-label\", '-'), to_string(\"prohibit-public-ip-on-vnic\")])"
holders="join(' ', not_null(data[].join('=', [not_null(\"vnic-id\", '-'), to_string(\"is-primary\")]), ['']))"
attached="join(' ', not_null(data[?\"lifecycle-state\" == 'ATTACHED' || \"lifecycle-state\" == 'ATTACHING'].\"instance-id\", ['']))"
subnets_of="join(' ', not_null(data[?\"lifecycle-state\" != 'DETACHED'].not_null(\"subnet-id\", '-'), ['']))"
primary="join(' ', not_null(data[?\"is-primary\"].id, ['']))"
state_and_name="join(' ', data.[\"lifecycle-state\", not_null(\"display-name\", '-')])"
state_alone='data."lifecycle-state"'
named="join(' ', not_null(data[?\"lifecycle-state\" != 'TERMINATED' && \"lifecycle-state\" != 'TERMINATING'].id, ['']))"
launched="join(' ', data.[id, \"lifecycle-state\"])"
active="not_null(data[?\"lifecycle-state\" == 'ACTIVE'] | [0].\"connection-string\", '')"
connected="join(' ', data.[\"lifecycle-state\", not_null(\"connection-string\", '-')])"

# Checks the local requirements, CLI, script and keys, and reports all problems.
check_here() {
  local size line
  if [ -z "$dry_run" ] && ! command -v oci >/dev/null; then
    say "FAILED  oci is not installed: install the OCI CLI, and run 'oci setup config'"
    failed=1
  fi
  if [ "$what" = launch ]; then
    size=$(wc -c 2>/dev/null <"$script") || size=
    if [ -z "$size" ]; then
      say "FAILED  cannot read $script: run this script in its tree"
      failed=1
    elif [ "$size" -gt "$limit" ]; then
      say "FAILED  $script has $((size)) bytes, but OCI accepts $limit"
      failed=1
    fi
  fi
  [ "$what" != vip ] || return 0
  for name in "${chosen[@]}"; do
    node "$name"
    if [ -z "$key" ]; then
      if [ "$what" = launch ]; then
        say "no key  $name: no console connection is created; to create one, set oci.ssh_public_key or use --ssh-public-key FILE"
      else
        fail 'no key: set oci.ssh_public_key in the inventory, or use --ssh-public-key'
      fi
      continue
    fi
    line=$(grep -m 1 -v -e '^#' -e '^[[:space:]]*$' 2>/dev/null <"$key") || line=
    case $line in
      'ssh-rsa AAAA'*) ;;
      '') fail "cannot read the key $key" ;;
      '-----BEGIN'*) fail "$key is a private key: use the public key beside it, whose name ends in .pub" ;;
      *) fail "$key is not an RSA key, but OCI accepts only RSA keys for consoles: ssh-keygen -t rsa -b 4096" ;;
    esac
  done
}

# look: finds the node's instance and sets $id, $state and $vnic, empty without one, and $labelled. Fails if the node cannot be
# launched, or if something else has its IP address.
look() {
  local answer rest words called
  id='' state='' vnic='' labelled=''
  if ! answer=$(cli network subnet get --subnet-id "$subnet" --query "$subnets" --raw-output); then
    fail "could not look up its subnet $subnet: see the error of the CLI above"
    return
  fi
  if [ -z "$answer" ]; then
    fail "the CLI returned nothing about its subnet $subnet: run this again"
    return
  fi
  rest=${answer#* }
  if [ "${answer%% *}" != "$cidr" ]; then
    fail "its subnet has ${answer%% *}, but the inventory sets $cidr"
    return
  fi
  # OCI rejects host names in a subnet without a DNS label.
  if [ "${rest%% *}" != - ]; then labelled=yes; fi
  if [ "$public_ip ${rest#* }" = 'true true' ]; then
    fail 'the inventory sets a public IP address, but its subnet is private'
    return
  fi
  if ! answer=$(cli network private-ip list --subnet-id "$subnet" --ip-address "$ip" --query "$holders" --raw-output); then
    fail "could not look up its IP address: see the error of the CLI above"
    return
  fi
  vnic=${answer%%=*}
  case $answer in
    '')
      look_by_name
      return
      ;;
    -=*)
      fail "its IP address $ip is reserved in the subnet, by a private IP without a VNIC: delete that, or set another ip for the node"
      return
      ;;
    *=true) ;;
    *)
      fail "its IP address $ip is a secondary address of $vnic, as a VIP is: unassign it there, or set another ip for the node"
      return
      ;;
  esac
  if ! answer=$(cli compute vnic-attachment list --compartment-id "$compartment" --vnic-id "$vnic" --all \
    --query "$attached" --raw-output); then
    fail "could not look up the instance of its IP address: see the error of the CLI above"
    return
  fi
  id=$answer
  if [ -z "$id" ]; then
    fail "its IP address $ip is in use by $vnic, which no instance of its compartment has. For another compartment, set that compartment; otherwise, set another ip for the node"
    return
  fi
  if ! answer=$(cli compute instance list-vnics --instance-id "$id" --query "$primary" --raw-output); then
    fail "could not list the VNICs of $id: see the error of the CLI above"
    return
  fi
  if [ "$answer" != "$vnic" ]; then
    fail "its IP address $ip belongs to a second VNIC, $vnic, of $id: detach it there, or set another ip for the node"
    return
  fi
  if ! answer=$(cli compute instance get --instance-id "$id" --query "$state_and_name" --raw-output) || [ -z "$answer" ]; then
    fail "could not look up $id, which has its IP address: see the error of the CLI above"
    return
  fi
  state=${answer%% *} called=${answer#* }
  words="$state, $id"
  if [ "$called" != "$name" ]; then words="$words, with the display name $called"; fi
  say "there   $name: $words"
  case $state in
    TERMINATING | TERMINATED) fail "the instance with its IP address $ip is $state: run this again when it is gone" ;;
    STOPPING | STOPPED)
      # Console connections and the VIP are possible before its start.
      [ "$what" != launch ] || fail "it is $state; start it: $(show compute instance action --action START --instance-id "$id")"
      ;;
  esac
}

# look_by_name: if nothing has the IP address of the node, checks for an instance of the same name in the subnet, without an IP
# address yet or with another one. An instance of that name in another subnet is unrelated.
look_by_name() {
  local answer other others
  if [ "$what" != launch ]; then
    fail "no instance has its IP address $ip: launch it first"
    return
  fi
  if ! answer=$(cli compute instance list --compartment-id "$compartment" --display-name "$name" --all \
    --query "$named" --raw-output); then
    fail "could not list the instances of its compartment: see the error of the CLI above"
    return
  fi
  read -r -a others <<<"$answer" || true
  for other in ${others[@]+"${others[@]}"}; do
    if ! answer=$(cli compute vnic-attachment list --compartment-id "$compartment" --instance-id "$other" --all \
      --query "$subnets_of" --raw-output); then
      fail "could not list the VNICs of $other: see the error of the CLI above"
    elif [ -z "$answer" ]; then
      fail "an instance with that name is being created and has no IP address yet: run this again in a minute: $other"
    else
      case " $answer " in
        *" $subnet "*) fail "an instance with that name is in the subnet, with another IP address than $ip: $other" ;;
      esac
    fi
  done
}

# launch: launches the node and waits until it runs; sets $id.
launch() {
  local answer state status=0 words
  words=(compute instance launch
    --compartment-id "$compartment" --availability-domain "$availability_domain" --shape "$shape" --image-id "$image"
    --subnet-id "$subnet" --private-ip "$ip" --assign-public-ip "$public_ip"
    --display-name "$name" --ipxe-script-file "$script")
  [ -z "$fault_domain" ] || words+=(--fault-domain "$fault_domain")
  [ -z "$nsgs" ] || words+=(--nsg-ids "$nsgs")
  [ -z "$tags" ] || words+=(--freeform-tags "$tags")
  [ -z "$label" ] || [ -z "$labelled" ] || words+=(--hostname-label "$label")
  # An instance that fails to start ends as TERMINATED.
  words+=(--wait-for-state RUNNING --wait-for-state TERMINATED --max-wait-seconds "$max_wait"
    --query "$launched" --raw-output)
  if [ -n "$dry_run" ]; then
    show "${words[@]}"
    id=INSTANCE_ID
    return
  fi
  say "launch  $name: $shape in $availability_domain, $ip"
  answer=$(cli "${words[@]}") || status=$?
  id=${answer%% *} state=${answer#* }
  if [ -z "$id" ] && [ "$status" -eq 0 ]; then
    fail 'the result of the launch is unknown, because the CLI returned nothing: run this again to check'
  elif [ -z "$id" ]; then
    fail 'it was not launched: see the error of the CLI above'
  elif [ "$state" = RUNNING ]; then
    printf '%s\n' "launched  $name: $id"
    return
  elif [ "$status" -eq 2 ]; then
    fail "it was launched, but is $state after $max_wait s; run this again for its console connection: $id"
  else
    fail "it was launched, but is $state: $id"
  fi
  return 1
}

# await_running: waits until $id runs, as the CLI does after a launch.
await_running() {
  local end=$((SECONDS + max_wait)) state
  while :; do
    state=$(cli compute instance get --instance-id "$id" --query "$state_alone" --raw-output) || state=
    case $state in
      RUNNING) return 0 ;;
      PROVISIONING | STARTING | MOVING | CREATING_IMAGE) ;;
      '')
        fail "could not look up its state: see the error of the CLI above: $id"
        return 1
        ;;
      *)
        fail "it is $state: $id"
        return 1
        ;;
    esac
    if [ "$SECONDS" -ge "$end" ]; then
      fail "it is $state after $max_wait s; run this again for its console connection: $id"
      return 1
    fi
    sleep 10
  done
}

# console: prints the command that opens the console of $id. Creates the connection if necessary.
console() {
  local answer='' words
  [ -n "$key" ] || return 0
  if [ -z "$dry_run" ] && ! answer=$(cli compute instance-console-connection list --compartment-id "$compartment" \
    --instance-id "$id" --all --query "$active" --raw-output); then
    fail "could not list its console connections: see the error of the CLI above"
    return
  fi
  if [ -z "$answer" ]; then
    words=(compute instance-console-connection create --instance-id "$id" --ssh-public-key-file "$key"
      --wait-for-state ACTIVE --wait-for-state FAILED --max-wait-seconds "$max_wait"
      --query "$connected" --raw-output)
    if [ -n "$dry_run" ]; then
      show "${words[@]}"
      return
    fi
    answer=$(cli "${words[@]}") || true
    if [ "${answer%% *}" != ACTIVE ]; then
      fail "no console connection${answer:+ (${answer%% *})}: see the error of the CLI above"
      return
    fi
    answer=${answer#* }
  fi
  printf '%s\n' "console  $name: $answer"
}

# take_vip: makes the VIP a secondary IP address of $vnic, the primary VNIC of the node.
take_vip() {
  local words
  if [ -z "$vip" ]; then
    fail 'it has no cluster, or the VIP is not in its subnet'
    return
  fi
  words=(network vnic assign-private-ip --vnic-id "$vnic" --ip-address "$vip" --unassign-if-already-assigned
    --display-name "VIP of $cluster")
  if [ -n "$dry_run" ]; then
    show "${words[@]}"
  elif cli "${words[@]}" >/dev/null; then
    printf '%s\n' "vip  $name: $vip, of $cluster"
  else
    fail "could not assign the VIP $vip: see the error of the CLI above"
  fi
}

check_here
[ "$failed" -eq 0 ] || exit 1
ids=() states=() vnics=() labels=()
for name in "${chosen[@]}"; do
  node "$name"
  id='' state='' vnic=VNIC_ID labelled=yes
  if [ -n "$dry_run" ]; then
    [ "$what" = launch ] || id=INSTANCE_ID
  else
    look
  fi
  ids+=("$id") states+=("$state") vnics+=("$vnic") labels+=("$labelled")
done
if [ "$failed" -ne 0 ]; then
  say 'Nothing was changed.'
  exit 1
fi

for index in "${!chosen[@]}"; do
  node "${chosen[index]}"
  id=${ids[index]} state=${states[index]} vnic=${vnics[index]} labelled=${labels[index]}
  if [ "$what" = vip ]; then
    take_vip
    continue
  fi
  if [ -z "$id" ]; then
    launch || continue
  elif [ "$what" = launch ] && [ "$state" != RUNNING ]; then
    await_running || continue
  fi
  console
done
exit "$failed"
