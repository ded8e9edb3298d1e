// needs: root bash curl ip libvirtd lsblk mkfs.ext4 mkfs.fat mkfs.xfs nft nginx pvcreate qemu-img qemu-system-x86_64 rsync sfdisk unshare virsh /usr/lib/ipxe/undionly.kpxe /usr/share/OVMF/OVMF_CODE_4M.fd

import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvesterMedia } from '../../src/knowledge/harvester.ts';
import { changes, type HostBox, type Outcome, openHostBox } from './host-box.ts';

/*
 * scripts/host-setup.sh sets a machine up as a libvirt host, and scripts/down.sh reverts that. libvirt, nginx,
 * nftables, disks and file systems are real; systemd and the package manager are not (host-box.ts).
 */

const VERSION = 'v1.4.1';
const MEDIA = harvesterMedia(VERSION, 'amd64');
const FILES = Object.fromEntries(
  [MEDIA.kernel, MEDIA.initrd, MEDIA.rootfs, MEDIA.iso].map((name) => [name, `the text of ${name}\n`]),
);
const PINS = Object.entries(FILES).map(
  ([name, text]) => `${name}: ${createHash('sha512').update(text).digest('hex')}`,
);
const SIZES = Object.entries(FILES).map(([name, text]) => `${name}: ${text.length}`);

const SETUP = '/srv/harvgen/plant/scripts/host-setup.sh';
const DOWN = '/srv/harvgen/plant/scripts/down.sh';

interface Parts {
  readonly disks?: Readonly<Record<string, string>>;
  readonly filesystem?: Readonly<Record<string, string>>;
  readonly memory?: string;
  readonly lease?: string;
  readonly second?: boolean;
  readonly airGapped?: boolean;
  /** The MAC addresses of a third node: several form a bond. */
  readonly third?: readonly string[];
}

/** Returns the inventory of a host with these disks; the first machine is on the disk data1. */
function inventory({
  disks = {},
  filesystem = {},
  memory = '512Mi',
  lease = '7d',
  second = true,
  airGapped,
  third,
}: Parts): string {
  const all = Object.entries(disks).map(
    ([name, device]) => `${name}: { device: ${device}, filesystem: ${filesystem[name] ?? 'ext4'} }`,
  );
  const on = disks.data1 ? ', on: data1' : '';
  return `site: plant
${airGapped ? 'air_gapped: true' : ''}
harvester: { version: ${VERSION}, sha512: { ${PINS.join(', ')} }, size: { ${SIZES.join(', ')} } }
server: { url: http://192.168.150.1 }
host:
  address: lab.example.org
  domain_type: qemu
  disks: { ${all.join(', ')} }
  expose: [${second ? '{ port: 443 }' : ''}]
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: ${lease} }
cluster: { vip: 192.168.150.40, token: "\${secret:cluster_token}" }
silence: { vm-too-small: nothing is installed here, vm-below-minimum: nothing is installed here }
defaults:
  config:
    os: { ntp_servers: [${airGapped ? '192.168.150.1' : '0.suse.pool.ntp.org'}], password: "\${secret:node_password}" }
nodes:
  a-1:
    mac: 52:54:00:0c:01:01
    ip: 192.168.150.41
    mode: create
    vm: { memory: ${memory}, vcpus: 1, disks: [{ size: 300Gi${on} }] }
${
  second
    ? `  a-2:
    mac: 52:54:00:0c:01:02
    ip: 192.168.150.42
    vm: { memory: 512Mi, vcpus: 1, disks: [{ size: 300Gi, format: raw }] }
`
    : ''
}${
  third
    ? `  a-3:
    nics: [${third.map((mac, index) => `{ name: n${index}, mac: ${mac}, network: mgmt${index === 0 ? ', ip: 192.168.150.43, boot: true' : ''} }`)}]
    vm: { memory: 64Mi, vcpus: 1, disks: [{ size: 300Gi }] }
`
    : ''
}`;
}

/** Returns the commands that a script prints, as run or to be run. */
function commandsOf({ text }: Outcome): string[] {
  return Array.from(
    text.matchAll(/^ {2}(?:would: )?((?:virsh|systemctl|rm|rmdir|umount|ln|nft) .*)$/gm),
    ([, command]) => command ?? '',
  );
}

async function mirror({ sandbox }: HostBox): Promise<void> {
  const folder = join(sandbox.folder, 'mirror', VERSION);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
}

