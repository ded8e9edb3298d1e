// needs: root bash busybox cpio curl dnsmasq grub-mkimage ip libvirtd mcopy mkfs.fat nft nginx qemu-img qemu-system-x86_64 rsync socat unshare virsh /boot/vmlinuz-*-cloud-amd64 /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/share/OVMF/OVMF_CODE_4M.fd
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { biosDisk, blankDisk, INSTALLED, uefiDisk } from '../../src/rehearse/disks.ts';
import type { Node, Site } from '../../src/site/model.ts';
import { bootMac } from '../support/boot-mac.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { SECRETS } from './deploy.ts';
import { type Nest, openNest } from './nest.ts';

/*
 * A cluster inside one host, with the host's own libvirt: harvester_cloud is built and set up, and its virtual machines
 * boot at the same time. The edits to its inventory are the sizes, and that KVM is missing.
 */

const FOLDER = fileURLToPath(new URL('../../sites/harvester_cloud', import.meta.url));
const SAMPLE = readFileSync(join(FOLDER, 'site.yaml'), 'utf8');

/** The kernel's message about UEFI firmware. */
const BY_UEFI = /efi: EFI v2/;

/** No cloud, no KVM, no data disks, and small machines. */
const SMALL = edited(
  SAMPLE.replace(/^ {2}disks: .*\n( {4}data.*\n)+/m, '')
    .replace(/^ {2}cloud: .*\n( {4}.*\n)+/m, '')
    .replaceAll(/, on: data\d/g, ''),
  [
    'host:\n',
    'silence: { vm-too-small: nothing is installed, vm-below-minimum: nothing is installed }\nhost:\n  domain_type: qemu\n',
  ],
  ['    preset: small ', '    { vcpus: 1, memory: 512Mi } '],
);

/**
 * A later inventory: one machine reinstalls at each boot, and the others have a BIOS. The release supports that, but not the
 * sample's manifests.
 */
const LATER = edited(
  SMALL.replace(/^ {2}bootstrap: .*\n/m, ''),
  ['version: v1.8.1', 'version: v1.4.1'],
  ['  harvester-1:\n', '  harvester-1:\n    firmware: bios\n'],
  ['  harvester-2:\n', '  harvester-2:\n    install: always\n'],
  ['  harvester-3:\n', '  harvester-3:\n    firmware: bios\n'],
);

const test = suite<{ nest: Nest; site: Site; output: string }>('harvester_cloud boots in libvirt');

test.before(async (context) => {
  context.nest = await openNest();
  const folder = makeSite(SMALL, 'harvester_cloud');
  cpSync(join(FOLDER, 'manifests'), join(folder, 'manifests'), { recursive: true });
  Object.assign(context, await context.nest.bringUp(folder));
});

test.after(async ({ nest }) => nest?.close());

test('all three boot at the same time, each into its own configuration', async ({ nest, site, output }) => {
  assert.match(output, 'harvester_cloud is up.');
  assert.is(words(await nest.libvirt.virsh('list', '--name')), 'harvester-1 harvester-2 harvester-3');
  await Promise.all(site.nodes.map((node) => installs(nest, node)));
});

test("firmware other than iPXE gets the iPXE binary from libvirt's dnsmasq", async ({ nest }) => {
  const fetched = 'curl --silent --fail tftp://192.168.150.1/snponly.efi';
  await nest.run('sh', '-c', `${fetched} | cmp - /usr/lib/ipxe/snponly.efi`);
});

test('the watchdog starts machines that have switched themselves off, and they boot the installed system', async ({
  nest,
  site,
}) => {
  const { libvirt, sandbox } = nest;
  const disk = await uefiDisk(sandbox.folder, 'installed', 'COS_GRUB');
  await Promise.all(site.nodes.map(({ name }) => libvirt.waitForState(name, 'shut off')));
  for (const node of site.nodes) await install(nest, node, disk);
  const before = await fetches(nest);
  await watch(nest);
  assert.is(words(await libvirt.virsh('list', '--name')), 'harvester-1 harvester-2 harvester-3');
  await libvirt.virsh('suspend', 'harvester-3');
  await watch(nest);
  await Promise.all(site.nodes.map(({ name }) => boots(nest, name, INSTALLED, 'installing Harvester')));
  assert.is(await fetches(nest), before);
});

