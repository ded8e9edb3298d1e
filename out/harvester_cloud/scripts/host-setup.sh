#!/usr/bin/env bash
# Makes this machine the libvirt host of harvester_cloud, step by step: programs, data disks, Harvester's files, networks, web
# server, units, virtual machines. Of what is there already it changes nothing, so it can be run again at any time: after
# each change of the tree, and wherever it was cut short. What the last tree had and this one has not is taken down.
#
#   host-setup.sh [--dry-run]
#
#   --dry-run   says what it would do and does none of it; needs no root where nothing is up yet
#
# Of a virtual machine that has to make way for another one, HARVGEN_SHUTDOWN_SECONDS is how long it may take to shut down,
# 300 unless said: then it is switched off.
#
# Status 0: all is up; 1: something failed, and is said; 2: a wrong command line, no root, or a tree that lies elsewhere;
# 3: all is up but the virtual machines, since nginx has no secrets to fill in yet. `down.sh` takes down what this puts up.
set -Eeuo pipefail

site=harvester_cloud
root=/srv/harvgen/harvester_cloud
state=/var/lib/harvgen/harvester_cloud
watchdog=harvgen-harvester_cloud-watchdog.timer
shutdown_seconds=${HARVGEN_SHUTDOWN_SECONDS:-300}
rsync='rsync --archive --chown=root:root --chmod=D755,Fu=rwX,Fgo=rX --delete-before --mkpath --exclude=/.harvgen'
tree=$(cd "$(dirname "$0")/.." && pwd -P)
dry=
failed=
held=

steps=(
  check
  packages
  disks
  media
  programs
  libvirt
  leftovers
  access
  firewall
  networks
  nginx
  domains
  units
)

main() {
  local name
  while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --help) usage && exit ;;
    *) die 2 "host-setup.sh knows no $1: see --help" ;;
    esac
    shift
  done
  find_place
  [ -n "$dry" ] || begin_work
  trap 'fail_unseen "$LINENO" "$BASH_COMMAND"' ERR
  for name in "${steps[@]}"; do
    begin_step "$name"
    "step_$name"
    end_step "$name"
  done
  finish
}

# The nginx configuration and the units name the tree by its path.
find_place() {
  local place
  place=$(readlink -m "$root")
  if [ "$tree" != "$place" ]; then
    say "The tree belongs at $root, and this one lies in $tree. This brings it there:"
    say "  $rsync $(printf '%q' "$tree")/ $(printf '%q' "$root")/"
    [ -n "$dry" ] || exit 2
  fi
  [ "$(id -u)" -ne 0 ] || return 0
  [ -n "$dry" ] || die 2 "host-setup.sh installs programs and mounts disks: run it as root, by sudo"
  # The record is for root alone, and libvirt may not answer anybody else.
  [ ! -e "$state" ] || die 2 "something of $site is up, and what differs from it root alone can see: run this as root, by sudo"
}

finish() {
  if [ -n "$failed" ] && [ -n "$dry" ]; then
    say "Nothing was done. As it is, not all of $site would come up: see FAILED above, and mend that first."
    exit 1
  elif [ -n "$failed" ]; then
    say "Not all of $site is up: see FAILED above, mend that, and run this again."
    exit 1
  elif [ -n "$dry" ] && [ -n "$held" ]; then
    say "Nothing was done. All would come up but the virtual machines, which wait for the secrets, see above: status 3."
  elif [ -n "$dry" ]; then
    say "Nothing was done."
  elif [ -n "$held" ]; then
    say "All of $site is up but its virtual machines: they wait for the secrets, see above. Then run this again."
    exit 3
  elif [ -z "$acted" ]; then
    say "$site is up; there was nothing to do."
  else
    say "$site is up."
  fi
}

# --- What host-setup.sh and down.sh share ---

# nginx, libvirt and dnsmasq, which are other users, read what is made here: a umask of the caller's own is none of theirs.
umask 022
export LC_ALL=C LIBVIRT_DEFAULT_URI=qemu:///system
PATH=$PATH:/usr/sbin:/sbin
number=0
count=${#steps[@]}
step=
doing=
open=
changed=
ailing=
waiting=
acted=
forgotten=()

say() { printf '%s\n' "$*"; }

usage() { sed -n '2,/^[^#]/s/^#$\|^# //p' "$0"; }

# die STATUS TEXT
die() {
  close_line
  printf '%s\n' "$2" >&2
  exit "$1"
}

# The line of a step stays open until there is more to say than that all is there.
close_line() {
  [ -z "$open" ] || printf '\n'
  open=
}

note() {
  close_line
  printf '  %s\n' "$*"
}

problem() {
  note "FAILED: $*"
  failed=1
  ailing=1
}

begin_step() {
  number=$((number + 1))
  step=$1
  changed=
  ailing=
  waiting=
  open=1
  printf '[%s/%s] %s … ' "$number" "$count" "$1"
}

end_step() {
  local word=there
  if [ -n "$changed" ]; then
    acted=1
    word='done'
    [ -z "$dry" ] || word='would be done'
  fi
  [ -z "$waiting" ] || word=waits
  [ -z "$ailing" ] || word=failed
  if [ -n "$open" ]; then
    printf '%s\n' "$word"
    open=
  else
    say "[$number/$count] $1: $word"
  fi
}

# fail_unseen LINE COMMAND: something that nobody expected to fail has. What fails in a subshell is for its caller to judge.
fail_unseen() {
  [ "$BASH_SUBSHELL" -eq 0 ] || return
  local command=$2
  # What run was to do is known better by what it had in its hands.
  [ "$command" != return ] || command=$doing
  close_line
  printf '%s\n' "FAILED in the step $step, line $1 of $0: $command" \
    "What it said stands above: mend that, and run this again. It goes on where it stopped." >&2
  exit 1
}

# run COMMAND…: does it, and says so; on a dry run it only says so. No secret is on any command line.
run() {
  local words
  changed=1
  printf -v words ' %q' "$@"
  note "${dry:+would: }${words# }"
  if [ -z "$dry" ]; then
    doing=${words# }
    "$@" 9>&- || return
  fi
}

has() { command -v "$1" >/dev/null 2>&1; }

# The record says, line by line, what is put up, so that down.sh takes down that and no more. Its lines are written before
# the thing is done: what was cut short is in it, too.
begin_work() {
  install -d -m 0700 "$state" "$state/applied"
  exec 9>>"$state/lock"
  if has flock && ! flock -n 9; then die 1 "another host-setup.sh or down.sh of $site is at work: wait for it"; fi
}

# known LINE
known() { ! is_forgotten "$1" && grep -qxF -e "$1" "$state/put-up" 2>/dev/null; }

# is_forgotten LINE: on a dry run, whether it would be out of the record by now.
is_forgotten() { is_one_of "$1" "${forgotten[@]}"; }

# is_one_of LINE [LINE…]
is_one_of() { [[ $'\n'"$(printf '%s\n' "${@:2}")"$'\n' == *$'\n'"$1"$'\n'* ]]; }

# record LINE
record() {
  if [ -z "$dry" ] && ! known "$1"; then printf '%s\n' "$1" >>"$state/put-up"; fi
}

# forget LINE
forget() {
  if [ -n "$dry" ]; then
    forgotten+=("$1")
    return
  fi
  grep -vxF -e "$1" "$state/put-up" >"$state/put-up.new" || true
  mv "$state/put-up.new" "$state/put-up"
}

# recorded KIND: what the record has of a kind, in the order of its making.
recorded() {
  local line
  while IFS= read -r line; do
    is_forgotten "$1 $line" || printf '%s\n' "$line"
  done < <(sed -n "s/^$1 //p" "$state/put-up" 2>/dev/null)
}

# other_with LINE: another site on this host that has it in its record; nothing where none has.
other_with() {
  local file
  for file in "${state%/*}"/*/put-up; do
    if [ "$file" != "$state/put-up" ] && grep -qxF -e "$1" "$file" 2>/dev/null; then
      file=${file%/*}
      printf '%s\n' "${file##*/}"
      return
    fi
  done
}

# others_have LINE: what several sites need, all have in their records, and the last one takes it down.
others_have() { [ -n "$(other_with "$1")" ]; }

digest() { cat -- "$@" | sha256sum | cut -d ' ' -f 1; }

# applied KEY VALUE: whether a thing is in use as it lies here.
applied() { [ "$(cat "$state/applied/$1" 2>/dev/null)" = "$2" ]; }

# remember KEY VALUE
remember() {
  if [ -z "$dry" ] && ! applied "$1" "$2"; then printf '%s\n' "$2" >"$state/applied/$1"; fi
}

unremember() { [ -n "$dry" ] || rm -f "$state/applied/$1"; }

# put SOURCE TARGET: leaves TARGET there whole, or as it was.
put() {
  cmp -s "$1" "$2" && return
  run install -m 0644 "$1" "$2.harvgen"
  run mv "$2.harvgen" "$2"
  if has restorecon; then run restorecon "$2"; fi
}

# replace FILE: by its new text, from standard input. Not behind a pipe, where what it notes of itself would be lost.
replace() {
  changed=1
  note "${dry:+would: }edit $1"
  if [ -n "$dry" ]; then
    cat >/dev/null
  else
    cat >"$1.harvgen"
    chmod --reference="$1" "$1.harvgen"
    mv "$1.harvgen" "$1"
    if has restorecon; then restorecon "$1"; fi
  fi
}

is_enabled() { systemctl is-enabled --quiet "$1" 2>/dev/null; }
is_active() { systemctl is-active --quiet "$1" 2>/dev/null; }

# is_known UNIT: whether systemd has heard of it.
is_known() {
  case $(systemctl is-enabled "$1" 2>/dev/null) in
  '' | not-found) return 1 ;;
  esac
}