/** Returns the steps, each with its result. */
function stepsOf({ text }: Outcome): string[] {
  return Array.from(
    text.matchAll(/^\[\d+\/\d+\] (\w+)(?: … |: )(unchanged|done|would be done|waiting|failed)$/gm),
    ([, step, word]) => `${step} ${word}`,
  );
}

const ALL_UNCHANGED = [
  'check',
  'packages',
  'disks',
  'media',
  'programs',
  'libvirt',
  'leftovers',
  'access',
  'firewall',
  'networks',
  'unused',
  'nginx',
  'domains',
  'units',
].map((step) => `${step} unchanged`);

const test = suite<{ box: HostBox; parts: Parts; before: string[] }>(
  'scripts/host-setup.sh and scripts/down.sh',
);

test.before(async (context) => {
  const box = await openHostBox();
  context.box = box;
  await mirror(box);
  const disks = { data1: await box.disk('data1', 400), data2: await box.disk('data2', 400) };
  context.parts = { disks, filesystem: { data2: 'xfs' } };
});

test.after(async ({ box }) => box?.close());

test('a dry run changes nothing, and needs no root', async ({ box, parts }) => {
  await box.deploy(inventory(parts));
  const before = await box.state();
  for (const user of ['', 'setpriv --reuid=65534 --regid=65534 --clear-groups ']) {
    const { status, text } = await box.script(`${user}${SETUP} --dry-run`);
    assert.is(status, 0, text);
    assert.match(text, /^ {2}would: apt-get .* update$/m);
    assert.match(text, /^ {2}would: virsh -q net-define \/srv\/harvgen\/plant\/libvirt\/network.xml$/m);
    assert.match(text, /^ {2}would: virsh -q define \/srv\/harvgen\/plant\/libvirt\/domains\/a-2.xml$/m);
    const ends = user
      ? ''
      : ' All but the virtual machines would start; they wait for the secrets, see above: status 3.';
    assert.ok(text.endsWith(`\nNothing was changed.${ends}\n`), text);
    if (user === '') assert.match(text, /^ {2}would: mkfs.ext4 -q -m 0 -L hv-\w{9} -U \S+ \/dev\/loop\d+$/m);
    assert.equal(changes(before, await box.state()), []);
  }
});

test('an unknown option, a user other than root, and another directory are rejected', async ({ box }) => {
  assert.is((await box.script(`${SETUP} --help`)).status, 0);
  const wrong = await box.script(`${SETUP} --dryrun`);
  assert.equal(wrong, { status: 2, text: 'host-setup.sh has no option --dryrun: see --help\n' });
  const user = await box.script(`setpriv --reuid=65534 --regid=65534 --clear-groups ${SETUP}`);
  assert.is(user.status, 2);
  assert.match(user.text, 'run it as root');
  const elsewhere = await box.script(
    `cp -r /srv/harvgen/plant /srv/elsewhere && /srv/elsewhere/scripts/host-setup.sh`,
  );
  await box.sh('rm -r /srv/elsewhere');
  assert.is(elsewhere.status, 2);
  assert.match(elsewhere.text, /rsync --archive .* \/srv\/elsewhere\/ \/srv\/harvgen\/plant\/\n/);
});

test('without the secrets, everything but the virtual machines is set up, and the script prints how to install the secrets', async (context) => {
  const { box } = context;
  context.before = await box.state();
  const { status, text } = await box.script(`umask 077; ${SETUP}`);
  assert.is(status, 3, text);
  assert.match(text, /^\[\d+\/\d+\] nginx: waiting$/m);
  assert.is(
    await box.sh(`stat -c %a /srv/harvgen/media /srv/harvgen/media/${VERSION} /srv/harvgen/tftp`),
    '755\n'.repeat(3),
  );
  const user = await box.script(`setpriv --reuid=65534 --regid=65534 --clear-groups ${SETUP} --dry-run`);
  assert.is(user.status, 2);
  assert.match(user.text, 'only root can compare it');
  assert.match(
    text,
    "npx harvgen secrets sites/plant --format nginx --secrets secrets.yaml | ssh root@lab.example.org '",
  );
  assert.match(text, /a-1 is not started until the secrets are installed/);
  assert.match(text, /harvgen-plant-watchdog.timer is not started before/);
  assert.not.match(await box.sh('virsh list --name'), 'a-');
  assert.match(await box.sh('virsh net-list --name'), 'plant-mgmt');
});

