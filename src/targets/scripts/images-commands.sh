
# --- Sources of images ---

# is_qcow2 FILE: whether it begins with the signature of qcow2. Other formats are never guessed.
is_qcow2() { [ "$(head -c 4 "$1" | od -An -tx1 | tr -d ' \n')" = 514649fb ]; }

# source_bytes FILE: prints the size of the image that it makes.
source_bytes() {
  if is_qcow2 "$1"; then
    qemu-img info -U -f qcow2 "$1" | sed -n 's/^virtual size: .*(\([0-9]*\) bytes)$/\1/p'
  else
    stat -L -c %s "$1"
  fi
}

# is_alone FILE: whether a qcow2 refers to no other file, since it may name any file of this machine.
is_alone() {
  local info
  if ! has qemu-img; then
    fail "qemu-img is not installed: apt-get install qemu-utils"
    return 1
  fi
  info=$(qemu-img info -f qcow2 "$1") || return
  if [[ $info == *$'\n''backing file: '* ]] || [[ $info == *' data file: '* ]]; then
    fail "$1 refers to another file: convert it to a complete one first (qemu-img convert -O qcow2)"
    return 1
  fi
}

# is_packed FILE: whether it is compressed or in another format: gzip, bzip2, xz, zstd, VMDK, VHDX, VDI.
is_packed() {
  case $(head -c 8 "$1" | od -An -tx1 | tr -d ' \n') in
  1f8b* | 425a68* | fd377a585a00* | 28b52ffd* | 4b444d56* | 7668647866696c65) return 0 ;;
  esac
  return 1
}

# --- Commands ---

# free DISK: closes it everywhere, unless a machine is logged in.
free() {
  local path who
  path=$(backing "$1")
  read_targets
  who=${initiators[$path]:-}
  if [ -n "$who" ] && [ -z "$force" ]; then
    fail "$1: $who is logged in: turn that machine off first$still_logged_in"
    return 1
  fi
  if [ -n "${target[$path]:-}" ]; then
    taken=$1
    take_down "${target[$path]}" || return
    if [ -n "$dry" ]; then unset "target[$path]"; else read_targets; fi
    if [ -n "${target[$path]:-}" ]; then
      fail "$1: ${target[$path]} did not release it"
      return 1
    fi
  fi
  if [ -n "$is_exported" ]; then
    taken=$1
    withdraw "$1" || return
  fi
  [ -z "$dry" ] || [ -z "$taken" ] || return 0
  who=$(open_by "$1") || return
  if [ -n "$who" ]; then
    fail "$1 is in use by $who"
    return 1
  fi
}

# has_disk_here NODE
has_disk_here() {
  [ -z "${disk_of[$1]:-}" ] || return 0
  [ -z "${elsewhere[$1]:-}" ] || die 1 "the disk of $1 is at an external target on ${elsewhere[$1]}, not in this store"
  die 1 "the inventory contains no diskless node $1"
}

# need_node NODE: exits unless its disk exists.
need_node() {
  local name=${disk_of[$1]:-}
  has_disk_here "$1"
  [ -z "${have[$name+half]:-}" ] || die 1 "the rollback of the disk of $1 is incomplete: run images.sh roll-back $1 again"
  [ -n "${have[$name]:-}" ] || die 1 "$1 has no disk yet: run images.sh make $1"
}

