#!/usr/bin/env bash
# Deploys the targets of bmi to tgt on the iSCSI server, as root: copies its files with the values of secrets,
# applies changed targets, and removes targets that are no longer in the output tree.
#
#   put-targets.sh [--dry-run] [--secrets FILE] [--force [NODE…]]
#
#   --dry-run        prints the changes and makes none
#   --force          also removes and changes targets whose node is logged in: the node loses its disk meanwhile. With names,
#                    applies to these nodes only; the lines that begin with FAILED contain the names
#   --secrets FILE   the values of secrets, readable by root only: lines `name value`, as `harvgen secrets --format iscsi` prints
#                    them (default: /etc/harvgen/bmi.iscsi)
#
# Skips targets that are up to date, so it can be run again at any time. Status 0: all targets match the tree; 1: some do not, and
# each is reported; 2: a wrong command line, not root, no tgt, or missing values: nothing was changed.
set -euo pipefail
umask 077

site=bmi
driver=tgt
secrets=/etc/harvgen/bmi.iscsi
port=3260 store=rbd pool=bmi

rbd=(--id bmi --conf /etc/ceph/ceph.conf --keyring /etc/ceph/ceph.client.bmi.keyring)
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

folder=/etc/tgt/conf.d
shopt -s nullglob
# By the name of a target: its state in tgtd, and the client that is logged in.
declare -A live used
# By the name of a CHAP user: one of its targets in tgtd.
declare -A bound
# By the name of a node: its target, the wanted state in tgtd, the file or image of its disk, users with their passwords.
declare -A target wanted disk users
# tgtd checks connections every half hour, and tries six times (usr/iscsi/iscsi_tcp.c, set_keepalive).
off='switch it off first; if it is off, or lost power within the last hour: put-targets.sh --force'
# The targets and users of the previous run.
declare -A old_target old_users
# By the name of a target and a CHAP user: the password of the previous run.
declare -A password

programs=(tgtadm tgt-admin) packages=tgt
[ "$store" != rbd ] || programs+=(rbd) packages='tgt tgt-rbd ceph-common'
for program in "${programs[@]}"; do
  command -v "$program" >/dev/null || die "$program is not installed: apt-get install $packages"
done
grep -qE "^[[:space:]]*include[[:space:]]+$folder/\*\.conf" /etc/tgt/targets.conf 2>/dev/null ||
  die "tgt would not load these targets at its start: add \`include $folder/*.conf\` to /etc/tgt/targets.conf"

tgtadm --lld iscsi --mode sys --op show >"$made/.sys" || die 'tgtd does not answer: systemctl start tgt'
[ "$store" != rbd ] || grep -qE '^ +rbd( |$)' "$made/.sys" || die 'tgtd does not support Ceph: apt-get install tgt-rbd && systemctl restart tgt'
tgtadm --lld iscsi --mode portal --op show >"$made/.portals" || die 'tgtd does not report its portals'
if ! grep -q ":$port," "$made/.portals"; then
  fail "tgtd does not listen on port $port: set it (tgtd --iscsi portal=0.0.0.0:$port, by systemctl edit tgt) or change server.iscsi.port"
fi

# Prints a line for each configuration: node, target, the wanted state in tgtd, the disk, users with passwords.
read_confs() {
  # shellcheck disable=SC2016 # awk expands these
  xargs -0 -r awk '
    function end() {
      if (name != "") printf "%s\t%s\t%s%s%s\t%s\t%s\n", node, name, luns, accounts, addresses, store, pairs
      name = luns = accounts = addresses = store = pairs = ""
    }
    FNR == 1 { end(); node = $6; sub(/,$/, "", node) }
    $1 == "<target" { name = substr($2, 1, length($2) - 1) }
    $1 == "<backing-store" { store = substr($2, 1, length($2) - 1) }
    $1 == "lun" { luns = "lun " $2 " " store ";" }
    $1 == "incominguser" { accounts = accounts "user " $2 ";"; pairs = pairs $2 " " $3 " " }
    $1 == "outgoinguser" { accounts = accounts "user " $2 " (outgoing);"; pairs = pairs $2 " " $3 " " }
    $1 == "initiator-address" { addresses = addresses "from " $2 ";" }
    END { end() }'
}

