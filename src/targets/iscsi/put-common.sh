tree=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd -P)
dry=
force=
forced=()
failed=0

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 2
}

# shellcheck disable=SC2317 # the script for LIO reports failures in Python
fail() {
  say "FAILED  $*"
  failed=1
}

while [ $# -gt 0 ]; do
  case $1 in
  --dry-run) dry=1 ;;
  --force) force=1 ;;
  --secrets)
    [ $# -gt 1 ] || die '--secrets requires a file'
    secrets=$2
    shift
    ;;
  -h | --help) sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0" && exit ;;
  -*) die "unknown option $1: see put-targets.sh --help" ;;
  *) forced+=("$1") ;;
  esac
  shift
done
[ "${#forced[@]}" -eq 0 ] || [ -n "$force" ] || die 'names of nodes require --force: without it, all targets are deployed'
[ "$(id -u)" -eq 0 ] || die 'requires root: sudo put-targets.sh'
if [ "$driver" != tgt ]; then
  # Two servers that write to one disk destroy its content.
  for file in /etc/tgt/conf.d/harvgen-"$site"-*.conf; do
    if [ -f "$file" ] && IFS= read -r line <"$file" && [[ $line == "# harvgen: the disk of "*", a node of $site. "* ]]; then
      say "FAILED  tgt still has this target: tgt-admin --delete $(sed -n 's/^<target \(.*\)>$/\1/p' "$file") && rm $file"
      failed=1
    fi
  done
  [ "$failed" -eq 0 ] || die 'first remove the targets of tgt: with --force if a machine is off but still logged in'
fi
# The directory is in memory, because it contains the values of secrets.
made=$(mktemp -d /run/harvgen-put-targets.XXXXXXXXXX)
trap 'rm -rf "$made"' EXIT
exec 9>/run/harvgen-put-targets.lock
flock --nonblock 9 || die 'another put-targets.sh is running on this machine'

# is_forced NODE: whether its target may change while it is logged in.
# shellcheck disable=SC2317 # the script for LIO does not call it
is_forced() {
  local node
  [ -n "$force" ] || return
  if [ "${#forced[@]}" -eq 0 ]; then return; fi
  for node in "${forced[@]}"; do
    if [ "$node" = "$1" ]; then return; fi
  done
  return 1
}

# Lists the files of the tree with placeholders for secrets, each ended by a zero byte.
listed() {
  if [ -d "$tree/iscsi/$driver" ]; then find "$tree/iscsi/$driver" -type f ! -name '.*' -print0; fi
}

# Prints the names on standard input that are missing in the file of secrets.
missing() {
  awk -v file="$secrets" 'BEGIN { while ((getline line < file) > 0) { split(line, word, " "); there[word[1]] = 1 } }
    !($1 in there)' | paste -s -d ' '
}

# Copies the files of the tree to $made, with the values of secrets.
fill() {
  local names lacking
  names=$({ listed | xargs -0 -r grep -hoE '@@secret:[a-z][a-z0-9_]*@@' || true; } | sed 's/^@@secret://; s/@@$//' | sort -u)
  if [ -z "$names" ]; then
    secrets=/dev/null
  else
    [ -f "$secrets" ] || die "there is no $secrets with the values of secrets: harvgen secrets --format iscsi prints it"
    [[ $(stat -L -c '%u %a' "$secrets") =~ ^0\ [0-7]?[0-7]00$ ]] ||
      die "users other than root can read $secrets: chown root $secrets && chmod 0600 $secrets"
    lacking=$(awk '!/^[a-z][a-z0-9_]* [A-Za-z0-9._-]+$/ { print FNR }' "$secrets" | paste -s -d ' ')
    [ -z "$lacking" ] || die "these lines of $secrets are not \`name value\`: $lacking"
    lacking=$(missing <<<"$names")
    [ -z "$lacking" ] || die "$secrets has no value for: $lacking"
  fi
  # shellcheck disable=SC2016 # awk expands these
  listed | FILE=$secrets TO=$made xargs -0 -r awk '
    BEGIN { while ((getline line < ENVIRON["FILE"]) > 0) { split(line, word, " "); value[word[1]] = word[2] } }
    FNR == 1 {
      if (out != "") close(out)
      out = FILENAME
      sub(/.*\//, "", out)
      out = ENVIRON["TO"] "/" out
    }
    {
      text = ""
      while (match($0, /@@secret:[a-z][a-z0-9_]*@@/)) {
        text = text substr($0, 1, RSTART - 1) value[substr($0, RSTART + 9, RLENGTH - 11)]
        $0 = substr($0, RSTART + RLENGTH)
      }
      print text $0 > out
    }'
}