need_snapshot_name() {
  if ! [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || [ "$1" = "$snapshot" ]; then
    die 2 "$1: the name of a snapshot must consist of letters, digits, '.', '_' and '-', and must not be $snapshot"
  fi
}

# ask WORDS…: without --yes, only prints what would be lost.
ask() {
  can_see
  [ -z "$yes" ] || return 0
  say "$*"
  [ -n "$dry" ] || {
    dry=1
    failed=1
    say "nothing is changed without --yes; the steps would be:"
  }
}

orphans() {
  local name
  for name in "${!have[@]}"; do
    if ! is_wanted "$name" && is_made_here "$name"; then printf '%s\n' "$name"; fi
  done | sort
}

# make_image IMAGE
make_image() {
  local name source=${source_of[$1]} problem=
  name=$(image_name "$1")
  if [ -n "${have[$name]:-}" ]; then
    there "image $1"
    if [ -n "${have[$name+new]:-}" ]; then discard "$name" || fail "could not remove $name+new"; fi
    protect "$name" || fail "could not protect $name"
    return
  fi
  if is_before "$name"; then
    bring_over "$name" "image $1"
    return
  fi
  if [ -n "${made_of[$1]}" ]; then
    number=$((number + 1))
    say "[$number/$count] waits: image $1, made from the disk of ${made_of[$1]}. When the disk is ready, run images.sh image $1"
    return
  elif [ -z "$source" ]; then
    problem="it must already be in the store, as $name, or have a 'source' in the inventory"
  elif [ ! -r "$source" ]; then
    problem="its source $source does not exist"
  elif is_packed "$source"; then
    problem="$source is compressed, or neither raw nor qcow2: decompress or convert it (qemu-img convert -O qcow2)"
  fi
  if [ -n "$problem" ]; then
    number=$((number + 1))
    fail "[$number/$count] image $1: $problem"
    return
  fi
  step "import image $1 from $source"
  [ -z "$dry" ] || new_bytes[$name]=$(source_bytes "$source" || echo 0)
  if ! new_import "$name" "$source" || ! settle "$name" || ! protect "$name"; then fail "could not import image $1"; fi
}

# is_small NAME BYTES
is_small() { [ "$2" -gt 0 ] && [ "${new_bytes[$1]:-$(bytes_of "$1")}" -lt "$2" ]; }

# make_new NAME IMAGE BYTES: makes a new disk under a temporary name.
make_new() {
  if [ -z "$2" ]; then
    new_blank "$1" "$3"
  else
    new_clone "$1" "$(image_name "$2")" || return
    # The disk is as large as its image, which a dry run has, too.
    if is_small "$(image_name "$2")" "$3"; then grow "$1+new" "$3"; fi
  fi
}

# waits_for_image DISK: whether its image must first be made from a node's disk.
waits_for_image() {
  local image=${image_of[$1]}
  [ -z "${have[$1]:-}" ] && [ -n "$image" ] && [ -n "${made_of[$image]:-}" ] && [ -z "${have[$(image_name "$image")]:-}" ]
}

# bring_over NAME WORDS…: prints how to convert a disk or image of the other format.
bring_over() {
  local from to mode=0600
  from=$(file_before "$1")
  to=$(file_of "$1")
  [ -n "${node_of[$1]:-}" ] || mode=0400
  number=$((number + 1))
  fail "[$number/$count] ${*:2}: it exists in another format and is not replaced. With the machine off, run
  qemu-img convert -O $format $from $to.new && chmod $mode $to.new && mv $to.new $to"
}

# make_disk NODE
make_disk() {
  local name=${disk_of[$1]} image bytes
  image=${image_of[$name]}
  bytes=${size_of[$name]}
  if [ -n "${have[$name+half]:-}" ]; then
    number=$((number + 1))
    fail "[$number/$count] the rollback of the disk of $1 is incomplete: run images.sh roll-back $1 again"
    return
  elif [ -n "${have[$name]:-}" ]; then
    if [ -n "${have[$name+new]:-}" ]; then discard "$name" || fail "could not remove $name+new"; fi
    if is_small "$name" "$bytes"; then
      step "grow the disk of $1 to $bytes bytes"
      if ! free "$name" || ! grow "$name" "$bytes"; then fail "could not grow the disk of $1"; fi
    else
      there "the disk of $1"
    fi
  elif is_before "$name"; then
    bring_over "$name" "the disk of $1"
    return
  elif [ -n "$image" ] && [ -z "${have[$(image_name "$image")]:-}" ]; then
    number=$((number + 1))
    if [ -n "${made_of[$image]:-}" ]; then
      say "[$number/$count] waits: the disk of $1, for image $image"
    else
      fail "[$number/$count] the disk of $1: its image $image is missing"
    fi
    return
  else
    step "make the disk of $1${image:+ from $image}"
    if ! make_new "$name" "$image" "$bytes" || ! settle "$name"; then
      fail "could not make the disk of $1"
      return
    fi
  fi
  serve "$name"
}

# make [NODE…]
make() {
  local node image
  local -a chosen=("$@") wanted=()
  local -A used=()
  [ $# -gt 0 ] || chosen=("${nodes[@]}")
  for node in "${chosen[@]}"; do
    has_disk_here "$node"
    image=${image_of[${disk_of[$node]}]}
    [ -z "$image" ] || used[$image]=1
  done
  for image in "${images[@]}"; do
    if [ $# -eq 0 ] || [ -n "${used[$image]:-}" ]; then wanted+=("$image"); fi
  done
  count=$((${#wanted[@]} + ${#chosen[@]}))
  for image in "${wanted[@]}"; do make_image "$image"; done
  read_targets
  for node in "${chosen[@]}"; do make_disk "$node"; done
}

# show_status
show_status() {
  local image name node more
  read_targets
  for image in "${images[@]}"; do
    name=$(image_name "$image")
    if is_before "$name"; then
      printf 'before   image %s (%s): it exists in another format, %s\n' "$image" "$name" "$(file_before "$name")"
      failed=1
    elif [ -z "${have[$name]:-}" ] && [ -n "${made_of[$image]}" ]; then
      printf 'waits    image %s (%s): images.sh image %s makes it from the disk of %s\n' "$image" "$name" "$image" "${made_of[$image]}"
    elif [ -z "${have[$name]:-}" ]; then
      printf 'missing  image %s (%s)\n' "$image" "$name"
      failed=1
    elif ! is_ready "$name"; then
      printf 'half     image %s (%s): not protected yet\n' "$image" "$name"
      failed=1
    else
      printf 'there    image %s (%s)\n' "$image" "$name"
    fi
  done
  for node in "${nodes[@]}"; do
    name=${disk_of[$node]}
    more=${image_of[$name]:+, of ${image_of[$name]}}
    if [ -n "${have[$name+half]:-}" ]; then
      printf 'half     disk of %s (%s%s): its rollback is incomplete\n' "$node" "$name" "$more"
      failed=1
      continue
    elif is_before "$name"; then
      printf 'before   disk of %s (%s%s): it exists in another format, %s\n' "$node" "$name" "$more" "$(file_before "$name")"
      failed=1
      continue
    elif waits_for_image "$name"; then
      printf 'waits    disk of %s (%s%s)\n' "$node" "$name" "$more"
      continue
    elif [ -z "${have[$name]:-}" ]; then
      printf 'missing  disk of %s (%s%s)\n' "$node" "$name" "$more"
      failed=1
      continue
    fi
    if [ -n "${initiators[$(backing "$name")]:-}" ]; then more+=", ${initiators[$(backing "$name")]} is logged in"; fi
    if is_small "$name" "${size_of[$name]}"; then
      printf 'small    disk of %s (%s%s): the inventory sets %s bytes\n' "$node" "$name" "$more" "${size_of[$name]}"
      failed=1
    else
      printf 'there    disk of %s (%s%s)\n' "$node" "$name" "$more"
    fi
  done
  while IFS= read -r name; do
    [ -z "$name" ] || printf 'orphan   %s: no longer in the inventory; prune removes it\n' "$name"
  done < <(orphans)
}

# list_kept NODE
list_kept() {
  need_node "$1"
  kept "${disk_of[$1]}"
}

# take_snapshot NODE [NAME]
take_snapshot() {
  local name when=${2:-}
  [ -n "$when" ] || when=$(date +%Y-%m-%dT%H.%M.%S)
  need_node "$1"
  need_snapshot_name "$when"
  name=${disk_of[$1]}
  if has_snapshot "$name" "$when"; then
    there "$1@$when, of $(kept "$name" | sed -n "s/^${when//./\\.} *//p"): to replace it, remove it first"
    return
  fi
  step "keep $1@$when"
  keep "$name" "$when" || fail "could not keep $1@$when"
}

# roll_back NODE [NAME]
roll_back() {
  local name when=${2:-} all is rolled
  name=${disk_of[$1]:-}
  is=$name
  if [ -n "$name" ] && [ -n "${have[$name+half]:-}" ]; then is=$name+half; else need_node "$1"; fi
  all=$(kept "$is" | cut -d ' ' -f 1 | paste -s -d ' ')
  if [ -z "$when" ]; then
    [[ $all != *' '* ]] || die 1 "name one of these snapshots: $all"
    when=$all
  fi
  if [ -z "$when" ] || ! has_snapshot "$is" "$when"; then
    die 1 "$1 has no snapshot${when:+ $when}; its snapshots: ${all:-none}"
  fi
  ask "the current content of the disk of $1 is lost: snapshot $when replaces it"
  rolled=$name
  [ -z "$dry" ] || rolled=$is@$when
  step "roll the disk of $1 back to $when"
  if ! free "$is" || ! put_back "$name" "$when"; then
    fail "could not roll the disk of $1 back"
  elif is_small "$rolled" "${size_of[$name]}" && ! grow "$name" "${size_of[$name]}"; then
    fail "could not grow the disk of $1"
  fi
  serve "$name"
}

# reset NODE
reset() {
  local name=${disk_of[$1]:-} image
  if [ -n "$name" ] && [ -z "${have[$name]:-}${have[$name+half]:-}" ]; then
    # Nothing is lost. An interrupted run may have left no disk.
    make_disk "$1"
    return
  fi
  need_node "$1"
  image=${image_of[$name]}
  [ -z "$image" ] || [ -n "${have[$(image_name "$image")]:-}" ] || die 1 "$image, the image of $1, is missing"
  ask "the content of the disk of $1 is lost: it becomes ${image:-blank}"
  step "rebuild the disk of $1${image:+ from $image}"
  if ! can_replace "$name" || ! free "$name" || ! make_new "$name" "$image" "${size_of[$name]}" || ! replace "$name"; then
    fail "could not rebuild the disk of $1"
  fi
  serve "$name"
}

# take_image IMAGE
take_image() {
  local name disk
  [ -n "${made_of[$1]:-}" ] || die 1 "the inventory contains no image $1 with snapshot_of"
  name=$(image_name "$1")
  disk=${disk_of[${made_of[$1]}]:-}
  if [ -z "$disk" ] || [ -z "${have[$disk]:-}" ]; then die 1 "$1 is made from the disk of ${made_of[$1]}, which has no disk"; fi
  if [ -n "${have[$name]:-}" ]; then
    there "image $1: to replace it, remove it first"
    protect "$name" || fail "could not protect $name"
    return
  fi
  step "make image $1 from the disk of ${made_of[$1]}"
  if ! new_copy "$name" "$disk" || ! settle "$name" || ! protect "$name"; then fail "could not make image $1"; fi
}

# make_flat NODE
make_flat() {
  need_node "$1"
  if is_flat "${disk_of[$1]}"; then
    there "the disk of $1 shares no blocks with an image"
    return
  fi
  step "flatten the disk of $1"
  flatten "${disk_of[$1]}" || fail "could not flatten the disk of $1"
}

# resolve NAME: sets `found` to the name in the store of a node's disk, an image, or a name in the store.
resolve() {
  local -a all=()
  [ -z "${disk_of[$1]:-}" ] || all+=("${disk_of[$1]}")
  [ -z "${stored[$(image_name "$1")]:-}" ] || all+=("$(image_name "$1")")
  [ -z "${have[$1]:-}" ] || all+=("$1")
  [ "${#all[@]}" -gt 0 ] || die 1 "unknown node, image or disk $1"
  [ "${#all[@]}" -eq 1 ] || die 1 "$1 is ambiguous: use one of ${all[*]}"
  found=${all[0]}
}

# write_file NAME FILE
write_file() {
  resolve "$1"
  [ -n "${have[$found]:-}" ] || die 1 "$found does not exist"
  [ ! -e "$2" ] || die 1 "$2 already exists"
  step "write $found to $2"
  if ! write_out "$found" "$2.new" || ! run mv "$2.new" "$2"; then fail "could not write $2"; fi
}

# remove_one NAME: removes it, by its name in the store.
remove_one() {
  local heirs
  heirs=$(children "$1") || {
    fail "$1: cannot determine what shares blocks with it: see above"
    return 1
  }
  heirs=$(paste -s -d ' ' <<<"$heirs")
  if [ -n "$heirs" ]; then
    fail "$1 shares blocks with $heirs: flatten or remove these first"
    return 1
  fi
  free "$1" && drop "$1"
}

# remove NAME
remove() {
  local node=${1%%@*} name
  if [[ $1 == *@* ]]; then
    need_node "$node"
    name=${1#*@}
    need_snapshot_name "$name"
    if ! has_snapshot "${disk_of[$node]}" "$name"; then
      there "no $1"
      return
    fi
    ask "the snapshot $1 is lost"
    step "remove $1"
    drop_kept "${disk_of[$node]}" "$name" || fail "could not remove $1"
    return
  fi
  resolve "$1"
  is_wanted "$found" || is_made_here "$found" || die 1 "$found does not belong to this site: images.sh did not make it, and the inventory does not contain it"
  [ -z "${have[$found+half]:-}" ] || found=$found+half
  if [ -z "${have[$found]:-}" ]; then
    there "no $found"
    return
  fi
  ask "the content of $found is lost, with its snapshots: $(kept "$found" | wc -l)"
  step "remove $found"
  remove_one "$found" || fail "could not remove $found"
  taken=
}

# prune: removes disks before images, with which they may share blocks.
prune() {
  local name list
  local -a all=()
  list=$(orphans)
  while IFS= read -r name; do
    [ -z "$name" ] || all+=("$name")
  done < <(
    grep -vF -e image. <<<"$list" || true
    grep -F -e image. <<<"$list" || true
  )
  if [ "${#all[@]}" -eq 0 ]; then
    say "there are no orphans"
    return
  fi
  count=${#all[@]}
  ask "the content of these is lost, with their snapshots: ${all[*]}"
  for name in "${all[@]}"; do
    step "remove $name"
    remove_one "$name" || fail "could not remove $name"
    taken=
  done
}

# --- Arguments ---

words=()
for word in "$@"; do
  case $word in
  --dry-run) dry=1 ;;
  --yes) yes=1 ;;
  --force)
    [ "$driver" = tgt ] || die 2 "unknown option $word: see images.sh --help"
    force=1
    ;;
  -h | --help)
    usage
    exit 0
    ;;
  -*) die 2 "unknown option $word: see images.sh --help" ;;
  *) words+=("$word") ;;
  esac
done
command=${words[0]:-status}
words=("${words[@]:1}")

# takes LEAST MOST
takes() {
  if [ "${#words[@]}" -lt "$1" ] || [ "${#words[@]}" -gt "$2" ]; then die 2 "wrong arguments for $command: see images.sh --help"; fi
}

case $command in
status | orphans | prune) takes 0 0 ;;
make) ;;
snapshots | reset | image | flatten | remove) takes 1 1 ;;
snapshot | roll-back) takes 1 2 ;;
export) takes 2 2 ;;
*) die 2 "unknown command $command: see images.sh --help" ;;
esac

if [ -n "$force" ] && { [ -z "$yes" ] || [ "${#words[@]}" -eq 0 ]; }; then die 2 "--force requires --yes and a command with a name"; fi

case $command in
status | snapshots | orphans) ;;
*)
  prepare_store
  if [ -z "$dry" ]; then
    # A background process of a killed run also holds the lock until it ends.
    exec 9>"$(lock_file)"
    flock -n 9 || die 1 "another images.sh of $site is running: wait for it"
  fi
  ;;
esac
# On any exit, restores the target of the disk that lost it temporarily.
trap '[ -z "$taken" ] || serve "$taken"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
open_store
case $command in
status) show_status ;;
orphans) orphans ;;
snapshots) list_kept "${words[0]}" ;;
make) make "${words[@]}" ;;
snapshot) take_snapshot "${words[@]}" ;;
roll-back) roll_back "${words[@]}" ;;
reset) reset "${words[0]}" ;;
image) take_image "${words[0]}" ;;
flatten) make_flat "${words[0]}" ;;
export) write_file "${words[@]}" ;;
remove) remove "${words[0]}" ;;
prune) prune ;;
esac
exit "$failed"
