#!/usr/bin/env bash
# Sets up this machine as the libvirt host of harvester_cloud in steps: programs, data disks, installation media, networks,
# web server, units, virtual machines. Skips items that are already set up. Run it again after each change of the output tree and
# after an interruption. Removes items that are no longer in the output tree.
#
#   host-setup.sh [--dry-run]
#
#   --dry-run   prints the changes without making them; needs no root before the first setup
#
# HARVGEN_SHUTDOWN_SECONDS (default: 300) is the time limit for shutting down a virtual machine that another
# one replaces: after it, the machine is powered off.
#
# Exit status 0: all is up; 1: a step failed (see FAILED); 2: wrong command line, not root, or output tree in the wrong directory;
# 3: all is up except the virtual machines, because nginx has no secrets yet. `down.sh` removes what this script installs.
set -Eeuo pipefail

site=harvester_cloud
root=/srv/harvgen/harvester_cloud
state=/var/lib/harvgen/harvester_cloud
watchdog=harvgen-harvester_cloud-watchdog.timer
shutdown_seconds=${HARVGEN_SHUTDOWN_SECONDS:-300}
rsync='rsync --archive --chown=root:root --chmod=D755,Fu=rwX,Fgo=rX --delete-before --mkpath --exclude=/.harvgen --exclude=/cloud'
tree=$(cd "$(dirname "$0")/.." && pwd -P)
dry=
failed=
held=
pending=
behind=

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
  unused
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
    *) die 2 "host-setup.sh has no option $1: see --help" ;;
    esac
    shift
  done
  check_path
  [ -n "$dry" ] || begin_work
  trap 'fail_unseen "$LINENO" "$BASH_COMMAND"' ERR
  for name in "${steps[@]}"; do
    begin_step "$name"
    "step_$name"
    end_step "$name"
  done
  finish
}

# The nginx configuration and the units contain the path of the output tree.
check_path() {
  local path
  path=$(readlink -m "$root")
  if [ "$tree" != "$path" ]; then
    say "The output tree must be in $root, but this one is in $tree. To copy it:"
    say "  $rsync $(printf '%q' "$tree")/ $(printf '%q' "$root")/"
    [ -n "$dry" ] || exit 2
  fi
  [ "$(id -u)" -ne 0 ] || return 0
  [ -n "$dry" ] || die 2 "host-setup.sh installs programs and mounts disks: run it as root, with sudo"
  # Only root can read the record, and libvirt may reject other users.
  [ ! -e "$state" ] || die 2 "$site is already set up, and only root can compare it: run this as root, with sudo"
}

finish() {
  if [ -n "$failed" ] && [ -n "$dry" ]; then
    say "Nothing was changed. Setup of $site would fail: fix each FAILED above first."
    exit 1
  elif [ -n "$failed" ]; then
    say "$site is only partly set up: fix each FAILED above, and run this script again."
    exit 1
  elif [ -n "$dry" ] && [ -n "$held" ]; then
    say "Nothing was changed. All but the virtual machines would start; they wait for the secrets, see above: status 3."
  elif [ -n "$dry" ]; then
    say "Nothing was changed."
  elif [ -n "$held" ]; then
    say "$site is up except for its virtual machines, which wait for the secrets: install them as shown above, and run this script again."
    exit 3
  elif [ -n "$pending" ]; then
    say "$site is up; the changes named above wait until machines are off."
  elif [ -z "$acted" ]; then
    say "$site is up; there was nothing to do."
  else
    say "$site is up."
  fi
}

# --- Common parts of host-setup.sh and down.sh ---

# nginx, libvirt and dnsmasq run as other users and read these files, so the caller's umask must not apply.
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
unready=

say() { printf '%s\n' "$*"; }

usage() { sed -n '2,/^[^#]/s/^#$\|^# //p' "$0"; }

# die STATUS TEXT
die() {
  close_line
  printf '%s\n' "$2" >&2
  exit "$1"
}

# The line of a step stays open until the step prints something, or ends.
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
  # shellcheck disable=SC2034 # down.sh does not read it.
  unready=1
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
  local word=unchanged
  if [ -n "$changed" ]; then
    acted=1
    word='done'
    [ -z "$dry" ] || word='would be done'
  fi
  [ -z "$waiting" ] || word=waiting
  [ -z "$ailing" ] || word=failed
  if [ -n "$open" ]; then
    printf '%s\n' "$word"
    open=
  else
    say "[$number/$count] $1: $word"
  fi
}

# fail_unseen LINE COMMAND: reports an unexpected failure. The caller of a subshell handles failures in it.
fail_unseen() {
  [ "$BASH_SUBSHELL" -eq 0 ] || return
  local command=$2
  # For run, its last command is more useful than its return.
  [ "$command" != return ] || command=$doing
  close_line
  printf '%s\n' "FAILED in the step $step, line $1 of $0: $command" \
    "Fix the error printed above, and run this script again. It continues where it stopped." >&2
  exit 1
}

# run COMMAND…: prints a command and runs it; a dry run only prints it. No command line contains a secret.
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

# The record lists what this script installs, one item per line, so that down.sh removes exactly that. Each line is written before
# the change, so that the record also contains interrupted changes.
begin_work() {
  install -d -m 0700 "$state" "$state/applied"
  exec 9>>"$state/lock"
  if has flock && ! flock -n 9; then die 1 "another host-setup.sh or down.sh of $site is running: wait until it ends"; fi
}

# known LINE
known() { ! is_forgotten "$1" && grep -qxF -e "$1" "$state/put-up" 2>/dev/null; }

# is_forgotten LINE: on a dry run, whether a real run would have removed it from the record by now.
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

# recorded KIND: prints the items of a kind in the record, in the order of their creation.
recorded() {
  local line
  while IFS= read -r line; do
    is_forgotten "$1 $line" || printf '%s\n' "$line"
  done < <(sed -n "s/^$1 //p" "$state/put-up" 2>/dev/null)
}

# other_with LINE: prints another site on this host with the line in its record; nothing without such a site.
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

# others_have LINE: whether another site has the line in its record. Each site that needs an item records it; the last one
# removes it.
others_have() { [ -n "$(other_with "$1")" ]; }

digest() { cat -- "$@" | sha256sum | cut -d ' ' -f 1; }

# applied KEY VALUE: whether the current version of an item is in use.
applied() { [ "$(cat "$state/applied/$1" 2>/dev/null)" = "$2" ]; }

# remember KEY VALUE
remember() {
  if [ -z "$dry" ] && ! applied "$1" "$2"; then printf '%s\n' "$2" >"$state/applied/$1"; fi
}

unremember() { [ -n "$dry" ] || rm -f "$state/applied/$1"; }

# put SOURCE TARGET: copies a file atomically.
put() {
  cmp -s "$1" "$2" && return
  run install -m 0644 "$1" "$2.harvgen"
  run mv "$2.harvgen" "$2"
  if has restorecon; then run restorecon "$2"; fi
}

# replace FILE: replaces its content with standard input. Not in a pipe, whose subshell would lose the value of changed.
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

# is_known UNIT: whether the unit exists in systemd.
is_known() {
  case $(systemctl is-enabled "$1" 2>/dev/null) in
  '' | not-found) return 1 ;;
  esac
}

domain_state() { virsh domstate "$1" 2>/dev/null | head -n 1 || true; }

# info_of COMMAND NAME: prints the fields of libvirt's domain (dominfo) or network (net-info), or nothing if it does not exist.
info_of() { virsh "$1" "$2" 2>/dev/null || true; }

