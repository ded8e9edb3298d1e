#!/usr/bin/env bash
# Takes down what host-setup.sh of ochami has put up on this host: units, virtual machines, networks, firewall, nginx's
# configuration, mounts, and what else its record in /var/lib/harvgen/ochami has. Packages, Harvester's files, this tree and
# the images of disks stay, and so does all that was there before. Twice is no fault.
#
#   down.sh [--dry-run] [--delete-images]
#
#   --dry-run         says what it would do and does none of it
#   --delete-images   deletes the images that host-setup.sh has made: all that is on the machines' disks is lost
#
# A virtual machine is shut down first, and switched off if it has not ended after HARVGEN_SHUTDOWN_SECONDS,
# 300 unless said; at once with --delete-images.
#
# Status 0: all is down; 1: something failed, and is said; 2: a wrong command line, or no root.
set -Eeuo pipefail

site=ochami
state=/var/lib/harvgen/ochami
watchdog=harvgen-ochami-watchdog.timer
firewall=harvgen-ochami-firewall.service
shutdown_seconds=${HARVGEN_SHUTDOWN_SECONDS:-300}
dry=
failed=
delete_images=

steps=(units domains networks firewall nginx clock access images disks)

main() {
  local name
  while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry=1 ;;
    --delete-images) delete_images=1 ;;
    --help) usage && exit ;;
    *) die 2 "down.sh knows no $1: see --help" ;;
    esac
    shift
  done
  [ "$(id -u)" -eq 0 ] || die 2 "down.sh reads a record that is for root alone: run it as root, by sudo"
  if [ ! -e "$state/put-up" ]; then
    say "Nothing of $site is up."
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
    say "Not all of $site is down: see FAILED above, mend that, and run this again."
    exit 1
  fi
  if [ -n "$dry" ]; then
    say "Nothing was done."
    exit
  fi
  [ -n "$acted" ] || say "There was nothing to do."
  # What is left in the record are images.
  if [ -s "$state/put-up" ]; then
    say "$site is down. Its images are kept; down.sh --delete-images deletes them."
    rm -rf "$state/applied"
  else
    say "$site is down."
    rm -rf "$state"
    rmdir "${state%/*}" 2>/dev/null || true
  fi
}

# The watchdog first: it would start what is taken down. The firewall holds until no machine is left.
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
}

step_images() {
  local file
  while IFS= read -r file <&8; do
    if [ -n "$delete_images" ] && [ -e "$file" ]; then
      run rm -f "$file"
      forget "image $file"
    elif [ -n "$delete_images" ]; then
      note "$file is not there"
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

main "$@"