domain_state() { virsh domstate "$1" 2>/dev/null | head -n 1 || true; }

# network_says NAME FIELD: Active, Autostart.
network_says() { virsh net-info "$1" 2>/dev/null | sed -n "s/^$2: *//p"; }

is_network_active() { [ "$(network_says "$1" Active)" = yes ]; }

# --- How each kind of thing that is put up is taken down. All take what the record says of it. ---

# remove_unit UNIT
remove_unit() {
  local file=/etc/systemd/system/$1
  if [ -e "$file" ]; then
    run systemctl disable --now "$1"
    run rm -f "$file"
    run systemctl daemon-reload
  fi
  unremember "unit-$1"
  forget "unit $1"
}

# shut_down_but KEPT…: lets the machines of the record end by themselves, but for the lines that are to stay. They write to
# disks: who pulls the plug may lose what a cluster has just been told.
shut_down_but() {
  local uuid name second running=()
  while read -r uuid name <&8; do
    is_one_of "$uuid $name" "$@" || [ "$(domain_state "$uuid")" != running ] || running+=("$uuid")
  done 8< <(recorded domain)
  [ ${#running[@]} -gt 0 ] || return 0
  # It would start them again.
  if is_active "$watchdog"; then run systemctl stop "$watchdog"; fi
  for uuid in "${running[@]}"; do run virsh -q shutdown "$uuid" || true; done
  [ -z "$dry" ] || return 0
  note "waiting for ${#running[@]} to shut down, $shutdown_seconds seconds at most"
  for ((second = 0; second < shutdown_seconds; second++)); do
    any_runs "${running[@]}" || return 0
    sleep 1
  done
}

# any_runs UUID…
any_runs() {
  local uuid
  for uuid in "$@"; do
    if [ "$(domain_state "$uuid")" = running ]; then return 0; fi
  done
  return 1
}

# remove_domain UUID NAME: the images stay.
remove_domain() {
  local nvram=/var/lib/libvirt/qemu/nvram/$2_VARS.fd
  if virsh domname "$1" >/dev/null 2>&1; then
    case $(domain_state "$1") in
    'shut off') ;;
    running)
      # On a dry run it has not been shut down.
      if [ -z "$dry" ] || [ -n "${delete_images-}" ]; then run virsh -q destroy "$1"; fi
      ;;
    *) run virsh -q destroy "$1" ;;
    esac
    # Of a machine that had UEFI before it had a BIOS, libvirt leaves this behind.
    if grep -qE "firmware='efi'|type='pflash'" <<<"$(virsh dumpxml --inactive "$1")"; then nvram=; fi
    run virsh -q undefine "$1" --nvram --managed-save --snapshots-metadata
    if [ -n "$nvram" ] && [ -e "$nvram" ]; then run rm -f "$nvram"; fi
  fi
  unremember "domain-$2"
  unremember "pending-domain-$2"
  forget "domain $1 $2"
}

# remove_network NAME
remove_network() {
  if virsh net-uuid "$1" >/dev/null 2>&1; then
    if is_network_active "$1"; then run virsh -q net-destroy "$1"; fi
    run virsh -q net-undefine "$1"
  fi
  unremember "network-$1"
  unremember "network-rest-$1"
  forget "network $1"
}

# remove_nginx LINK
remove_nginx() {
  if [ -L "$1" ]; then
    run rm -f "$1"
    if is_active nginx.service; then run systemctl reload nginx.service || note "nginx goes on as it was: it does not like what is left"; fi
  fi
  unremember nginx
  forget "nginx $1"
}

# remove_chrony DROP_IN SERVICE
remove_chrony() {
  if [ -e "$1" ]; then
    run rm -f "$1"
    if is_active "$2"; then run systemctl restart "$2"; fi
  fi
  unremember chrony
  forget "chrony $1 $2"
}

# remove_chrony_include FILE DROP_IN
remove_chrony_include() {
  if grep -qxF "include $2" "$1" 2>/dev/null; then
    replace "$1" < <(grep -vxF -e "include $2" -e "# harvgen: $site" "$1")
  fi
  forget "chrony_include $1 $2"
}

# remove_service SERVICE: one that was not enabled before.
remove_service() {
  if others_have "service $1"; then
    note "$1 stays: another site on this host needs it"
  else
    run systemctl disable --now "$1"
  fi
  forget "service $1"
}

# remove_mount UUID FOLDER
remove_mount() {
  if findmnt -rn -M "$2" >/dev/null && [ "$(findmnt -rn -M "$2" -o UUID)" = "$1" ]; then run umount "$2"; fi
  forget "mount $1 $2"
}

# remove_fstab UUID FOLDER: the line that names this site, and no other.
remove_fstab() {
  local line="^UUID=$1 .*,x-harvgen\\.${site} "
  if grep -q -e "$line" /etc/fstab; then
    replace /etc/fstab < <(grep -v -e "$line" /etc/fstab)
    run systemctl daemon-reload
  fi
  forget "fstab $1 $2"
}

# remove_folder FOLDER: if nothing is in it.
remove_folder() {
  if [ -d "$1" ]; then
    # On a dry run the disk is still mounted there, and hides what the folder has.
    if [ -z "$(ls -A "$1")" ] || { [ -n "$dry" ] && findmnt -rn -M "$1" >/dev/null; }; then
      run rmdir "$1"
    else
      note "$1 stays: there is something in it"
    fi
  fi
  forget "folder $1"
}

