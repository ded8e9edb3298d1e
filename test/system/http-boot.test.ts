// needs: root bash busybox cloud-init cpio curl dnsmasq grub-mkimage ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/undionly.kpxe /usr/lib/systemd/systemd-networkd /usr/share/OVMF/OVMF_CODE_4M.fd
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine } from '../../src/rehearse/machine.ts';
import { type Firmware, openPlant, type Plant } from '../../src/rehearse/plant.ts';
import type { Node, Site } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { makeSite } from '../support/scratch.ts';
import { assertEnd, assertNoWarnings, runCloudInit } from './cloud-init.ts';
import { deploy, shortenPauses, siteOf } from './deploy.ts';
import { assertByHttp, assertOwnData, DISKLESS, placeImages } from './diskless.ts';

/*
 * Linux from the network. Machines without a PXE ROM load iPXE or GRUB by the emitted DHCP and nginx, then a stand-in's
 * kernel. The kernel fetches cloud-init's data from the URL on its command line. One uses the firmware's PXE, and GRUB by TFTP.
 */

const SITE = `site: diskless
server: { url: "http://192.168.178.7:8080" }
networks:
  mgmt:
    subnet: 192.168.178.0/24
    gateway: 192.168.178.1
    interface: eno1
    dhcp: {}
${DISKLESS}nodes:
  cg01: { xname: x1000c0s0b0n0, nid: 1, nics: [{ mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }, { mac: 52:54:00:aa:02:01, network: mgmt }] }
  cg02: { xname: x1000c0s0b0n1, nid: 2, nics: [{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }, { mac: 52:54:00:aa:02:02, network: mgmt }], boot: { loader: grub } }
  cg03: { xname: x1000c0s0b0n2, nid: 3, mac: 52:54:00:aa:01:03, ip: 192.168.178.43, boot: { loader: grub } }
`;

const URL = 'http://192.168.178.7:8080';

const test = suite<{ plant: Plant; site: Site }>('Linux from the network');

test.before(async (context) => {
  const folder = makeSite(SITE, 'diskless');
  context.site = await siteOf(folder);
  context.plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  await placeImages(context.plant);
  await deploy(context.plant, context.site, folder);
  await shortenPauses(context.plant);
});

test.after(async ({ plant }) => plant?.close());

test("UEFI HTTP boot from the second NIC loads iPXE or GRUB, and then each node's own data", async ({
  plant,
  site,
}) => {
  const nodes = site.nodes.filter(({ nics }) => nics.length > 1);
  const consoles = await Promise.all(nodes.map((node) => boots(plant, node, 'uefi-http', true)));
  assert.equal(
    nodes.map(({ loader }) => loader),
    ['ipxe', 'grub'],
  );
  for (const [index, node] of nodes.entries()) {
    const console = consoles[index] ?? '';
    assertByHttp(console, URL, node);
    const cmdline = assertOwnData(console, URL, 'diskless', node, node.nics[1]?.mac);
    const macs = node.nics.flatMap(({ mac }) => mac ?? []);
    const [, mac = ''] = macs;
    const { hostname, text, log } = await runCloudInit(plant, {
      server: '192.168.178.7',
      ip: node.ip,
      cmdline,
      cabled: { macs, mac, bridge: 'eno1' },
    });
    assertNoWarnings(log);
    await assertEnd(plant.run, `${URL}/cloud-init/${mac.replaceAll(':', '-')}/`, node.ip);
    assert.is(hostname, node.name);
    assert.is(await text('/var/tmp/r1'), '');
  }
  const log = await plant.dnsmasqLog();
  assert.match(log, 'vendor class: HTTPClient:Arch:00016');
  assert.not.match(log, /dnsmasq-tftp\S* sent /);
});

test("by the firmware's PXE, GRUB is loaded by TFTP and continues by HTTP; a late initrd keeps the kernel's arguments", async ({
  plant,
  site,
}) => {
  // Not the node that has booted by GRUB: GRUB uses the same ports at each boot, and the server may still know the last ones.
  const [, , node] = site.nodes;
  assert.ok(node);
  const initrd = join(plant.folder, 'images/cluster/initrd.img');
  await rename(initrd, `${initrd}.away`);
  const machine = await start(plant, node, 'uefi');
  await machine.waitFor('cg03: the initrd could not be loaded');
  await rename(`${initrd}.away`, initrd);
  const console = await end(machine);
  assertOwnData(console, URL, 'diskless', node);
  const log = await plant.dnsmasqLog();
  assert.match(log, 'sent /srv/harvgen/tftp/grubnetx64.efi to');
  assert.match(log, 'sent /srv/harvgen/tftp/grub/grub.cfg-01-52-54-00-aa-01-03 to');
});

test('if DHCP sends a DNS server, which the path of the NIC then contains, GRUB requests an IP address by itself', async ({
  plant,
}) => {
  // With another IP address, for the same reason.
  const text = SITE.replace('dhcp: {}', 'dns: [192.168.178.7]\n    dhcp: {}').replace('178.42', '178.44');
  const folder = makeSite(text, 'diskless');
  const site = await siteOf(folder);
  await deploy(plant, site, folder);
  const [, node] = site.nodes;
  assert.ok(node);
  const machine = await start(plant, node, 'uefi-http');
  assertByHttp(await machine.waitFor('cg02: booting Linux'), URL, node);
  await machine.stop();
  const log = await plant.dnsmasqLog();
  assert.match(log, /sent size: +4 option: +6 dns-server +192\.168\.178\.7/);
  assert.match(log, 'sent /srv/harvgen/tftp/grub/grub.cfg-01-52-54-00-aa-01-02 to');
});

test.run();

/** Boots a node to the end of the stand-in. Returns the text of its console. */
async function boots(plant: Plant, node: Node, firmware: Firmware, bySecond = false): Promise<string> {
  return end(await start(plant, node, firmware, bySecond));
}

/** Switches a node on. If it boots from its second NIC, the first one has no cable. */
function start(plant: Plant, node: Node, firmware: Firmware, bySecond = false): Promise<Machine> {
  const first = bootMac(node);
  const macs = bySecond ? node.nics.flatMap(({ mac }) => mac ?? []) : [first];
  const unplugged = bySecond ? [first] : [];
  return plant.boot({ name: node.name, macs, unplugged, firmware, memory: 512 });
}

async function end(machine: Machine): Promise<string> {
  const text = await machine.waitFor(/STAND-IN end|has no script|found no configuration/);
  await machine.stop();
  return text;
}
