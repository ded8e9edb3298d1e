#!/bin/sh
# The first process of the system on a disk that comes by iSCSI. Reports, each as a line that begins with DISK, on the serial port:
#   who (what its kernel line says that it is), initiator, mac and address (what the firmware has left of its log-on, the iBFT),
#   and, when it has itself logged on by that, root (who that disk's last sector says that it is).
# Then it switches the machine off.

export PATH=/bin:/usr/sbin
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
# where its console is the serial port, too, the kernel would write into the middle of a report
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

# Gives the NIC its address, and logs on. It keeps nothing there, and wants the folder.
mkdir -p /etc/iscsi
iscsistart -N >/run/said 2>&1
iscsistart -b >>/run/said 2>&1 || report failed "$(tail -n 1 /run/said)"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  [ ! -b /dev/sda ] || break
  sleep 1
done
report root "$(tail -c 512 /dev/sda | tr -d '\0')"
report end
# which waits until all has been sent
stty -F /dev/ttyS0 -echo
poweroff -f
