#!/usr/bin/env bash
# Launches the nodes of oci on Oracle Cloud Infrastructure by its CLI, `oci`: with the address that the inventory
# says, which is what the boot server knows a node by, and the iPXE script oci/first-stage.ipxe, which runs at every boot. Then
# it makes a console connection to each, and prints the command that opens it.
#
#   oci-launch.sh [OPTION…] NODE… | --all
#
#   --all                   every node: oci-1, oci-2, oci-3
#   --only-console          launches nothing, and makes console connections alone
#   --vip                   launches nothing, and gives the VIP of the NODE's cluster to that NODE
#   --dry-run               prints the commands that would change something, and calls none at all
#   --ssh-public-key FILE   the key of the console connections, in place of the inventory's; OCI takes RSA keys alone
#   --max-wait SECONDS      how long to wait for each instance, and for each connection: 1200 unless said
#
# Everything is looked at before the first launch, and nothing is launched where anything is not right. A node's instance is the one
# that has its address in its subnet, whatever its display name; one that is there already is left as it is. The CLI's own
# configuration and environment (OCI_CLI_PROFILE, OCI_CLI_AUTH and so on) count as ever.
#
# The status is 0 where all of it is there, 1 where something is not, 2 where the command line is wrong.
set -euo pipefail

here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
script=${here%/*}/oci/first-stage.ipxe
# OCI's limit for a script, in bytes.
limit=10240

# The home folder, also where no HOME is set, as in a unit of systemd.
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
  say 'oci-launch.sh --help says more'
  exit 2
}

# fail TEXT: says what is wrong with the node at hand; whatever else there is to say is said, too.
fail() {
  say "FAILED  $name: $*"
  failed=1
}

# only WHAT: what is to be done in place of a launch.
only() {
  [ "$what" = launch ] || [ "$what" = "$1" ] || die '--only-console and --vip are two different runs'
  what=$1
}

# What stands at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# node NAME: sets what the inventory says of it; what it says of all of them stands first.
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
      [ $# -ge 2 ] || die "$1 needs a value"
      if [ "$1" = --max-wait ]; then
        [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || die "--max-wait takes a number of seconds, not '$2'"
        max_wait=$2
      else
        own_key=$2
      fi
      shift
      ;;
    -*) die "there is no $1" ;;
    *)
      node "$1" || die "there is no node $1; there is ${known[*]}"
      # One that is named twice is one.
      case " ${chosen[*]-} " in *" $1 "*) ;; *) chosen+=("$1") ;; esac
      ;;
  esac
  shift
done
[ ${#chosen[@]} -gt 0 ] || die 'name the nodes, or say --all'
[ "$what" != vip ] || [ ${#chosen[@]} -eq 1 ] || die '--vip takes one node: the VIP can be at one alone'

# cli WORD…: calls the CLI, which asks nobody anything: there may be nobody. Its own configuration may ask for tables.
cli() {
  set -- --output json "$@"
  if [ -n "$region" ]; then set -- --region "$region" "$@"; fi
  oci "$@" </dev/null
}

# quoted WORD…: prints them as a line for a shell.
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

# The answers, as one line each: `--query` is JMESPath, and an empty list is no list to the CLI.
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

# What is on this machine: the CLI, the script, the keys. What is not right is said of all.
check_here() {
  local size line
  if [ -z "$dry_run" ] && ! command -v oci >/dev/null; then
    say "FAILED  there is no oci: install the OCI CLI, and run 'oci setup config'"
    failed=1
  fi
  if [ "$what" = launch ]; then
    size=$(wc -c 2>/dev/null <"$script") || size=
    if [ -z "$size" ]; then
      say "FAILED  $script is not there, or cannot be read: this script belongs into the tree that has it"
      failed=1
    elif [ "$size" -gt "$limit" ]; then
      say "FAILED  $script has $((size)) bytes, and OCI takes $limit"
      failed=1
    fi
  fi
  [ "$what" != vip ] || return 0
  for name in "${chosen[@]}"; do
    node "$name"
    if [ -z "$key" ]; then
      if [ "$what" = launch ]; then
        say "no key  $name: no console connection is made; for one say oci.ssh_public_key, or --ssh-public-key FILE"
      else
        fail 'the inventory says no oci.ssh_public_key, nor does --ssh-public-key'
      fi
      continue
    fi
    line=$(grep -m 1 -v -e '^#' -e '^[[:space:]]*$' 2>/dev/null <"$key") || line=
    case $line in
      'ssh-rsa AAAA'*) ;;
      '') fail "the key $key is not there, or cannot be read" ;;
      '-----BEGIN'*) fail "$key is a private key: the public one lies beside it, and ends in .pub" ;;
      *) fail "$key is no RSA key, and OCI takes no others for consoles: make one by ssh-keygen -t rsa -b 4096" ;;
    esac
  done
}

# look: finds the instance that the node is, as $id, $state and $vnic, empty where there is none, and $labelled; fails where the
# node could not be launched, or its address is something else's.
look() {
  local answer rest words called
  id='' state='' vnic='' labelled=''
  if ! answer=$(cli network subnet get --subnet-id "$subnet" --query "$subnets" --raw-output); then
    fail "its subnet $subnet could not be looked up: the CLI says above why"
    return
  fi
  if [ -z "$answer" ]; then
    fail "the CLI says nothing of its subnet $subnet: run this again"
    return
  fi
  rest=${answer#* }
  if [ "${answer%% *}" != "$cidr" ]; then
    fail "its subnet has ${answer%% *}, and the inventory says $cidr"
    return
  fi
  # Without a DNS label of the subnet OCI refuses host names.
  if [ "${rest%% *}" != - ]; then labelled=yes; fi
  if [ "$public_ip ${rest#* }" = 'true true' ]; then
    fail 'it is to have a public address, and its subnet is private'
    return
  fi
  if ! answer=$(cli network private-ip list --subnet-id "$subnet" --ip-address "$ip" --query "$holders" --raw-output); then
    fail "who has its address could not be looked up: the CLI says above why"
    return
  fi
  vnic=${answer%%=*}
  case $answer in
    '')
      look_by_name
      return
      ;;
    -=*)
      fail "its address $ip is reserved in the subnet, by a private IP of no VNIC: delete that, or give the node another ip"
      return
      ;;
    *=true) ;;
    *)
      fail "its address $ip is a secondary one, as a VIP is, of $vnic: unassign it there, or give the node another ip"
      return
      ;;
  esac
  if ! answer=$(cli compute vnic-attachment list --compartment-id "$compartment" --vnic-id "$vnic" --all \
    --query "$attached" --raw-output); then
    fail "whose VNIC has its address could not be looked up: the CLI says above why"
    return
  fi
  id=$answer
  if [ -z "$id" ]; then
    fail "its address $ip is taken in the subnet, by $vnic, which is of no instance of its compartment: a load balancer's, or another compartment's; say that compartment, or give the node another ip"
    return
  fi
  if ! answer=$(cli compute instance list-vnics --instance-id "$id" --query "$primary" --raw-output); then
    fail "the VNICs of $id could not be listed: the CLI says above why"
    return
  fi
  if [ "$answer" != "$vnic" ]; then
    fail "its address $ip is that of a second VNIC, $vnic, of $id: detach it there, or give the node another ip"
    return
  fi
  if ! answer=$(cli compute instance get --instance-id "$id" --query "$state_and_name" --raw-output) || [ -z "$answer" ]; then
    fail "the instance that has its address could not be looked up, $id: the CLI says above why"
    return
  fi
  state=${answer%% *} called=${answer#* }
  words="$state, $id"
  if [ "$called" != "$name" ]; then words="$words, which OCI calls $called"; fi
  say "there   $name: $words"
  case $state in
    TERMINATING | TERMINATED) fail "what has its address $ip is $state: run this again once it is gone" ;;
    STOPPING | STOPPED)
      # A console, or the VIP, it can have before it starts.
      [ "$what" != launch ] || fail "it is $state; start it: $(show compute instance action --action START --instance-id "$id")"
      ;;
  esac
}

# look_by_name: looks, where nothing has the address of the node, whether it is there all the same: as an instance that has no
# address yet, or another one. One of the same name elsewhere is somebody else's.
look_by_name() {
  local answer other others
  if [ "$what" != launch ]; then
    fail "no instance has its address $ip: launch it first"
    return
  fi
  if ! answer=$(cli compute instance list --compartment-id "$compartment" --display-name "$name" --all \
    --query "$named" --raw-output); then
    fail "instances of its compartment could not be listed: the CLI says above why"
    return
  fi
  read -r -a others <<<"$answer" || true
  for other in ${others[@]+"${others[@]}"}; do
    if ! answer=$(cli compute vnic-attachment list --compartment-id "$compartment" --instance-id "$other" --all \
      --query "$subnets_of" --raw-output); then
      fail "the VNICs of $other could not be listed: the CLI says above why"
    elif [ -z "$answer" ]; then
      fail "an instance of that name is being made, and has no address yet: run this again in a minute: $other"
    else
      case " $answer " in
        *" $subnet "*) fail "an instance of that name is in the subnet, with another address than $ip: $other" ;;
      esac
    fi
  done
}

# launch: launches the node, and waits until it runs; sets $id.
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
  # An instance that never runs ends as TERMINATED.
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
    fail 'it is not known whether it was launched, as the CLI says nothing: run this again, which looks who has its address'
  elif [ -z "$id" ]; then
    fail 'it was not launched: the CLI says above why'
  elif [ "$state" = RUNNING ]; then
    printf '%s\n' "launched  $name: $id"
    return
  elif [ "$status" -eq 2 ]; then
    fail "it was launched, and is $state after $max_wait s; run this again for its console connection: $id"
  else
    fail "it was launched, and is $state: $id"
  fi
  return 1
}

# await_running: waits until $id runs, as the CLI does for a launch.
await_running() {
  local end=$((SECONDS + max_wait)) state
  while :; do
    state=$(cli compute instance get --instance-id "$id" --query "$state_alone" --raw-output) || state=
    case $state in
      RUNNING) return 0 ;;
      PROVISIONING | STARTING | MOVING | CREATING_IMAGE) ;;
      '')
        fail "what has become of it could not be looked up: the CLI says above why: $id"
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

# console: prints the command that opens the console of $id; makes the connection where there is none.
console() {
  local answer='' words
  [ -n "$key" ] || return 0
  if [ -z "$dry_run" ] && ! answer=$(cli compute instance-console-connection list --compartment-id "$compartment" \
    --instance-id "$id" --all --query "$active" --raw-output); then
    fail "its console connections could not be listed: the CLI says above why"
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
      fail "it has no console connection${answer:+, which is ${answer%% *}}: the CLI says above why"
      return
    fi
    answer=${answer#* }
  fi
  printf '%s\n' "console  $name: $answer"
}

# take_vip: makes the VIP a secondary address of $vnic, the primary VNIC of the node.
take_vip() {
  local words
  if [ -z "$vip" ]; then
    fail 'it belongs to no cluster, or its VIP is not in its subnet'
    return
  fi
  words=(network vnic assign-private-ip --vnic-id "$vnic" --ip-address "$vip" --unassign-if-already-assigned
    --display-name "VIP of $cluster")
  if [ -n "$dry_run" ]; then
    show "${words[@]}"
  elif cli "${words[@]}" >/dev/null; then
    printf '%s\n' "vip  $name: $vip, of $cluster"
  else
    fail "it did not get the VIP $vip: the CLI says above why"
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
