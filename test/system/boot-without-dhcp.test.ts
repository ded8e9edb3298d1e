// needs: root bash busybox cpio curl dnsmasq ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Site } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { deploy, SECRETS, siteOf } from './deploy.ts';
import { openPlant, type Plant } from './plant.ts';
import { readReport } from './report.ts';

/* location_y: no DHCP on the network, machines with three NICs that start iPXE from a medium with the embedded script. */

const SITE = fileURLToPath(new URL('../../sites/location_y', import.meta.url));
const MINUTES = 60_000;

const test = suite<{ plant: Plant; site: Site; script: string }>('location_y boots');

test.before(async (context) => {
  context.site = await siteOf(SITE);
  context.plant = await openPlant({ interface: 'lan0', address: '172.16.128.7/22' });
  await deploy(context.plant, context.site);
  context.script = join(context.plant.folder, 'out/location_y/embed/location_y.ipxe');
});

test.after(async ({ plant }) => plant?.close());

test('all three nodes, without DHCP, from the embedded script', async ({ plant, site, script }) => {
  assert.is(site.nodes.length, 3);
  await Promise.all(
    site.nodes.map(async (node) => {
      const macs = node.nics.flatMap((nic) => nic.mac ?? []);
      const machine = await plant.boot({ name: node.name, macs, firmware: 'bios-embedded', script });
      const { said, config } = readReport(await machine.waitFor('STAND-IN end', 4 * MINUTES));
      await machine.stop();
      assert.is(said('address'), `${node.ip}/22`);
      assert.is(said('hostname'), node.name);
      assert.is(said('root-answers'), 'yes');
      assert.match(
        said('cmdline') ?? '',
        `ip=${node.ip}::172.16.128.254:255.255.252.0:${node.name}:eno1:none`,
      );
      assert.is(config.os.hostname, node.name);
      assert.is(config.os.password, SECRETS.root_password);
      assert.is(config.install.mode, node.mode);
      assert.is(config.install.management_interface.ip, node.ip);
      assert.is(config.server_url, node.mode === 'create' ? undefined : 'https://172.16.128.40:443');
    }),
  );
});

test('a machine that boots from its second NIC is found, and one that is not known says so', async ({
  plant,
  site,
  script,
}) => {
  const [node] = site.nodes;
  assert.ok(node);
  const stranger = await plant.boot({
    name: 'stranger',
    macs: ['52:54:00:de:ad:01', '52:54:00:de:ad:02'],
    firmware: 'bios-embedded',
    script,
  });
  const second = await plant.boot({
    name: node.name,
    macs: ['52:54:00:de:ad:03', bootMac(node)],
    unplugged: ['52:54:00:de:ad:03'],
    firmware: 'bios-embedded',
    script,
  });
  const text = await stranger.waitFor('Trying again in 2 seconds', 2 * MINUTES);
  assert.match(text, 'location_y does not know this machine');
  assert.match(text, '52:54:00:de:ad:02');
  await stranger.stop();
  await second.waitFor(`${node.name}: installing Harvester`, 2 * MINUTES);
  await second.stop();
});

test('one whose NIC has no link says which and why, and tries again', async ({ plant, site, script }) => {
  const node = site.nodes[1];
  assert.ok(node);
  const machine = await plant.boot({
    name: node.name,
    macs: [bootMac(node), '52:54:00:de:ad:04'],
    unplugged: [bootMac(node)],
    firmware: 'bios-embedded',
    script,
  });
  const text = await machine.waitFor('Trying again in 2 seconds', 2 * MINUTES);
  await machine.stop();
  assert.match(text, `location_y: this is ${node.name}, ${node.ip} on net0 (${node.bootNic.mac})`);
  // Debian 12's iPXE has no iflinkwait: it tries, and cannot know why that fails.
  assert.match(
    text,
    /location_y: (net0 \(\S+\) of \S+ has no link: cable or switch port|\S+ cannot be fetched from \S+)/,
  );
  assert.not.match(text, /installing Harvester/);
});

test('it never gives up: pauses grow, then a menu is shown, which goes on by itself', async ({
  plant,
  site,
  script,
}) => {
  const [node] = site.nodes;
  assert.ok(node);
  await plant.serve({});
  const machine = await plant.boot({
    name: node.name,
    macs: [bootMac(node)],
    firmware: 'bios-embedded',
    script,
  });
  await machine.waitFor(/Trying again in 2 seconds[\s\S]*Trying again in 5 seconds/, 2 * MINUTES);
  const menu = await machine.waitFor(/location_y: y-node-1 does not boot/, 2 * MINUTES);
  assert.match(menu, 'http://172.16.128.7:10000/boot.ipxe cannot be fetched from 172.16.128.41');
  await plant.serve({ nginx: '/etc/nginx/conf.d/location_y.conf' });
  await machine.waitFor(`${node.name}: installing Harvester`, 2 * MINUTES);
  await machine.stop();
});

test.run();