# field NAME INFO: prints one of the fields.
field() { sed -n "s/^$1: *//p" <<<"$2"; }

is_network_active() { [ "$(field Active "$(info_of net-info "$1")")" = yes ]; }

# --- Removal of each kind of item. The arguments are the fields of its line in the record. ---

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

# shut_down_but KEPT…: shuts down the machines in the record, except those to keep. Powering a machine off can lose the latest
# writes of its cluster.
shut_down_but() {
  local uuid name second running=()
  while read -r uuid name <&8; do
    is_one_of "$uuid $name" "$@" || [ "$(domain_state "$uuid")" != running ] || running+=("$uuid")
  done 8< <(recorded domain)
  [ ${#running[@]} -gt 0 ] || return 0
  # The watchdog would start them again.
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

# power_off UUID: a dry run has not shut the machine down.
power_off() {
  case $(domain_state "$1") in
  '' | 'shut off') ;;
  running) if [ -z "$dry" ] || [ -n "${delete_images-}" ]; then run virsh -q destroy "$1"; fi ;;
  *) run virsh -q destroy "$1" ;;
  esac
}

# power_off_but KEPT…: powers off the machines in the record, except those to keep.
power_off_but() {
  local uuid name
  while read -r uuid name <&8; do
    is_one_of "$uuid $name" "$@" || power_off "$uuid"
  done 8< <(recorded domain)
}

# disks_in UUID: prints UUID, serial number, WWN or -, and image of each disk in a domain definition on standard input.
disks_in() {
  sed -n "s/.*<source file=['\"]\([^'\"]*\)['\"].*/file \1/p; s|.*<serial>\(.*\)</serial>.*|serial \1|p; s|.*<wwn>\(.*\)</wwn>.*|wwn \1|p; s|.*</disk>.*|end|p" |
    awk -v uuid="$1" '$1 == "end" { if (of["serial"] != "" && of["file"] != "") print uuid, of["serial"], of["wwn"] == "" ? "-" : of["wwn"], of["file"]; split("", of) }
      { of[$1] = $2 }'
}

# keep_disks UUID: records the images of a machine before its definition is removed: under another name, it gets them again.
keep_disks() {
  [ -z "$dry" ] || return 0
  {
    grep -v "^$1 " "$state/disks" 2>/dev/null || true
    virsh dumpxml --inactive "$1" | disks_in "$1"
  } >"$state/disks.new"
  mv "$state/disks.new" "$state/disks"
}

# remove_domain UUID NAME: the images stay.
remove_domain() {
  local nvram=/var/lib/libvirt/qemu/nvram/$2_VARS.fd
  if virsh domname "$1" >/dev/null 2>&1; then
    power_off "$1"
    # libvirt keeps this file of a machine that switched from UEFI to BIOS.
    if grep -qE "firmware='efi'|type='pflash'" <<<"$(virsh dumpxml --inactive "$1")"; then nvram=; fi
    keep_disks "$1"
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
    if is_active nginx.service; then run systemctl reload nginx.service || note "nginx keeps its old configuration: it rejects the new one"; fi
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

# remove_service SERVICE: disables a service that was not enabled before.
remove_service() {
  if others_have "service $1"; then
    note "$1 is kept: another site on this host needs it"
  else
    run systemctl disable --now "$1"
  fi
  forget "service $1"
}

# remove_mount UUID FOLDER
remove_mount() {
  if findmnt -rn -M "$2" >/dev/null && [ "$(findmnt -rn -M "$2" -o UUID)" = "$1" ] && ! run umount "$2"; then
    problem "$2 is in use: stop what uses it, and run this script again"
    return
  fi
  forget "mount $1 $2"
}

# remove_fstab UUID FOLDER: removes only the line that names this site.
remove_fstab() {
  local line="^UUID=$1 .*,x-harvgen\\.${site} "
  if grep -q -e "$line" /etc/fstab; then
    replace /etc/fstab < <(grep -v -e "$line" /etc/fstab)
    run systemctl daemon-reload
  fi
  forget "fstab $1 $2"
}

# remove_folder FOLDER: removes an empty directory.
remove_folder() {
  if [ -d "$1" ]; then
    # On a dry run the disk is still mounted there, and hides the content of the directory.
    if findmnt -rn -M "$1" >/dev/null && [ -z "$dry" ]; then return; fi
    if [ -z "$(ls -A "$1")" ] || { [ -n "$dry" ] && findmnt -rn -M "$1" >/dev/null; }; then
      run rmdir "$1"
    else
      note "$1 is kept: it is not empty"
    fi
  fi
  forget "folder $1"
}

# remove_firewalld TARGET CHANGE: --zone=… or --policy=…, and the rule that was added to it.
remove_firewalld() {
  if has firewall-cmd && ! others_have "firewalld $1 $2"; then
    if firewall-cmd -q --permanent "$1" "${2/#--add-/--query-}"; then
      run firewall-cmd -q --permanent "$1" "${2/#--add-/--remove-}"
    fi
    if firewall-cmd -q "$1" "${2/#--add-/--query-}"; then run firewall-cmd -q "$1" "${2/#--add-/--remove-}"; fi
    # libvirt adds the bridge of a network with NAT to the same zone.
    case $2 in --add-interface=*) reload_libvirt ;; esac
  fi
  forget "firewalld $1 $2"
}

# reload_libvirt: libvirt adds the rules of its networks again.
reload_libvirt() {
  local unit
  for unit in libvirtd.service virtnetworkd.service; do
    if is_active "$unit"; then run systemctl reload "$unit"; fi
  done
}

# has_ufw_rule RULE…: ufw shows each rule as the arguments that create it, and its comment.
has_ufw_rule() {
  local rules
  rules=$(ufw show added 2>/dev/null || true)
  [[ $'\n'$rules$'\n' == *$'\n'"ufw $(ufw_words allow "$@")"[$'\n ']* ]]
}

# ufw_words VERB RULE…: prints the arguments of ufw. A rule for forwarded traffic begins with "route".
ufw_words() {
  if [ "$2" = route ]; then printf 'route %s\n' "$1 ${*:3}"; else printf '%s\n' "$*"; fi
}

# remove_ufw RULE…
remove_ufw() {
  # shellcheck disable=SC2046 # words
  if has_ufw_rule "$@" && ! others_have "ufw $*"; then run ufw $(ufw_words 'delete allow' "$@"); fi
  forget "ufw $*"
}

# has_label PATTERN: whether the host has it as a local label, beyond its policy.
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

# remove_boolean NAME: disables a boolean of SELinux that was off before.
remove_boolean() {
  others_have "boolean $1" || run setsebool -P "$1" off
  forget "boolean $1"
}

apparmor_profile=/etc/apparmor.d/usr.sbin.dnsmasq
apparmor_rules=/etc/apparmor.d/local/usr.sbin.dnsmasq

# load_apparmor: loads the changed dnsmasq profile. It applies to running processes at once.
load_apparmor() {
  if has aa-enabled && aa-enabled --quiet; then run apparmor_parser --replace "$apparmor_profile"; fi
}

