// needs: root bash busybox cloud-init cpio curl dnsmasq ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/lib/qemu/virtiofsd /usr/lib/systemd/systemd-networkd /usr/share/OVMF/OVMF_CODE_4M.fd
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { buildLinux, VIRTIO_MODULES } from '../../src/rehearse/initramfs.ts';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { BOOT, WITHOUT_SYSTEMD } from './cloud-init.ts';
import { deploy, siteOf } from './deploy.ts';
import { DISKLESS } from './diskless.ts';

/*
 * The real cloud-init inside machines that booted by their second NIC. Their root file system is that of this machine, read-only,
 * below an overlay in memory. It takes minutes, so only `npm run test:long` runs it; linux.test.ts and http-boot.test.ts run the
 * same cloud-init outside of the machine.
 */

const SITE = `site: diskless
server: { url: "http://192.168.178.7" }
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.7, interface: eno1, dhcp: {} }
${DISKLESS}nodes:
  cg01: { xname: x1000c0s0b0n0, nics: [{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }, { mac: 52:54:00:aa:02:01, network: mgmt }], firmware: bios }
  cg02: { xname: x1000c0s0b0n1, nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, network: mgmt }] }
`;

/** The first process. Its root file system has the tag "root". */
const INIT = `#!/bin/sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
echo 0 >/proc/sys/kernel/printk
for module in /modules/*.ko; do insmod "$module"; done
parameter() { tr ' ' '\\n' </proc/cmdline | sed -n "s|^$1||p" | tail -n 1; }
mac=$(parameter BOOTIF=01- | tr '-' ':')
seed=$(parameter 'ds=nocloud[^;]*;s=')
for each in /sys/class/net/eth*; do
  ip link set "$(basename "$each")" up
  [ "$(cat "$each/address")" != "$mac" ] || nic=$(basename "$each")
done
cat >/lease <<'END'
#!/bin/sh
[ "$1" != bound ] || ip address add "$ip/$mask" dev "$interface"
END
chmod +x /lease
udhcpc -i "$nic" -s /lease -n -q -t 20 -T 1 >/dev/ttyS0 2>&1
mkdir /lower /upper /new
mount -t virtiofs -o ro root /lower
mount -t tmpfs tmpfs /upper
mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /new
for each in dev proc sys; do mount --move /$each /new/$each; done
for each in run tmp var/tmp; do mount -t tmpfs tmpfs /new/$each; done
# cloud-init reads another kernel command line in a container, which this machine may be.
rm -rf /new/.dockerenv /new/etc/cloud/cloud.cfg.d
mkdir /new/etc/cloud/cloud.cfg.d
cat >/new/etc/cloud/cloud.cfg <<'END'
${WITHOUT_SYSTEMD}
END
cat >/new/run/boot <<'END'
${BOOT(true)}
END
cat >/new/run/init <<'END'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
sh /run/boot "$@" >/run/output 2>&1 || tail -n 30 /run/output
{
  echo "STAND-IN nic $1 $(cat "/sys/class/net/$1/address")"
  echo "STAND-IN cmdline $(cat /proc/cmdline)"
  echo "STAND-IN hostname $(hostname)"
  echo "STAND-IN status $(cloud-init status)"
  echo "STAND-IN result $(tr -d '\\n' </run/cloud-init/result.json)"
  echo "STAND-IN warnings $(grep -c 'WARNING\\|ERROR' /var/log/cloud-init.log)"
  echo "STAND-IN networkd $(grep DHCPv4 /run/networkd.log | head -n 1)"
  echo "STAND-IN unused $(grep DHCP= /etc/systemd/network/10-cloud-init-eth0.network)"
  echo "STAND-IN rendered $(ls /var/tmp)"
  echo STAND-IN end
} >/dev/ttyS0
stty -F /dev/ttyS0 -echo
echo o >/proc/sysrq-trigger
sleep 60
END
exec chroot /new /bin/sh /run/init "$nic" "$seed" >/dev/ttyS0 2>&1
`;

const test = suite('cloud-init inside machines that booted by their second NIC');
const long = process.env.HARVGEN_EFFORT ? test : test.skip;

long("BIOS and UEFI machines reach cloud-init's end with the template of their group", async () => {
  const folder = makeSite(SITE, 'diskless');
  const site = await siteOf(folder);
  const plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  try {
    const images = join(plant.folder, 'images');
    await mkdir(join(images, 'cluster'), { recursive: true });
    const modules = [...VIRTIO_MODULES, 'fs/fuse/fuse', 'fs/fuse/virtiofs', 'fs/overlayfs/overlay'];
    await buildLinux(
      { init: INIT, modules },
      join(images, 'cluster/vmlinuz'),
      join(images, 'cluster/initrd.img'),
    );
    await plant.bind(images, '/srv/harvgen/images');
    await deploy(plant, site, folder);
    await plant.run(['mkdir', '/run/root']);
    await plant.run(['mount', '--bind', '/', '/run/root']);
    await plant.run(['mount', '-o', 'remount,bind,ro', '/run/root']);
    const consoles = await Promise.all([
      boots(plant, 'cg01', '01', 'bios-ipxe'),
      boots(plant, 'cg02', '02', 'uefi-http'),
    ]);
    for (const [index, console] of consoles.entries()) {
      const { reported } = readReport(console);
      const mac = `52:54:00:aa:02:0${index + 1}`;
      const seed = `http://192.168.178.7/cloud-init/${mac.replaceAll(':', '-')}/`;
      assert.is(reported('nic'), `eth1 ${mac}`);
      assert.match(reported('cmdline') ?? '', `ds=nocloud-net;s=${seed}`);
      assert.is(reported('hostname'), `cg0${index + 1}`);
      assert.is(reported('status'), 'status: done');
      const { datasource, errors } = JSON.parse(reported('result') ?? '').v1;
      assert.match(datasource, `[seed=cmdline,${seed}]`);
      assert.equal([errors, reported('warnings')], [[], '0']);
      assert.match(reported('networkd') ?? '', `eth1: DHCPv4 address 192.168.178.4${index + 1}/24`);
      assert.is(reported('unused'), 'DHCP=no');
      assert.is(reported('rendered'), 'r1');
    }
  } finally {
    await plant.close();
  }
});

test.run();

/** Boots a node by its second NIC; the first one has no cable. Returns the text of its console. */
async function boots(
  plant: Plant,
  name: string,
  number: string,
  firmware: 'bios-ipxe' | 'uefi-http',
): Promise<string> {
  const socket = join(plant.folder, `root-${name}`);
  const daemon = `/usr/lib/qemu/virtiofsd --socket-path=${socket} -o source=/run/root -o sandbox=chroot`;
  await plant.run(['sh', '-c', `${daemon} >/dev/null 2>&1 & until [ -S ${socket} ]; do sleep 0.1; done`]);
  const macs = [`52:54:00:aa:01:${number}`, `52:54:00:aa:02:${number}`];
  const machine = await plant.boot({
    name,
    macs,
    unplugged: macs.slice(0, 1),
    firmware,
    memory: 768,
    extra: [
      ...[
        '-object',
        'memory-backend-memfd,id=shared,size=768M,share=on',
        '-machine',
        'memory-backend=shared',
      ],
      ...['-chardev', `socket,id=root,path=${socket}`, '-device', 'vhost-user-fs-pci,chardev=root,tag=root'],
    ],
  });
  const text = await machine.waitFor('STAND-IN end');
  await machine.stop();
  return text;
}