# remove_firewalld PLACE CHANGE: --zone=… or --policy=…, and what was added there.
remove_firewalld() {
  if has firewall-cmd && ! others_have "firewalld $1 $2"; then
    if firewall-cmd -q --permanent "$1" "${2/#--add-/--query-}"; then
      run firewall-cmd -q --permanent "$1" "${2/#--add-/--remove-}"
    fi
    if firewall-cmd -q "$1" "${2/#--add-/--query-}"; then run firewall-cmd -q "$1" "${2/#--add-/--remove-}"; fi
  fi
  forget "firewalld $1 $2"
}

# has_ufw_rule RULE…: what ufw shows of each are the words that make it, and its comment.
has_ufw_rule() {
  local rules
  rules=$(ufw show added 2>/dev/null || true)
  [[ $'\n'$rules$'\n' == *$'\n'"ufw allow $*"[$'\n ']* ]]
}

# remove_ufw RULE…
remove_ufw() {
  if has_ufw_rule "$@" && ! others_have "ufw $*"; then run ufw delete allow "$@"; fi
  forget "ufw $*"
}

# has_label PATTERN: whether the host has it beside those of its policy.
has_label() {
  local labels
  labels=$(semanage fcontext --list --locallist --noheading 2>/dev/null || true)
  [[ $'\n'$labels == *$'\n'"$1 "* ]]
}

# remove_label PATTERN
remove_label() {
  if has_label "$1" && ! others_have "label $1"; then run semanage fcontext --delete "$1"; fi
  forget "label $1"
}

apparmor_profile=/etc/apparmor.d/usr.sbin.dnsmasq
apparmor_rules=/etc/apparmor.d/local/usr.sbin.dnsmasq

# load_apparmor: the profile of dnsmasq, with what has been added to it. What runs is confined anew at once.
load_apparmor() {
  if has aa-enabled && aa-enabled --quiet; then run apparmor_parser --replace "$apparmor_profile"; fi
}

# remove_apparmor RULE
remove_apparmor() {
  if ! others_have "apparmor $*" && grep -qxF -e "$*" "$apparmor_rules" 2>/dev/null; then
    replace "$apparmor_rules" < <(grep -vxF -e "$*" "$apparmor_rules")
    # Distributions' own has a comment: one with nothing in it was made for the rules.
    if [ ! -s "$apparmor_rules" ]; then run rm -f "$apparmor_rules"; fi
    if [ -e "$apparmor_profile" ]; then load_apparmor; fi
  fi
  unremember apparmor
  forget "apparmor $*"
}

# remove_all KIND [KEPT…]: all that the record has of a kind, the last first, but for the lines that are to stay.
remove_all() {
  local kind=$1 line words
  shift
  while IFS= read -r line <&8; do
    ! is_one_of "$line" "$@" || continue
    read -ra words <<<"$line"
    "remove_$kind" "${words[@]}"
  done 8< <(recorded "$kind" | tac)
}

# --- Step: is this a machine that can do it? ---

# stop TEXT: there is no way on; on a dry run the rest is of interest all the same.
stop() {
  problem "$*"
  [ -n "$dry" ] || exit 1
}

# space PATH: the bytes that are free where the path will be.
space() {
  local path=$1
  while [ ! -d "$path" ]; do path=$(dirname "$path"); done
  df --output=avail -B1 "$path" | tail -n 1 | tr -d ' '
}

gib() { awk -v bytes="$1" 'BEGIN { printf "%.1f GiB", bytes / 2 ^ 30 }'; }

find_family() {
  local ids
  ids=" $(sed -n 's/^ID=//p; s/^ID_LIKE=//p' /etc/os-release 2>/dev/null | tr -d "\"'" | tr '\n-' '  ') "
  family=
  case $ids in
  *' debian '* | *' ubuntu '*) family=debian ;;
  *' suse '* | *' opensuse '* | *' sles '*) family=suse ;;
  *' rhel '* | *' fedora '* | *' centos '*) family=rhel ;;
  esac
  [ -n "$family" ] || die 1 "this distribution is none that host-setup.sh knows (debian, ubuntu; suse, opensuse, sles; rhel, fedora, centos):$ids"
}

step_check() {
  local threads memory free needed=0 name
  find_family
  [ "$(uname -m)" = x86_64 ] || stop "the virtual machines are amd64, and KVM runs none but of the host's own kind, $(uname -m)"
  if [ ! -e /dev/kvm ] && [ -z "$dry" ]; then modprobe -q kvm_intel || modprobe -q kvm_amd || true; fi
  [ -e /dev/kvm ] || stop "there is no /dev/kvm. On a machine of your own, turn on VT-x or AMD-V in its firmware. In a cloud, take a \
type with nested virtualization: Google Cloud has to be told --enable-nested-virtualization, Azure has it from Dv3 and Ev3 on, AWS \
on *.metal and on what it lists for it. host.domain_type: qemu needs none of this, and is many times slower."
  threads=$(nproc)
  [ "$threads" -ge 24 ] || note "warning: the virtual machines have 24 CPUs, and this host has $threads: they take turns"
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  [ "$memory" -ge 98304 ] || note "warning: the virtual machines have 98304 MiB of memory, and this host has $memory: the kernel will end some of them"
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-vmlinuz-amd64 ] || needed=$((needed + 20000000))
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-initrd-amd64 ] || needed=$((needed + 200000000))
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-rootfs-amd64.squashfs ] || needed=$((needed + 1500000000))
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-amd64.iso ] || needed=$((needed + 7500000000))
  free=$(space /srv/harvgen/media)
  [ "$free" -ge "$needed" ] || stop "Harvester's files take $(gib "$needed"), and /srv/harvgen/media has room for $(gib "$free")"
  needed=0
  # Those on data disks are not counted: they may be mounted only later.
  free=$(space /var/lib/libvirt/images)
  [ "$free" -ge "$needed" ] || note "warning: the disks may grow to $(gib "$needed"), and /var/lib/libvirt/images has room for $(gib "$free")"
  for name in scripts/fetch-media.sh host/firewall.nft systemd/harvgen-harvester_cloud-firewall.service libvirt/network.xml libvirt/networks/vms.xml nginx/harvester_cloud.conf libvirt/domains/harvester-1.xml libvirt/domains/harvester-2.xml libvirt/domains/harvester-3.xml; do
    [ -e "$tree/$name" ] || die 1 "$tree is no whole tree: it has no $name"
  done
}

# --- Step: programs, by the distribution's own packages ---

# is_installed PACKAGE
is_installed() {
  case $family in
  debian) [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ] ;;
  *) rpm -q --quiet --whatprovides "$1" ;;
  esac
}

# install_packages PACKAGE…: again where a mirror or another package manager is in the way.
install_packages() {
  local try
  for try in 1 2 3; do
    case $family in
    debian)
      run apt-get -q -o DPkg::Lock::Timeout=600 update &&
        run env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 \
          -o Dpkg::Options::=--force-confold install --no-install-recommends "$@" && return
      ;;
    suse) run env ZYPP_LOCK_TIMEOUT=600 zypper --non-interactive install --no-recommends --auto-agree-with-licenses "$@" && return ;;
    rhel) run dnf --assumeyes --setopt=install_weak_deps=False install "$@" && return ;;
    esac
    [ "$try" -eq 3 ] || sleep 10
  done
  return 1
}