# remove_apparmor RULE
remove_apparmor() {
  if ! others_have "apparmor $*" && grep -qxF -e "$*" "$apparmor_rules" 2>/dev/null; then
    replace "$apparmor_rules" < <(grep -vxF -e "$*" "$apparmor_rules")
    # The file of a distribution contains a comment; an empty file was created for these rules.
    if [ ! -s "$apparmor_rules" ]; then run rm -f "$apparmor_rules"; fi
    if [ -e "$apparmor_profile" ]; then load_apparmor; fi
  fi
  unremember apparmor
  forget "apparmor $*"
}

# remove_all KIND [KEPT…]: removes all recorded items of a kind, the last first, except those to keep.
remove_all() {
  local kind=$1 line words
  shift
  while IFS= read -r line <&8; do
    ! is_one_of "$line" "$@" || continue
    read -ra words <<<"$line"
    "remove_$kind" "${words[@]}"
  done 8< <(recorded "$kind" | tac)
}

# --- Step: requirements ---

# stop TEXT: reports a problem and exits; a dry run continues and reports the rest.
stop() {
  problem "$*"
  [ -n "$dry" ] || exit 1
}

# space PATH: prints the free bytes on the file system of the path, which may not exist yet.
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
  [ -n "$family" ] || die 1 "host-setup.sh does not support this distribution (supported: debian, ubuntu; suse, opensuse, sles; rhel, fedora, centos):$ids"
}

step_check() {
  local threads memory free needed=0 name
  find_family
  [ "$(uname -m)" = x86_64 ] || stop "the virtual machines are amd64, but KVM supports only the host architecture, $(uname -m)"
  if [ ! -e /dev/kvm ] && [ -z "$dry" ]; then modprobe -q kvm_intel || modprobe -q kvm_amd || true; fi
  [ -e /dev/kvm ] || stop "/dev/kvm does not exist. On physical hardware, enable VT-x or AMD-V in the firmware. In a cloud, use an \
instance type with nested virtualization: on Google Cloud set --enable-nested-virtualization, on Azure use Dv3, Ev3 or later, on AWS \
use *.metal or a type listed for it. host.domain_type: qemu works without /dev/kvm, but is many times slower."
  threads=$(nproc)
  [ "$threads" -ge 24 ] || note "warning: the virtual machines have 24 CPUs, but this host has $threads: they share them and run slower"
  memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  [ "$memory" -ge 98304 ] || note "warning: the virtual machines have 98304 MiB of memory, but this host has $memory MiB: the kernel will kill some of them"
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-vmlinuz-amd64 ] || needed=$((needed + 20000000))
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-initrd-amd64 ] || needed=$((needed + 200000000))
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-rootfs-amd64.squashfs ] || needed=$((needed + 1500000000))
  [ -e /srv/harvgen/media/v1.8.1/harvester-v1.8.1-amd64.iso ] || needed=$((needed + 7500000000))
  free=$(space /srv/harvgen/media)
  [ "$free" -ge "$needed" ] || stop "the installation media need $(gib "$needed"), but /srv/harvgen/media has $(gib "$free") free"
  needed=0
  # Images on data disks are not counted, because the disks may not be mounted yet.
  free=$(space /var/lib/libvirt/images)
  [ "$free" -ge "$needed" ] || note "warning: the disk images can grow to $(gib "$needed"), but /var/lib/libvirt/images has $(gib "$free") free"
  for name in scripts/fetch-media.sh host/firewall.nft systemd/harvgen-harvester_cloud-firewall.service libvirt/network.xml libvirt/networks/vms.xml nginx/harvester_cloud.conf libvirt/domains/harvester-1.xml libvirt/domains/harvester-2.xml libvirt/domains/harvester-3.xml; do
    [ -e "$tree/$name" ] || die 1 "the output tree $tree is incomplete: it lacks $name"
  done
}

# --- Step: packages of the distribution ---

# is_installed PACKAGE
is_installed() {
  case $family in
  debian) [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ] ;;
  *) rpm -q --quiet --whatprovides "$1" ;;
  esac
}

# install_packages PACKAGE…: retries if a mirror fails or another package manager holds the lock.
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

# missing_of PACKAGE…: prints the packages that are not installed.
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
    packages=(curl dnsmasq-base iproute2 iptables ipxe-qemu libvirt-clients libvirt-daemon-system nftables nginx ovmf qemu-system-x86 qemu-utils rsync socat)
    boot_programs=(ipxe)
    if is_selinux_on; then packages+=(policycoreutils-python-utils); fi
    ;;
  suse)
    packages=(curl dnsmasq iproute2 libvirt nftables nginx qemu-hw-display-virtio-gpu qemu-hw-display-virtio-gpu-pci qemu-hw-display-virtio-vga qemu-ipxe qemu-ovmf-x86_64 qemu-seabios qemu-tools qemu-x86 rsync socat)
    boot_programs=(ipxe-bootimgs)
    if is_selinux_on; then packages+=(policycoreutils-python-utils); fi
    ;;
  rhel)
    packages=(curl dnsmasq edk2-ovmf iproute libvirt-client libvirt-daemon-kvm nftables nginx qemu-img qemu-kvm rsync socat)
    boot_programs=(ipxe-bootimgs-x86)
    if is_selinux_on; then packages+=(policycoreutils-python-utils); fi
    ;;
  esac
  mapfile -t missing < <(missing_of "${packages[@]}")
  if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[@]}" || die 1 "FAILED: cannot install ${missing[*]}, see above: on a host without access to a mirror, \
install them beforehand"
  fi
  mapfile -t missing < <(missing_of "${boot_programs[@]}")
  if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[@]}" || note "cannot install ${missing[*]}: the step programs looks for the boot loaders, and without novnc no browser shows the screens of machines"
  fi
}

# --- Step: data disks. A disk with content is never formatted. ---

# wait_for DEVICE: waits until the device exists, because clouds attach disks while the machine boots.
wait_for() {
  local second
  for ((second = 0; second < disk_seconds; second++)); do
    [ ! -b "$1" ] || return 0
    [ -z "$dry" ] || return 1
    [ "$second" -ne 0 ] || note "waiting for $1"
    sleep 1
  done
  return 1
}

# what_blkid FIELD DEVICE: prints a field of the disk itself, not of the cache of blkid.
what_blkid() { blkid -p -o value -s "$1" "$2" 2>/dev/null || true; }

# in_use DEVICE: prints why the device cannot be used; nothing if it is free.
in_use() {
  local device=$1 name holders pt
  name=$(basename "$device")
  holders=$(find "/sys/class/block/$name/holders" -mindepth 1 -printf '%f ' 2>/dev/null || true)
  pt=$(what_blkid PTTYPE "$device")
  if [ -n "$holders" ]; then
    echo "it is part of ${holders% }"
  elif [ -n "$pt" ] || [ "$(lsblk -nro NAME "$device" | wc -l)" -gt 1 ]; then
    echo "it has partitions${pt:+ ($pt)}"
  elif grep -q "^$device " /proc/swaps; then
    echo "it is used as swap"
  elif [ "$(blockdev --getro "$device")" = 1 ]; then
    echo "it is read-only"
  fi
}

# signatures DEVICE: prints the type of the content; nothing if the device is blank.
signatures() {
  local status=0
  blkid -p "$1" >/dev/null 2>&1 || status=$?
  # 2: no signature. 8: several, so none is reliable.
  if [ "$status" -eq 8 ]; then
    echo "signatures of several types"
  elif [ "$status" -ne 2 ]; then
    what_blkid TYPE "$1"
  else
    wipefs -n --noheadings -O TYPE "$1" | tr '\n' ' '
  fi
}

