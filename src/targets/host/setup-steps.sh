
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