is_selinux_on() { has selinuxenabled && selinuxenabled; }

# missing_of PACKAGE…: those that are not installed.
missing_of() {
  local name
  for name in "$@"; do
    is_installed "$name" || printf '%s\n' "$name"
  done
}

step_packages() {
  local packages=() boot_programs=() missing=()
  case $family in
  debian)
    packages=(curl dnsmasq-base iproute2 iptables ipxe-qemu libvirt-clients libvirt-daemon-system nftables nginx ovmf qemu-system-x86 qemu-utils socat)
    boot_programs=(ipxe)
    if is_selinux_on; then packages+=(policycoreutils-python-utils); fi
    ;;
  suse)
    packages=(curl dnsmasq iproute2 libvirt nftables nginx qemu-hw-display-virtio-gpu qemu-hw-display-virtio-gpu-pci qemu-hw-display-virtio-vga qemu-ipxe qemu-ovmf-x86_64 qemu-seabios qemu-tools qemu-x86 socat)
    boot_programs=(ipxe-bootimgs)
    if is_selinux_on; then packages+=(policycoreutils-python-utils); fi
    ;;
  rhel)
    packages=(curl dnsmasq edk2-ovmf iproute libvirt-client libvirt-daemon-kvm nftables nginx qemu-img qemu-kvm socat)
    boot_programs=(ipxe-bootimgs-x86)
    if is_selinux_on; then packages+=(policycoreutils-python-utils); fi
    ;;
  esac
  mapfile -t missing < <(missing_of "${packages[@]}")
  if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[@]}" || die 1 "FAILED: ${missing[*]} could not be installed, see above: a host without a way to a mirror \
needs them installed beforehand"
  fi
  mapfile -t missing < <(missing_of "${boot_programs[@]}")
  if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[@]}" || note "${missing[*]} could not be installed: boot programs are looked for below"
  fi
}

# --- Step: data disks. What holds anything is never formatted. ---

# wait_for DEVICE: a cloud attaches disks while the machine boots.
wait_for() {
  local second
  for ((second = 0; second < 60; second++)); do
    [ ! -b "$1" ] || return 0
    [ -z "$dry" ] || return 1
    [ "$second" -ne 0 ] || note "waiting for $1"
    sleep 1
  done
  return 1
}

# what_blkid FIELD DEVICE: from the disk itself, not from what was known of it.
what_blkid() { blkid -p -o value -s "$1" "$2" 2>/dev/null || true; }

# in_use DEVICE: what keeps it from being ours, in words; nothing if it is free.
in_use() {
  local device=$1 name holders pt
  name=$(basename "$device")
  holders=$(find "/sys/class/block/$name/holders" -mindepth 1 -printf '%f ' 2>/dev/null || true)
  pt=$(what_blkid PTTYPE "$device")
  if [ -n "$holders" ]; then
    echo "it belongs to ${holders% }"
  elif [ -n "$pt" ] || [ "$(lsblk -nro NAME "$device" | wc -l)" -gt 1 ]; then
    echo "it has partitions${pt:+ ($pt)}"
  elif grep -q "^$device " /proc/swaps; then
    echo "it is used as swap"
  elif [ "$(blockdev --getro "$device")" = 1 ]; then
    echo "it is read-only"
  fi
}

# signatures DEVICE: what is on it, in words; nothing if it is blank.
signatures() {
  local status=0
  blkid -p "$1" >/dev/null 2>&1 || status=$?
  # 2: nothing. 8: several, so that none can be trusted.
  if [ "$status" -eq 8 ]; then
    echo "signatures of several kinds"
  elif [ "$status" -ne 2 ]; then
    what_blkid TYPE "$1"
  else
    wipefs -n --noheadings -O TYPE "$1" | tr '\n' ' '
  fi
}

# make_filesystem DEVICE TYPE LABEL UUID ANEW: ANEW is what makes it go over an own one that was cut short.
make_filesystem() {
  case $2 in
  ext4) run mkfs.ext4 -q -m 0 -L "$3" -U "$4" ${5:+-F} "$1" </dev/null ;;
  xfs) run mkfs.xfs -q -L "$3" -m "uuid=$4" ${5:+-f} "$1" ;;
  esac
  # udev makes the name that it is mounted by.
  if [ -z "$dry" ] && has udevadm; then udevadm settle || true; fi
}

# data_disk NAME DEVICE TYPE FOLDER LABEL
data_disk() {
  local name=$1 device type=$3 folder=$4 label=$5 uuid='' found why begun anew=''
  if ! wait_for "$2"; then
    problem "the data disk $name is not there: $2"
    return
  fi
  device=$(readlink -f "$2")
  if findmnt -rn -M "$folder" >/dev/null; then
    if [ "$(findmnt -rn -M "$folder" -o MAJ:MIN)" != "$(lsblk -ndro MAJ:MIN "$device")" ]; then
      problem "$folder is to be the data disk $name, and something else is mounted there: $(findmnt -rn -M "$folder" -o SOURCE)"
      return
    fi
    uuid=$(what_blkid UUID "$device")
    mount_by_uuid "$uuid" "$folder" "$(findmnt -rn -M "$folder" -o FSTYPE)" "$device"
    return
  fi
  if [ -n "$dry" ] && [ ! -r "$device" ]; then
    note "$2: root alone can look into it"
    return
  fi
  why=$(in_use "$device")
  found=$(findmnt -rn -S "$device" -o TARGET | head -n 1 || true)
  [ -z "$found" ] || why="it is mounted at $found"
  if [ -n "$why" ]; then
    problem "$2 is left alone: $why. Choose another disk for $name, or free this one"
    return
  fi
  found=$(signatures "$device")
  found=${found% }
  begun=$(cat "$state/applied/disk-$name" 2>/dev/null || true)
  uuid=$(what_blkid UUID "$device")
  case $found in
  '')
    uuid=$(cat /proc/sys/kernel/random/uuid)
    ;;
  ext4 | xfs)
    if [ -n "$begun" ] && [ "$begun" = "making $uuid" ]; then
      note "$2 holds a file system that an earlier run did not finish"
      anew=1
    else
      [ "$found" = "$type" ] || note "$2 holds $found, not $type: it stays as it is"
      [ "$(what_blkid LABEL "$device")" = "$label" ] || note "$2 holds a file system that is not of this script's making: it is mounted as it is"
      mount_by_uuid "$uuid" "$folder" "$found" "$device"
      return
    fi
    ;;
  *)
    problem "$2 is left alone: it holds $found. If nothing on it is of use, 'wipefs --all $2' erases it; then run this again"
    return
    ;;
  esac
  remember "disk-$name" "making $uuid"
  make_filesystem "$device" "$type" "$label" "$uuid" "$anew"
  remember "disk-$name" "made $uuid"
  mount_by_uuid "$uuid" "$folder" "$type" "$device"
}

# In words of systemd.mount(5). libvirt has one daemon, or one for each part.
before_mount=x-systemd.before=libvirtd.service,x-systemd.before=virtqemud.service

# own_fstab FOLDER: what this site's line for a folder says; nothing where there is none.
own_fstab() {
  local device folder rest
  while read -r device folder rest; do
    if [ "$folder" = "$1" ] && [[ ${rest%% 0 *} == *",x-harvgen.$site" ]]; then
      printf '%s\n' "$device $folder $rest"
      return
    fi
  done </etc/fstab
}

