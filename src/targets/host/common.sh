
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
