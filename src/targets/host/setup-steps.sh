
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
