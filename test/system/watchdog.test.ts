// needs: root bash ip libvirtd nsenter qemu-system-x86_64 setpriv systemctl unshare virsh virtlogd

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { uuidOf } from '../../src/values/identifiers.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { type Libvirt, startLibvirt } from './libvirt.ts';
import { type SystemdBox, startSystemd } from './systemd-box.ts';
import { until } from './until.ts';

/**
 * The watchdog, with the real systemd and the real libvirt: the site's own machines, one that a user starts
 * (harvester-3), and one outside the site (foreign). The machines have no disks: they wait forever.
 */
const MINE = ['harvester-1', 'harvester-2'];
const OTHERS = ['harvester-3', 'foreign'];
const SERVICE = 'harvgen-plant-watchdog.service';
const TIMER = 'harvgen-plant-watchdog.timer';
const SCRIPT = '/srv/harvgen/plant/scripts/watchdog.sh';

const test = suite('the watchdog, with the real systemd and libvirt');
let sandbox: Sandbox;
let libvirt: Libvirt;
let systemd: SystemdBox;

test.before(async () => {
  const site = edited(NESTED, ['ip: 192.168.150.43 }', 'ip: 192.168.150.43, vm: { autostart: false } }']);
  const { tree, diagnostics } = await compile(makeSite(site));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  sandbox = await openSandbox();
  libvirt = await startLibvirt(sandbox);
  systemd = await startSystemd(sandbox);
  for (const name of [...MINE, ...OTHERS]) await define(definition(name));
  await makePowerOff('/run/power-off.img');
  await systemd.put(SCRIPT, fileText(tree, 'scripts/watchdog.sh') ?? '');
  for (const unit of [SERVICE, TIMER])
    await systemd.put(`/etc/systemd/system/${unit}`, fileText(tree, `systemd/${unit}`) ?? '');
});

test.after(async () => {
  await systemd?.close();
  await libvirt?.stop();
  await sandbox?.close();
});

/** Returns a machine that does nothing, unless its disk has code. */
function definition(name: string, disk?: string): string {
  const disks = disk
    ? `<disk type='file'><driver name='qemu' type='raw'/><source file='${disk}'/><target dev='hda' bus='ide'/></disk>`
    : '';
  return `<domain type='qemu'><name>${name}</name><uuid>${uuidOf(name)}</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
<os><type arch='x86_64'>hvm</type></os><features><acpi/></features><devices>${disks}<controller type='usb' model='none'/></devices></domain>`;
}

async function define(text: string): Promise<void> {
  await sandbox.run([
    'sh',
    '-c',
    'printf %s "$1" >/run/domain.xml && virsh -q define /run/domain.xml',
    'sh',
    text,
  ]);
}

/** The first sector of a disk that switches its machine off: 0x2000 to the port of ACPI's power management, and a halt. */
const POWER_OFF = [0xba, 0x04, 0x06, 0xb8, 0x00, 0x20, 0xef, 0xf4, 0xeb, 0xfd];

async function makePowerOff(path: string): Promise<void> {
  const sector = Buffer.alloc(2 ** 20);
  sector.set(POWER_OFF);
  sector.set([0x55, 0xaa], 510);
  const file = join(sandbox.folder, 'power-off.img');
  await writeFile(file, sector);
  await sandbox.run(['cp', file, path]);
}

const stateOf = async (name: string) => (await libvirt.virsh('domstate', '--reason', name)).trim();
const journal = () => systemd.journal(SERVICE);

/** Runs the watchdog once. Returns its lines, without those of systemd. */
async function poll(): Promise<string[]> {
  const before = (await journal()).length;
  await systemd.run(['systemctl', 'start', SERVICE]).catch(() => {});
  return (await journal())
    .slice(before)
    .split('\n')
    .filter((line) => /^(harvester|foreign|libvirt|watchdog)/.test(line));
}

test('the watchdog starts the machines of the site that are off, and no others', async () => {
  assert.equal(
    await poll(),
    MINE.map((name) => `${name} was shut off (unknown): started`),
  );
  for (const name of MINE) assert.is(await stateOf(name), 'running (booted)');
  for (const name of OTHERS) assert.is(await stateOf(name), 'shut off (unknown)');
  assert.is(await systemd.show(SERVICE, 'Result'), 'success');
});

test('the watchdog prints nothing if there is nothing to do', async () => {
  assert.equal(await poll(), []);
});

test('a machine that has switched itself off is started again, and a paused one is resumed', async () => {
  await libvirt.virsh('start', 'foreign');
  await libvirt.virsh('suspend', 'foreign');
  await libvirt.virsh('suspend', 'harvester-2');
  await libvirt.virsh('destroy', 'harvester-1');
  await define(definition('harvester-1', '/run/power-off.img'));
  // Paused, because virsh reports a failed start if the machine switches itself off too early.
  await libvirt.virsh('start', '--paused', 'harvester-1');
  await libvirt.virsh('resume', 'harvester-1');
  await until(async () => (await stateOf('harvester-1')) === 'shut off (shutdown)');
  await define(definition('harvester-1'));
  assert.equal(await poll(), [
    'harvester-1 was shut off (shutdown): started',
    'harvester-2 was paused (user): resumed',
  ]);
  assert.is(await stateOf('harvester-1'), 'running (booted)');
  assert.is(await stateOf('harvester-2'), 'running (unpaused)');
  assert.is(await stateOf('foreign'), 'paused (user)');
});

test('a machine that cannot be started does not prevent the start of others', async () => {
  await libvirt.virsh('destroy', 'harvester-1');
  await libvirt.virsh('destroy', 'harvester-2');
  await libvirt.virsh('undefine', 'harvester-1');
  assert.match((await poll())[0] ?? '', /^harvester-1 cannot be watched: failed to get domain 'harvester-1'/);
  assert.is(await systemd.show(SERVICE, 'Result'), 'exit-code');
  assert.is(await stateOf('harvester-2'), 'running (booted)');
  await define(definition('harvester-1', '/nowhere/disk'));
  await libvirt.virsh('destroy', 'harvester-2');
  const [first = '', ...more] = await poll();
  assert.match(first, /^harvester-1 is shut off \(\w+\) and cannot be started: .*\/nowhere\/disk/);
  assert.equal(more, ['harvester-2 was shut off (destroyed): started']);
  await define(definition('harvester-1'));
});

test('the timer runs the watchdog repeatedly, and not while the timer is stopped', async () => {
  // In seconds instead of minutes: the machine that runs the test has booted long ago, or just now.
  const soon =
    '[Timer]\nOnBootSec=\nOnUnitInactiveSec=\nOnActiveSec=1s\nOnUnitInactiveSec=1s\nAccuracySec=100ms\n';
  await systemd.put(`/etc/systemd/system/${TIMER}.d/soon.conf`, soon);
  await systemd.run(['systemctl', 'start', TIMER]);
  for (let time = 0; time < 2; time += 1) {
    await libvirt.virsh('destroy', 'harvester-2');
    await until(async () => (await stateOf('harvester-2')) === 'running (booted)');
  }
  await systemd.run(['systemctl', 'stop', TIMER]);
  await until(async () => (await systemd.show(SERVICE, 'ActiveState')) !== 'activating');
  await libvirt.virsh('destroy', 'harvester-2');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.is(await stateOf('harvester-2'), 'shut off (destroyed)');
});

test('without libvirt, the watchdog reports that once', async () => {
  await libvirt.stop();
  const lines = await poll();
  assert.is(lines.length, 1);
  assert.match(lines[0] ?? '', /^libvirt does not answer at qemu:\/\/\/system: /);
});

test.run();
