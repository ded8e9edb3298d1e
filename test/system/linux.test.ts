// needs: root bash busybox cloud-init cpio curl dnsmasq grub-script-check ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/lib/systemd/systemd-networkd

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { buildStandIn } from '../../src/rehearse/initramfs.ts';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { quoteGrub } from '../../src/values/quoting.ts';
import { LINUX_PLANT } from '../support/linux-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { assertEnd, assertNoWarnings, runCloudInit } from './cloud-init.ts';
import { deploy, siteOf } from './deploy.ts';

/*
 * Machines boot Linux with the emitted files: by iPXE under BIOS, up to the stand-in's report of its kernel command line.
 * The files of GRUB's machines are only requested here; http-boot.test.ts boots one.
 */

const IMAGES = '/srv/harvgen/images/rocky9';

const TEMPLATE = JSON.stringify(
  '## template: jinja\n#cloud-config\nwrite_files: [{ path: /etc/group-of, content: "{{ ds.meta_data.instance_data.v1.vendor_data.groups.compute.Description }}" }]\n',
);

const SITE = edited(
  LINUX_PLANT,
  ['initrd: rocky9/initramfs.img', 'initrd: [rocky9/extra.img, rocky9/initramfs.img]'],
  ['"console=ttyS0,115200"]', '"console=ttyS0,115200", \'dyndbg="file a +p; file b +p"\']'],
  [
    'mac: 52:54:00:7c:52:01, ip: 10.1.0.11, nid: 1, xname: x1000c1s7b0n0, profiles: [compute] }',
    'nics: [{ mac: 52:54:00:7c:52:01, ip: 10.1.0.11 }, { mac: 52:54:00:7c:53:01, network: mgmt }], nid: 1, xname: x1000c1s7b0n0, profiles: [compute], firmware: bios }',
  ],
  ['description: Compute nodes }', `description: Compute nodes, cloud_init: { user_data: ${TEMPLATE} } }`],
  [
    'nodes:\n',
    'unknown_machines: { boot: { kernel: rocky9/vmlinuz, initrd: rocky9/initramfs.img, args: ["console=ttyS0,115200", discover] } }\nnodes:\n',
  ],
);

const test = suite<{ plant: Plant; tree: string }>('machines boot Linux');

test.before(async (context) => {
  const folder = makeSite(SITE);
  const plant = await openPlant({ interface: 'eth9', address: '10.1.0.1/24' });
  context.plant = plant;
  await deploy(plant, await siteOf(folder), folder);
  context.tree = join(plant.folder, 'out/plant');
});

test.after(async ({ plant }) => plant?.close());

test('the script reports images that are missing until they are there', async ({ plant }) => {
  const script = '/srv/harvgen/plant/scripts/fetch-media.sh';
  const missing = await plant.run(['sh', '-c', `! ${script} 2>&1`]);
  assert.match(missing, 'FAILED  rocky9/vmlinuz: copy it to /srv/harvgen/images under this name');
  const made = join(plant.folder, 'made');
  await mkdir(made);
  await buildStandIn(made, { kernelName: 'vmlinuz', initrdName: 'initramfs.img' });
  await plant.run(['mkdir', '-p', IMAGES]);
  await plant.run(['cp', join(made, 'vmlinuz'), join(made, 'initramfs.img'), IMAGES]);
  // An empty archive: the kernel takes all initrds as one.
  const empty = 'cd "$(mktemp -d)" && find . -type f | cpio -o -H newc';
  await plant.run(['sh', '-c', `{ ${empty}; } >${IMAGES}/extra.img && echo root >${IMAGES}/root.squashfs`]);
  const there = await plant.run(['sh', '-c', `${script} 2>&1`]);
  for (const name of ['vmlinuz', 'extra.img', 'initramfs.img', 'root.squashfs'])
    assert.match(there, `there   rocky9/${name}\n`);
});

test("boots from the second NIC by iPXE under BIOS, to cloud-init's end with the template of its group", async ({
  plant,
}) => {
  const first = '52:54:00:7c:52:01';
  const reported = await reportOf(plant, 'cg01', [first, '52:54:00:7c:53:01'], [first]);
  assert.is(
    reported('cmdline'),
    'initrd=initrd0 initrd=initrd1 root=live:http://10.1.0.1/images/rocky9/root.squashfs rd.live.image rd.live.overlay.overlayfs=1 ip=dhcp console=ttyS0,115200 dyndbg="file a +p; file b +p" BOOTIF=01-52-54-00-7c-53-01 ds=nocloud-net;s=http://10.1.0.1/cloud-init/52-54-00-7c-53-01/',
  );
  assert.is(reported('nic'), 'eth1 52:54:00:7c:53:01');
  assert.is(reported('address'), '10.1.0.11/24');
  assert.is(reported('root-answers'), 'yes');
  const { hostname, text, log } = await runCloudInit(plant, {
    server: '10.1.0.1',
    ip: '10.1.0.11',
    cmdline: reported('cmdline') ?? '',
    cabled: { macs: [first, '52:54:00:7c:53:01'], mac: '52:54:00:7c:53:01', bridge: 'eth9' },
  });
  assertNoWarnings(log);
  await assertEnd(plant.run, 'http://10.1.0.1/cloud-init/52-54-00-7c-53-01/', '10.1.0.11');
  assert.is(hostname, 'cg01');
  assert.is(await text('/etc/group-of'), 'Compute nodes');
});