# make_filesystem DEVICE TYPE LABEL UUID FORCE: a non-empty FORCE overwrites an interrupted file system of this script.
make_filesystem() {
  case $2 in
  ext4) run mkfs.ext4 -q -m 0 -L "$3" -U "$4" ${5:+-F} "$1" </dev/null ;;
  xfs) run mkfs.xfs -q -L "$3" -m "uuid=$4" ${5:+-f} "$1" ;;
  esac
  # The mount uses a name that udev creates.
  if [ -z "$dry" ] && has udevadm; then udevadm settle || true; fi
}

# data_disk NAME DEVICE TYPE FOLDER LABEL
data_disk() {
  local name=$1 device type=$3 folder=$4 label=$5 uuid='' found why begun force=''
  if ! wait_for "$2"; then
    problem "no data disk $name at $2: attach it, or change host.disks"
    return
  fi
  device=$(readlink -f "$2")
  if findmnt -rn -M "$folder" >/dev/null; then
    if [ "$(findmnt -rn -M "$folder" -o MAJ:MIN)" != "$(lsblk -ndro MAJ:MIN "$device")" ]; then
      problem "$folder must be the data disk $name, but another file system is mounted there: $(findmnt -rn -M "$folder" -o SOURCE)"
      return
    fi
    uuid=$(what_blkid UUID "$device")
    mount_by_uuid "$uuid" "$folder" "$(findmnt -rn -M "$folder" -o FSTYPE)" "$device"
    return
  fi
  if [ -n "$dry" ] && [ ! -r "$device" ]; then
    note "$2: only root can read it"
    return
  fi
  why=$(in_use "$device")
  found=$(findmnt -rn -S "$device" -o TARGET | head -n 1 || true)
  [ -z "$found" ] || why="it is mounted at $found"
  if [ -n "$why" ]; then
    problem "$2 is skipped: $why. Use another disk for $name, or free this one"
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
      note "$2 contains a file system that an earlier run did not finish"
      force=1
    else
      [ "$found" = "$type" ] || note "$2 contains $found, not $type: it is not changed"
      [ "$(what_blkid LABEL "$device")" = "$label" ] || note "$2 contains a file system that this script did not create: it is mounted unchanged"
      mount_by_uuid "$uuid" "$folder" "$found" "$device"
      return
    fi
    ;;
  *)
    problem "$2 is skipped: it contains $found. To erase it, run 'wipefs --all $2', then run this script again"
    return
    ;;
  esac
  remember "disk-$name" "making $uuid"
  make_filesystem "$device" "$type" "$label" "$uuid" "$force"
  remember "disk-$name" "made $uuid"
  mount_by_uuid "$uuid" "$folder" "$type" "$device"
}

# Options of systemd.mount(5). libvirt has one daemon, or one for each part.
before_mount=x-systemd.before=libvirtd.service,x-systemd.before=virtqemud.service

# own_fstab FOLDER: prints this site's line for a directory; nothing without such a line.
own_fstab() {
  local device folder rest
  while read -r device folder rest; do
    if [ "$folder" = "$1" ] && [[ ${rest%% 0 *} == *",x-harvgen.$site" ]]; then
      printf '%s\n' "$device $folder $rest"
      return
    fi
  done </etc/fstab
}

# mount_by_uuid UUID FOLDER TYPE DEVICE: mounts now and at each boot. A missing disk must not stop the boot. The services that
# start machines at boot wait for the mount.
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
    problem "$2 must be the data disk $4, but /etc/fstab mounts $other there: remove that line, or use another disk"
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

# The time limit for each disk.
disk_seconds=600


step_disks() {
  local any='' before=$unready
  data_disk data1 /dev/disk/by-id/google-data1 ext4 /var/lib/libvirt/images/data1 hv-ede2051f6
  # Only machines with an image on this disk must wait.
  if [ -n "$ailing" ]; then any=1 && ailing='' && unready=$before && bad_mounts+=(/var/lib/libvirt/images/data1); fi
  data_disk data2 /dev/disk/by-id/google-data2 ext4 /var/lib/libvirt/images/data2 hv-3aafd3f35
  # Only machines with an image on this disk must wait.
  if [ -n "$ailing" ]; then any=1 && ailing='' && unready=$before && bad_mounts+=(/var/lib/libvirt/images/data2); fi
  data_disk data3 /dev/disk/by-id/google-data3 ext4 /var/lib/libvirt/images/data3 hv-c5626e033
  # Only machines with an image on this disk must wait.
  if [ -n "$ailing" ]; then any=1 && ailing='' && unready=$before && bad_mounts+=(/var/lib/libvirt/images/data3); fi
  ailing=$any
}

# --- Disk images. An image has the name of its disk, for ever; only names of older versions contain a position. ---

# The disks of this output tree: machine, its UUID, serial number, WWN or -, and image.
tree_disks=(
  'harvester-1 dd85b4ff-8621-8c5d-a2b7-47ff37a6fe46 5001a4a759c1fdb5 - /var/lib/libvirt/images/data1/harvester-1-0.qcow2'
  'harvester-2 8f9814a6-931a-8e11-89db-881580403151 5001a4a9061c9ddf - /var/lib/libvirt/images/data2/harvester-2-0.qcow2'
  'harvester-3 94c740c6-4c73-8f54-b8bb-9da7a9506b9a 5001a4a61e7eb213 - /var/lib/libvirt/images/data3/harvester-3-0.qcow2'
)
adopted=()
old_names=()
stuck=()
bad_mounts=()
# The same by machine, disk (UUID and serial number) and image; and the disks of libvirt's definitions, until now.
declare -A uuid_of=() is_wanted=() is_image=() old_image=() old_wwn=() owner_of=()

# hold MACHINE TEXT: reports why a machine is neither defined nor started. The others continue.
hold() {
  note "FAILED: $2: $1 is not defined again, and neither this script nor the watchdog starts it"
  failed=1
  ailing=1
  stuck+=("$1")
  [ -n "$dry" ] || printf '%s\n' "$1" >>"$state/held"
}

# adopt_images: renames each image to the present name of its disk, before the domain is defined again. libvirt's definition has the
# image of each serial number. The old name stays until no definition has it, so that an interruption loses nothing.
adopt_images() {
  local uuid serial wwn file
  while read -r uuid serial wwn file; do
    old_image[$uuid $serial]=$file
    old_wwn[$uuid $serial]=$wwn
    owner_of[$file]="$uuid $serial"
  done < <(
    cat "$state/disks" 2>/dev/null || true
    defined_disks --inactive
  )
  for_each_disk index
  for_each_disk adopt
  for_each_disk check_image
}

# defined_disks [OPTION]: prints the disks of the machines in the record, by libvirt's definitions.
defined_disks() {
  local uuid
  while read -r uuid _; do
    virsh dumpxml "$@" "$uuid" 2>/dev/null | disks_in "$uuid" || true
  done < <(recorded domain)
}

# index MACHINE UUID SERIAL WWN FILE
index() {
  uuid_of[$1]=$2
  is_wanted[$2 $3]=1
  is_image[$5]=1
}

# for_each_disk COMMAND: runs it with the fields of each disk of this output tree.
for_each_disk() {
  local disk fields
  for disk in "${tree_disks[@]}"; do
    read -ra fields <<<"$disk"
    "$1" "${fields[@]}"
  done
}

