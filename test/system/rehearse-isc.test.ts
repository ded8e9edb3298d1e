// needs: root busybox cpio dhcpd dnsmasq ip modprobe nginx qemu-system-x86_64 unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/lib/ipxe/undionly.kpxe
import { dirname } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgen, harvgenBeside } from '../support/cli.ts';
import { makeSite } from '../support/scratch.ts';

const SITE = `site: plant
server: { url: "http://10.0.0.1" }
networks:
  lan: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, interface: lan0, dhcp: { server: isc, pool: 10.0.0.200-10.0.0.250 } }
defaults: { boot: { os: linux, kernel: tiny/kernel, initrd: tiny/initrd, args: [ip=dhcp] } }
nodes:
  by-dhcp: { mac: "52:54:00:aa:02:03", ip: 10.0.0.23, firmware: bios, boot: { os: local } }
  arm: { mac: "52:54:00:aa:02:04", ip: 10.0.0.24, boot: { arch: arm64 } }
`;

const test = suite("rehearse with ISC's dhcpd");

test('boots by BIOS PXE; a named node that cannot be rehearsed is a failure', async () => {
  const folder = dirname(makeSite(SITE));
  assert.is(harvgen(['build', 'plant'], folder).code, 0);
  const { code, stdout, stderr } = await harvgenBeside(['rehearse', 'plant', 'by-dhcp', 'arm'], folder);
  assert.match(stdout, /^by-dhcp, BIOS PXE, installed disk: as in the inventory$/m, stdout + stderr);
  assert.match(
    stdout,
    /^arm: not rehearsed: its architecture is arm64, and the rehearsal has only x86 machines$/m,
  );
  assert.match(stdout, '\n2 of 2 boots as in the inventory\n');
  assert.is(code, 1);
});

test.run();
