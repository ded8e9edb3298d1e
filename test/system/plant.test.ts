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
  const start = Date.now();
  const machine = await plant.boot({ name: firmware, macs: [mac], firmware, ...(script && { script }) });
  const text = await machine.waitFor('STAND-IN end', 180_000);
  await machine.waitForOff(20_000);
  await machine.stop();
  if (process.env.RIG_DEBUG) console.log(text, machine.chained, await plant.dnsmasqLog());
  assert.match(text, `STAND-IN nic eth0 ${mac}`);
  assert.match(text, 'STAND-IN root-answers yes');
  assert.match(text, `STAND-IN config begin\n${CONFIG}STAND-IN config end`);
  console.log(`${firmware}: ${(Date.now() - start) / 1000} s`);
  return [text, machine];
}

test('a BIOS with iPXE as its ROM', async ({ plant }) => {
  const [text] = await report(plant, 'bios-ipxe', '52:54:00:00:00:01');
  assert.match(text, 'STAND-IN address 192.168.178.11/24');
  assert.match(text, 'STAND-IN hostname-from-dhcp one');
});

test('a BIOS with another PXE ROM', async ({ plant }) => {
  const [text, machine] = await report(plant, 'bios-pxe', '52:54:00:00:00:02');
  assert.equal(machine.chained[0], 'undionly.kpxe');
  assert.match(text, /STAND-IN address 192\.168\.178\.[5-9]\d\/24/);
});

test('a UEFI with its own PXE', async ({ plant }) => {
  await report(plant, 'uefi', '52:54:00:00:00:03');
  assert.match(await plant.dnsmasqLog(), /sent \/srv\/harvgen\/tftp\/ipxe\.efi to/);
});

test('iPXE from a local medium, without DHCP', async ({ plant, folder }) => {
  const [text] = await report(plant, 'bios-embedded', '52:54:00:00:00:04', join(folder, 'embedded.ipxe'));
  assert.match(text, 'STAND-IN address 192.168.178.14/24');
  assert.match(text, 'STAND-IN hostname four');
  assert.not.match(await plant.dnsmasqLog(), '52:54:00:00:00:04');
});

test.run();