test('with the secrets, the virtual machines start, and machines can fetch their boot files', async ({
  box,
  parts,
}) => {
  await box.include(await box.deploy(inventory(parts)));
  const outcome = await box.script(SETUP);
  assert.is(outcome.status, 0, outcome.text);
  assert.match(outcome.text, /\nplant is up.\n$/);
  assert.equal((await box.sh('virsh list --name')).trim().split('\n'), ['a-1', 'a-2']);
  assert.match(await box.sh('curl -sf http://192.168.150.1/boot.ipxe'), /^#!ipxe/);
  assert.match(
    await box.sh(`curl -sf http://192.168.150.1/harvester/${VERSION}/${MEDIA.iso}`),
    'the text of',
  );
  assert.match(await box.sh('curl -sf tftp://192.168.150.1/snponly.efi | head -c 2'), 'MZ');
  assert.match(await box.sh('nft list tables'), 'harvgen_plant');
  const mounted = await box.sh('findmnt -rno FSTYPE,TARGET | grep images');
  assert.is(mounted, 'ext4 /var/lib/libvirt/images/data1\nxfs /var/lib/libvirt/images/data2\n');
  assert.match(
    await box.sh('cat /etc/fstab'),
    /^UUID=\S+ \/var\/lib\/libvirt\/images\/data1 ext4 defaults,nofail,x-systemd.device-timeout=60s,x-systemd.before=libvirtd.service,x-systemd.before=virtqemud.service,x-harvgen.plant 0 2$/m,
  );
  assert.match(await box.sh('qemu-img info -U /var/lib/libvirt/images/data1/a-1-0.qcow2'), '300 GiB');
  assert.match(await box.sh('cat /run/stand-in/log'), 'systemctl enable harvgen-plant-watchdog.timer');
});

test('the kept state contains no secret', async ({ box }) => {
  const kept = await box.sh('cat /var/lib/harvgen/plant/put-up /var/lib/harvgen/plant/applied/*');
  assert.not.match(kept, /the token|the password/);
});

test('a second run changes nothing', async ({ box }) => {
  const before = await box.state();
  const outcome = await box.script(SETUP);
  assert.is(outcome.status, 0, outcome.text);
  assert.equal(stepsOf(outcome), ALL_UNCHANGED);
  assert.match(outcome.text, /\nplant is up; there was nothing to do.\n$/);
  assert.equal(changes(before, await box.state()), []);
});

test("the site's own scripts run at the end, each until it has succeeded, and again when it changes", async ({
  box,
  parts,
}) => {
  const first = '#!/bin/sh\nvirsh list --name | grep a-1 >>/srv/first\n';
  const run = async (second: string, text = first) => {
    const [one, two] = ['10-first.sh', '20 second'].map((name) => `files/scripts/host.d/${name}`);
    await box.deploy(inventory(parts), { [`${one}`]: text, [`${two}`]: `#!/bin/sh\n${second}\n` });
    const dry = await box.script(`${SETUP} --dry-run`);
    const outcome = await box.script(SETUP);
    const linesOf = ({ text }: Outcome) =>
      text.split('\n').filter((line) => /(?:host\.d|hooks|^plant).*[^ ]$/.test(line));
    return { dry: linesOf(dry), lines: linesOf(outcome), status: outcome.status };
  };
  const folder = '/srv/harvgen/plant/scripts/host.d';
  assert.equal(await run('exit 3'), {
    dry: [`  would: ${folder}/10-first.sh`, `  would: ${folder}/20\\ second`, '[15/15] hooks: would be done'],
    lines: [
      `  ${folder}/10-first.sh`,
      `  ${folder}/20\\ second`,
      '  FAILED: scripts/host.d/20 second failed: see above what it printed',
      '[15/15] hooks: failed',
      'plant is only partly set up: fix each FAILED above, and run this script again.',
    ],
    status: 1,
  });
  assert.equal((await run('touch /srv/second')).lines, [
    `  ${folder}/20\\ second`,
    '[15/15] hooks: done',
    'plant is up.',
  ]);
  assert.equal((await run('touch /srv/second')).lines, [
    '[15/15] hooks … unchanged',
    'plant is up; there was nothing to do.',
  ]);
  assert.equal((await run('touch /srv/second', `${first}true\n`)).lines, [
    `  ${folder}/10-first.sh`,
    '[15/15] hooks: done',
    'plant is up.',
  ]);
  assert.is(await box.sh('cat /srv/first; rm /srv/first /srv/second'), 'a-1\na-1\n');
});

test('new secrets: nginx reloads, and nothing else changes', async ({ box, parts }) => {
  await box.include(await box.deploy(inventory(parts)));
  const outcome = await box.script(SETUP);
  assert.is(outcome.status, 0, outcome.text);
  assert.equal(commandsOf(outcome), ['systemctl reload nginx.service']);
});

test('another tree: libvirt gets the new definitions, and running machines keep the old ones until they restart', async ({
  box,
  parts,
}) => {
  await box.deploy(inventory({ ...parts, memory: '640Mi', lease: '3d' }));
  for (const time of ['once', 'again']) {
    const { status, text } = await box.script(SETUP);
    assert.is(status, 0, text);
    assert.match(text, "a-1 runs with its old definition: run 'virsh shutdown a-1'", time);
    assert.match(text, 'plant-mgmt keeps its old definition while machines use it', time);
    assert.match(text, "'systemctl stop harvgen-plant-watchdog.timer', then 'virsh shutdown'");
    assert.not.match(text, 'a-2 runs with its old definition');
  }
  assert.match(await box.sh('virsh dumpxml --inactive a-1'), '655360');
  await box.sh('virsh destroy a-1; virsh destroy a-2');
  const { status, text } = await box.script(SETUP);
  assert.is(status, 0, text);
  assert.match(text, /^ {2}virsh -q net-destroy plant-mgmt\n {2}virsh -q net-start plant-mgmt$/m);
  assert.match(text, /^ {2}virsh -q start a-1$/m);
  assert.not.match(text, 'old definition');
});

const THIRD = '52:54:00:0c:01:03';
const OTHER = '52:54:00:0c:01:04';

test('a node that is added while others run has its reservation before it starts', async ({ box, parts }) => {
  for (const mac of [THIRD, OTHER]) {
    await box.deploy(inventory({ ...parts, memory: '640Mi', lease: '3d', third: [mac] }));
    const dry = await box.script(`${SETUP} --dry-run`);
    assert.is(dry.status, 0, dry.text);
    const real = await box.script(SETUP);
    assert.is(real.status, 0, real.text);
    assert.not.match(real.text, 'old definition');
    const commands = commandsOf(real);
    assert.ok(commands.includes('systemctl reload nginx.service'));
    // A dry run cannot predict whether a machine shuts down when requested, and the watchdog is not stopped yet.
    assert.equal(
      commands.filter((command) => !/^virsh -q destroy|^systemctl start .*-watchdog/.test(command)),
      commandsOf(dry),
    );
    const reserved = `${mac},192.168.150.43,a-3,`;
    assert.match(await box.sh('cat /var/lib/libvirt/dnsmasq/plant-mgmt.hostsfile'), reserved);
    assert.match(await box.sh('virsh list --name'), 'a-3');
    // Only a machine that runs is asked to shut down.
    await box.sh('virsh resume a-3');
    if (mac === OTHER) {
      assert.match(real.text, 'waiting for 1 to shut down, 1 seconds at most');
      assert.not.match(await box.sh('cat /var/lib/libvirt/dnsmasq/plant-mgmt.hostsfile'), THIRD);
      assert.ok(
        commands.findIndex((one) => one.includes(' shutdown ')) <
          commands.findIndex((one) => one.includes(' destroy ')),
      );
    }
  }
});

test('a node whose reservation has to wait is not started, not even by the watchdog', async ({
  box,
  parts,
}) => {
  const bond = inventory({ ...parts, memory: '640Mi', lease: '3d', third: [THIRD, OTHER] });
  await box.deploy(bond);
  for (const time of ['once', 'again']) {
    const { status, text } = await box.script(SETUP);
    assert.is(status, 1, text);
    assert.match(
      text,
      'FAILED: a-3 is not started: its network runs without the reservation of 52:54:00:0c:01:0',
      time,
    );
    assert.match(
      text,
      "'virsh shutdown' for each machine on it, and run this script again once they are off",
      time,
    );
    assert.match(text, /^\[\d+\/\d+\] domains: failed$/m);
    assert.match(text, 'harvgen-plant-watchdog.timer is not started before the virtual machines');
    assert.not.match(await box.sh('ls /run/stand-in/active'), 'watchdog');
    assert.not.match(await box.sh('virsh list --name'), 'a-3');
  }
  await box.sh('virsh destroy a-1; virsh destroy a-2');
  const { status, text } = await box.script(SETUP);
  assert.is(status, 0, text);
  assert.match(await box.sh('ls /run/stand-in/active'), 'watchdog.timer');
});

test('a firewall that another program has flushed is loaded again', async ({ box }) => {
  await box.sh('nft delete table inet harvgen_plant');
  const outcome = await box.script(SETUP);
  assert.equal(commandsOf(outcome), ['systemctl reload harvgen-plant-firewall.service']);
  await box.sh('nft list table inet harvgen_plant');
});

test('/etc/fstab: the script updates its own line, and keeps the line of another owner', async ({ box }) => {
  const fstab = await box.sh('cat /etc/fstab');
  const line = /^UUID=\S+ \S+data1 .*$/m;
  const [own = ''] = line.exec(fstab) ?? [];
  await box.sh(
    `sed -i 's|^UUID=[^ ]* \\([^ ]*data1 \\)|UUID=11111111-2222-3333-4444-555555555555 \\1|' /etc/fstab`,
  );
  assert.is((await box.script(SETUP)).status, 0);
  assert.equal((await box.sh('cat /etc/fstab')).split('\n').sort(), fstab.split('\n').sort());
  await box.sh(
    `sed -i '/data1 /d' /etc/fstab; echo 'LABEL=old /var/lib/libvirt/images/data1 ext4 defaults 0 2' >>/etc/fstab`,
  );
  const { status, text } = await box.script(SETUP);
  assert.is(status, 1, text);
  assert.match(text, /but \/etc\/fstab mounts LABEL=old there: remove that line/);
  assert.match(text, /^\[\d+\/\d+\] disks: failed$/m);
  await box.sh(`sed -i '/^LABEL=old/d' /etc/fstab; echo '${own}' >>/etc/fstab`);
});

test('a bridge that already exists is a failure, but does not stop the script', async ({ box, parts }) => {
  const all = inventory({ ...parts, memory: '640Mi', lease: '3d', third: [THIRD, OTHER] });
  await box.deploy(all.replace('    subnet:', '    interface: virbr-two\n    subnet:'));
  await box.sh(`virsh destroy a-1; virsh destroy a-2; virsh destroy a-3; mkdir -p /var/lib/harvgen/two
    echo 'network two-mgmt' >/var/lib/harvgen/two/put-up
    virsh net-define <(echo "<network><name>two-mgmt</name><bridge name='virbr-two'/></network>")`);
  const taken = await box.script(SETUP);
  assert.is(taken.status, 1, taken.text);
  assert.match(
    taken.text,
    "FAILED: plant-mgmt and libvirt's network two-mgmt of the site two use the same bridge virbr-two: set another 'interface'",
  );
  await box.sh(`virsh net-undefine two-mgmt; rm -r /var/lib/harvgen/two; ip link add virbr-two type bridge`);
  const there = await box.script(SETUP);
  assert.is(there.status, 1, there.text);
  assert.match(there.text, 'FAILED: plant-mgmt did not start: see the libvirt error above');
  assert.match(there.text, /^\[\d+\/\d+\] units/m);
  await box.sh('ip link delete virbr-two');
  await box.deploy(all);
  assert.is((await box.script(SETUP)).status, 0);
});

test('a machine and a port that the tree no longer contains are removed; the image is kept and reported', async ({
  box,
  parts,
}) => {
  await box.deploy(inventory({ ...parts, memory: '640Mi', lease: '3d', second: false }));
  const { status, text } = await box.script(SETUP);
  assert.is(status, 0, text);
  assert.equal((await box.sh('virsh list --all --name')).trim().split('\n'), ['a-1']);
  assert.match(text, 'no virtual machine uses /var/lib/libvirt/images/a-2-0.raw: it is kept');
  await box.sh('rm /var/lib/libvirt/images/a-3-0.qcow2');
  await box.sh(
    'test -e /var/lib/libvirt/images/a-2-0.raw; test ! -e /etc/systemd/system/harvgen-plant-expose-443.service',
  );
});

test('a domain of the same name that does not belong to the site is left alone', async ({ box, parts }) => {
  await box.sh(
    `virsh define <(echo "<domain type='qemu'><name>a-2</name><memory>65536</memory><os><type>hvm</type></os></domain>")`,
  );
  await box.deploy(inventory({ ...parts, memory: '640Mi', lease: '3d' }));
  const { status, text } = await box.script(SETUP);
  assert.is(status, 1, text);
  assert.match(text, 'FAILED: libvirt already has a domain a-2 of another owner');
  await box.script(DOWN);
  assert.equal((await box.sh('virsh list --all --name')).trim(), 'a-2');
  await box.sh('virsh undefine a-2');
});

test('down.sh removes only what host-setup.sh has set up; a second run is not an error', async ({
  box,
  parts,
  before,
}) => {
  await box.include(await box.deploy(inventory(parts)));
  assert.is((await box.script(SETUP)).status, 0);
  const up = await box.state();
  const dry = await box.script(`${DOWN} --dry-run`);
  assert.is(dry.status, 0, dry.text);
  assert.equal(changes(up, await box.state()), []);
  const down = await box.script(DOWN);
  const { status, text } = down;
  assert.is(status, 0, text);
  assert.equal(commandsOf(dry), commandsOf(down));
  for (const image of ['/var/lib/libvirt/images/data1/a-1-0.qcow2', '/var/lib/libvirt/images/a-2-0.raw'])
    assert.match(text, `  kept: ${image}\n`);
  assert.not.match(await box.sh('cat /etc/fstab; ls /etc/nginx/harvgen'), /harvgen|plant/);
  assert.equal(leftOf(changes(before, await box.state())), ['+ /var/lib/libvirt/images/a-2-0.raw']);
  const again = await box.script(`${DOWN} --delete-images`);
  assert.is(again.status, 0, again.text);
  assert.match(again.text, '/var/lib/libvirt/images/data1/a-1-0.qcow2 does not exist');
  assert.equal(leftOf(changes(before, await box.state())), []);
  assert.equal(await box.script(DOWN), { status: 0, text: 'plant is not set up on this host.\n' });
});

test('down.sh names other copies of secrets, which may be in use elsewhere', async ({ box, parts }) => {
  const [data, iscsi] = ['/var/lib/cloud/instances/i-1/user-data.txt', '/etc/harvgen/plant.iscsi'];
  await box.sh(`install -D /dev/null ${data}; install -D /dev/null ${iscsi}; echo harvgen-plant >${data}`);
  await box.include(await box.deploy(inventory(parts)));
  assert.is((await box.script(SETUP)).status, 0);
  const { status, text } = await box.script(`${DOWN} --delete-images`);
  assert.is(status, 0, text);
  assert.match(text, `  ${data} may contain secret values: remove it\n`);
  assert.match(text, `  ${iscsi} contains the secrets of iSCSI: remove it once no machine uses its disk\n`);
  await box.sh(`rm -r /var/lib/cloud ${iscsi}; rmdir /etc/harvgen`);
});

test('down.sh: a data disk in use stays in its record; then it is unmounted, and its line in /etc/fstab is removed', async ({
  box,
  parts,
}) => {
  const mount = '/var/lib/libvirt/images/data1';
  const fstab = await box.sh('cat /etc/fstab');
  await box.include(await box.deploy(inventory(parts)));
  assert.is((await box.script(SETUP)).status, 0);
  const [, uuid = ''] = /^UUID=(\S+) \S+data1 /m.exec(await box.sh('cat /etc/fstab')) ?? [];
  // Without the disk in the inventory, host-setup.sh only reports it.
  await box.deploy(inventory({ ...parts, disks: {} }));
  const { text: reported } = await box.script(SETUP);
  const kept = `it stays mounted and in /etc/fstab (UUID=${uuid}). Unmount it and remove the line, or keep both\n`;
  assert.match(reported, kept);
  const user = box.sandbox.spawn(['sh', '-c', `exec sleep 600 <${mount}`], { stdio: 'ignore' });
  const busy = await box.script(`${DOWN} --delete-images`);
  assert.is(busy.status, 1, busy.text);
  assert.match(
    busy.text,
    `  FAILED: ${mount} is in use: stop what uses it, and run this script again\n  edit /etc/fstab\n  systemctl daemon-reload\n`,
  );
  assert.match(
    busy.text,
    'plant is only partly removed: fix each FAILED above, and run this script again.\n',
  );
  assert.is(await box.sh('cat /etc/fstab'), fstab);
  user.kill();
  const { status, text } = await box.script(`${DOWN} --delete-images`);
  assert.is(status, 0, text);
  assert.match(text, `  umount ${mount}\n  rmdir ${mount}\n`);
});

test('a script that is killed after every few commands resumes, and reaches the same state', async ({
  box,
  parts,
}) => {
  await box.include(await box.deploy(inventory(parts)));
  let kills = 0;
  for (;;) {
    const outcome = await box.script(SETUP, 6);
    if (outcome.status !== 137) {
      assert.is(outcome.status, 0, outcome.text);
      break;
    }
    kills += 1;
    assert.ok(kills < 40);
  }
  assert.ok(kills > 4, String(kills));
  assert.equal((await box.sh('virsh list --name')).trim().split('\n'), ['a-1', 'a-2']);
  await box.sh('findmnt /var/lib/libvirt/images/data1');
  assert.equal(stepsOf(await box.script(SETUP)), ALL_UNCHANGED);
  const down = await box.script(`${DOWN} --delete-images`);
  assert.is(down.status, 0, down.text);
  assert.not.match(await box.sh('cat /etc/fstab'), 'harvgen');
});

test('a data disk with any content is not formatted', async ({ box, parts: { disks } }) => {
  const made: Record<string, string> = {};
  for (const name of ['plain', 'parts', 'lvm', 'elsewhere', 'swap', 'both'])
    made[name] = await box.disk(name, 64);
  // With signatures of two types, the correct one is unknown.
  await box.sh(`cd /dev/shm/by-id
    mkfs.ext4 -q plain; mount plain /mnt; echo precious >/mnt/precious; umount /mnt
    printf 'label: gpt\n,,L\n' | sfdisk -q --no-reread --no-tell-kernel parts
    pvcreate -qq --devices $(readlink lvm) $(readlink lvm)
    mkfs.ext4 -q elsewhere; mkdir -p /srv/elsewhere; mount elsewhere /srv/elsewhere; echo kept >/srv/elsewhere/kept
    mkswap -q swap
    mkfs.fat both >/dev/null; dd if=plain of=both bs=1024 skip=1 seek=1 count=1 conv=notrunc,fsync status=none`);
  const content = () => box.sh(`cd /dev/shm/by-id; sha256sum parts lvm swap both`);
  const before = await content();
  const all = { ...disks, ...made };
  await box.include(await box.deploy(inventory({ disks: all, filesystem: { data2: 'xfs' } })));
  const { status, text } = await box.script(SETUP);
  assert.is(status, 1, text);
  assert.match(text, /FAILED: \/dev\/shm\/by-id\/parts is skipped: it has partitions \(gpt\)/);
  assert.match(text, /FAILED: \/dev\/shm\/by-id\/lvm is skipped: it contains LVM2_member/);
  assert.match(text, /FAILED: \/dev\/shm\/by-id\/elsewhere is skipped: it is mounted at \/srv\/elsewhere/);
  assert.match(text, /FAILED: \/dev\/shm\/by-id\/swap is skipped: it contains swap/);
  assert.match(text, /FAILED: \/dev\/shm\/by-id\/both is skipped: it contains signatures of several types/);
  assert.match(text, /plain contains a file system that this script did not create: it is mounted unchanged/);
  // No machine has an image on these disks.
  assert.equal((await box.sh('virsh list --name')).trim().split('\n'), ['a-1', 'a-2']);
  assert.is(await box.sh('cat /var/lib/libvirt/images/plain/precious'), 'precious\n');
  assert.is(await content(), before);
  assert.is(await box.sh('cat /srv/elsewhere/kept'), 'kept\n');
  await box.sh('umount /srv/elsewhere');
  assert.is((await box.script(DOWN)).status, 0);
});

test('the script waits for a disk that is attached late; its own unfinished file system is made again', async ({
  box,
}) => {
  const late = await box.disk('late', 320);
  const uuid = '2c3a6e0d-6f1f-4c0b-8d3c-0a51f3f0c0de';
  await box.sh(`mkfs.ext4 -q -U ${uuid} ${late}; mv ${late} /dev/shm/late
    mkdir -p /var/lib/harvgen/plant/applied; echo making ${uuid} >/var/lib/harvgen/plant/applied/disk-late`);
  await box.include(
    await box.deploy(inventory({ disks: { late, gone: '/dev/shm/by-id/gone' }, second: false })),
  );
  const dry = await box.script(`${SETUP} --dry-run`);
  assert.is(dry.status, 1, dry.text);
  assert.match(dry.text, 'FAILED: no data disk gone at /dev/shm/by-id/gone: attach it, or change host.disks');
  await box.deploy(inventory({ disks: { late }, second: false }));
  const { status, text } = await box.script(`(sleep 1; mv /dev/shm/late ${late}) & ${SETUP}`);
  assert.is(status, 0, text);
  assert.match(text, 'waiting for /dev/shm/by-id/late');
  assert.match(text, /contains a file system that an earlier run did not finish\n {2}mkfs.ext4 .* -F /);
  await box.sh('findmnt /var/lib/libvirt/images/late');
  assert.is((await box.script(`${DOWN} --delete-images`)).status, 0);
});

const FAMILIES = {
  suse: {
    ids: 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n',
    runs: 'zypper --non-interactive install --no-recommends --auto-agree-with-licenses chrony curl dnsmasq iproute2 libvirt',
    chrony: '/etc/chrony.d/harvgen-plant.conf',
    service: 'chronyd',
    program: 'snp-x86_64.efi',
    main: 'include /etc/chrony.d/*.conf\n',
  },
  rhel: {
    ids: 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
    runs: 'dnf --assumeyes --setopt=install_weak_deps=False install chrony curl dnsmasq edk2-ovmf iproute libvirt-client libvirt-daemon-kvm',
    chrony: '/etc/chrony.d/harvgen-plant.conf',
    service: 'chronyd',
    program: 'ipxe-snponly-x86_64.efi',
    main: 'sourcedir /run/chrony-dhcp\n',
  },
  debian: {
    ids: 'ID=ubuntu\nID_LIKE=debian\n',
    runs: 'apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold install --no-install-recommends chrony curl',
    chrony: '/etc/chrony/conf.d/harvgen-plant.conf',
    service: 'chrony',
    program: '',
    main: '',
  },
};

for (const [family, { ids, runs, chrony, service, program, main }] of Object.entries(FAMILIES)) {
  test(`an air-gapped host of the family ${family} is set up and reverted`, async ({ box, parts }) => {
    const { sandbox, sh } = box;
    const there = join(sandbox.folder, `ipxe-${family}`);
    await sh(`rm -f /etc/os-release /run/stand-in/installed/* /run/stand-in/log /srv/harvgen/tftp/*
      printf '%s' '${ids}' >/etc/os-release
      mkdir ${there}; ${program ? `echo ${family} >${there}/${program}` : ''}
      ${main ? `printf '%s' '${main}' >/etc/chrony.conf` : ''}`);
    if (program) await sandbox.bind(there, '/usr/share/ipxe');
    await box.include(await box.deploy(inventory({ ...parts, airGapped: true, second: false })));
    const before = (await sh('cat /etc/chrony.conf /etc/fstab')).trim();
    const outcome = await box.script(SETUP);
    assert.is(outcome.status, 0, outcome.text);
    const log = await sh('cat /run/stand-in/log');
    assert.match(log, runs);
    assert.match(log, `systemctl restart ${service}.service\n`);
    await sh(`cmp /srv/harvgen/plant/host/chrony.conf ${chrony}`);
    if (program) assert.is(await sh('cat /srv/harvgen/tftp/snponly.efi'), `${family}\n`);
    if (family === 'rhel') assert.match(await sh('cat /etc/chrony.conf'), `\ninclude ${chrony}\n`);
    const down = await box.script(`${DOWN} --delete-images`);
    assert.is(down.status, 0, down.text);
    assert.is((await sh('cat /etc/chrony.conf /etc/fstab')).trim(), before);
    await sh(`test ! -e ${chrony}`);
  });
}

test.run();

/** Returns the added and removed paths, without those that stay: packages, installation media, iPXE binaries, and the tree. */
function leftOf(changed: readonly string[]): string[] {
  const paths = changed
    .filter((line) => /^[+-] \/.* [dfl] \d/.test(line))
    .map((line) => line.split(' ').slice(0, 2).join(' '));
  return paths.filter(
    (line) =>
      !/^. \/(srv|var\/lib\/harvgen|etc\/nginx\/harvgen|etc\/libvirt)(\/|$)/.test(line) &&
      // A directory or file of which only the time has changed.
      !(paths.includes(line.replace(/^./, '-')) && paths.includes(line.replace(/^./, '+'))),
  );
}
