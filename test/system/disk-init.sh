#!/bin/sh
# The first process of the system on an iSCSI disk. Reports on the serial port, each as a line that begins with DISK:
#   who (from its kernel command line), initiator, mac and address (from the log-on of the firmware, the iBFT),
#   and, after its own log-on with these, root (from the last sector of that disk).
# Then it switches the machine off.

export PATH=/bin:/usr/sbin
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
# if the console is the serial port, too, the kernel writes into the middle of a report
echo 0 >/proc/sys/kernel/printk

report() {
  echo "DISK $*" >/dev/ttyS0
}

# The value of the parameter $1 on the kernel's command line.
parameter() {
  tr ' ' '\n' </proc/cmdline | sed -n "s|^$1=||p"
}

report who "$(parameter who)"
for module in /modules/*.ko; do insmod "$module"; done
ip link set lo up

ibft=/sys/firmware/ibft
report initiator "$(cat $ibft/initiator/initiator-name)"
report mac "$(cat $ibft/ethernet0/mac)"
report address "$(cat $ibft/ethernet0/ip-addr)"

# Configures the NIC, and logs on. iscsistart requires the directory, and keeps nothing there.
mkdir -p /etc/iscsi
iscsistart -N >/run/log 2>&1
iscsistart -b >>/run/log 2>&1 || report failed "$(tail -n 1 /run/log)"
# The kernel scans the disk after the log-on, and on a busy host that can take long.
tries=0
until root=$(tail -c 512 /dev/sda 2>/run/error | tr -d '\0') && [ -n "$root" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { report failed "$(tail -n 1 /run/error)"; break; }
  sleep 1
done
report root "$root"
report end
# waits until all output has been sent
stty -F /dev/ttyS0 -echo
poweroff -f
