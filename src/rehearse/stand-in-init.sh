#!/bin/sh
# The first process of the stand-in for the operating system's installer. Reports, each as a line that
# begins with STAND-IN, on the console and on the serial port (which the kernel may not use as console):
#   cmdline, disk (name and serial number), ibft (target, and MAC address of the NIC that leads there), nic, address, hostname (in effect), hostname-from-dhcp (option
#   12), root, root-answers (yes or no), config-url, and the answer between config begin and config end (or
#   config failed); management (the NIC, its VLAN and its IP address, if that is not the NIC that has booted); seed, and each of cloud-init's files from there, such as user-data begin and user-data end (or
#   user-data failed).
# Then it switches the machine off.

# shellcheck disable=SC2155 # no exit status is used
export PATH=/bin
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
# if the console is the serial port, too, the kernel writes into the middle of a report
echo 0 >/proc/sys/kernel/printk

report() {
  echo "STAND-IN $*" >/dev/ttyS0
  # the kernel's console may be the serial port itself
  grep -q ttyS0 /sys/class/tty/console/active || echo "STAND-IN $*" >/dev/console
}

# The value of the parameter $1 (the name and everything up to the value) on the kernel's command line.
parameter() {
  tr ' ' '\n' </proc/cmdline | sed -n "s|^$1||p" | tail -n 1
}

# The NIC that the machine has booted from, if the command line sets it; else the first.
nic() {
  mac=$(parameter BOOTIF=01- | tr '-' ':' | tr 'A-F' 'a-f')
  for each in /sys/class/net/eth*; do
    [ "$(cat "$each/address")" = "$mac" ] && basename "$each" && return
  done
  echo eth0
}

# Tries $@ until it succeeds, five times at most.
persist() {
  for _ in 1 2 3 4 5; do
    "$@" && return
    sleep 1
  done
  return 1
}

for module in /modules/*.ko; do insmod "$module"; done
for each in lo /sys/class/net/eth*; do ip link set "$(basename "$each")" up; done
report cmdline "$(cat /proc/cmdline)"
for each in /sys/block/vd*; do
  [ ! -e "$each/serial" ] || report disk "$(basename "$each")" "$(cat "$each/serial")"
done
for each in /sys/firmware/ibft/target*; do
  [ ! -e "$each/target-name" ] || report ibft "$(cat "$each/target-name")" "$(cat /sys/firmware/ibft/ethernet0/mac)"
done
nic=$(nic)
report nic "$nic" "$(cat "/sys/class/net/$nic/address")"

ip=$(parameter ip=)
case $ip in
*::*)
  # ip=<address>::<gateway>:<mask>:<hostname>:<nic>:none; the name of the NIC is not used here
  address=${ip%%:*}
  IFS=: read -r gateway mask hostname _ <<END
${ip#*::}
END
  ifconfig "$nic" "$address" netmask "$mask"
  [ -z "$gateway" ] || ip route add default via "$gateway"
  [ -z "$hostname" ] || hostname "$hostname"
  ;;
*)
  cat >/bin/lease <<'END'
#!/bin/sh
[ "$1" = bound ] || exit 0
ifconfig "$interface" "$ip" netmask "$subnet"
[ -z "$router" ] || ip route add default via "${router%% *}"
echo "$hostname" >/run/hostname
[ -z "$hostname" ] || hostname "$hostname"
END
  chmod +x /bin/lease
  udhcpc -i "$nic" -s /bin/lease -n -q -t 10 -T 1 -O hostname >/dev/null 2>&1
  report hostname-from-dhcp "$(cat /run/hostname)"
  ;;
esac
report address "$(ip -o -4 address show dev "$nic" | awk '{ print $4 }')"
report hostname "$(hostname)"

root=$(parameter root=live:)
report root "$root"
if [ -n "$root" ]; then
  if persist wget -q --spider "$root" 2>/dev/null; then report root-answers yes; else report root-answers no; fi
fi

url=$(parameter harvester.install.config_url=)
report config-url "$url"
if [ -n "$url" ]; then
  if persist wget -q -O /run/config "$url" 2>/run/error; then
    report config begin
    cat /run/config >/dev/ttyS0
    report config end
  else
    report config failed "$(cat /run/error)"
  fi
fi

# The value of the first line of the configuration with the key $1.
value() {
  sed -n "s|^ *$1: *\"\{0,1\}\([^\"]*\)\"\{0,1\}\$|\1|p" /run/config 2>/dev/null | head -n 1
}

# The management interface: its first NIC, without the bond; asks for the gateway, or for a lease.
mac=$(value '- hwAddr')
vlan=$(value vlan_id)
link=
for each in /sys/class/net/eth*; do
  [ "$(cat "$each/address")" != "$mac" ] || link=$(basename "$each")
done
if [ -n "$link" ] && { [ "$link" != "$nic" ] || [ "${vlan:-0}" -gt 1 ]; }; then
  if [ "${vlan:-0}" -gt 1 ]; then
    ip link add link "$link" name mgmt type vlan id "$vlan"
    link=mgmt
    ip link set mgmt up
  fi
  if [ "$(value method)" = static ]; then
    ifconfig "$link" "$(value ip)" netmask "$(value subnet_mask)"
    arping -q -c 1 -w 1 -I "$link" "$(value gateway)"
  else
    udhcpc -i "$link" -s /bin/lease -n -q -t 5 -T 1 >/dev/null 2>&1
  fi
  report management "$mac" "${vlan:-untagged}" "$(ip -o -4 address show dev "$link" | awk '{ print $4 }')"
fi

# cloud-init's data, from the URL of NoCloud (ds=nocloud…;s=<url>): the names of its files are appended to the URL.
seed=$(parameter 'ds=nocloud[^;]*;s=')
report seed "$seed"
if [ -n "$seed" ]; then
  for name in meta-data user-data vendor-data network-config; do
    if persist wget -q -O /run/data "$seed$name" 2>/run/error; then
      report "$name" begin
      cat /run/data >/dev/ttyS0
      report "$name" end
    else
      report "$name" failed "$(cat /run/error)"
    fi
  done
fi

report end
# waits until all output has been sent
stty -F /dev/ttyS0 -echo
poweroff -f