# former_image UUID SERIAL FILE: prints the image of a disk until now; nothing if another directory or format makes it a new one.
former_image() {
  local old=${old_image[$1 $2]-}
  if [ -e "$old" ] && [ "${old%/*}" = "${3%/*}" ] && [ "${old##*.}" = "${3##*.}" ]; then printf '%s\n' "$old"; fi
}

# adopt MACHINE UUID SERIAL WWN FILE: renames an image to an unused name. After an interruption, images that swap names
# would be indistinguishable.
adopt() {
  local old
  old=$(former_image "$2" "$3" "$5")
  if [ -z "$old" ] || [ -e "$5" ] || [ -n "${is_image[$old]-}" ]; then return; fi
  record "image $5"
  run ln "$old" "$5" || return 0
  adopted+=("$5")
  [ -z "$dry" ] || old_names+=("$old")
}

# check_image MACHINE UUID SERIAL WWN FILE: holds a machine whose disk would be the image of another disk, or a blank one.
check_image() {
  local old other owner why='' unused='rename the machine or disk to an unused name'
  old=$(former_image "$2" "$3" "$5")
  if is_one_of "$5" "${adopted[@]}" || { [ -n "$old" ] && [ "$old" -ef "$5" ]; }; then
    keep_wwn "$@"
    return
  elif [ -n "$old" ] && [ -e "$5" ]; then
    why="$5 contains another disk than $old (serial number $3): $unused"
  elif [ -n "$old" ] && [ -n "${is_image[$old]-}" ]; then
    why="$old (serial number $3) does not become $5, because another disk gets its name: $unused"
  elif [ -n "$old" ]; then
    why="$old (serial number $3) cannot be renamed to $5: see the error above"
  elif [ -e "$5" ]; then
    other=$(other_name "$5")
    owner=${owner_of[$5]-}
    if [ -n "$other" ]; then
      why="$5 and $other are two names of one image, which two disks cannot have: $unused, or remove one of these names"
    elif [ -n "$owner" ] && [ -n "${is_wanted[$owner]-}" ]; then
      why="$5 contains another disk (serial number ${owner#* }): $unused"
    fi
  fi
  if [ -n "$why" ]; then hold "$1" "$why"; else keep_wwn "$@"; fi
}

# keep_wwn MACHINE UUID SERIAL WWN FILE: the disk keeps its name below /dev/disk/by-id of an installed machine.
keep_wwn() {
  local was=${old_wwn[$2 $3]-}
  if [ "$4" = - ]; then
    forget_wwn "$5"
  elif [ -n "$was" ] && [ "$was" != - ] && [ "$was" != "$4" ]; then
    record "wwn $5 $was"
  fi
}

# settle_images: removes old names of images, and reports images without a disk, unless a definition or a running machine uses them.
# Images are data: this script never removes the last name of one.
settle_images() {
  local old new used
  used=$(defined_disks --inactive && defined_disks)
  while IFS= read -r old <&8; do
    if [ -n "${is_image[$old]-}" ] || is_one_of "$old" "${old_names[@]}"; then continue; fi
    new=$(other_name "$old")
    if [[ $used$'\n' == *" $old"$'\n'* ]]; then
      note "a machine uses $old${new:+, now $new,} until it restarts: then run this script again"
      pending=1
    elif [ -n "$new" ]; then
      run rm -f "$old"
      forget "image $old"
    elif [ -e "$old" ]; then
      note "no virtual machine uses $old: it is kept; remove it if it is not needed"
    fi
  done 8< <(recorded image)
  if [ -n "$dry" ] || [ ! -e "$state/disks" ]; then return; fi
  # Definitions have these disks again, or another disk has their image.
  used=$used awk 'BEGIN { split(ENVIRON["used"], words); for (i in words) seen[words[i]] } !($1 in seen) && !($4 in seen)' \
    "$state/disks" >"$state/disks.new"
  mv "$state/disks.new" "$state/disks"
}

# other_name FILE: prints another name of an image that a disk of this output tree has; nothing without one.
other_name() {
  local disk
  for disk in "${tree_disks[@]}"; do
    if [ "$1" != "${disk##* }" ] && [ "$1" -ef "${disk##* }" ]; then
      printf '%s\n' "${disk##* }"
      return
    fi
  done
}

# image MACHINE FILE FORMAT SIZE FOLDER: creates a missing image, never changes an existing one. FOLDER is the data disk's.
image() {
  local machine=$1 there
  shift
  if is_one_of "$machine" "${stuck[@]}"; then return; fi
  if [ -n "$4" ] && is_one_of "$4" "${bad_mounts[@]}"; then
    hold "$machine" "$1 must be on the data disk at $4, which failed above"
  elif [ -n "$4" ] && [ -z "$dry" ] && ! findmnt -rn -M "$4" >/dev/null; then
    hold "$machine" "$1 must be on the data disk at $4, which is not mounted"
  elif [ ! -e "$1" ] && ! is_one_of "$1" "${adopted[@]}"; then
    create_image "$@" || hold "$machine" "$1 cannot be created"
  elif there=$(qemu-img info -U --output=json "$1" 2>/dev/null | sed -n 's/^    "virtual-size": \([0-9]*\),*$/\1/p'); then
    [ -z "$there" ] || [ "$there" -eq "$3" ] ||
      note "$1 has $(gib "$there"), but the inventory sets $(gib "$3"): it is not changed. To grow it, use qemu-img resize while the machine is off"
  fi
}

# create_image FILE FORMAT SIZE FOLDER
create_image() {
  if [ -z "$4" ] && [ ! -d "${1%/*}" ]; then run mkdir -p -m 0711 "${1%/*}" || return; fi
  record "image $1"
  forget_wwn "$1"
  # The image has another name until it is complete.
  run qemu-img create -q -f "$2" "$1.harvgen" "$3" && run mv "$1.harvgen" "$1"
}

