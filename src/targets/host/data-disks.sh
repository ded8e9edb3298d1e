
# --- Step: data disks. A disk with content is never formatted. ---

# wait_for DEVICE: waits until the device exists, because clouds attach disks while the machine boots.
wait_for() {
  local second
  for ((second = 0; second < disk_seconds; second++)); do
    [ ! -b "$1" ] || return 0
    [ -z "$dry" ] || return 1
    [ "$second" -ne 0 ] || note "waiting for $1"
    sleep 1
  done
  return 1
}

# what_blkid FIELD DEVICE: prints a field of the disk itself, not of the cache of blkid.
what_blkid() { blkid -p -o value -s "$1" "$2" 2>/dev/null || true; }

# in_use DEVICE: prints why the device cannot be used; nothing if it is free.
in_use() {
  local device=$1 name holders pt
  name=$(basename "$device")
  holders=$(find "/sys/class/block/$name/holders" -mindepth 1 -printf '%f ' 2>/dev/null || true)
  pt=$(what_blkid PTTYPE "$device")
  if [ -n "$holders" ]; then
    echo "it is part of ${holders% }"
  elif [ -n "$pt" ] || [ "$(lsblk -nro NAME "$device" | wc -l)" -gt 1 ]; then
    echo "it has partitions${pt:+ ($pt)}"
  elif grep -q "^$device " /proc/swaps; then
    echo "it is used as swap"
  elif [ "$(blockdev --getro "$device")" = 1 ]; then
    echo "it is read-only"
  fi
}

# signatures DEVICE: prints the type of the content; nothing if the device is blank.
signatures() {
  local status=0
  blkid -p "$1" >/dev/null 2>&1 || status=$?
  # 2: no signature. 8: several, so none is reliable.
  if [ "$status" -eq 8 ]; then
    echo "signatures of several types"
  elif [ "$status" -ne 2 ]; then
    what_blkid TYPE "$1"
  else
    wipefs -n --noheadings -O TYPE "$1" | tr '\n' ' '
  fi
}

# make_filesystem DEVICE TYPE LABEL UUID FORCE: a non-empty FORCE overwrites an interrupted file system of this script.
make_filesystem() {
  case $2 in
  ext4) run mkfs.ext4 -q -m 0 -L "$3" -U "$4" ${5:+-F} "$1" </dev/null ;;
  xfs) run mkfs.xfs -q -L "$3" -m "uuid=$4" ${5:+-f} "$1" ;;
  esac
  # The mount uses a name that udev creates.
  if [ -z "$dry" ] && has udevadm; then udevadm settle || true; fi
}

# data_disk NAME DEVICE TYPE FOLDER LABEL
data_disk() {
  local name=$1 device type=$3 folder=$4 label=$5 uuid='' found why begun force=''
  if ! wait_for "$2"; then
    problem "no data disk $name at $2: attach it, or change host.disks"
    return
  fi
  device=$(readlink -f "$2")
  if findmnt -rn -M "$folder" >/dev/null; then
    if [ "$(findmnt -rn -M "$folder" -o MAJ:MIN)" != "$(lsblk -ndro MAJ:MIN "$device")" ]; then
      problem "$folder must be the data disk $name, but another file system is mounted there: $(findmnt -rn -M "$folder" -o SOURCE)"
      return
    fi
    uuid=$(what_blkid UUID "$device")
    mount_by_uuid "$uuid" "$folder" "$(findmnt -rn -M "$folder" -o FSTYPE)" "$device"
    return
  fi
  if [ -n "$dry" ] && [ ! -r "$device" ]; then
    note "$2: only root can read it"
    return
  fi
  why=$(in_use "$device")
  found=$(findmnt -rn -S "$device" -o TARGET | head -n 1 || true)
  [ -z "$found" ] || why="it is mounted at $found"
  if [ -n "$why" ]; then
    problem "$2 is skipped: $why. Use another disk for $name, or free this one"
    return
  fi
  found=$(signatures "$device")
  found=${found% }
  begun=$(cat "$state/applied/disk-$name" 2>/dev/null || true)
  uuid=$(what_blkid UUID "$device")
  case $found in
  '')
    uuid=$(cat /proc/sys/kernel/random/uuid)
    ;;
  ext4 | xfs)
    if [ -n "$begun" ] && [ "$begun" = "making $uuid" ]; then
      note "$2 contains a file system that an earlier run did not finish"
      force=1
    else
      [ "$found" = "$type" ] || note "$2 contains $found, not $type: it is not changed"
      [ "$(what_blkid LABEL "$device")" = "$label" ] || note "$2 contains a file system that this script did not create: it is mounted unchanged"
      mount_by_uuid "$uuid" "$folder" "$found" "$device"
      return
    fi
    ;;
  *)
    problem "$2 is skipped: it contains $found. To erase it, run 'wipefs --all $2', then run this script again"
    return
    ;;
  esac
  remember "disk-$name" "making $uuid"
  make_filesystem "$device" "$type" "$label" "$uuid" "$force"
  remember "disk-$name" "made $uuid"
  mount_by_uuid "$uuid" "$folder" "$type" "$device"
}

# Options of systemd.mount(5). libvirt has one daemon, or one for each part.
before_mount=x-systemd.before=libvirtd.service,x-systemd.before=virtqemud.service

# own_fstab FOLDER: prints this site's line for a directory; nothing without such a line.
own_fstab() {
  local device folder rest
  while read -r device folder rest; do
    if [ "$folder" = "$1" ] && [[ ${rest%% 0 *} == *",x-harvgen.$site" ]]; then
      printf '%s\n' "$device $folder $rest"
      return
    fi
  done </etc/fstab
}

# mount_by_uuid UUID FOLDER TYPE DEVICE: mounts now and at each boot. A missing disk must not stop the boot. The services that
# start machines at boot wait for the mount.
mount_by_uuid() {
  local where=${2// /\\040} line own other
  if [ ! -d "$2" ]; then
    record "folder $2"
    run mkdir -p "$2"
  fi
  line="UUID=$1 $where $3 defaults,nofail,x-systemd.device-timeout=60s,$before_mount,x-harvgen.$site 0 2"
  own=$(own_fstab "$where")
  other=$(findmnt -rn --fstab --mountpoint "$2" -o SOURCE | head -n 1 || true)
  if [ -z "$own" ] && [ -n "$other" ] && [ "$(readlink -f "$(findfs "$other" 2>/dev/null || true)")" != "$4" ]; then
    problem "$2 must be the data disk $4, but /etc/fstab mounts $other there: remove that line, or use another disk"
    return
  fi
  if [ "$own" != "$line" ] && { [ -n "$own" ] || [ -z "$other" ]; }; then
    record "fstab $1 $2"
    replace /etc/fstab < <(
      own=$own awk '$0 == "" || $0 != ENVIRON["own"]' /etc/fstab
      printf '%s\n' "$line"
    )
    own=${own%% *}
    [ -z "$own" ] || [ "$own" = "UUID=$1" ] || forget "fstab ${own#UUID=} $2"
    run systemctl daemon-reload
  fi
  if ! findmnt -rn -M "$2" >/dev/null; then
    record "mount $1 $2"
    run mount -t "$3" "UUID=$1" "$2"
    if has restorecon; then run restorecon -R "$2"; fi
  fi
}
