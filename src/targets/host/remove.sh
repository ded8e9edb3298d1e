
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
