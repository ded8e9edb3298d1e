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
