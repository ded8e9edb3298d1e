// needs: root bash curl ip libvirtd lsblk mkfs.ext4 mkfs.xfs nft nginx pvcreate qemu-img qemu-system-x86_64 rsync unshare virsh /usr/lib/ipxe/undionly.kpxe /usr/share/OVMF/OVMF_CODE_4M.fd
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvesterMedia } from '../../src/tables/harvester-media.ts';
import { type HostBox, type Outcome, openHostBox } from './host-box.ts';

/*
 * A machine becomes a libvirt host by scripts/host-setup.sh, and ceases to be one by scripts/down.sh. libvirt, nginx,
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
  readonly second?: boolean;
  readonly airGapped?: boolean;
}

/** The inventory of a host with these disks; the first machine lies on the disk data1. */
function inventory({
  disks = {},
  filesystem = {},
  memory = '512Mi',
  second = true,
  airGapped,
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
  expose: [{ port: 443 }]
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }
cluster: { vip: 192.168.150.40, token: "\${secret:cluster_token}" }
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
}`;
}

async function mirror({ sandbox }: HostBox): Promise<void> {
  const folder = join(sandbox.folder, 'mirror', VERSION);
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text);
}

/** The steps and what became of each. */
function stepsOf({ said }: Outcome): string[] {
  return Array.from(
    said.matchAll(/^\[\d+\/\d+\] (\w+)(?: … |: )(there|done|would be done)$/gm),
    ([, step, word]) => `${step} ${word}`,
  );
}

const ALL_THERE = [
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
  'nginx',
  'domains',
  'units',
].map((step) => `${step} there`);

const test = suite<{ box: HostBox; parts: Parts; before: string }>(
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

test('on a dry run nothing is touched, and no root is needed', async ({ box, parts }) => {
  await box.deploy(inventory(parts));
  const before = await box.state();
  for (const user of ['', 'setpriv --reuid=65534 --regid=65534 --clear-groups ']) {
    const { status, said } = await box.script(`${user}${SETUP} --dry-run`);
    assert.is(status, 0, said);
    assert.match(said, /^ {2}would: apt-get .* update$/m);
    assert.match(said, /^ {2}would: virsh -q net-define \/srv\/harvgen\/plant\/libvirt\/network.xml$/m);
    assert.match(said, /^ {2}would: virsh -q define \/srv\/harvgen\/plant\/libvirt\/domains\/a-2.xml$/m);
    assert.match(said, /\nNothing was done.\n$/);
    if (user === '') assert.match(said, /^ {2}would: mkfs.ext4 -q -m 0 -L hv-\w{9} -U \S+ \/dev\/loop\d+$/m);
    assert.is(await box.state(), before);
  }
});

test('another command line, another user and another place are refused', async ({ box }) => {
  assert.is((await box.script(`${SETUP} --help`)).status, 0);
  const wrong = await box.script(`${SETUP} --dryrun`);
  assert.equal(wrong, { status: 2, said: 'host-setup.sh knows no --dryrun: see --help\n' });
  const user = await box.script(`setpriv --reuid=65534 --regid=65534 --clear-groups ${SETUP}`);
  assert.is(user.status, 2);
  assert.match(user.said, 'run it as root');
  const elsewhere = await box.script(
    `cp -r /srv/harvgen/plant /srv/elsewhere && /srv/elsewhere/scripts/host-setup.sh`,
  );
  await box.sh('rm -r /srv/elsewhere');
  assert.is(elsewhere.status, 2);
  assert.match(elsewhere.said, /rsync --archive .* \/srv\/elsewhere\/ \/srv\/harvgen\/plant\/\n/);
});

test('without the secrets all is put up but the virtual machines, and it says how they are brought', async (context) => {
  const { box } = context;
  context.before = await box.state();
  const { status, said } = await box.script(SETUP);
  assert.is(status, 3, said);
  assert.match(
    said,
    "npx harvgen secrets sites/plant --format nginx --secrets secrets.yaml | ssh root@lab.example.org '",
  );
  assert.match(said, /a-1 is not started before the secrets are there/);
  assert.match(said, /harvgen-plant-watchdog.timer is not started before/);
  assert.not.match(await box.sh('virsh list --name'), 'a-');
  assert.match(await box.sh('virsh net-list --name'), 'plant-mgmt');
});

test('with them the virtual machines start, and machines can fetch what they boot from', async ({
  box,
  parts,
}) => {
  await box.include(await box.deploy(inventory(parts)));
  const outcome = await box.script(SETUP);
  assert.is(outcome.status, 0, outcome.said);
  assert.match(outcome.said, /\nplant is up.\n$/);
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
    /^UUID=\S+ \/var\/lib\/libvirt\/images\/data1 ext4 defaults,nofail,x-systemd.device-timeout=60s,x-harvgen.plant 0 2$/m,
  );
  assert.match(await box.sh('qemu-img info -U /var/lib/libvirt/images/data1/a-1-0.qcow2'), '300 GiB');
  assert.match(await box.sh('cat /run/stand-in/log'), 'systemctl enable harvgen-plant-watchdog.timer');
});

test('no secret is in what it says or keeps', async ({ box }) => {
  const kept = await box.sh('cat /var/lib/harvgen/plant/put-up /var/lib/harvgen/plant/applied/*');
  assert.not.match(kept, /the token|the password/);
});

test('a second time there is nothing to do', async ({ box }) => {
  const before = await box.state();
  const outcome = await box.script(SETUP);
  assert.is(outcome.status, 0, outcome.said);
  assert.equal(stepsOf(outcome), ALL_THERE);
  assert.match(outcome.said, /\nplant is up; there was nothing to do.\n$/);
  assert.is(await box.state(), before);
});

test.run();
