# Only root and the target server may read the disks.
umask 077
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
dry=
yes=
force=
failed=0
number=0
count=1
taken=
declare -A source_of=() made_of=() disk_of=() node_of=() image_of=() size_of=() have=() stored=() target=() initiators=() elsewhere=()
# With --dry-run: the sizes of new images.
declare -A new_bytes=()
declare -a images=() nodes=()

# Progress bars, on a terminal.
progress=()
[ ! -t 2 ] || progress=(-p)

# image_name IMAGE: prints its name in the store.
image_name() { printf '%simage.%s' "$prefix" "$1"; }

# image NAME SOURCE NODE: declares an image, the file that it is imported from, and the node from whose disk it is made.
image() {
  images+=("$1")
  stored[$(image_name "$1")]=1
  source_of[$1]=$2
  made_of[$1]=$3
}

# disk NODE NAME IMAGE BYTES: declares a node's disk, without an image if it is blank, and its minimum size.
disk() {
  nodes+=("$1")
  disk_of[$1]=$2
  node_of[$2]=$1
  image_of[$2]=$3
  size_of[$2]=$4
}

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$2"
  exit "$1"
}

usage() { sed -n '2,/^[^#]/s/^#$\|^# //p' "$0"; }

fail() {
  say "FAILED  $*"
  failed=1
}

# run COMMAND…: runs it, or with --dry-run only prints it.
run() {
  local words
  if [ -n "$dry" ]; then
    printf -v words ' %q' "$@"
    say "  would:$words"
  else
    "$@"
  fi
}

has() { command -v "$1" >/dev/null 2>&1; }

# step WORDS…: prints the next step.
step() {
  number=$((number + 1))
  say "[$number/$count] ${dry:+would }$*"
}

# there WORDS…: prints a step that is already done.
there() {
  number=$((number + 1))
  say "[$number/$count] there: $*"
}

# is_wanted NAME: whether the inventory needs it, by its name in the store, also if it is incomplete.
is_wanted() {
  local name=${1%+new}
  name=${name%+half}
  # If a disk exists in two formats, only one is needed.
  if [[ $name == *+before ]] && [ -z "${have[${name%+before}]:-}" ]; then name=${name%+before}; fi
  [ -n "${node_of[$name]:-}" ] || [ -n "${stored[$name]:-}" ]
}

wanted

