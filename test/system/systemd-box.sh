#!/usr/bin/env bash
# Runs systemd as the first process of its own namespaces: systemd-box.sh FOLDER
#
# FOLDER contains the only units besides those of a test: nothing may clean up, mount or trigger devices
# on the machine that runs the tests. The script runs in a sandbox, whose copies of /etc and /var it uses.
# FOLDER/unshare then contains the process to kill to end everything.
set -euo pipefail

# Other directories that systemd and its services write to are their own: /tmp and /dev are the machine's otherwise. But
# a libvirt that already runs in the sandbox stays visible.
inside() {
  local device name major minor
  mkdir -p "$1/run" /run/libvirt
  mount --bind /run/libvirt "$1/run"
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/base /run/lock /run/libvirt
  mount --bind "$1/run" /run/libvirt
  cp "$1"/*.{service,socket,target} /run/base/
  mkdir /run/base/sockets.target.wants
  ln -s ../systemd-journald{.service,.socket,-dev-log.socket} /run/base/sockets.target.wants/
  mount -t tmpfs -o mode=1777 tmpfs /tmp
  mount -t tmpfs tmpfs /etc/systemd/system
  mount -t tmpfs -o mode=755 tmpfs /dev
  mkdir /dev/pts /dev/shm /dev/mqueue
  mount -t devpts -o newinstance,ptmxmode=666 devpts /dev/pts
  ln -s pts/ptmx /dev/ptmx
  ln -s /proc/self/fd /dev/fd
  for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0' 'console 5 1'; do
    read -r name major minor <<<"$device"
    mknod -m 666 "/dev/$name" c "$major" "$minor"
  done
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  cd /
  exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=harvgen \
    SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/base \
    SYSTEMD_GENERATOR_PATH=/nowhere SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nowhere \
    /lib/systemd/systemd --system --unit=multi-user.target --show-status=no --log-target=journal
}

if [ "$1" = --inside ]; then inside "$2"; fi

# Its own cgroup becomes the root of everything that systemd sees. The remains of an earlier run are removed first.
mkdir -p /run/cgroup
mount -t cgroup2 cgroup2 /run/cgroup
find /run/cgroup/harvgen-* -depth -type d -exec rmdir {} \; 2>/dev/null || true
own=$(mktemp -d /run/cgroup/harvgen-XXXXXX)
echo $$ >"$own/cgroup.procs"
unshare --mount --propagation private --pid --uts --ipc --cgroup --fork --kill-child --mount-proc \
  bash "$0" --inside "$1" &
echo $! >"$1/unshare"
wait $! 2>/dev/null || true
echo $$ >/run/cgroup/cgroup.procs
# The last processes of a killed namespace may take a moment to end.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  if find "$own" -depth -type d -exec rmdir {} + 2>/dev/null; then exit; fi
  sleep 0.1
done
