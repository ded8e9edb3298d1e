// needs: root bash busybox cpio curl dnsmasq grub-mkimage ip libvirtd nft nginx qemu-img qemu-system-x86_64 rsync socat unshare virsh /boot/vmlinuz-*-cloud-amd64 /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/undionly.kpxe /usr/share/OVMF/OVMF_CODE_4M.fd
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../../src/site/model.ts';
import { makeSite } from '../support/scratch.ts';
import { assertByHttp, assertOwnData, DISKLESS, placeImages } from './diskless.ts';
import { type Nest, openNest } from './nest.ts';

/*
 * Diskless domains of a libvirt host that the tree has set up: UEFI HTTP boot at once, answered by libvirt's own dnsmasq, which
 * announces itself as a DNS server.
 */

const URL = 'http://192.168.150.1';
const SITE = `site: domains
server: { url: http://192.168.150.1 }
host: { domain_type: qemu }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    dhcp: { server: libvirt }
  cluster: { subnet: 10.60.0.0/24, libvirt: { forward: isolated } }
${DISKLESS}  vm: { vcpus: 1, memory: 512Mi, autostart: false }
nodes:
  cg01:
    xname: x1000c0s0b0n0
    nics: [{ mac: 52:54:00:0c:09:01, ip: 192.168.150.41 }, { mac: 52:54:00:0c:09:02, network: cluster }]
  cg02: { xname: x1000c0s0b0n1, mac: 52:54:00:0c:09:11, ip: 192.168.150.42, boot: { loader: grub } }
`;

const test = suite<{ nest: Nest; site: Site }>('diskless domains boot Linux');

test.before(async (context) => {
  context.nest = await openNest();
  await placeImages(context.nest.sandbox);
  Object.assign(context, await context.nest.bringUp(makeSite(SITE, 'domains')));
});

test.after(async ({ nest }) => nest?.close());

test('nodes boot by UEFI HTTP boot and without PXE, one by iPXE and one by GRUB', async ({ nest, site }) => {
  const consoles = await Promise.all(
    site.nodes.map(async ({ name }) => {
      await nest.libvirt.virsh('start', name).catch(() => '');
      // GRUB takes long to download a kernel. http-boot.test.ts boots one by GRUB.
      const end = name === 'cg02' ? /cg02: booting Linux/ : /STAND-IN end/;
      const errors = /has no script|found no configuration/;
      return nest.libvirt.waitForConsole(name, new RegExp(`${end.source}|${errors.source}`));
    }),
  );
  for (const [index, node] of site.nodes.entries()) assertByHttp(consoles[index] ?? '', URL, node);
  const [byIpxe, byGrub] = consoles;
  assert.ok(site.nodes[0]);
  assertOwnData(byIpxe ?? '', URL, 'domains', site.nodes[0]);
  assert.match(byGrub ?? '', 'cg02: booting Linux');
});

test.run();
