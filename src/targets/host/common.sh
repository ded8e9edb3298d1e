
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
