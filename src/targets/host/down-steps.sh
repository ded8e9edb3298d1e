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
