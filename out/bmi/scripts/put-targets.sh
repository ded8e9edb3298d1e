#!/usr/bin/env bash
# Brings the targets of bmi to tgt on the iSCSI server, as root: puts what it reads, with the values of secrets
# in it, has it take up what has changed, and takes away what the tree has no more.
#
#   put-targets.sh [--dry-run] [--secrets FILE] [--force [NODE…]]
#
#   --dry-run        says what it would do, and does none of it
#   --force          takes away and changes targets, too, whose node is logged in: it loses its disk on the way. Of these nodes
#                    alone, if some are named, as the lines name them that begin with FAILED
#   --secrets FILE   the values of secrets, for root alone to read: lines `name value`, as `harvgen secrets --format iscsi` prints
#                    them; /etc/harvgen/bmi.iscsi unless said
#
# What is there and right already is left alone, so it can be run again at any time. Status 0: all is as the tree says; 1: not all
# is, and it is said; 2: a wrong command line, no root, no tgt, or no values: nothing was done.
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

# shellcheck disable=SC2317 # LIO is spoken to in Python, which says so itself
fail() {
  say "FAILED  $*"
  failed=1
}

while [ $# -gt 0 ]; do
  case $1 in
  --dry-run) dry=1 ;;
  --force) force=1 ;;
  --secrets)
    [ $# -gt 1 ] || die '--secrets takes a file'
    secrets=$2
    shift
    ;;
  -*) die "put-targets.sh knows no $1: see its first lines" ;;
  *) forced+=("$1") ;;
  esac
  shift
done
[ "${#forced[@]}" -eq 0 ] || [ -n "$force" ] || die 'nodes are named for --force alone: all others are brought to what they are to be anyway'
[ "$(id -u)" -eq 0 ] || die 'only root can do this: sudo put-targets.sh'
if [ "$driver" != tgt ]; then
  # Two programs that write to one disk destroy what is on it.
  for file in /etc/tgt/conf.d/harvgen-"$site"-*.conf; do
    if [ -f "$file" ] && IFS= read -r line <"$file" && [[ $line == "# harvgen: the disk of "*", a node of $site. "* ]]; then
      say "FAILED  tgt has this target still: tgt-admin --delete $(sed -n 's/^<target \(.*\)>$/\1/p' "$file") && rm $file"
      failed=1
    fi
  done
  [ "$failed" -eq 0 ] || die 'first take away what tgt has: with --force, where a machine is off and tgtd has it logged in'
fi
# In memory: values of secrets are in it.
made=$(mktemp -d /run/harvgen-put-targets.XXXXXXXXXX)
trap 'rm -rf "$made"' EXIT
exec 9>/run/harvgen-put-targets.lock
flock --nonblock 9 || die 'another put-targets.sh is at work on this machine'

# is_forced NODE: whether it loses its disk where it is logged in.
# shellcheck disable=SC2317 # nor this
is_forced() {
  local node
  [ -n "$force" ] || return
  if [ "${#forced[@]}" -eq 0 ]; then return; fi
  for node in "${forced[@]}"; do
    if [ "$node" = "$1" ]; then return; fi
  done
  return 1
}

# Lists the files of the tree that hold marks of secrets, each ended by a zero byte.
listed() {
  if [ -d "$tree/iscsi/$driver" ]; then find "$tree/iscsi/$driver" -type f ! -name '.*' -print0; fi
}

# Says of the names on standard input which are missing in the file of secrets.
missing() {
  awk -v file="$secrets" 'BEGIN { while ((getline line < file) > 0) { split(line, word, " "); there[word[1]] = 1 } }
    !($1 in there)' | paste -s -d ' '
}

