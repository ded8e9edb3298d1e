
# --- Step: data disks. What holds anything is never formatted. ---

# wait_for DEVICE: a cloud attaches disks while the machine boots.
wait_for() {
  local second
  for ((second = 0; second < 60; second++)); do
    [ ! -b "$1" ] || return 0
    [ -z "$dry" ] || return 1
    [ "$second" -ne 0 ] || note "waiting for $1"
    sleep 1
  done
  return 1
}

# what_blkid FIELD DEVICE: from the disk itself, not from what was known of it.
what_blkid() { blkid -p -o value -s "$1" "$2" 2>/dev/null || true; }

# in_use DEVICE: what keeps it from being ours, in words; nothing if it is free.
in_use() {
  local device=$1 name holders pt
  name=$(basename "$device")
  holders=$(find "/sys/class/block/$name/holders" -mindepth 1 -printf '%f ' 2>/dev/null || true)
  pt=$(what_blkid PTTYPE "$device")
  if [ -n "$holders" ]; then
    echo "it belongs to ${holders% }"
  elif [ -n "$pt" ] || [ "$(lsblk -nro NAME "$device" | wc -l)" -gt 1 ]; then
    echo "it has partitions${pt:+ ($pt)}"
  elif grep -q "^$device " /proc/swaps; then
    echo "it is used as swap"
  elif [ "$(blockdev --getro "$device")" = 1 ]; then
    echo "it is read-only"
  fi
}

# signatures DEVICE: what is on it, in words; nothing if it is blank.
signatures() {
  local status=0
  blkid -p "$1" >/dev/null 2>&1 || status=$?
  # 2: nothing. 8: several, so that none can be trusted.
  if [ "$status" -eq 8 ]; then
    echo "signatures of several kinds"
  elif [ "$status" -ne 2 ]; then
    what_blkid TYPE "$1"
  else
    wipefs -n --noheadings -O TYPE "$1" | tr '\n' ' '
  fi
}

# make_filesystem DEVICE TYPE LABEL UUID ANEW: ANEW is what makes it go over an own one that was cut short.
make_filesystem() {
  case $2 in
  ext4) run mkfs.ext4 -q -m 0 -L "$3" -U "$4" ${5:+-F} "$1" </dev/null ;;
  xfs) run mkfs.xfs -q -L "$3" -m "uuid=$4" ${5:+-f} "$1" ;;
  esac
  # udev makes the name that it is mounted by.
  if [ -z "$dry" ] && has udevadm; then udevadm settle || true; fi
}

# data_disk NAME DEVICE TYPE FOLDER LABEL
data_disk() {
  local name=$1 device type=$3 folder=$4 label=$5 uuid='' found why begun anew=''
  if ! wait_for "$2"; then
    problem "the data disk $name is not there: $2"
    return
  fi
  device=$(readlink -f "$2")
  if findmnt -rn -M "$folder" >/dev/null; then
    if [ "$(findmnt -rn -M "$folder" -o MAJ:MIN)" != "$(lsblk -ndro MAJ:MIN "$device")" ]; then
      problem "$folder is to be the data disk $name, and something else is mounted there: $(findmnt -rn -M "$folder" -o SOURCE)"
      return
    fi
    uuid=$(what_blkid UUID "$device")
    mount_by_uuid "$uuid" "$folder" "$(findmnt -rn -M "$folder" -o FSTYPE)" "$device"
    return
  fi
  if [ -n "$dry" ] && [ ! -r "$device" ]; then
    note "$2: root alone can look into it"
    return
  fi
  why=$(in_use "$device")
  found=$(findmnt -rn -S "$device" -o TARGET | head -n 1 || true)
  [ -z "$found" ] || why="it is mounted at $found"
  if [ -n "$why" ]; then
    problem "$2 is left alone: $why. Choose another disk for $name, or free this one"
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
      note "$2 holds a file system that an earlier run did not finish"
      anew=1
    else
      [ "$found" = "$type" ] || note "$2 holds $found, not $type: it stays as it is"
      [ "$(what_blkid LABEL "$device")" = "$label" ] || note "$2 holds a file system that is not of this script's making: it is mounted as it is"
      mount_by_uuid "$uuid" "$folder" "$found" "$device"
      return
    fi
    ;;
  *)
    problem "$2 is left alone: it holds $found. If nothing on it is of use, 'wipefs --all $2' erases it; then run this again"
    return
    ;;
  esac
  remember "disk-$name" "making $uuid"
  make_filesystem "$device" "$type" "$label" "$uuid" "$anew"
  remember "disk-$name" "made $uuid"
  mount_by_uuid "$uuid" "$folder" "$type" "$device"
}

# In words of systemd.mount(5). libvirt has one daemon, or one for each part.
before_mount=x-systemd.before=libvirtd.service,x-systemd.before=virtqemud.service

# own_fstab FOLDER: what this site's line for a folder says; nothing where there is none.
own_fstab() {
  local device folder rest
  while read -r device folder rest; do
    if [ "$folder" = "$1" ] && [[ ${rest%% 0 *} == *",x-harvgen.$site" ]]; then
      printf '%s\n' "$device $folder $rest"
      return
    fi
  done </etc/fstab
}

# mount_by_uuid UUID FOLDER TYPE DEVICE: now, and at each boot, which a disk that is gone must not stop. Whoever starts
# machines at boot waits for it.
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
    problem "$2 is to be the data disk $4, and /etc/fstab mounts $other there: take that line away, or choose another disk"
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