# Prints a line for each target of tgtd: its name, the client that is logged in, its state in the format of read_confs.
read_tgtd() {
  awk '
    function end() {
      if (name != "") printf "%s\t%s\t%s%s%s\n", name, initiator ? initiator : "-", luns, accounts, addresses
      name = initiator = who = luns = accounts = addresses = ""
    }
    /^Target [0-9]+: / { end(); name = $3; next }
    /^    [^ ]/ { part = $1; next }
    $1 == "Initiator:" { who = $2 }
    $1 == "Connection:" { initiator = who }
    $1 == "LUN:" { lun = $2 }
    /Backing store path: / && lun != 0 { luns = luns "lun " lun " " $4 ";" }
    part == "Account" { accounts = accounts "user " $1 ($2 == "" ? "" : " " $2) ";" }
    part == "ACL" { addresses = addresses "from " $1 ";" }
    END { end() }'
}

look() {
  local name who has item
  live=() used=() bound=()
  tgtadm --lld iscsi --mode target --op show >"$made/.show" || die 'tgtd does not answer: systemctl start tgt'
  while IFS=$'\t' read -r name who has; do
    live[$name]=$has
    if [ "$who" != - ]; then used[$name]=$who; fi
    while [[ $has =~ user\ ([^\;\ ]+) ]]; do
      item=${BASH_REMATCH[1]}
      bound[$item]=$name
      has=${has#*"user $item"}
    done
  done < <(read_tgtd <"$made/.show")
}

# is_ours FILE: whether this site wrote it. Different sites and nodes may result in the same file name.
is_ours() {
  local line
  IFS= read -r line <"$1" && [[ $line == "# harvgen: the disk of "*", a node of $site. "* ]]
}

# The file of a node.
file_of() { printf '%s' "$folder/harvgen-$site-$1.conf"; }

# has_disk NODE
if [ "$store" = rbd ]; then
  rbd "${rbd[@]}" ls "$pool" >"$made/.rbd" || die 'Ceph does not list its images: see the error of rbd above'
  declare -A stored
  while IFS= read -r name; do stored[$pool/$name]=1; done <"$made/.rbd"
  has_disk() { [ -n "${stored[${disk[$1]}]:-}" ]; }
else
  has_disk() { [ -f "${disk[$1]}" ]; }
fi

# in_use NODE NAME...: prints the client that is logged in to one of these targets of a node, unless it is forced.
in_use() {
  local name
  if is_forced "$1"; then return 1; fi
  shift
  for name; do
    if [ -n "$name" ] && [ -n "${used[$name]:-}" ]; then printf '%s' "${used[$name]}" && return; fi
  done
  return 1
}

# conflicting_user NODE: prints its user that an unmanaged target has, too. tgtd stores one password for each user.
conflicting_user() {
  local user word name
  for word in ${users[$1]}; do
    if [ -z "${user:-}" ]; then user=$word && continue; fi
    name=${bound[$user]:-}
    if [ -n "$name" ] && [ "${password[$name $user]:-}" != "$word" ] && [ -z "${leaving[$name]:-}" ]; then
      printf '%s' "$user" && return
    fi
    user=
  done
  return 1
}

fill
look
while IFS=$'\t' read -r node name has store pairs; do
  target[$node]=$name wanted[$node]=$has disk[$node]=$store users[$node]=$pairs
done < <(find "$made" -name '*.conf' -print0 | sort -z | read_confs)
while IFS=$'\t' read -r node name _ _ pairs; do
  old_target[$node]=$name old_users[$node]=$pairs
  user=
  for word in $pairs; do
    if [ -z "$user" ]; then user=$word && continue; fi
    password[$name $user]=$word
    user=
  done
done < <(for file in "$folder/harvgen-$site-"*.conf; do
  if is_ours "$file"; then printf '%s\0' "$file"; fi
done | read_confs)

# A user has one password for all targets. Passwords are not passed as arguments, because every user can list those.
twice=$(for node in "${!users[@]}"; do printf '%s\n' "${users[$node]}"; done |
  awk '{ for (i = 1; i < NF; i += 2) print $i, $(i + 1) }' | sort -u | cut -d ' ' -f 1 | uniq -d | paste -s -d ' ')
[ -z "$twice" ] || die "tgtd stores one password per CHAP user, but these have two: $twice"

# By the name of a target that must be removed: its node.
declare -A leaving
todo=() gone=()
mapfile -t nodes < <(printf '%s\n' "${!old_target[@]}" | sort)
for node in "${nodes[@]}"; do
  if [ -z "$node" ] || [ -n "${target[$node]:-}" ]; then continue; fi
  if who=$(in_use "$node" "${old_target[$node]}"); then
    fail "$node: no longer in the inventory, but $who is logged in: $off $node"
  else
    gone+=("$node")
    leaving[${old_target[$node]}]=$node
  fi
done
mapfile -t nodes < <(printf '%s\n' "${!target[@]}" | sort)
for node in "${nodes[@]}"; do
  if [ -z "$node" ]; then continue; fi
  file=$(file_of "$node") name=${target[$node]} old=${old_target[$node]:-}
  if [ -e "$file" ] && ! is_ours "$file"; then
    fail "$node: $file belongs to another site on this machine with a similar name"
  elif cmp -s "$made/$node.conf" "$file" && [ "${live[$name]:-}" = "${wanted[$node]}" ]; then
    say "there   $node"
  elif [ -n "${live[$name]+there}" ] && [ "$old" != "$name" ]; then
    fail "$node: tgtd has an unmanaged target of this name: remove it with tgt-admin --delete, or rename that of the site"
  elif ! has_disk "$node"; then
    fail "$node: its disk ${disk[$node]} is missing: create it with images.sh, then run this again"
  elif who=$(in_use "$node" "$name" "$old"); then
    fail "$node: its target must change, but $who is logged in: $off $node"
  else
    todo+=("$node")
    leaving[$name]=$node
    if [ -n "$old" ]; then leaving[$old]=$node; fi
  fi
done
ready=()
for node in "${todo[@]}"; do
  if user=$(conflicting_user "$node"); then
    fail "$node: another target on this machine has user $user with another password: change boot.chap.user"
    unset "leaving[${target[$node]}]" "leaving[${old_target[$node]:-none}]"
  else
    ready+=("$node")
  fi
done

if [ -n "$dry" ]; then
  for node in "${gone[@]}"; do say "would remove $node"; done
  for node in "${ready[@]}"; do say "would put $node"; done
  exit "$failed"
fi

# Removes all old targets first, so that no user keeps an old password.
for name in "${!leaving[@]}"; do
  if [ -z "${live[$name]+there}" ]; then continue; fi
  flag=
  if is_forced "${leaving[$name]}"; then flag=--force; fi
  tgt-admin ${flag:+"$flag"} --delete "$name" </dev/null >&2
done
look
tgtadm --lld iscsi --mode account --op show | awk 'NR > 1 { print $1 }' >"$made/.accounts"
declare -A known
while IFS= read -r user; do known[$user]=1; done <"$made/.accounts"
for node in "${gone[@]}" "${ready[@]}"; do
  user=
  for word in ${old_users[$node]:-} ${users[$node]:-}; do
    if [ -z "$user" ]; then user=$word && continue; fi
    if [ -n "${known[$user]:-}" ] && [ -z "${bound[$user]:-}" ]; then
      tgtadm --lld iscsi --mode account --op delete --user "$user"
      unset "known[$user]"
    fi
    user=
  done
done
for node in "${gone[@]}"; do
  if [ -n "${live[${old_target[$node]}]+there}" ]; then
    fail "$node: tgtd did not remove its target: see its error above"
  else
    file=$(file_of "$node")
    rm -f "$file" "$file.new"
    say "removed $node"
  fi
done
for node in "${ready[@]}"; do
  file=$(file_of "$node")
  install -m 0600 "$made/$node.conf" "$file.new"
  mv "$file.new" "$file"
  tgt-admin --conf "$file" --update "${target[$node]}" </dev/null >&2 || true
done
look
for node in "${ready[@]}"; do
  if [ "${live[${target[$node]}]:-}" = "${wanted[$node]}" ]; then
    say "put     $node"
  else
    fail "$node: tgtd did not apply its target: see its error above, or check for open connections to its disk"
  fi
done
exit "$failed"