test('a later tree: a machine to reinstall boots from the network first; machines with a BIOS boot, too', async ({
  nest,
}) => {
  const { libvirt, sandbox } = nest;
  const names = ['harvester-1', 'harvester-2', 'harvester-3'];
  await Promise.all(names.map((name) => libvirt.virsh('destroy', name).catch(() => '')));
  const { site } = await nest.bringUp(makeSite(LATER, 'harvester_cloud'));
  assert.is(words(await libvirt.virsh('list', '--name')), names.join(' '));
  for (const name of names) await libvirt.virsh('destroy', name);
  const [first, second, third] = site.nodes;
  assert.ok(first && second && third);
  await install(nest, first, biosDisk(sandbox.folder, 'bios', INSTALLED, 'serial'));
  await install(nest, second, join(sandbox.folder, 'installed.img'));
  await install(nest, third, blankDisk(sandbox.folder, 'blank'));
  // the joining nodes before the creating one
  for (const { name } of [third, second, first]) await libvirt.virsh('start', name);
  const [, byUefi, byBios] = await Promise.all([
    boots(nest, first.name, INSTALLED, 'STAND-IN end'),
    boots(nest, second.name, 'STAND-IN end', INSTALLED),
    boots(nest, third.name, 'STAND-IN end', INSTALLED),
  ]);
  assert.match(byUefi, BY_UEFI);
  assert.not.match(byBios, BY_UEFI);
});

test('down.sh removes everything but the images, and restores libvirt', async ({ nest }) => {
  const { run, libvirt } = nest;
  const images = 'harvester-1-0.qcow2 harvester-2-0.qcow2 harvester-3-0.qcow2';
  // The stand-in for an installed system ignores a request to shut down.
  await run('env', 'HARVGEN_SHUTDOWN_SECONDS=1', '/srv/harvgen/harvester_cloud/scripts/down.sh');
  assert.is(words(await libvirt.virsh('list', '--all', '--name')), '');
  assert.is(words(await libvirt.virsh('net-list', '--all', '--name')), '');
  assert.is(words(await run('ls', '/var/lib/libvirt/qemu/nvram')), '');
  assert.is(
    words(await run('sh', '-c', 'ls /run/units/enabled /etc/systemd/system | grep harvgen || true')),
    '',
  );
  assert.not.match(await run('nft', 'list', 'ruleset'), 'harvgen');
  assert.not.match(await run('ip', '-brief', 'link'), 'virbr');
  assert.not.match(await run('ps', '-e', '-o', 'args='), /qemu-system|libvirt\/dnsmasq/);
  assert.is(words(await run('ls', '/var/lib/libvirt/images')), images);
  await run('/srv/harvgen/harvester_cloud/scripts/down.sh', '--delete-images');
  assert.is(words(await run('ls', '/var/lib/libvirt/images')), '');
});

test.run();

/** Waits for the end of a node's installation, and asserts that the node gets its own data. */
async function installs({ libvirt }: Nest, node: Node): Promise<void> {
  const text = await libvirt.waitForConsole(node.name, /STAND-IN end|has no script/);
  assert.match(text, BY_UEFI);
  assert.match(text, 'Secure boot disabled');
  const { reported, config } = readReport(text);
  assert.is(reported('disk vda'), node.domain?.disks[0]?.serial);
  assert.is(reported('nic'), `eth0 ${node.bootNic.mac}`);
  assert.is(reported('address'), `${node.ip}/24`);
  assert.is(reported('hostname-from-dhcp'), node.name);
  assert.is(reported('root-answers'), 'yes');
  assert.is(reported('config-url'), `http://192.168.150.1/config/${bootMac(node).replaceAll(':', '-')}.yaml`);
  const creates = node.name === 'harvester-1';
  assert.is(config.os.hostname, node.name);
  assert.is(config.os.password, SECRETS.node_password);
  assert.is(config.token, SECRETS.cluster_token);
  assert.is(config.install.mode, creates ? 'create' : 'join');
  assert.is(config.install.device, node.domain?.disks[0]?.device);
  assert.is(config.install.vip, creates ? '192.168.150.40' : undefined);
  assert.is(config.server_url, creates ? undefined : 'https://192.168.150.40:443');
  assert.is(
    config.system_settings?.['cluster-registration-url'],
    creates ? SECRETS.rancher_registration_url : undefined,
  );
}

/** Copies an installed system to a node's disk, which keeps its size, and discards its console text. */
async function install({ run, libvirt }: Nest, node: Node, image: string): Promise<void> {
  const [disk] = node.domain?.disks ?? [];
  assert.ok(disk);
  await run('qemu-img', 'convert', '-n', '-f', 'raw', '-O', disk.format, image, disk.file);
  await libvirt.clearConsole(node.name);
}

/** Runs the emitted watchdog once. */
async function watch({ run }: Nest): Promise<void> {
  await run('/srv/harvgen/harvester_cloud/scripts/watchdog.sh');
}

/** Returns the number of files that machines have fetched so far. */
async function fetches({ run }: Nest): Promise<number> {
  return Number(await run('sh', '-c', 'wc -l </var/log/nginx/harvgen-harvester_cloud.log'));
}

/** Waits until a machine reaches one of two ends, and asserts which. Returns its console text. */
async function boots({ libvirt }: Nest, name: string, what: string, not: string): Promise<string> {
  const text = await libvirt.waitForConsole(name, new RegExp(`${what}|${not}`));
  assert.match(text, what);
  assert.not.match(text, not);
  return text;
}

function words(text: string): string {
  return text.split(/\s+/).filter(Boolean).join(' ');
}
