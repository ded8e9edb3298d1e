
# The common part of the scripts for BMCs. Before it: the settings, and the nodes in `known` and `address_of`.

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $*"
  say "see ${0##*/} --help"
  exit 2
}

# fail TEXT: reports a failure of the current node.
fail() {
  say "FAILED  $name: $*"
  return 1
}

# Prints the comment at the top of this file.
usage() { sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; }

# names TEXT: prints the names of a range in brackets.
names() {
  local text=$1 before inner behind part first last number padded
  if [[ $text =~ ^(([^][,]|\[[^][]*\])+),(.*)$ ]]; then
    before=${BASH_REMATCH[1]} behind=${BASH_REMATCH[3]}
    names "$before" && names "$behind"
    return
  fi
  if [[ ! $text =~ ^([^][]*)\[([0-9,-]+)\](.*)$ ]]; then
    [[ $text != *[][]* && -n $text ]] || return 1
    printf '%s\n' "$text"
    return
  fi
  before=${BASH_REMATCH[1]} inner=${BASH_REMATCH[2]} behind=${BASH_REMATCH[3]}
  for part in ${inner//,/ }; do
    [[ $part =~ ^([0-9]{1,9})(-([0-9]{1,9}))?$ ]] || return 1
    first=${BASH_REMATCH[1]} last=${BASH_REMATCH[3]:-${BASH_REMATCH[1]}}
    ((10#$first <= 10#$last)) || return 1
    for ((number = 10#$first; number <= 10#$last; number += 1)); do
      printf -v padded "%0${#first}d" "$number"
      names "$before$padded$behind" || return 1
    done
  done
}

# choose TEXT: selects the nodes of a name or a range; reports the first unknown one.
choose() {
  local name list
  list=$(names "$1") || { wrong="$1 is not the name of a node, nor a range such as cg[01-06]" && return 1; }
  while read -r name; do
    [ -n "${address_of[$name]-}" ] || { wrong="no BMC for the node $name; see --list" && return 1; }
    # A repeated name counts once.
    [ -n "${is_chosen[$name]-}" ] || chosen+=("$name")
    is_chosen[$name]=yes
  done <<<"$list"
}
declare -A is_chosen=()

# parse ARGUMENT…: reads the command line. `own_option` reads the options of one script: it sets `took`, or fails.
parse() {
  local name took
  while [ $# -gt 0 ]; do
    took=1
    case $1 in
      --help)
        usage
        exit 0
        ;;
      --all)
        chosen=("${known[@]}")
        for name in "${known[@]}"; do is_chosen[$name]=yes; done
        ;;
      --no-power) power= ;;
      --list) what=list ;;
      --dry-run) dry_run=yes ;;
      --power)
        took=2
        case ${2-} in on | off | cycle | status) ;; *) die "--power requires on, off, cycle or status, not '${2-}'" ;; esac
        what=$2
        ;;
      --port | --timeout | --jobs)
        took=2
        [[ ${2-} =~ ^[1-9][0-9]{0,4}$ ]] || die "$1 requires a number, not '${2-}'"
        printf -v "${1#--}" %s "$2"
        ;;
      -*) own_option "$@" || die "unknown option $1" ;;
      *) choose "$1" || die "$wrong" ;;
    esac
    shift "$took"
  done
}

# prepare PREFIX PROGRAM…: ends after a list or a dry run, without any request. Otherwise checks the programs, and the
# credentials in the environment, whose names begin with PREFIX.
prepare() {
  local program
  prefix=$1
  if [ "$what" = list ]; then
    [ ${#chosen[@]} -gt 0 ] || chosen=("${known[@]}")
    for name in "${chosen[@]}"; do printf '%s %s\n' "$name" "${address_of[$name]}"; done
    exit 0
  fi
  [ ${#chosen[@]} -gt 0 ] || die 'name the nodes, or use --all'
  if [ -n "$dry_run" ]; then
    for name in "${chosen[@]}"; do printf 'dry run %s: %s, at %s\n' "$name" "$(plan)" "${address_of[$name]}"; done
    exit 0
  fi
  for program in "${@:2}"; do
    command -v "$program" >/dev/null || die "$program is not installed: apt-get install $program"
  done
  for name in "${chosen[@]}"; do
    credentials "$name"
    if [ -z "$user" ] || [ -z "$password" ]; then
      die "$name: set ${prefix}_USER and ${prefix}_PASSWORD in the environment"
    fi
    [[ $user$password != *[[:cntrl:]]* ]] || die "$name: the credentials must not contain control characters"
  done
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
}

# Prints what is done with a node, as in the report of success.
plan() {
  case $what in
    console) printf 'serial console' ;;
    powerman) printf 'commands of powermand' ;;
    boot) printf '%s once%s' "$target" "$([ -z "$power" ] || printf ', power cycled')" ;;
    *) printf 'power %s' "$what" ;;
  esac
}

# credentials NAME: sets `user` and `password`, the node's own or the common ones.
credentials() {
  local own=${1^^}
  own=${own//[!A-Z0-9]/_}
  local user_of=${prefix}_USER_$own password_of=${prefix}_PASSWORD_$own
  local user_for_all=${prefix}_USER password_for_all=${prefix}_PASSWORD
  user=${!user_of-${!user_for_all-}} password=${!password_of-${!password_for_all-}}
}

# each FUNCTION: calls it for every selected node, several at a time. Fails if one failed.
each() {
  local one pids=()
  rm -f "$work"/*.failed
  for one in "${chosen[@]}"; do
    # Waits by process id, as below: other processes, such as the logger, do not end with these.
    if [ ${#pids[@]} -ge "$jobs" ]; then
      wait "${pids[0]}" || true
      pids=("${pids[@]:1}")
    fi
    (
      node "$one"
      "$1" || : >"$work/$one.failed"
    ) </dev/null &
    pids+=("$!")
  done
  wait "${pids[@]}" || true
  local failed=("$work"/*.failed)
  [ ! -e "${failed[0]}" ]
}
