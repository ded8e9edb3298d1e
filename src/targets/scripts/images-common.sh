# What is on the disks is for root, and whoever serves them.
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
declare -a images=() nodes=()

# How far what takes long is, where somebody looks on.
progress=()
[ ! -t 2 ] || progress=(-p)

# image_name IMAGE: how the store calls it.
image_name() { printf '%simage.%s' "$prefix" "$1"; }

# image NAME SOURCE NODE: an image, the file that it is imported from, and the node of whose disk it is made.
image() {
  images+=("$1")
  stored[$(image_name "$1")]=1
  source_of[$1]=$2
  made_of[$1]=$3
}

# disk NODE NAME IMAGE BYTES: a node's disk; of no image where it is blank, and at least as large as its image.
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

# run COMMAND…: on a dry run, only says it.
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

# step WORDS…: one of all that are to be done.
step() {
  number=$((number + 1))
  say "[$number/$count] ${dry:+would }$*"
}

# there WORDS…: one that is done already.
there() {
  number=$((number + 1))
  say "[$number/$count] there: $*"
}

# is_wanted NAME: by what the store calls it; what is not whole is wanted as the whole is.
is_wanted() {
  local name=${1%+new}
  name=${name%+half}
  # What is there in two formats is wanted in one.
  if [[ $name == *+before ]] && [ -z "${have[${name%+before}]:-}" ]; then name=${name%+before}; fi
  [ -n "${node_of[$name]:-}" ] || [ -n "${stored[$name]:-}" ]
}

wanted

