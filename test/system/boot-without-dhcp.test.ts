// needs: root bash busybox cpio curl dnsmasq ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import type { Site } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { edited } from '../support/plant.ts';
import { deployTree, ISO, siteOf } from './deploy.ts';

/* location_y: no DHCP on the network; machines start iPXE from a medium with the embedded script. rehearse.test.ts boots its nodes to the installer. */

const SITES = fileURLToPath(new URL('../../sites', import.meta.url));

/** Identifiers in the firmware of two machines. */
const UUID = '4c4c4544-0042-3510-8057-b7c04f4d3332';
const SERIAL = 'B5W7M32';

/** Copies the sample, with these identifiers of two machines. Returns the site's directory, which is removed with the plant. */
function siteIn(folder: string): string {
  const sites = join(folder, 'sites');
  for (const name of ['_shared', 'location_y'])
    cpSync(join(SITES, name), join(sites, name), { recursive: true });
  // The ISO of the next release is a stand-in, too.
  const inventory = join(sites, 'location_y/site.yaml');
  const digest = createHash('sha512').update(ISO).digest('hex');
  writeFileSync(inventory, readFileSync(inventory, 'utf8').replace(/(?<=\.iso: )[0-9a-f]{128}/, digest));
  for (const [name, identifier] of [
    ['y-node-2', `serial: ${SERIAL}`],
    ['y-node-3', `uuid: ${UUID.toUpperCase()}`],
  ] as const) {
    const file = join(sites, `location_y/nodes/${name}.yaml`);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, edited(text, [`  ${name}:\n`, `  ${name}:\n    ${identifier}\n`]));
  }
  return join(sites, 'location_y');
}

const test = suite<{ plant: Plant; site: Site; script: string }>('location_y boots');

test.before(async (context) => {
  context.plant = await openPlant({ interface: 'lan0', address: '172.16.128.7/22' });
  const folder = siteIn(context.plant.folder);
  context.site = await siteOf(folder);
  await deployTree(context.plant, context.site, folder);
  await context.plant.serve({ nginx: '/etc/nginx/conf.d/location_y.conf' });
  context.script = join(context.plant.folder, 'out/location_y/embed/location_y.ipxe');
});

test.after(async ({ plant }) => plant?.close());

test('a machine is identified by its second NIC or its firmware; an unknown machine reports that it is unknown', async ({
  plant,
  site,
  script,
}) => {
  const [node] = site.nodes;
  assert.ok(node);
  const unknownMachine = await plant.boot({
    name: 'unknown',
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
  const byFirmware = await Promise.all(
    (
      [
        ['y-node-2', '172.16.128.42', ['-smbios', `type=1,serial=${SERIAL}`]],
        ['y-node-3', '172.16.128.43', ['-uuid', UUID]],
      ] as const
    ).map(async ([name, address, extra], index) => {
      const macs = [`52:54:00:de:ad:1${index}`, `52:54:00:de:ad:2${index}`];
      const unplugged = macs.slice(0, 1);
      return {
        macs,
        name,
        address,
        machine: await plant.boot({ name, macs, unplugged, firmware: 'bios-embedded', script, extra }),
      };
    }),
  );
  const text = await unknownMachine.waitFor('Retrying in 2 seconds');
  assert.match(text, 'this machine is not in the inventory of location_y');
  assert.match(text, '52:54:00:de:ad:02');
  await unknownMachine.stop();
  await second.waitFor(`${node.name}: installing Harvester`);
  await second.stop();
  for (const { machine, name, address, macs } of byFirmware) {
    await machine.waitFor(`location_y: ${name} uses ${address} on net1 (${macs[1]})`);
    await machine.waitFor(`location_y: looking for the script of ${macs[1]} ${address}`);
    await machine.stop();
  }
});

test('a machine reports a NIC without a link, and why, and retries', async ({ plant, site, script }) => {
  const node = site.nodes[1];
  assert.ok(node);
  const machine = await plant.boot({
    name: node.name,
    macs: [bootMac(node), '52:54:00:de:ad:04'],
    unplugged: [bootMac(node)],
    firmware: 'bios-embedded',
    script,
  });
  const text = await machine.waitFor('Retrying in 2 seconds');
  await machine.stop();
  assert.match(text, `location_y: ${node.name} uses ${node.ip} on net0 (${node.bootNic.mac})`);
  // Debian 12's iPXE has no iflinkwait: it retries, but cannot detect the cause.
  assert.match(
    text,
    /location_y: (net0 \(\S+\) of \S+ has no link: cable or switch port|\S+ cannot be fetched from \S+)/,
  );
  assert.not.match(text, /installing Harvester/);
});

test('a machine retries forever: pauses grow, then a menu is shown, which continues by itself', async ({
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
  await machine.waitFor(/Retrying in 2 seconds[\s\S]*Retrying in 5 seconds/);
  await machine.waitFor(
    /location_y: y-node-1 does not boot\s+http:\/\/172\.16\.128\.7:10000\/boot\.ipxe cannot be fetched from 172\.16\.128\.41/,
  );
  await plant.serve({ nginx: '/etc/nginx/conf.d/location_y.conf' });
  await machine.waitFor(`${node.name}: installing Harvester`);
  await machine.stop();
});

test.run();
