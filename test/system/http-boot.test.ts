// needs: root bash busybox cpio curl dnsmasq grub-mkimage ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/undionly.kpxe /usr/share/OVMF/OVMF_CODE_4M.fd
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { Node, Site } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { makeSite } from '../support/scratch.ts';
import { deploy, siteOf } from './deploy.ts';
import { openPlant, type Plant } from './plant.ts';
import { readReport } from './report.ts';
import { buildStandIn } from './stand-in.ts';

/*
 * Linux by UEFI HTTP boot: machines without a PXE ROM, whose firmware has its own PXE off, load iPXE or GRUB by the emitted DHCP
 * and nginx, and by that a stand-in's kernel, which fetches cloud-init's data from where its command line says.
 */

const SITE = `site: diskless
server: { url: http://192.168.178.7 }
networks:
  mgmt:
    subnet: 192.168.178.0/24
    gateway: 192.168.178.1
    interface: eno1
    dhcp: {}
groups:
  compute:
    cloud_init:
      user_data: { runcmd: [[touch, /run/compute]] }
      meta_data: { rack: r1 }
defaults:
  groups: [compute]
  boot:
    os: linux
    kernel: cluster/vmlinuz
    initrd: cluster/initrd.img
    args: [console=ttyS0, "note=\${node:xname}"]
nodes:
  cg01: { xname: x1000c0s0b0n0, nid: 1, mac: 52:54:00:aa:01:01, ip: 192.168.178.41 }
  cg02: { xname: x1000c0s0b0n1, nid: 2, mac: 52:54:00:aa:01:02, ip: 192.168.178.42, boot: { loader: grub } }
`;

const MINUTES = 60_000;

const test = suite<{ plant: Plant; site: Site }>('Linux by UEFI HTTP boot');

test.before(async (context) => {
  const folder = makeSite(SITE, 'diskless');
  context.site = await siteOf(folder);
  context.plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  const images = join(context.plant.folder, 'images');
  await mkdir(join(images, 'cluster'), { recursive: true });
  await buildStandIn(join(images, 'cluster'), { kernelName: 'vmlinuz', initrdName: 'initrd.img' });
  await context.plant.bind(images, '/srv/harvgen/images');
  await deploy(context.plant, context.site, folder);
});

test.after(async ({ plant }) => plant?.close());

const PROGRAMS: Readonly<Record<string, string>> = { cg01: 'snponly.efi', cg02: 'grubnetx64.efi' };

test('one by iPXE and one by GRUB find their own data', async ({ plant, site }) => {
  assert.equal(
    site.nodes.map(({ name, linux }) => [name, linux?.loader]),
    [
      ['cg01', 'ipxe'],
      ['cg02', 'grub'],
    ],
  );
  await Promise.all(site.nodes.map((node) => boots(plant, node)));
  const log = await plant.dnsmasqLog();
  assert.match(log, 'vendor class: HTTPClient:Arch:00016');
  assert.not.match(log, /dnsmasq-tftp\S* sent /);
});

test.run();

/** Boots a node to the end of the stand-in, and asserts that what it was given is its own. */
async function boots(plant: Plant, node: Node): Promise<void> {
  const mac = bootMac(node);
  const machine = await plant.boot({ name: node.name, macs: [mac], firmware: 'uefi-http', memory: 512 });
  const text = await machine.waitFor(/STAND-IN end|has no script/, 4 * MINUTES);
  await machine.stop();
  assert.not.match(text, 'Start PXE');
  assert.match(text, `URI: http://192.168.178.7/loader/${PROGRAMS[node.name]}`);
  const { said } = readReport(text);
  assert.is(said('address'), `${node.ip}/24`);
  assert.is(said('hostname-from-dhcp'), node.name);
  const key = mac.replaceAll(':', '-');
  assert.is(said('seed'), `http://192.168.178.7/cloud-init/${key}/`);
  const words = said('cmdline')?.trim().split(' ') ?? [];
  for (const word of [
    'console=ttyS0',
    `note=${node.xname}`,
    `BOOTIF=01-${key}`,
    `ds=nocloud-net;s=http://192.168.178.7/cloud-init/${key}/`,
  ]) {
    assert.ok(words.includes(word), `${word} in ${words.join(' ')}`);
  }
  const metaData = parse(fileOf(text, 'meta-data'));
  assert.is(metaData['instance-id'], `diskless.${node.name}`);
  assert.is(metaData['local-hostname'], node.name);
  assert.is(metaData.rack, 'r1');
  const userData = fileOf(text, 'user-data');
  assert.match(userData, /^#cloud-config\n/);
  assert.equal(parse(userData).runcmd, [['touch', '/run/compute']]);
  assert.is(fileOf(text, 'vendor-data'), '');
  const [nic] = Object.values(parse(fileOf(text, 'network-config')).ethernets);
  assert.equal(nic, { match: { macaddress: mac }, dhcp4: true });
}

/** What the stand-in has fetched of cloud-init's data, by a file's name; throws where it could not. */
function fileOf(console: string, name: string): string {
  const found = new RegExp(`STAND-IN ${name} begin\\r?\\n([\\s\\S]*?)STAND-IN ${name} end`).exec(console);
  if (!found)
    throw new Error(`no ${name}: ${/STAND-IN \S+ failed .*/.exec(console)?.[0] ?? 'nothing was said of it'}`);
  return (found[1] ?? '').replaceAll('\r', '');
}