# hold_machines: lists the machines that the watchdog must not start, once the others have their new definitions.
hold_machines() {
  [ -z "$dry" ] || return 0
  if [ ${#stuck[@]} -eq 0 ]; then rm -f "$state/held"; else printf '%s\n' "${stuck[@]}" >"$state/held"; fi
}

# forget_wwn FILE: a new image has the WWN of the output tree.
forget_wwn() {
  local line
  while IFS= read -r line <&7; do
    [ "${line% *}" != "$1" ] || forget "wwn $line"
  done 7< <(recorded wwn)
}

# definition_file FILE: prints the path of a domain definition: a copy if an installed machine knows another WWN.
definition_file() {
  local copy=$state/applied/${1##*/}
  if [ -z "$(recorded wwn)" ] || with_kept_wwn "$1" | cmp -s - "$1"; then
    printf '%s\n' "$1"
    return
  fi
  [ -n "$dry" ] || with_kept_wwn "$1" >"$copy"
  printf '%s\n' "$copy"
}

# with_kept_wwn FILE: prints a domain definition with each WWN that an installed machine knows.
with_kept_wwn() {
  kept=$(recorded wwn) awk '
    BEGIN { count = split(ENVIRON["kept"], lines, "\n"); for (i = 1; i <= count; i++) { split(lines[i], words, " "); of[words[1]] = words[2] } }
    /<source file=/ { file = $0; sub(/.*<source file="/, "", file); sub(/".*/, "", file) }
    /<wwn>/ && file in of { sub(/<wwn>.*<\/wwn>/, "<wwn>" of[file] "</wwn>") }
    { print }' "$1"
}

# --- Steps: the files that machines download, and the clock ---

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
  "$tree/scripts/fetch-media.sh" 9>&- || problem "installation media are missing, see above"
  [ "$before" = "$(list_media)" ] || changed=1
}

list_media() { find /srv/harvgen/media /srv/harvgen/images -type f -printf '%p %s %T@\n' 2>/dev/null | sort || true; }

# loader NAME SOURCE: copies an iPXE binary from the distribution's package. A manually installed binary stays.
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

# no_loader NAME TARGET: reports how to build the binary.
no_loader() {
  local how=''
  case $1 in
  snponly.efi) how='make bin-x86_64-efi/snponly.efi in the src directory of the iPXE sources' ;;
  esac
  if [ -n "$dry" ]; then
    note "$2 is missing: install its package, or build it with $how"
  else
    problem "$2 is missing, and this distribution has no suitable package: build it with $how, and copy it there. \
See the README of the output tree"
  fi
}

step_programs() {
  # dnsmasq does not start without this directory; neither does libvirt's dnsmasq.
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

# use_service SERVICE: enables and starts it.
use_service() {
  if ! is_enabled "$1"; then
    record "service $1"
    run systemctl enable "$1"
  elif others_have "service $1"; then
    record "service $1"
  fi
  is_active "$1" || run systemctl start "$1"
}

# --- Steps: libvirt, and the removal of items that are no longer in the output tree ---

# libvirt has either one daemon, or one for each part. Sockets start the daemons on demand. The services are enabled, too, because
# they start networks and machines with autostart at boot.
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
      # Sockets start these services, and they exit after two idle minutes by design.
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
  die 1 "FAILED: libvirt does not respond: see journalctl -u libvirtd -u virtqemud"
}

# Removes recorded items that are not in this output tree, for example of a node whose MAC changed.
step_leftovers() {
  local unit units=() name
  for unit in "$tree"/systemd/*; do
    [ ! -f "$unit" ] || units+=("${unit##*/}")
  done
  remove_all unit "${units[@]}"
  local domains=( 'dd85b4ff-8621-8c5d-a2b7-47ff37a6fe46 harvester-1' '8f9814a6-931a-8e11-89db-881580403151 harvester-2' '94c740c6-4c73-8f54-b8bb-9da7a9506b9a harvester-3' )
  shut_down_but "${domains[@]}"
  power_off_but "${domains[@]}"
  adopt_images
  for name in "${stuck[@]}"; do
    # Its old definition has the names of its images.
    mapfile -t -O ${#domains[@]} domains < <(recorded domain | grep -F -e "${uuid_of[$name]} ")
  done
  remove_all domain "${domains[@]}"
  remove_all network harvester_cloud-mgmt harvester_cloud-vms
}

# --- Steps: the firewall of the site, and its networks ---

# use_unit FILE [MORE…]: installs and starts a unit; restarts it if its file, or a file that it reads (MORE), has changed.
use_unit() {
  local name=${1##*/} sum again=restart
  sum=$(digest "$@")
  # Reload a firewall, because a restart would leave a gap.
  if grep -q '^ExecReload=' "$1"; then again=reload; fi
  if ! applied "unit-$name" "$sum" || ! cmp -s "$1" "/etc/systemd/system/$name"; then
    record "unit $name"
    put "$1" "/etc/systemd/system/$name"
    run systemctl daemon-reload
    if is_active "$name"; then run systemctl "$again" "$name"; fi
    remember "unit-$name" "$sum"
  fi
  # Another unit starts a unit without this section.
  grep -q '^\[Install\]' "$1" || return 0
  is_enabled "$name" || run systemctl enable "$name"
  is_active "$name" || run systemctl start "$name"
}

step_firewall() {
  use_unit "$tree/systemd/harvgen-harvester_cloud-firewall.service" "$tree/host/firewall.nft"
  # After a foreign 'nft flush ruleset', the unit is still active but its table is gone.
  if [ "$(id -u)" -eq 0 ] && is_active harvgen-harvester_cloud-firewall.service && ! nft list table inet harvgen_harvester_cloud >/dev/null 2>&1; then
    run systemctl reload harvgen-harvester_cloud-firewall.service

  fi
}

# reservations: prints MAC, IP address and name of each reservation in a network definition on standard input.
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

# bond_reservations: prints the reservations with several MACs, which libvirt passes to dnsmasq as options.
bond_reservations() { tr '"' "'" | sed -n "s/.*value='dhcp-host=\([^']*\)'.*/\1/p" | sort; }

# without_single_ranges: filters a definition on standard input. A range of one IP address only makes libvirt accept the lease;
# the IP address itself belongs to a reservation.
without_single_ranges() { sed "/<range start=\([\"'][0-9.]*[\"']\) end=\1>/,/<\/range>/d"; }

# rest_of FILE: prints the digest of a network definition without its reservations.
rest_of() { sed '/<host mac=/,/<\/host>/d' "$1" | without_single_ranges | digest; }

# definition NAME [--inactive]: prints a network definition for comparison, sorted and without the fields that libvirt adds while the
# network runs.
definition() {
  virsh net-dumpxml "$@" | without_single_ranges | sed -e "s/ connections='[0-9]*'//; /<mac address=/d; /<nat>/,/<\/nat>/d" \
    -e 's|\(<forward .*\)/>|\1>|; /<\/forward>/d' | sort
}

# is_behind NAME FILE: whether a running network uses another definition than FILE.
is_behind() {
  if applied "network-$1" "$(digest "$2")"; then
    [ "$(definition "$1")" != "$(definition "$1" --inactive)" ]
  elif applied "network-rest-$1" "$(rest_of "$2")"; then
    # A dry run has not defined the network in libvirt.
    return 1
  fi
}

# reserve NAME FILE: updates the reservations of a running network from FILE. Adds MACs whose reservations need a restart of the
# network to unreserved.
reserve() {
  local name=$1 file=$2 now lease mac ip host line
  now=$(virsh net-dumpxml "$name")
  lease=$(sed -n '/<host mac=/,/<\/host>/s/ *\(<lease .*\/>\)/\1/p' "$file" | head -n 1)
  while read -r mac ip host <&8; do
    run virsh -q net-update "$name" delete ip-dhcp-host "<host mac='$mac'/>" --live || true
  done 8< <(comm -23 <(reservations <<<"$now") <(reservations <"$file"))
  while read -r mac ip host <&8; do
    line="<host mac='$mac' ip='$ip'"
    [ -z "$host" ] || line+=" name='$host'"
    run virsh -q net-update "$name" add ip-dhcp-host "$line>$lease</host>" --live || unreserved+=("$mac")
  done 8< <(comm -13 <(reservations <<<"$now") <(reservations <"$file"))
  while read -r line <&8; do
    while read -r mac <&7; do unreserved+=("$mac"); done 7< <(grep -oE '([0-9a-f]{2}:){5}[0-9a-f]{2}' <<<"$line")
  done 8< <(comm -13 <(bond_reservations <<<"$now") <(bond_reservations <"$file"))
}

# all_off: prints the commands that turn all machines off. The watchdog must be stopped, because it would start them again.
all_off() {
  local first=
  if is_active "$watchdog"; then first="'systemctl stop $watchdog', then "; fi
  printf '%s\n' "run ${first}'virsh shutdown' for each machine on it, and run this script again once they are off: it starts them"
}

# has_machines BRIDGE: libvirt loses its own count when a running network is changed. Older libvirt releases add their own NIC to
# the bridge.
has_machines() {
  ip -o link show master "$1" 2>/dev/null |
    awk -v own="$1-nic" '{ sub(/[:@].*/, "", $2) } $2 != own { found = 1 } END { exit !found }'
}

# network_at BRIDGE NAME: prints another libvirt network with that bridge, and its site; nothing without such a network.
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
  local name=$1 file=$tree/$2 bridge=$3 info sum uuid there other
  sum=$(digest "$file")
  uuid=$(sed -n 's|.*<uuid>\(.*\)</uuid>.*|\1|p' "$file" | head -n 1)
  info=$(info_of net-info "$name")
  there=$(field UUID "$info")
  if [ -n "$there" ] && [ "$there" != "$uuid" ]; then
    problem "libvirt already has a network $name of another owner (UUID $there): rename it, or rename the site's network"
    return
  fi
  other=$(network_at "$bridge" "$name")
  if [ -n "$other" ]; then
    problem "$name and libvirt's network $other use the same bridge $bridge: set another 'interface' in the inventory of one of them"
    return
  fi
  if [ -z "$there" ] || ! applied "network-$name" "$sum"; then
    record "network $name"
    run virsh -q net-define "$file"
    remember "network-$name" "$sum"
  fi
  [ "$(field Autostart "$info")" = yes ] || run virsh -q net-autostart "$name"
  if [ "$(field Active "$info")" = yes ]; then
    if has_machines "$bridge"; then
      reserve "$name" "$file"
      if is_behind "$name" "$file"; then
        behind=1
        pending=1
        note "$name keeps its old definition while machines use it; only new reservations apply. To apply all: $(all_off)"
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
    problem "$name did not start: see the libvirt error above"
  fi
}

step_networks() {
  unreserved=()
  network harvester_cloud-mgmt libvirt/network.xml virbr-mgmt

  network harvester_cloud-vms libvirt/networks/vms.xml virbr-vms

  return 0
}

# --- Step: SELinux, AppArmor and the host firewall. Existing rules are left alone. ---

# label PATH TYPE: allows nginx, systemd and dnsmasq to read the path.
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
  label /srv/harvgen/images httpd_sys_content_t
  label /srv/harvgen/tftp tftpdir_t
  remove_all label "${wanted[@]}"
  remove_all boolean
}