test('an unknown machine boots the Linux of unknown machines', async ({ plant }) => {
  const reported = await reportOf(plant, 'unknown', ['52:54:00:7c:52:99']);
  assert.is(reported('cmdline'), 'initrd=initrd console=ttyS0,115200 discover BOOTIF=01-52-54-00-7c-52-99');
  assert.match(reported('address') ?? '', /^10\.1\.0\.2\d\d\/24$/);
});

test('images are public, but not the files beside them', async ({ plant }) => {
  await plant.run(['ip', 'address', 'add', '10.1.0.222/24', 'dev', 'eth9']);
  assert.is((await ask(plant, 'images/rocky9/root.squashfs', '10.1.0.222')).status, '200');
  await plant.run(['sh', '-c', `echo no >${IMAGES}/.hidden`]);
  for (const path of ['images/', 'images/rocky9/', 'images/rocky9/.hidden', 'images/rocky9/none'])
    assert.is((await ask(plant, path, '10.1.0.222')).status, '404', path);
});

test('GRUB finds its scripts by each of its names for them, and no other machine does', async ({ plant }) => {
  for (const ip of ['10.1.0.11', '10.1.0.12'])
    await plant.run(['ip', 'address', 'add', `${ip}/24`, 'dev', 'eth9']);
  const own = readFileSync(join(plant.folder, 'out/plant/www/grub/grub.cfg-01-52-54-00-7c-52-02'), 'utf8');
  for (const name of ['01-52-54-00-7c-52-02', '52:54:00:7c:52:02', '52-54-00-7c-52-02']) {
    for (const folder of ['grub', 'loader']) {
      const path = `${folder}/grub.cfg-${name}`;
      assert.equal(await ask(plant, path, '10.1.0.12'), { status: '200', body: own }, path);
      // GRUB runs the body of an answer, whatever the status.
      const { status, body } = await ask(plant, path, '10.1.0.11');
      assert.is(status, '403');
      assert.match(body, /^#.*\n$/);
    }
  }
  for (const name of ['01-52-54-00-7c-52-01', '52:54:00:7c:52:01', '0A01000C', '']) {
    const { status, body } = await ask(plant, `grub/grub.cfg-${name}`, '10.1.0.12');
    assert.is(status, '404');
    assert.match(body, /^#.*\n$/);
  }
  for (const folder of ['grub', 'loader']) {
    const { status, body } = await ask(plant, `${folder}/grub.cfg`, '10.1.0.222');
    assert.is(status, '200');
    assert.match(body, /^# plant: the entry script/);
  }
});

test("GRUB's own parser accepts the scripts, and every quoted value", ({ tree }) => {
  const folder = join(tree, 'www/grub');
  const scripts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  for (const script of scripts) assert.is(parseError(script), '');
  const hostile = ["it's", '"', '\\', '$a ${b} $(c)', '; reboot', '{', '}', '# a', '`a`', '<>', "'; halt; '"];
  assert.is(parseError(hostile.map((value) => `echo ${quoteGrub(value)} x\n`).join('')), '');
  assert.match(parseError('if true; then\n'), 'syntax error');
});

test.run();

/** Boots a machine by iPXE under BIOS. Returns a function with the values that its system reports. */
async function reportOf(
  plant: Plant,
  name: string,
  macs: readonly string[],
  unplugged: readonly string[] = [],
) {
  const machine = await plant.boot({ name, macs, unplugged, firmware: 'bios-ipxe' });
  const text = await machine.waitFor(/STAND-IN end|could not be started/);
  await machine.stop();
  return readReport(text).reported;
}

/** Returns the error of GRUB's parser about a script; empty if the parser accepts it. */
function parseError(input: string): string {
  const { status, stderr } = spawnSync('grub-script-check', { input, encoding: 'utf8' });
  return status === 0 ? '' : stderr;
}

async function ask(plant: Plant, path: string, from: string): Promise<{ status: string; body: string }> {
  const url = `http://10.1.0.1/${path}`;
  const output = await plant.run(['curl', '-s', '-w', '\n%{http_code}', '--interface', from, url]);
  const at = output.lastIndexOf('\n');
  return { status: output.slice(at + 1), body: output.slice(0, at) };
}