# mount_by_uuid UUID FOLDER TYPE DEVICE: now, and at each boot, which a disk that is gone must not stop. Whoever starts
# machines at boot waits for it.
mount_by_uuid() {
  local where=${2// /\\040} line own other
  if [ ! -d "$2" ]; then
    record "folder $2"
    run mkdir -p "$2"
  fi
  line="UUID=$1 $where $3 defaults,nofail,x-systemd.device-timeout=60s,$before_mount,x-harvgen.$site 0 2"
  own=$(own_fstab "$where")
  other=$(findmnt -rn --fstab --mountpoint "$2" -o SOURCE | head -n 1 || true)
  if [ -z "$own" ] && [ -n "$other" ] && [ "$(readlink -f "$(findfs "$other" 2>/dev/null || true)")" != "$4" ]; then
    problem "$2 is to be the data disk $4, and /etc/fstab mounts $other there: take that line away, or choose another disk"
    return
  fi
  if [ "$own" != "$line" ] && { [ -n "$own" ] || [ -z "$other" ]; }; then
    record "fstab $1 $2"
    replace /etc/fstab < <(
      own=$own awk '$0 == "" || $0 != ENVIRON["own"]' /etc/fstab
      printf '%s\n' "$line"
    )
    own=${own%% *}
    [ -z "$own" ] || [ "$own" = "UUID=$1" ] || forget "fstab ${own#UUID=} $2"
    run systemctl daemon-reload
  fi
  if ! findmnt -rn -M "$2" >/dev/null; then
    record "mount $1 $2"
    run mount -t "$3" "UUID=$1" "$2"
    if has restorecon; then run restorecon -R "$2"; fi
  fi
}

step_disks() {
  data_disk data1 /dev/disk/by-id/google-data1 ext4 /var/lib/libvirt/images/data1 hv-ede2051f6
  data_disk data2 /dev/disk/by-id/google-data2 ext4 /var/lib/libvirt/images/data2 hv-3aafd3f35
  data_disk data3 /dev/disk/by-id/google-data3 ext4 /var/lib/libvirt/images/data3 hv-c5626e033
  return 0
}

# --- Steps: what machines fetch, and the clock ---

step_media() {
  local before name
  if [ -n "$dry" ]; then
    for name in /srv/harvgen/media/v1.8.1/harvester-v1.8.1-vmlinuz-amd64 /srv/harvgen/media/v1.8.1/harvester-v1.8.1-initrd-amd64 /srv/harvgen/media/v1.8.1/harvester-v1.8.1-rootfs-amd64.squashfs /srv/harvgen/media/v1.8.1/harvester-v1.8.1-amd64.iso; do
      if [ ! -e "$name" ]; then
        run "$tree/scripts/fetch-media.sh"
        break
      fi
    done
    return
  fi
  before=$(list_media)
  close_line
  "$tree/scripts/fetch-media.sh" 9>&- || problem "Harvester's files are not all there, see above"
  [ "$before" = "$(list_media)" ] || changed=1
}

list_media() { find /srv/harvgen/media -type f -printf '%p %s %T@\n' 2>/dev/null | sort || true; }

# loader NAME SOURCE: iPXE's program, from the distribution's package. One that somebody has put there stays.
loader() {
  local target=/srv/harvgen/tftp/$1
  if [ -e "$target" ] && ! applied "loader-$1" "$(digest "$target")"; then return; fi
  if [ -n "$2" ] && [ -e "$2" ]; then
    put "$2" "$target"
    [ ! -e "$target" ] || remember "loader-$1" "$(digest "$target")"
  elif [ ! -e "$target" ]; then
    no_loader "$1" "$target"
  fi
}

# no_loader NAME TARGET: says how it is built.
no_loader() {
  local how=''
  case $1 in
  snponly.efi) how='make bin-x86_64-efi/snponly.efi in the folder src of iPXE'\''s sources' ;;
  esac
  if [ -n "$dry" ]; then
    note "$2 is not there: it comes with the packages, or is to be built: $how"
  else
    problem "$2 is not there, and this distribution has none that will do: build it with $how, and copy that there. \
The README of the tree has more"
  fi
}

step_programs() {
  # dnsmasq, libvirt's own too, does not start without it.
  [ -d /srv/harvgen/tftp ] || run install -d -m 0755 /srv/harvgen/tftp

  case $family in
  debian)
    loader snponly.efi /usr/lib/ipxe/snponly.efi
    ;;
  suse)
    loader snponly.efi /usr/share/ipxe/snp-x86_64.efi
    ;;
  rhel)
    loader snponly.efi /usr/share/ipxe/ipxe-snponly-x86_64.efi
    ;;
  esac
}

# use_service SERVICE: on at each boot, and now.
use_service() {
  if ! is_enabled "$1"; then
    record "service $1"
    run systemctl enable "$1"
  elif others_have "service $1"; then
    record "service $1"
  fi
  is_active "$1" || run systemctl start "$1"
}

# --- Steps: libvirt, what the tree has no more, the firewall of the site, and its networks ---

# Either one daemon for all, or one for each part. Sockets start them when they are asked; the services are on, too, since
# they start at boot what is to start by itself.
step_libvirt() {
  local units=() unit second
  if ! is_enabled libvirtd.service && ! is_enabled libvirtd.socket && is_known virtqemud.socket; then
    units=(virtlogd.socket virtlockd.socket virtnodedevd.socket virtnwfilterd.socket virtsecretd.socket virtnetworkd.socket virtqemud.socket virtnetworkd.service virtqemud.service)
  else
    units=(virtlogd.socket libvirtd.service)
  fi
  for unit in "${units[@]}"; do
    if is_known "$unit"; then
      is_enabled "$unit" || run systemctl enable "$unit"
      case $unit in
      # Their sockets start them. They end when nobody has asked for two minutes, and that is right.
      virt*d.service) ;;
      *) is_active "$unit" || run systemctl start "$unit" ;;
      esac
    fi
  done
  [ -z "$dry" ] || return 0
  for ((second = 0; second < 30; second++)); do
    if virsh uri >/dev/null 2>&1; then return; fi
    sleep 1
  done
  die 1 "FAILED: libvirt does not answer: see journalctl -u libvirtd -u virtqemud"
}

# What the record has and this tree has not: of another inventory, or of a node with another MAC.
step_leftovers() {
  local unit units=()
  for unit in "$tree"/systemd/*; do
    [ ! -f "$unit" ] || units+=("${unit##*/}")
  done
  remove_all unit "${units[@]}"
  local domains=( 'dd85b4ff-8621-8c5d-a2b7-47ff37a6fe46 harvester-1' '8f9814a6-931a-8e11-89db-881580403151 harvester-2' '94c740c6-4c73-8f54-b8bb-9da7a9506b9a harvester-3' )
  shut_down_but "${domains[@]}"
  remove_all domain "${domains[@]}"
  remove_all network harvester_cloud-mgmt harvester_cloud-vms

  remove_all chrony_include
  remove_all chrony
  name_kept_images
}

# Images are data: no run of host-setup.sh removes one.
name_kept_images() {
  local file
  while IFS= read -r file; do
    case $file in
    /var/lib/libvirt/images/data1/harvester-1-0.qcow2) ;;
    /var/lib/libvirt/images/data2/harvester-2-0.qcow2) ;;
    /var/lib/libvirt/images/data3/harvester-3-0.qcow2) ;;
    *) [ ! -e "$file" ] || note "no virtual machine has $file any more: it is kept, remove it where it is of no use" ;;
    esac
  done < <(recorded image)
}