# let_in_apparmor RULE…: adds rules to the dnsmasq profile, which also confines libvirt's dnsmasq and allows TFTP in three
# directories only. The rules go to the profile's local include file.
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
    # The last line may lack its newline.
    replace "$apparmor_rules" < <(awk 1 "$apparmor_rules" 2>/dev/null; printf '%s\n' "${missing[@]}")
  fi
  if ! applied apparmor "$*"; then
    load_apparmor
    remember apparmor "$*"
  fi
  kept_rules=("$@")
}

# let_in TARGET CHANGE: adds a firewalld rule to --zone=… or --policy=…, both permanently and at run time.
let_in() {
  wanted+=("$1 $2")
  if ! firewall-cmd -q --permanent "$1" "${2/#--add-/--query-}"; then
    record "firewalld $1 $2"
    run firewall-cmd -q --permanent "$1" "$2"
  elif others_have "firewalld $1 $2"; then
    record "firewalld $1 $2"
  fi
  # libvirt may have the bridge in another zone, for the forwarding of before.
  firewall-cmd -q "$1" "${2/#--add-/--query-}" || run firewall-cmd -q "$1" "${2/#--add-interface/--change-interface}"
}

# let_in_from FORWARD BRIDGE PORT…: for a libvirt network. libvirt adds its bridges to its own zones, which allow DHCP, DNS and
# TFTP, but not HTTP. Bridges of open networks are in no zone.
let_in_from() {
  local forward=$1 bridge=$2 place=--zone=libvirt port
  shift 2
  if [ "$forward" = route ] && [[ " $(firewall-cmd --get-policies 2>/dev/null) " == *' libvirt-to-host '* ]]; then
    place=--policy=libvirt-to-host
  fi
  if [ "$forward" = open ]; then let_in "$place" "--add-interface=$bridge"; fi
  for port in "$@"; do let_in "$place" "--add-port=$port"; done
}

# let_in_on BRIDGE PORT…: for a host bridge, in the zone that the host assigns to it.
let_in_on() {
  local bridge=$1 zone port
  shift
  zone=$(firewall-cmd --get-zone-of-interface="$bridge" 2>/dev/null) || zone=$(firewall-cmd --get-default-zone)
  for port in "$@"; do let_in "--zone=$zone" "--add-port=$port"; done
}

let_in_firewalld() {
  local zone
  guard=firewalld
  let_in_from nat virbr-mgmt 80/tcp
  zone=$(firewall-cmd --get-default-zone)
  let_in "--zone=$zone" '--add-port=443/tcp'
  let_in "--zone=$zone" '--add-port=6443/tcp'
  return 0
}

# let_in_ufw RULE…
let_in_ufw() {
  wanted+=("$*")
  if ! has_ufw_rule "$@"; then
    record "ufw $*"
    # shellcheck disable=SC2046 # words
    run ufw $(ufw_words allow "$@")
  elif others_have "ufw $*"; then
    record "ufw $*"
  fi
}

# Includes DHCP, DNS, TFTP and forwarded traffic: libvirt opens them with its iptables backend only. With nftables, its accept does
# not prevent the drop of ufw.
let_in_by_ufw() {
  guard=ufw
  let_in_ufw route in on virbr-mgmt
  let_in_ufw route in on virbr-vms
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
  return 0
}

# Manually written rules are not changed, only reported.
note_drops() {
  local rules
  rules=$(nft list ruleset 2>/dev/null || true)
  if grep -q 'hook forward .*policy drop' <<<"$rules"; then
    note "the rules of this host drop forwarded packets by default, and neither firewalld nor ufw runs. Allow:"
    note '  forwarding from virbr-mgmt'
    note '  forwarding from virbr-vms'
  fi
  grep -q 'hook input .*policy drop' <<<"$rules" || return 0
  note "the nftables rules of this host drop packets by default, and neither firewalld nor ufw runs. Allow:"
  note '  80/tcp, 53/tcp, 53/udp, 67/udp, 69/udp on virbr-mgmt'
  note '  53/tcp, 53/udp, 67/udp, 69/udp on virbr-vms'
  note '  443/tcp, 6443/tcp from outside'
}

step_access() {
  wanted=()
  guard=
  kept_rules=()
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

# Removes rules and services that no machine needs any more. Machines need the old ones as long as their network has its old
# definition; the next run continues.
step_unused() {
  local uuid folder
  while read -r uuid folder <&8; do
    case $folder in
    /var/lib/libvirt/images/data1) ;;
    /var/lib/libvirt/images/data2) ;;
    /var/lib/libvirt/images/data3) ;;
    *) note "$folder is no longer a data disk of the inventory: it stays mounted and in /etc/fstab (UUID=$uuid). Unmount it and remove the line, or keep both" ;;
    esac
  done 8< <(recorded mount)
  if [ -n "$behind" ]; then
    # Exposed ports and rules of host bridges do not depend on a network of libvirt.
    mapfile -t -O ${#wanted[@]} wanted < <(recorded firewalld | grep libvirt; recorded ufw | grep -E '^(in|out|route)')
    mapfile -t -O ${#kept_rules[@]} kept_rules < <(recorded apparmor)
  else
    remove_all chrony_include
    remove_all chrony
  fi
  case $guard in ?*) remove_all "$guard" "${wanted[@]}" ;; esac
  if [ -e "$apparmor_profile" ]; then remove_all apparmor "${kept_rules[@]}"; fi
}

