folder=/etc/iet
proc=/proc/net/iet
# By the name of a target: its number, and the client that is logged in.
declare -A number used
# By the name of a target: its node, its part of ietd.conf, its disk and its allowed clients; and the same from the previous run.
# shellcheck disable=SC2034 # used by name
declare -A node_of part disk allow old_node_of old_part old_disk old_allow

command -v ietadm >/dev/null || die 'IET is not installed'
[ -r "$proc/volume" ] || die 'IET is not running: start iscsitarget'

# Prints the lines of the site in a file of IET, which may also contain other lines.
own_block() {
  if [ -e "$folder/$1" ]; then sed -n "/^# harvgen $site begins\$/,/^# harvgen $site ends\$/p" "$folder/$1"; fi
}

# Prints the other lines of the file.
other_lines() {
  if [ -e "$folder/$1" ]; then sed "/^# harvgen $site begins\$/,/^# harvgen $site ends\$/d" "$folder/$1"; fi
}

# read_parts PREFIX: reads targets from standard input, in the format of ietd.conf.
# shellcheck disable=SC2004,SC2034 # the arrays are those with the prefix
read_parts() {
  local -n of_node=$1node_of of_part=$1part of_disk=$1disk
  local line node='' name=''
  while IFS= read -r line; do
    case $line in
    '# node '*) node=${line#\# node } name='' ;;
    'Target '*)
      name=${line#Target }
      of_node[$name]=$node of_part[$name]=$line
      ;;
    '    '*)
      of_part[$name]+=$'\n'$line
      if [[ $line =~ Path=([^,]+) ]]; then of_disk[$name]=${BASH_REMATCH[1]}; fi
      ;;
    esac
  done
}

# read_allow PREFIX: reads the allowed clients, in the format of initiators.allow.
# shellcheck disable=SC2034 # the array is the one with the prefix
read_allow() {
  local -n of_allow=$1allow
  local line
  while IFS= read -r line; do
    if [[ $line == iqn.* ]]; then of_allow[${line%% *}]=$line; fi
  done
}

look() {
  local line
  number=() used=()
  while IFS= read -r line; do
    if [[ $line =~ ^tid:([0-9]+)\ name:(.+)$ ]]; then number[${BASH_REMATCH[2]}]=${BASH_REMATCH[1]}; fi
  done <"$proc/volume"
  local name=
  while IFS= read -r line; do
    if [[ $line =~ ^tid:[0-9]+\ name:(.+)$ ]]; then
      name=${BASH_REMATCH[1]}
    elif [[ $line =~ sid:.*initiator:([^ ]+) ]]; then
      used[$name]=${BASH_REMATCH[1]}
    fi
  done <"$proc/session"
}

# remove_target TARGET
remove_target() {
  local line sid=
  if [ -z "${number[$1]:-}" ]; then return; fi
  while IFS= read -r line; do
    if [[ $line =~ sid:([0-9]+) ]]; then sid=${BASH_REMATCH[1]}; fi
    if [[ $line =~ cid:([0-9]+) ]]; then
      ietadm --op delete --tid="${number[$1]}" --sid="$sid" --cid="${BASH_REMATCH[1]}" || true
    fi
  done < <(awk -v tid="tid:${number[$1]}" '/^tid:/ { on = $1 == tid; next } on' "$proc/session")
  ietadm --op delete --tid="${number[$1]}" && unset "number[$1]"
}

# add TARGET: adds it as ietd does at its start. IET assigns the number of a new target.
add() {
  local key value rest lun=
  ietadm --op new --tid=0 --params "Name=$1" && look && [ -n "${number[$1]:-}" ] || return 1
  while read -r key value rest; do
    case $key in
    IncomingUser | OutgoingUser)
      ietadm --op new --tid="${number[$1]}" --user --params="$key=$value,Password=$rest" || return 1
      ;;
    Lun) lun="--lun=$value --params=$rest" ;;
    esac
  done <<<"${part[$1]}"
  # The disk is last: without it no client can use the target.
  # shellcheck disable=SC2086 # neither contains spaces
  ietadm --op new --tid="${number[$1]}" $lun
}