# Puts what the tree has into $made, with the values of secrets in it.
fill() {
  local names lacking
  names=$({ listed | xargs -0 -r grep -hoE '@@secret:[a-z][a-z0-9_]*@@' || true; } | sed 's/^@@secret://; s/@@$//' | sort -u)
  if [ -z "$names" ]; then
    secrets=/dev/null
  else
    [ -f "$secrets" ] || die "there is no $secrets with the values of secrets: harvgen secrets --format iscsi prints it"
    [[ $(stat -L -c '%u %a' "$secrets") =~ ^0\ [0-7]?[0-7]00$ ]] ||
      die "others than root can read $secrets: chown root $secrets && chmod 0600 $secrets"
    lacking=$(awk '!/^[a-z][a-z0-9_]* [A-Za-z0-9._-]+$/ { print FNR }' "$secrets" | paste -s -d ' ')
    [ -z "$lacking" ] || die "these lines of $secrets are none of \`name value\`: $lacking"
    lacking=$(missing <<<"$names")
    [ -z "$lacking" ] || die "$secrets has no value for: $lacking"
  fi
  # shellcheck disable=SC2016 # these are awk's
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
# By the name of a target: what tgtd has of it, and who is logged in.
declare -A live used
# By the name of a user of CHAP: one of the targets that tgtd has it at.
declare -A bound
# By the name of a node: its target, what tgtd is to have of it, the file or image that is its disk, users with their passwords.
declare -A target wanted disk users
# tgtd looks after connections each half hour, and tries six times (usr/iscsi/iscsi_tcp.c, set_keepalive).
off='switch it off first; if it is off, or was cut off within the last hour: put-targets.sh --force'
# The same as it was put before: targets and users.
declare -A old_target old_users
# By the name of a target and a user of CHAP: the password that was put before.
declare -A password

programs=(tgtadm tgt-admin) packages=tgt
[ "$store" != rbd ] || programs+=(rbd) packages='tgt tgt-rbd ceph-common'
for program in "${programs[@]}"; do
  command -v "$program" >/dev/null || die "there is no $program here: apt-get install $packages"
done
grep -qE "^[[:space:]]*include[[:space:]]+$folder/\*\.conf" /etc/tgt/targets.conf 2>/dev/null ||
  die "tgt would read nothing of this when it starts: write \`include $folder/*.conf\` into /etc/tgt/targets.conf"

tgtadm --lld iscsi --mode sys --op show >"$made/.sys" || die 'tgtd does not answer: systemctl start tgt'
[ "$store" != rbd ] || grep -qE '^ +rbd( |$)' "$made/.sys" || die 'tgtd knows no Ceph: apt-get install tgt-rbd && systemctl restart tgt'
tgtadm --lld iscsi --mode portal --op show >"$made/.portals" || die 'tgtd does not say where it listens'
if ! grep -q ":$port," "$made/.portals"; then
  fail "tgtd does not listen at port $port: have it do so (tgtd --iscsi portal=0.0.0.0:$port, by systemctl edit tgt), or say server.iscsi.port otherwise"
fi

# Prints of configurations, a line each: node, target, what tgtd is to have, the disk, users with passwords.
read_confs() {
  # shellcheck disable=SC2016 # these are awk's
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

# Prints of what tgtd has, a line each: target, who is logged in, what it has in the words of read_confs.
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

# is_ours FILE: names of sites and nodes may look alike, and so may those of files.
is_ours() {
  local line
  IFS= read -r line <"$1" && [[ $line == "# harvgen: the disk of "*", a node of $site. "* ]]
}

# The file of a node.
file_of() { printf '%s' "$folder/harvgen-$site-$1.conf"; }

# has_disk NODE
if [ "$store" = rbd ]; then
  rbd "${rbd[@]}" ls "$pool" >"$made/.rbd" || die 'Ceph does not say which images there are: see what rbd says above'
  declare -A stored
  while IFS= read -r name; do stored[$pool/$name]=1; done <"$made/.rbd"
  has_disk() { [ -n "${stored[${disk[$1]}]:-}" ]; }
else
  has_disk() { [ -f "${disk[$1]}" ]; }
fi

# in_use NODE NAME...: says by whom, where one of these targets of a node has somebody logged in, and may not be touched.
in_use() {
  local name
  if is_forced "$1"; then return 1; fi
  shift
  for name; do
    if [ -n "$name" ] && [ -n "${used[$name]:-}" ]; then printf '%s' "${used[$name]}" && return; fi
  done
  return 1
}

# stranger NODE: says which target of somebody else's has one of its users. tgtd knows each user once, with one password.
stranger() {
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

# One user has one password, at whatever target. No program has these for its arguments: anybody may list such.
twice=$(for node in "${!users[@]}"; do printf '%s\n' "${users[$node]}"; done |
  awk '{ for (i = 1; i < NF; i += 2) print $i, $(i + 1) }' | sort -u | cut -d ' ' -f 1 | uniq -d | paste -s -d ' ')
[ -z "$twice" ] || die "tgtd knows each user of CHAP once, and these have two passwords: $twice"

# What is to be done. Targets that are to go, by name: the node of each.
declare -A leaving
todo=() gone=()
mapfile -t nodes < <(printf '%s\n' "${!old_target[@]}" | sort)
for node in "${nodes[@]}"; do
  if [ -z "$node" ] || [ -n "${target[$node]:-}" ]; then continue; fi
  if who=$(in_use "$node" "${old_target[$node]}"); then
    fail "$node: it is in the inventory no more, and $who is logged in: $off $node"
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
    fail "$node: $file is not this site's: another one on this machine has a name that looks like this one's"
  elif cmp -s "$made/$node.conf" "$file" && [ "${live[$name]:-}" = "${wanted[$node]}" ]; then
    say "there   $node"
  elif [ -n "${live[$name]+there}" ] && [ "$old" != "$name" ]; then
    fail "$node: tgtd has a target of its name that is not from here: tgt-admin --delete it, or name the site's otherwise"
  elif ! has_disk "$node"; then
    fail "$node: its disk ${disk[$node]} is not there: make it by images.sh, and come back"
  elif who=$(in_use "$node" "$name" "$old"); then
    fail "$node: its target is to change, and $who is logged in: $off $node"
  else
    todo+=("$node")
    leaving[$name]=$node
    if [ -n "$old" ]; then leaving[$old]=$node; fi
  fi
done
ready=()
for node in "${todo[@]}"; do
  if user=$(stranger "$node"); then
    fail "$node: another target on this machine has the user $user with another password: say another one, boot.chap.user"
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

# First all goes that has to, so that no user is left over with a password that was.
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
    fail "$node: tgtd has not taken its target away: see what it says above"
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
    fail "$node: tgtd has not taken its target as it is: see what it says above, or whether somebody has its disk open"
  fi
done
exit "$failed"