# --- Steps: the firewall of the site, and its networks ---

# use_unit FILE [MORE…]: in use as it lies here; restarted where it, or MORE that it reads, is another one.
use_unit() {
  local name=${1##*/} sum again=restart
  sum=$(digest "$@")
  # A firewall is not to be away in between.
  if grep -q '^ExecReload=' "$1"; then again=reload; fi
  if ! applied "unit-$name" "$sum" || ! cmp -s "$1" "/etc/systemd/system/$name"; then
    record "unit $name"
    put "$1" "/etc/systemd/system/$name"
    run systemctl daemon-reload
    if is_active "$name"; then run systemctl "$again" "$name"; fi
    remember "unit-$name" "$sum"
  fi
  # What has no such section is started by another unit.
  grep -q '^\[Install\]' "$1" || return 0
  is_enabled "$name" || run systemctl enable "$name"
  is_active "$name" || run systemctl start "$name"
}

step_firewall() {
  use_unit "$tree/systemd/harvgen-harvester_cloud-firewall.service" "$tree/host/firewall.nft"
  # 'nft flush ruleset' of somebody else leaves the unit active, and nothing of its table.
  if [ "$(id -u)" -eq 0 ] && is_active harvgen-harvester_cloud-firewall.service && ! nft list table inet harvgen_harvester_cloud >/dev/null 2>&1; then
    run systemctl reload harvgen-harvester_cloud-firewall.service

  fi
}

# reservations: MAC, address and name of each reservation in a network's definition, from standard input.
reservations() {
  tr '"' "'" | awk -F "'" '
    /<host mac=/ {
      mac = ip = name = ""
      for (i = 1; i < NF; i += 2) {
        if ($i ~ / mac=$/) mac = $(i + 1)
        if ($i ~ / ip=$/) ip = $(i + 1)
        if ($i ~ / name=$/) name = $(i + 1)
      }
      print mac, ip, name
    }' | sort
}

# bond_reservations: those of several MACs, which libvirt knows nothing of: it hands them on to dnsmasq as they are.
bond_reservations() { tr '"' "'" | sed -n "s/.*value='dhcp-host=\([^']*\)'.*/\1/p" | sort; }

# without_single_ranges: of a definition from standard input. A range of one address only has libvirt count its lease; what
# the address is given to is a reservation.
without_single_ranges() { sed "/<range start=\([\"'][0-9.]*[\"']\) end=\1>/,/<\/range>/d"; }

# rest_of FILE: the digest of a network's definition, but for its reservations.
rest_of() { sed '/<host mac=/,/<\/host>/d' "$1" | without_single_ranges | digest; }

# definition NAME [--inactive]: of a network, to be compared: without what libvirt has only while it runs, in an order of
# its own.
definition() {
  virsh net-dumpxml "$@" | without_single_ranges | sed -e "s/ connections='[0-9]*'//; /<mac address=/d; /<nat>/,/<\/nat>/d" \
    -e 's|\(<forward .*\)/>|\1>|; /<\/forward>/d' | sort
}

# is_behind NAME FILE: whether a network that runs does so by another definition than FILE.
is_behind() {
  if applied "network-$1" "$(digest "$2")"; then
    [ "$(definition "$1")" != "$(definition "$1" --inactive)" ]
  elif applied "network-rest-$1" "$(rest_of "$2")"; then
    # On a dry run libvirt has not been told.
    return 1
  fi
}

# reserve NAME FILE: brings the reservations of FILE into a network while it runs. MACs whose reservations have to wait for
# its next start are added to unreserved.
reserve() {
  local name=$1 file=$2 lease mac ip host line
  lease=$(sed -n '/<host mac=/,/<\/host>/s/ *\(<lease .*\/>\)/\1/p' "$file" | head -n 1)
  while read -r mac ip host <&8; do
    run virsh -q net-update "$name" delete ip-dhcp-host "<host mac='$mac'/>" --live || true
  done 8< <(comm -23 <(virsh net-dumpxml "$name" | reservations) <(reservations <"$file"))
  while read -r mac ip host <&8; do
    line="<host mac='$mac' ip='$ip'"
    [ -z "$host" ] || line+=" name='$host'"
    run virsh -q net-update "$name" add ip-dhcp-host "$line>$lease</host>" --live || unreserved+=("$mac")
  done 8< <(comm -13 <(virsh net-dumpxml "$name" | reservations) <(reservations <"$file"))
  while read -r line <&8; do
    while read -r mac <&7; do unreserved+=("$mac"); done 7< <(grep -oE '([0-9a-f]{2}:){5}[0-9a-f]{2}' <<<"$line")
  done 8< <(comm -13 <(virsh net-dumpxml "$name" | bond_reservations) <(bond_reservations <"$file"))
}

# all_off: what has all machines off, in words: the watchdog would start them in between.
all_off() {
  local first=
  if is_active "$watchdog"; then first="'systemctl stop $watchdog', then "; fi
  printf '%s\n' "${first}'virsh shutdown' each machine that is on it, and run this again once they are off: it starts them"
}

# has_machines BRIDGE: libvirt's own count is lost where a network was changed while it ran. Older releases have a NIC of
# their own there.
has_machines() {
  ip -o link show master "$1" 2>/dev/null |
    awk -v own="$1-nic" '{ sub(/[:@].*/, "", $2) } $2 != own { found = 1 } END { exit !found }'
}

# network_at BRIDGE NAME: another of libvirt's networks with that bridge, and whose it is; nothing where there is none.
network_at() {
  local other site_of
  while IFS= read -r other <&8; do
    if [ -z "$other" ] || [ "$other" = "$2" ] || is_forgotten "network $other"; then continue; fi
    if [[ $(virsh net-dumpxml --inactive "$other" 2>/dev/null || true) == *"<bridge name='$1'"* ]]; then
      site_of=$(other_with "network $other")
      printf '%s\n' "$other${site_of:+ of the site $site_of}"
      return
    fi
  done 8< <(virsh net-list --all --name 2>/dev/null || true)
}

# network NAME FILE BRIDGE
network() {
  local name=$1 file=$tree/$2 bridge=$3 sum uuid there other
  sum=$(digest "$file")
  uuid=$(sed -n 's|.*<uuid>\(.*\)</uuid>.*|\1|p' "$file" | head -n 1)
  there=$(virsh net-uuid "$name" 2>/dev/null | head -n 1 || true)
  if [ -n "$there" ] && [ "$there" != "$uuid" ]; then
    problem "libvirt has a network $name already, and it is not this site's (its UUID is $there): rename it, or the site's"
    return
  fi
  other=$(network_at "$bridge" "$name")
  if [ -n "$other" ]; then
    problem "the bridge $bridge of $name is that of libvirt's network $other, too: one of the two needs another 'interface' in its inventory"
    return
  fi
  if [ -z "$there" ] || ! applied "network-$name" "$sum"; then
    record "network $name"
    run virsh -q net-define "$file"
    remember "network-$name" "$sum"
  fi
  [ "$(network_says "$name" Autostart)" = yes ] || run virsh -q net-autostart "$name"
  if is_network_active "$name"; then
    if has_machines "$bridge"; then
      reserve "$name" "$file"
      if is_behind "$name" "$file"; then
        note "$name goes on by its old definition while machines are on it, but for new reservations. For all of it: $(all_off)"
      else
        remember "network-rest-$name" "$(rest_of "$file")"
      fi
      return
    fi
    if applied "network-$name" "$sum" && ! is_behind "$name" "$file"; then
      remember "network-rest-$name" "$(rest_of "$file")"
      return
    fi
    run virsh -q net-destroy "$name"
  fi
  if run virsh -q net-start "$name"; then
    remember "network-rest-$name" "$(rest_of "$file")"
  else
    problem "$name is not up: libvirt says above why"
  fi
}

step_networks() {
  unreserved=()
  network harvester_cloud-mgmt libvirt/network.xml virbr-mgmt

  network harvester_cloud-vms libvirt/networks/vms.xml virbr-vms

  return 0
}

# --- Step: what SELinux, AppArmor and the host's own firewall let in. What was let in before is not this script's. ---

# label PATH TYPE: so that nginx, systemd and dnsmasq may read it.
label() {
  local pattern="$1(/.*)?"
  wanted+=("$pattern")
  if ! has_label "$pattern"; then
    record "label $pattern"
    run semanage fcontext --add --type "$2" "$pattern"
  elif others_have "label $pattern"; then
    record "label $pattern"
  fi
  if [ -e "$1" ] && [ -n "$(restorecon -Rnv "$1" 2>/dev/null)" ]; then run restorecon -R "$1"; fi
}

let_in_selinux() {
  local wanted=()
  label "$root/www" httpd_sys_content_t
  label "$root/nginx" httpd_config_t
  label "$root/scripts" bin_t
  label "$root/host" etc_t
  label /srv/harvgen/media httpd_sys_content_t
  label /srv/harvgen/tftp tftpdir_t
  remove_all label "${wanted[@]}"
}

# let_in_apparmor RULE…: to the profile of dnsmasq, libvirt's included, which lets TFTP be read in three folders alone. They
# go where the profile leaves room for a host's own.
let_in_apparmor() {
  local rule missing=()
  for rule in "$@"; do
    if ! grep -qxF -e "$rule" "$apparmor_rules" 2>/dev/null; then
      record "apparmor $rule"
      missing+=("$rule")
    elif others_have "apparmor $rule"; then
      record "apparmor $rule"
    fi
  done
  if [ ${#missing[@]} -gt 0 ]; then
    unremember apparmor
    [ -e "$apparmor_rules" ] || run install -D -m 0644 /dev/null "$apparmor_rules"
    # The last line may lack its end.
    replace "$apparmor_rules" < <(awk 1 "$apparmor_rules" 2>/dev/null; printf '%s\n' "${missing[@]}")
  fi
  if ! applied apparmor "$*"; then
    load_apparmor
    remember apparmor "$*"
  fi
  remove_all apparmor "$@"
}

# let_in PLACE CHANGE: in firewalld, --zone=… or --policy=…, and what is added there; at each boot and now.
let_in() {
  wanted+=("$1 $2")
  if ! firewall-cmd -q --permanent "$1" "${2/#--add-/--query-}"; then
    record "firewalld $1 $2"
    run firewall-cmd -q --permanent "$1" "$2"
  elif others_have "firewalld $1 $2"; then
    record "firewalld $1 $2"
  fi
  firewall-cmd -q "$1" "${2/#--add-/--query-}" || run firewall-cmd -q "$1" "$2"
}

# let_in_from FORWARD BRIDGE PORT…: from a network of libvirt's. It puts bridges into zones of its own, which know DHCP, DNS
# and TFTP, and nothing of a web server; those of open networks into none.
let_in_from() {
  local forward=$1 bridge=$2 place=--zone=libvirt port
  shift 2
  if [ "$forward" = route ] && [[ " $(firewall-cmd --get-policies 2>/dev/null) " == *' libvirt-to-host '* ]]; then
    place=--policy=libvirt-to-host
  fi
  if [ "$forward" = open ]; then let_in "$place" "--add-interface=$bridge"; fi
  for port in "$@"; do let_in "$place" "--add-port=$port"; done
}

# let_in_on BRIDGE PORT…: on a bridge of the host's own, in whichever zone the host has it.
let_in_on() {
  local bridge=$1 zone port
  shift
  zone=$(firewall-cmd --get-zone-of-interface="$bridge" 2>/dev/null) || zone=$(firewall-cmd --get-default-zone)
  for port in "$@"; do let_in "--zone=$zone" "--add-port=$port"; done
}

let_in_firewalld() {
  local wanted=() zone
  let_in_from nat virbr-mgmt 80/tcp
  zone=$(firewall-cmd --get-default-zone)
  let_in "--zone=$zone" '--add-port=443/tcp'
  let_in "--zone=$zone" '--add-port=6443/tcp'
  remove_all firewalld "${wanted[@]}"
}

# let_in_ufw RULE…
let_in_ufw() {
  wanted+=("$*")
  if ! has_ufw_rule "$@"; then
    record "ufw $*"
    run ufw allow "$@"
  elif others_have "ufw $*"; then
    record "ufw $*"
  fi
}

# DHCP, DNS and TFTP, too: libvirt lets them in itself by iptables alone, and no longer by nftables.
let_in_by_ufw() {
  local wanted=()
  let_in_ufw in on virbr-mgmt to any port 80 proto tcp
  let_in_ufw in on virbr-mgmt to any port 53 proto tcp
  let_in_ufw in on virbr-mgmt to any port 53 proto udp
  let_in_ufw in on virbr-mgmt to any port 67 proto udp
  let_in_ufw in on virbr-mgmt to any port 69 proto udp
  let_in_ufw in on virbr-vms to any port 53 proto tcp
  let_in_ufw in on virbr-vms to any port 53 proto udp
  let_in_ufw in on virbr-vms to any port 67 proto udp
  let_in_ufw in on virbr-vms to any port 69 proto udp
  let_in_ufw 443/tcp
  let_in_ufw 6443/tcp
  remove_all ufw "${wanted[@]}"
}

# Rules that somebody has written are that person's to change.
note_drops() {
  grep -q 'hook input .*policy drop' <<<"$(nft list ruleset 2>/dev/null || true)" || return 0
  note "this host drops what no rule of its own lets in, and neither firewalld nor ufw runs. Let in:"
  note '  80/tcp, 53/tcp, 53/udp, 67/udp, 69/udp on virbr-mgmt'
  note '  53/tcp, 53/udp, 67/udp, 69/udp on virbr-vms'
  note '  443/tcp, 6443/tcp from outside'
}

step_access() {
  if is_selinux_on; then let_in_selinux; fi
  if [ -e "$apparmor_profile" ]; then
    let_in_apparmor '/srv/harvgen/tftp/ r,' '/srv/harvgen/tftp/** r,'
  fi
  if is_active firewalld.service; then
    let_in_firewalld
  elif has ufw && [[ $(ufw status 2>/dev/null) == 'Status: active'* ]]; then
    let_in_by_ufw
  else
    note_drops
  fi
}

# --- Steps: nginx, the virtual machines, the units ---

secrets=/etc/nginx/harvgen/harvester_cloud.secrets.conf

# Whether nginx has what this tree wants filled in.
has_secrets() { grep -qxF "set \$harvgen_harvester_cloud_fills edda481059cd935f;" "$secrets" 2>/dev/null; }

ask_for_secrets() {
  waiting=1
  if [ "$(id -u)" -ne 0 ]; then
    note "whether $secrets is there is for root to see"
    return
  fi
  held=1
  if [ -e "$secrets" ]; then
    note "nginx has other secrets to fill in than this tree wants (cluster_token, node_password, rancher_registration_url)."
  else
    note "nginx has no secrets to fill in (cluster_token, node_password, rancher_registration_url)."
  fi
  note "This brings them, where harvgen build runs, from a file of the lines 'name: value':"
  say
  cat <<'END'
    npx harvgen secrets sites/harvester_cloud --format nginx --secrets secrets.yaml | ssh root@lab.example.org '
      include=/etc/nginx/harvgen/harvester_cloud.secrets.conf
      umask 077 && mkdir -p "$(dirname $include)" && cat >$include.new &&
        tail -n 1 $include.new | grep -q "^set .*_fills .*;$" && mv $include.new $include'
END
  say
}

# nginx_print: what is another one once nginx has something new to read. Of secrets, when they were written.
nginx_print() {
  digest "$root/nginx/$site.conf"
  stat -c '%i %s %Y' "$secrets" 2>/dev/null || true
}

step_nginx() {
  local link=/etc/nginx/conf.d/$site.conf linked='' print words
  has_secrets || ask_for_secrets
  # Without the file nginx would not start at all, for no site.
  if [ ! -e "$secrets" ]; then return; fi
  print=$(nginx_print | digest)
  if [ "$(readlink "$link" 2>/dev/null)" != "$root/nginx/$site.conf" ]; then
    if [ -e "$link" ] && ! known "nginx $link"; then
      problem "$link is there, and this script did not make it: move it away"
      return
    fi
    record "nginx $link"
    linked=1
    run ln -sfn "$root/nginx/$site.conf" "$link"
  elif applied nginx "$print" && is_active nginx.service && is_enabled nginx.service; then
    return
  fi
  if [ -z "$dry" ] && ! words=$(nginx -t -q 2>&1); then
    problem "nginx does not take $root/nginx/$site.conf: $words"
    # It would not start again, for no site.
    [ -z "$linked" ] || run rm -f "$link"
    return
  fi
  if is_active nginx.service; then run systemctl reload nginx.service; fi
  use_service nginx.service
  remember nginx "$print"
}

# image FILE FORMAT SIZE FOLDER: made where there is none, and otherwise left alone. FOLDER is the data disk's.
image() {
  local there
  if [ -n "$4" ] && [ -z "$dry" ] && ! findmnt -rn -M "$4" >/dev/null; then
    problem "$1 belongs on the data disk at $4, which is not mounted"
    return
  fi
  if [ ! -e "$1" ]; then
    [ -n "$4" ] || [ -d "${1%/*}" ] || run mkdir -p -m 0711 "${1%/*}"
    record "image $1"
    # Under another name until it is whole.
    run qemu-img create -q -f "$2" "$1.harvgen" "$3"
    run mv "$1.harvgen" "$1"
  elif there=$(qemu-img info -U --output=json "$1" 2>/dev/null | sed -n 's/^    "virtual-size": \([0-9]*\),*$/\1/p'); then
    [ -z "$there" ] || [ "$there" -eq "$3" ] ||
      note "$1 has $(gib "$there"), and the inventory says $(gib "$3"): it stays as it is. qemu-img resize grows it while the machine is off"
  fi
}

# running_domain NAME: what is another one once the domain is started anew.
running_domain() { printf '%s %s\n' "$(cat /proc/sys/kernel/random/boot_id)" "$(virsh domid "$1" 2>/dev/null | head -n 1)"; }

# unreserved_of FILE: a MAC of a domain whose address the running network does not know yet.
unreserved_of() {
  local mac
  for mac in "${unreserved[@]}"; do
    if grep -qiF "$mac" "$1"; then
      printf '%s\n' "$mac"
      return
    fi
  done
}

# keep_off NAME FILE AUTOSTART STATE: whether a machine that is off is to stay so, and says why.
keep_off() {
  local mac
  case $4 in
  '' | 'shut off' | crashed) ;;
  *) return 1 ;;
  esac
  mac=$(unreserved_of "$2")
  if [ -n "$mac" ]; then
    problem "$1 is not started: its network runs without the reservation of $mac, which libvirt takes at the network's start alone. $(all_off)"
  elif [ "$3" = false ]; then
    note "$1 is off. It does not start with the host, so it is yours to start: virsh start $1"
    return
  elif [ -n "$held" ]; then
    note "$1 is not started before the secrets are there"
    waiting=1
  elif [ -n "$unready" ]; then
    note "$1 is not started: it might find nothing to boot from"
    waiting=1
  else
    return 1
  fi
  kept_off=1
  # It would start what waits.
  if is_active "$watchdog"; then run systemctl stop "$watchdog"; fi
}

# domain NAME UUID AUTOSTART
domain() {
  local name=$1 uuid=$2 file=$tree/libvirt/domains/$1.xml sum there state_now off=
  sum=$(digest "$file")
  there=$(virsh domuuid "$name" 2>/dev/null | head -n 1 || true)
  # On a dry run, what would be gone by now is there.
  if [ -n "$there" ] && is_forgotten "domain $there $name"; then there=; fi
  if [ -n "$there" ] && [ "$there" != "$uuid" ]; then
    problem "libvirt has a domain $name already, and it is not this site's (its UUID is $there): rename it, or the node"
    return
  fi
  state_now=
  [ -z "$there" ] || state_now=$(domain_state "$name")
  keep_off "$name" "$file" "$3" "$state_now" && off=1
  if [ -z "$there" ] || ! applied "domain-$name" "$sum"; then
    record "domain $uuid $name"
    case $state_now in
    '' | 'shut off') ;;
    *) remember "pending-domain-$name" "$(running_domain "$name")" ;;
    esac
    run virsh -q define "$file"
    remember "domain-$name" "$sum"
  fi
  case ${there:+$(virsh dominfo "$name" 2>/dev/null | sed -n 's/^Autostart: *//p')} in
  enable) [ "$3" = true ] || run virsh -q autostart --disable "$name" ;;
  *) [ "$3" = false ] || run virsh -q autostart "$name" ;;
  esac
  case $state_now in
  '' | 'shut off' | crashed)
    if [ -z "$off" ]; then run virsh -q start "$name" || problem "$name is not started: libvirt says above why"; fi
    unremember "pending-domain-$name"
    ;;
  *)
    if applied "pending-domain-$name" "$(running_domain "$name")"; then
      note "$name runs by its old definition: 'virsh shutdown $name' ends it, and the watchdog starts it by the new one"
    fi
    ;;
  esac
}

step_domains() {
  local unready
  kept_off=
  image /var/lib/libvirt/images/data1/harvester-1-0.qcow2 qcow2 322122547200 /var/lib/libvirt/images/data1

  image /var/lib/libvirt/images/data2/harvester-2-0.qcow2 qcow2 322122547200 /var/lib/libvirt/images/data2

  image /var/lib/libvirt/images/data3/harvester-3-0.qcow2 qcow2 322122547200 /var/lib/libvirt/images/data3

  unready=$failed
  domain harvester-1 dd85b4ff-8621-8c5d-a2b7-47ff37a6fe46 true

  domain harvester-2 8f9814a6-931a-8e11-89db-881580403151 true

  domain harvester-3 94c740c6-4c73-8f54-b8bb-9da7a9506b9a true

  return 0
}

step_units() {
  local file
  for file in "$tree"/systemd/*; do
    [ -f "$file" ] || continue
    case $file in
    */harvgen-harvester_cloud-firewall.service) ;;
    */"$watchdog")
      if [ -n "$kept_off" ]; then note "${file##*/} is not started before the virtual machines are"; else use_unit "$file"; fi
      ;;
    *) use_unit "$file" ;;
    esac
  done
}

main "$@"