# --- Steps: nginx, the virtual machines, the units ---

secrets=/etc/nginx/harvgen/harvester_cloud.secrets.conf

# Whether the include file of nginx has all secrets of this output tree.
has_secrets() { grep -qxF "set \$harvgen_harvester_cloud_fills edda481059cd935f;" "$secrets" 2>/dev/null; }

ask_for_secrets() {
  waiting=1
  if [ "$(id -u)" -ne 0 ]; then
    note "only root can check for $secrets"
    return
  fi
  held=1
  if [ -e "$secrets" ]; then
    note "$secrets lacks secrets that this output tree needs (cluster_token, node_password, rancher_registration_url)."
  else
    note "nginx has no secrets to substitute (cluster_token, node_password, rancher_registration_url)."
  fi
  note "Run this where harvgen build runs; secrets.yaml has lines of the form 'name: value':"
  say
  cat <<'END'
    npx harvgen secrets sites/harvester_cloud --format nginx --secrets secrets.yaml | ssh root@lab.example.org '
      include=/etc/nginx/harvgen/harvester_cloud.secrets.conf
      umask 077 && mkdir -p "$(dirname $include)" && cat >$include.new &&
        tail -n 1 $include.new | grep -q "^set .*_fills .*;$" && mv $include.new $include'
END
  say
}

# nginx_print: prints a text that changes whenever nginx has a new file to read. For secrets it uses the file's time, not the content.
nginx_print() {
  digest "$root/nginx/$site.conf"
  stat -c '%i %s %Y' "$secrets" 2>/dev/null || true
}

step_nginx() {
  local link=/etc/nginx/conf.d/$site.conf linked='' print words
  has_secrets || ask_for_secrets
  # Without this file nginx would not start for any site.
  if [ ! -e "$secrets" ]; then return; fi
  print=$(nginx_print | digest)
  if [ "$(readlink "$link" 2>/dev/null)" != "$root/nginx/$site.conf" ]; then
    if [ -e "$link" ] && ! known "nginx $link"; then
      problem "$link exists, but this script did not create it: move it away"
      return
    fi
    record "nginx $link"
    linked=1
    run ln -sfn "$root/nginx/$site.conf" "$link"
  elif applied nginx "$print" && is_active nginx.service && is_enabled nginx.service; then
    return
  fi
  if [ -z "$dry" ] && ! words=$(nginx -t -q 2>&1); then
    problem "nginx rejects $root/nginx/$site.conf: $words"
    # With this link nginx would not start again for any site.
    [ -z "$linked" ] || run rm -f "$link"
    return
  fi
  if is_active nginx.service; then run systemctl reload nginx.service; fi
  use_service nginx.service
  remember nginx "$print"
}

# running_domain INFO: prints a text that changes with each start of the domain.
running_domain() { printf '%s %s\n' "$(cat /proc/sys/kernel/random/boot_id)" "$(field Id "$1")"; }

# unreserved_of FILE: prints a MAC of a domain that has no reservation in the running network yet.
unreserved_of() {
  local mac
  for mac in "${unreserved[@]}"; do
    if grep -qiF "$mac" "$1"; then
      printf '%s\n' "$mac"
      return
    fi
  done
}

# keep_off NAME FILE AUTOSTART STATE: whether a machine that is off must stay off; reports the reason.
keep_off() {
  local mac
  case $4 in
  '' | 'shut off' | crashed) ;;
  *) return 1 ;;
  esac
  mac=$(unreserved_of "$2")
  if [ -n "$mac" ]; then
    problem "$1 is not started: its network runs without the reservation of $mac, which libvirt loads only when the network starts. To apply it: $(all_off)"
  elif [ "$3" = false ]; then
    note "$1 is off and has no autostart. To start it: virsh start $1"
    return
  elif [ -n "$held" ]; then
    note "$1 is not started until the secrets are installed"
    waiting=1
  elif [ -n "$unready" ]; then
    note "$1 is not started: a step above failed, so it might not boot"
    waiting=1
  else
    return 1
  fi
  kept_off=1
  # The watchdog would start the waiting machines.
  if is_active "$watchdog"; then run systemctl stop "$watchdog"; fi
}

# domain NAME UUID AUTOSTART
domain() {
  local name=$1 uuid=$2 file=$tree/libvirt/domains/$1.xml sum info there state_now off=
  if is_one_of "$name" "${stuck[@]}"; then return; fi
  file=$(definition_file "$file")
  sum=$(digest "$file")
  info=$(info_of dominfo "$name")
  there=$(field UUID "$info")
  # On a dry run, the domain still exists.
  if [ -n "$there" ] && is_forgotten "domain $there $name"; then there=; fi
  if [ -n "$there" ] && [ "$there" != "$uuid" ]; then
    problem "libvirt already has a domain $name of another owner (UUID $there): rename it, or rename the node"
    return
  fi
  state_now=
  [ -z "$there" ] || state_now=$(field State "$info")
  keep_off "$name" "$file" "$3" "$state_now" && off=1
  if [ -z "$there" ] || ! applied "domain-$name" "$sum"; then
    record "domain $uuid $name"
    case $state_now in
    '' | 'shut off') ;;
    *) remember "pending-domain-$name" "$(running_domain "$info")" ;;
    esac
    run virsh -q define "$file"
    remember "domain-$name" "$sum"
  fi
  case ${there:+$(field Autostart "$info")} in
  enable) [ "$3" = true ] || run virsh -q autostart --disable "$name" ;;
  *) [ "$3" = false ] || run virsh -q autostart "$name" ;;
  esac
  case $state_now in
  '' | 'shut off' | crashed)
    if [ -z "$off" ]; then run virsh -q start "$name" || problem "$name did not start: see the libvirt error above"; fi
    unremember "pending-domain-$name"
    ;;
  *)
    if applied "pending-domain-$name" "$(running_domain "$info")"; then
      note "$name runs with its old definition: run 'virsh shutdown $name'; the watchdog then starts it with the new one"
    fi
    ;;
  esac
}

step_domains() {
  local unready=$unready
  kept_off=
  image harvester-1 /var/lib/libvirt/images/data1/harvester-1-0.qcow2 qcow2 322122547200 /var/lib/libvirt/images/data1

  image harvester-2 /var/lib/libvirt/images/data2/harvester-2-0.qcow2 qcow2 322122547200 /var/lib/libvirt/images/data2

  image harvester-3 /var/lib/libvirt/images/data3/harvester-3-0.qcow2 qcow2 322122547200 /var/lib/libvirt/images/data3

  domain harvester-1 dd85b4ff-8621-8c5d-a2b7-47ff37a6fe46 true

  domain harvester-2 8f9814a6-931a-8e11-89db-881580403151 true

  domain harvester-3 94c740c6-4c73-8f54-b8bb-9da7a9506b9a true

  hold_machines
  settle_images
}

step_units() {
  local file
  for file in "$tree"/systemd/*; do
    [ -f "$file" ] || continue
    case $file in
    */harvgen-harvester_cloud-firewall.service) ;;
    */"$watchdog")
      if [ -n "$kept_off" ]; then note "${file##*/} is not started before the virtual machines"; else use_unit "$file"; fi
      ;;
    *) use_unit "$file" ;;
    esac
  done
}

main "$@"
