// needs: root bash busybox cpio curl dnsmasq ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/share/OVMF/OVMF_CODE_4M.fd
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import type { Node, Site } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { edited } from '../support/plant.ts';
import { scratchFolder } from '../support/scratch.ts';
import { deploy, siteOf } from './deploy.ts';

/*
 * Builds location_x, deploys it by the commands of its own README, serves it with the emitted configurations, and switches
 * other machines on than rehearse.test.ts, which boots its nodes. MAC addresses are read from the inventory, not from the tree.
 */

const SITES = fileURLToPath(new URL('../../sites', import.meta.url));

const test = suite<{ plant: Plant; site: Site }>('location_x boots');

test.before(async (context) => {
  context.site = await siteOf(join(SITES, 'location_x'));
  context.plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  await deploy(context.plant, context.site);
});

test.after(async ({ plant }) => plant?.close());

test('a node with the embedded script requests its IP address on the NIC of its MAC address', async ({
  plant,
  site,
}) => {
  const [, node] = site.nodes;
  assert.ok(node);
  const machine = await plant.boot({
    name: node.name,
    macs: ['52:54:00:de:ad:05', bootMac(node)],
    firmware: 'bios-embedded',
    script: join(plant.folder, 'out/location_x/embed/location_x.ipxe'),
  });
  const text = await machine.waitFor(`${node.name}: installing Harvester`);
  await machine.stop();
  assert.match(text, `location_x: ${node.name} requests its IP address on net1 (${node.bootNic.mac})`);
});

test('an unknown machine gets neither an installer nor a configuration', async ({ plant }) => {
  const mac = '52:54:00:de:ad:01';
  const machine = await plant.boot({ name: 'unknown', macs: [mac], firmware: 'bios-ipxe' });
  const text = await machine.waitFor('Retrying in 30 seconds');
  await machine.stop();
  assert.match(text, 'location_x has no script for this machine');
  assert.match(text, new RegExp(`MAC +${mac}`));
  const address = /IP +(192\.168\.178\.2\d\d)/.exec(text)?.[1];
  assert.ok(address, 'an IP address of the pool');
  assert.not.match(text, /vmlinuz|STAND-IN/);
  await plant.run(['ip', 'address', 'add', `${address}/24`, 'dev', 'eno1']);
  for (const path of ['ipxe/52-54-00-aa-01-01.ipxe', 'config/52-54-00-aa-01-01.yaml', 'inventory.json']) {
    assert.is(await statusOf(plant, path, String(address)), '403');
  }
  assert.is(await statusOf(plant, 'boot.ipxe', String(address)), '200');
});

test('a node receives only its own files', async ({ plant, site }) => {
  for (const node of site.nodes) await plant.run(['ip', 'address', 'add', `${node.ip}/24`, 'dev', 'eno1']);
  for (const caller of site.nodes) {
    for (const owner of site.nodes) {
      for (const path of [`ipxe/${key(owner)}.ipxe`, `config/${key(owner)}.yaml`]) {
        assert.is(await statusOf(plant, path, caller.ip), caller === owner ? '200' : '403');
      }
    }
    assert.is(await statusOf(plant, 'config/52-54-00-de-ad-01.yaml', caller.ip), '404');
    // A path without a name serves the caller's own file, not a list.
    assert.is(await statusOf(plant, 'config/', caller.ip), '200');
  }
  for (const node of site.nodes) await plant.run(['ip', 'address', 'delete', `${node.ip}/24`, 'dev', 'eno1']);
});

test('a MAC address that changes in the inventory after the build is noticed', async ({ plant }) => {
  const copy = join(scratchFolder(), 'sites');
  cpSync(SITES, copy, { recursive: true });
  const file = join(copy, 'location_x/site.yaml');
  writeFileSync(file, edited(readFileSync(file, 'utf8'), ['52:54:00:aa:01:02', '52:54:00:aa:01:22']));
  const [, changed] = (await siteOf(join(copy, 'location_x'))).nodes;
  assert.ok(changed);
  const machine = await plant.boot({ name: changed.name, macs: [bootMac(changed)], firmware: 'bios-ipxe' });
  const text = await machine.waitFor(/has no script for this machine|installing Harvester/);
  await machine.stop();
  assert.not.match(text, 'installing Harvester');
});

test.run();

async function statusOf(plant: Plant, path: string, from: string): Promise<string> {
  const url = `http://192.168.178.7/${path}`;
  return plant.run(['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--interface', from, url]);
}

function key(node: Node): string {
  return bootMac(node).replaceAll(':', '-');
}
