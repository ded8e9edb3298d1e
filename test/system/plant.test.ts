// needs: root busybox cpio dnsmasq ip nginx qemu-system-x86_64 unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/share/OVMF/OVMF_CODE_4M.fd
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Firmware, type Machine, openPlant, type Plant } from './plant.ts';
import { buildStandIn } from './stand-in.ts';

/*
 * The rig's own test: handwritten configurations, no generated ones. Every firmware must come to the
 * stand-in in its own way, and the rig must see which way that was.
 */

const SITE = 'http://192.168.178.7/harvgen';

const DNSMASQ = `port=0
interface=eno1
bind-interfaces
dhcp-range=192.168.178.50,192.168.178.99,1h
dhcp-host=52:54:00:00:00:01,192.168.178.11,one
dhcp-userclass=set:ipxe,iPXE
dhcp-match=set:bios,option:client-arch,0
dhcp-match=set:efi,option:client-arch,7
enable-tftp
tftp-root=/srv/harvgen/tftp
dhcp-boot=tag:!ipxe,tag:bios,undionly.kpxe
dhcp-boot=tag:!ipxe,tag:efi,ipxe.efi
dhcp-boot=tag:ipxe,${SITE}/boot.ipxe
`;

const NGINX = `server {
  listen 192.168.178.7:80;
  location /harvgen/ { alias /srv/harvgen/www/; }
}
`;

const START = (
  ip: string,
) => `kernel ${SITE}/vmlinuz initrd=initrd ${ip} console=tty1 root=live:${SITE}/root \
harvester.install.config_url=${SITE}/config.yaml
initrd ${SITE}/initrd
boot
`;

const BOOT = `#!ipxe
${START('ip=dhcp BOOTIF=01-${netX/mac:hexhyp}')}`;

const EMBEDDED = `#!ipxe
ifopen net0
set net0/ip 192.168.178.14
set net0/netmask 255.255.255.0
${START('ip=192.168.178.14::192.168.178.1:255.255.255.0:four:ens3:none')}`;

const CONFIG = 'scheme_version: 1\ninstall:\n  mode: join\n';

const test = suite<{ folder: string; plant: Plant }>('plant');

test.before(async (context) => {
  const folder = await mkdtemp('/tmp/harvgen-plant-test-');
  context.folder = folder;
  const [tftp, www] = [join(folder, 'site/tftp'), join(folder, 'site/www')];
  await mkdir(tftp, { recursive: true });
  await mkdir(www);
  for (const name of ['undionly.kpxe', 'ipxe.efi']) {
    await cp(join('/usr/lib/ipxe', name), join(tftp, name), { dereference: true });
  }
  await buildStandIn(www, { kernelName: 'vmlinuz', initrdName: 'initrd' });
  await writeFile(join(www, 'boot.ipxe'), BOOT);
  await writeFile(join(www, 'config.yaml'), CONFIG);
  await writeFile(join(www, 'root'), '');
  await writeFile(join(folder, 'embedded.ipxe'), EMBEDDED);
  await writeFile(join(folder, 'dnsmasq.conf'), DNSMASQ);
  await writeFile(join(folder, 'nginx.conf'), NGINX);

  const plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  context.plant = plant;
  await plant.bind(join(folder, 'site'), '/srv/harvgen');
  await plant.bind(join(folder, 'nginx.conf'), '/etc/nginx/harvgen/site.conf');
  await plant.bind(join(folder, 'dnsmasq.conf'), '/etc/harvgen/dnsmasq.conf');
  await plant.serve({ dnsmasq: '/etc/harvgen/dnsmasq.conf', nginx: '/etc/nginx/harvgen/site.conf' });
});

test.after(async ({ plant, folder }) => {
  await plant?.close();
  if (folder) await rm(folder, { recursive: true });
});

/** Boots a machine up to the end of the stand-in, and asserts what all of them have in common. */
async function report(
  plant: Plant,
  firmware: Firmware,
  mac: string,
  script?: string,
): Promise<[string, Machine]> {
  const machine = await plant.boot({ name: firmware, macs: [mac], firmware, script });
  const text = await machine.waitFor('STAND-IN end', 4 * 60_000);
  await machine.waitForOff(60_000);
  await machine.stop();
  assert.match(text, `STAND-IN nic eth0 ${mac}`);
  assert.match(text, 'STAND-IN root-answers yes');
  assert.match(text, `STAND-IN config begin\n${CONFIG}STAND-IN config end`);
  return [text, machine];
}

test('every firmware comes to the stand-in, all at the same time', async ({ plant, folder }) => {
  const [[ipxe], [, dumb], , [embedded]] = await Promise.all([
    report(plant, 'bios-ipxe', '52:54:00:00:00:01'),
    report(plant, 'bios-pxe', '52:54:00:00:00:02'),
    report(plant, 'uefi', '52:54:00:00:00:03'),
    report(plant, 'bios-embedded', '52:54:00:00:00:04', join(folder, 'embedded.ipxe')),
  ]);
  assert.match(ipxe, 'STAND-IN address 192.168.178.11/24');
  assert.match(ipxe, 'STAND-IN hostname-from-dhcp one');
  assert.equal(dumb.chained, ['undionly.kpxe']);
  assert.match(embedded, 'STAND-IN address 192.168.178.14/24');
  assert.match(embedded, 'STAND-IN hostname four');
  const log = await plant.dnsmasqLog();
  assert.match(log, /sent \/srv\/harvgen\/tftp\/ipxe\.efi to/);
  assert.not.match(log, '52:54:00:00:00:04');
});

test('a machine that does not come to it says why', async ({ plant }) => {
  const mac = '52:54:00:00:00:05';
  const machine = await plant.boot({ name: 'five', macs: [mac], unplugged: [mac], firmware: 'bios-ipxe' });
  const waiting = machine.waitFor('STAND-IN', 8_000);
  const message = await waiting.then(String, (error: Error) => error.message);
  await machine.stop();
  assert.match(message, 'five ran out of time before its console said STAND-IN');
  assert.match(message, `Configuring (net0 ${mac})`);
});

test.run();