# put_blocks: writes the targets for the next start of ietd, and the allowed clients. Only root may read the files.
put_blocks() {
  mkdir -p "$folder"
  {
    other_lines ietd.conf
    if [ "${#old_part[@]}" -gt 0 ]; then
      echo "# harvgen $site begins"
      for name in $(printf '%s\n' "${!old_part[@]}" | sort); do
        printf '# node %s\n%s\n' "${old_node_of[$name]}" "${old_part[$name]}"
      done
      echo "# harvgen $site ends"
    fi
  } >"$folder/ietd.conf.new"
  # IET stops at a line for ALL: other lines are after these. Without a file, IET allows every client to use every other target.
  {
    if [ "${#old_allow[@]}" -gt 0 ]; then
      echo "# harvgen $site begins"
      printf '%s\n' "${old_allow[@]}" | sort
      echo "# harvgen $site ends"
    fi
    if [ -e "$folder/initiators.allow" ]; then other_lines initiators.allow; else echo 'ALL ALL'; fi
  } >"$folder/initiators.allow.new"
  mv "$folder/ietd.conf.new" "$folder/ietd.conf"
  mv "$folder/initiators.allow.new" "$folder/initiators.allow"
}

fill
[ -z "$maps" ] || map_images
look
if [ -e "$made/ietd.conf" ]; then
  read_parts '' <"$made/ietd.conf"
  read_allow '' <"$made/initiators.allow"
fi
read_parts old_ < <(own_block ietd.conf)
read_allow old_ < <(own_block initiators.allow)

gone=() todo=()
mapfile -t names < <(printf '%s\n' "${!old_part[@]}" | sort)
for name in "${names[@]}"; do
  if [ -z "$name" ] || [ -n "${part[$name]:-}" ]; then continue; fi
  node=${old_node_of[$name]}
  if [ -n "${used[$name]:-}" ] && ! is_forced "$node"; then
    fail "$node: no longer in the inventory, but ${used[$name]} is logged in: switch it off first (or --force $node)"
  elif [ -n "$dry" ]; then
    say "would remove $node"
  else
    gone+=("$name")
  fi
done
mapfile -t names < <(printf '%s\n' "${!part[@]}" | sort)
for name in "${names[@]}"; do
  if [ -z "$name" ]; then continue; fi
  node=${node_of[$name]}
  if [ -n "${number[$name]:-}" ] && [ "${old_part[$name]:-}" = "${part[$name]}" ] && [ "${old_allow[$name]:-}" = "${allow[$name]}" ]; then
    say "there   $node"
  elif [ -n "${number[$name]:-}" ] && [ -z "${old_part[$name]:-}" ]; then
    fail "$node: IET has an unmanaged target of this name"
  elif [ ! -e "${disk[$name]}" ]; then
    fail "$node: its disk ${disk[$name]} is missing: create it with images.sh, then run this again"
  elif [ -n "${used[$name]:-}" ] && ! is_forced "$node"; then
    fail "$node: its target must change, but ${used[$name]} is logged in: switch it off first (or --force $node)"
  elif [ -n "$dry" ]; then
    say "would put $node"
  else
    todo+=("$name")
  fi
done
if [ "${#gone[@]}" -gt 0 ] || [ "${#todo[@]}" -gt 0 ]; then
  for name in "${gone[@]}"; do
    node=${old_node_of[$name]}
    if remove_target "$name"; then
      unset "old_part[$name]" "old_node_of[$name]" "old_allow[$name]"
      say "removed $node"
    else
      fail "$node: IET did not remove its target: see the error of ietadm above"
    fi
  done
  for name in "${todo[@]}"; do
    old_part[$name]=${part[$name]} old_node_of[$name]=${node_of[$name]} old_allow[$name]=${allow[$name]}
  done
  # Sets the allowed clients first: until then a target is open to all clients that other lines allow.
  put_blocks
  for name in "${todo[@]}"; do
    if remove_target "$name" && add "$name"; then
      say "put     ${node_of[$name]}"
    else
      fail "${node_of[$name]}: IET did not accept its target: see the error of ietadm above"
    fi
  done
fi
[ -z "$maps" ] || unmap_images
exit "$failed"
