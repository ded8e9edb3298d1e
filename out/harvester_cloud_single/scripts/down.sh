#!/usr/bin/env bash
# Removes what host-setup.sh of harvester_cloud_single installed on this host: units, virtual machines, networks, firewall, nginx
# configuration, secrets, mounts, and the other items of its record in /var/lib/harvgen/harvester_cloud_single. Keeps packages, installation media, this output
# tree, disk images, and everything that existed before. Running it twice is harmless.
#
#   down.sh [--dry-run] [--delete-images]
#
#   --dry-run         prints the changes without making them
#   --delete-images   deletes the images that host-setup.sh created: all data on the machines' disks is lost
#
# Shuts down each virtual machine, and powers it off after HARVGEN_SHUTDOWN_SECONDS (default: 300).
# With --delete-images it powers machines off at once.
#
# Exit status 0: all is removed; 1: a step failed (see FAILED); 2: wrong command line, or not root.
set -Eeuo pipefail

site=harvester_cloud_single
state=/var/lib/harvgen/harvester_cloud_single
watchdog=harvgen-harvester_cloud_single-watchdog.timer
secrets=/etc/nginx/harvgen/harvester_cloud_single.secrets.conf
filled=''
firewall=harvgen-harvester_cloud_single-firewall.service
shutdown_seconds=${HARVGEN_SHUTDOWN_SECONDS:-300}
dry=
failed=
delete_images=

steps=(units domains networks firewall nginx secrets clock access images disks)

main() {
  local name
  while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --delete-images) delete_images=1 ;;
    --help) usage && exit ;;
    *) die 2 "down.sh has no option $1: see --help" ;;
    esac
    shift
  done
  [ "$(id -u)" -eq 0 ] || die 2 "down.sh reads a record that only root can read: run it as root, with sudo"
  if [ ! -e "$state/put-up" ]; then
    say "$site is not set up on this host."
    exit
  fi
  [ -n "$dry" ] || begin_work
  trap 'fail_unseen "$LINENO" "$BASH_COMMAND"' ERR
  for name in "${steps[@]}"; do
    begin_step "$name"
    "step_$name"
    end_step "$name"
  done
  finish
}

finish() {
  if [ -n "$failed" ]; then
    say "$site is only partly removed: fix each FAILED above, and run this script again."
    exit 1
  fi
  if [ -n "$dry" ]; then
    say "Nothing was changed."
    exit
  fi
  [ -n "$acted" ] || say "There was nothing to do."
  if [ -n "$(recorded image)" ]; then
    say "$site is removed. Its images are kept; down.sh --delete-images deletes them."
    rm -rf "$state/applied" "$state/held"
  else
    say "$site is removed."
    rm -rf "$state"
    rmdir "${state%/*}" 2>/dev/null || true
  fi
}

# The watchdog goes first, because it would start machines again. The firewall stays until all machines are gone.
step_units() {
  if known "unit $watchdog"; then remove_unit "$watchdog"; fi
  remove_all unit "$firewall"
}

step_domains() {
  [ -n "$delete_images" ] || shut_down_but ''
  remove_all domain
}

step_networks() { remove_all network; }
step_firewall() { remove_all unit; }

step_nginx() {
  remove_all nginx
  if known 'service nginx.service'; then remove_service nginx.service; fi
}

# The operator has the values. Reports other copies, which may be in use elsewhere.
step_secrets() {
  local file
  if [ -n "$secrets" ] && [ -e "$secrets" ]; then run rm -f "$secrets"; fi
  if [ -n "$filled" ]; then note "the output tree in $filled contains secret values: remove it"; fi
  while IFS= read -r file; do
    note "$file may contain secret values: remove it"
  done < <(grep -lsF -e "harvgen-$site" /var/lib/cloud/instances/*/user-data.txt* || true)
  [ ! -e "/etc/harvgen/$site.iscsi" ] || note "/etc/harvgen/$site.iscsi contains the secrets of iSCSI: remove it once no machine uses its disk"
}

step_clock() {
  remove_all chrony_include
  remove_all chrony
  remove_all service
}

step_access() {
  remove_all firewalld
  remove_all ufw
  remove_all apparmor
  remove_all label
  remove_all boolean
}

step_images() {
  local file
  while IFS= read -r file <&8; do
    if [ -n "$delete_images" ] && [ -e "$file" ]; then
      run rm -f "$file"
      forget "image $file"
    elif [ -n "$delete_images" ]; then
      note "$file does not exist"
      forget "image $file"
    else
      note "kept: $file"
    fi
  done 8< <(recorded image)
}

step_disks() {
  remove_all mount
  remove_all fstab
  remove_all folder
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

main "$@"
