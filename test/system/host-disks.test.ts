// needs: root awk bash ip libvirtd nft nginx qemu-img qemu-system-x86_64 rsync unshare virsh
import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { plan } from '../../src/inspect/diff/plan.ts';
import type { Tree } from '../../src/tree/tree.ts';
import { makeSite } from '../support/scratch.ts';
import { type HostBox, type Outcome, openHostBox } from './host-box.ts';

/*
 * The disks of machines, each with a mark in its image. Whatever changes in the inventory, a disk keeps its content,
 * its serial number and its WWN. libvirt, the disks and the images are real.
 */

const SETUP = '/srv/harvgen/plant/scripts/host-setup.sh';
const DOWN = '/srv/harvgen/plant/scripts/down.sh';
const IMAGES = '/var/lib/libvirt/images';

interface Parts {
  readonly name?: string;
  readonly disks: string;
  /** Another machine, with an image on a data disk of the host. */
  readonly other?: string;
  readonly otherName?: string;
  readonly data?: string;
  /** Whether the machines do not start. */
  readonly off?: boolean;
}

function inventory({ name = 'a-1', disks, other, otherName = 'b-1', data, off }: Parts): string {
  return `site: plant
server: { url: http://192.168.150.1 }
host: { address: lab.example.org, domain_type: qemu, disks: { ${data ? `data1: { device: ${data} }` : ''} } }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250 }
defaults: { boot: { os: local }, firmware: bios }
silence: { vm-too-small: nothing is installed here, host-disk-too-small: images stay small here }
nodes:
  ${name}: { mac: 52:54:00:0c:01:01, ip: 192.168.150.41, vm: { memory: 64Mi, vcpus: 1, autostart: ${!off}, disks: [${disks}] } }
  ${other ? `${otherName}: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42, vm: { memory: 64Mi, vcpus: 1, autostart: ${!off}, disks: [${other}] } }` : ''}
`;
}

const SYSTEM = '{ size: 64Mi, format: raw }';
const SCRATCH = '{ size: 65Mi, format: raw, bus: scsi, serial: scratch }';
const LONGHORN = '{ size: 66Mi, format: raw, bus: scsi, serial: longhorn }';

interface Disk {
  readonly serial: string;
  readonly wwn: string;
  readonly file: string;
  readonly mark: string;
}

const test = suite<{ box: HostBox }>("disks of a host's machines");

test.before(async (context) => {
  context.box = await openHostBox();
});

test.after(async ({ box }) => box?.close());

async function up(box: HostBox, parts: Parts, status = 0): Promise<Outcome> {
  await box.deploy(inventory(parts));
  const outcome = await box.script(SETUP);
  assert.is(outcome.status, status, outcome.text);
  return outcome;
}

async function treeOf(text: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(text, 'plant'));
  if (!tree) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return tree;
}

/** Returns the disks in libvirt's definition of a machine, each with the mark in its image. */
async function disksOf(box: HostBox, name = 'a-1'): Promise<Record<string, Disk>> {
  const xml = await box.sh(`virsh dumpxml --inactive ${name}`);
  const disks: Record<string, Disk> = {};
  for (const [, disk = ''] of xml.matchAll(/<disk (.*?)<\/disk>/gs)) {
    const field = (pattern: RegExp) => pattern.exec(disk)?.[1] ?? '';
    const file = field(/<source file='(.*?)'/);
    const serial = field(/<serial>(.*)<\/serial>/);
    const mark = (await box.sh(`head -c 16 ${file} | tr -d '\\0'`)).trim();
    disks[serial] = { serial, wwn: field(/<wwn>(.*)<\/wwn>/), file, mark };
  }
  return disks;
}

/** Writes the serial number of each disk into its image. */
async function mark(box: HostBox, name?: string): Promise<Record<string, Disk>> {
  for (const { serial, file } of Object.values(await disksOf(box, name)))
    await box.sh(`printf %s ${serial.slice(0, 16)} | dd of=${file} conv=notrunc status=none`);
  return disksOf(box, name);
}

/** Returns the WWN of a disk by its name, or by its position in older versions. */
function wwnOf(name: string): string {
  const mac = '52:54:00:0c:01:01';
  return `5001a4a${createHash('sha256').update(`${mac}/${name}`).digest('hex').slice(0, 9)}`;
}

/** Makes the deployed tree one of an older version, which named an image and a WWN by the position of the disk. */
const older = (box: HostBox, names: readonly string[], node = 'a-1') =>
  box.sh(
    names
      .map((name, index) => {
        const edits = [
          `s|${node}_${name}\\.|${node}-${index + 1}.|`,
          `s|${wwnOf(name)}|${wwnOf(String(index + 1))}|`,
        ];
        return `sed -i '${edits.join(';')}' /srv/harvgen/plant/libvirt/domains/${node}.xml ${SETUP}`;
      })
      .join('\n'),
  );

/** Everything that an interrupted move may have changed, to restore it. */
const SAVE = `rm -rf /srv/saved; mkdir /srv/saved; cp -a ${IMAGES} /var/lib/harvgen /srv/saved
  for name in $(virsh list --all --name); do virsh dumpxml --inactive $name >/srv/saved/$name.xml; done`;
const RESTORE = `for name in $(virsh list --name); do virsh destroy $name; done
  for name in $(virsh list --all --name); do virsh undefine $name; done
  rm -rf ${IMAGES}/* /var/lib/harvgen; cp -a /srv/saved/images/. ${IMAGES}; cp -a /srv/saved/harvgen /var/lib
  for xml in /srv/saved/*.xml; do virsh define $xml; done`;

test('a host of an older version: each disk keeps its content, serial number and WWN, after a kill at every step', async ({
  box,
}) => {
  await box.deploy(inventory({ disks: [SYSTEM, SCRATCH, LONGHORN].join(', '), off: true }));
  await older(box, ['scratch', 'longhorn']);
  assert.is((await box.script(SETUP)).status, 0);
  const before = await mark(box);
  assert.is(before.longhorn?.file, `${IMAGES}/a-1-2.raw`);
  await box.sh(SAVE);
  const without = inventory({ disks: [SYSTEM, LONGHORN].join(', '), off: true });
  for (let step = 1; ; step += 1) {
    await box.sh(RESTORE);
    await box.deploy(without);
    await box.sh(`sed -i '/^steps=($/,/^)$/c steps=(leftovers domains)' ${SETUP}`);
    const killed = await box.script(SETUP, step);
    const { status, text } = await box.script(SETUP);
    assert.is(status, 0, text);
    const after = await disksOf(box);
    const { file, ...longhorn } = before.longhorn as Disk;
    assert.equal(after.longhorn, { ...longhorn, file: `${IMAGES}/a-1_longhorn.raw` }, killed.text);
    assert.is(after[wwnOf('0')]?.mark, wwnOf('0'));
    assert.is(
      await box.sh(`head -c 7 ${IMAGES}/a-1-1.raw; ls ${IMAGES}`),
      'scratcha-1-0.raw\na-1-1.raw\na-1_longhorn.raw\n',
    );
    if (killed.status !== 137) {
      assert.match(killed.text, `no virtual machine uses ${IMAGES}/a-1-1.raw: it is kept`);
      assert.ok(step > 4, killed.text);
      break;
    }
  }
});

test('a running machine uses the old name of its image until it restarts', async ({ box }) => {
  await box.sh(RESTORE);
  await box.sh('virsh start a-1');
  const { text } = await up(box, { disks: [SYSTEM, LONGHORN].join(', ') });
  assert.match(text, `a machine uses ${IMAGES}/a-1-1.raw until it restarts`);
  assert.match(text, `a machine uses ${IMAGES}/a-1-2.raw, now ${IMAGES}/a-1_longhorn.raw, until it restarts`);
  assert.match(text, 'plant is up; the changes named above wait until machines are off.');
  await box.sh(`test ${IMAGES}/a-1-2.raw -ef ${IMAGES}/a-1_longhorn.raw; virsh destroy a-1`);
  const again = await box.script(SETUP);
  assert.match(again.text, `  rm -f ${IMAGES}/a-1-2.raw\n`);
  assert.match(again.text, 'plant is up.\n');
  assert.is((await disksOf(box)).longhorn?.mark, 'longhorn');
});

test('a disk keeps its content through every change that diff reports as such', async ({ box }) => {
  await box.script(`${DOWN} --delete-images`);
  const steps: readonly (Parts & { readonly says: readonly string[]; readonly blank?: readonly string[] })[] =
    [
      { disks: [SYSTEM, SCRATCH, LONGHORN].join(', '), says: [], blank: [wwnOf('0'), 'scratch', 'longhorn'] },
      // another order, bus and size
      { disks: [SYSTEM, LONGHORN, SCRATCH].join(', '), says: [] },
      {
        disks: [SYSTEM, LONGHORN.replace('bus: scsi', 'bus: virtio'), SCRATCH].join(', '),
        says: [
          'disk vdb: bus scsi → virtio',
          'disk vdb: device /dev/disk/by-id/wwn-0x5001a4a9bbc76223 → /dev/disk/by-id/virtio-longhorn',
          'disk vdb: wwn 5001a4a9bbc76223 → not set',
        ],
      },
      {
        disks: [SYSTEM, LONGHORN.replace('66Mi', '70Mi'), SCRATCH].join(', '),
        says: [
          'disk sda: bus virtio → scsi',
          'disk sda: device /dev/disk/by-id/virtio-longhorn → /dev/disk/by-id/wwn-0x5001a4a9bbc76223',
          'disk sda: size 69206016 → 73400320; an existing image keeps its size',
          'disk sda: wwn not set → 5001a4a9bbc76223',
        ],
      },
      {
        disks: [SYSTEM, LONGHORN].join(', '),
        says: [
          'disk sda: size 73400320 → 69206016; an existing image keeps its size',
          'disk sdb is gone; its image stays on the host',
        ],
      },
      // the image of a disk that was removed is still there
      {
        disks: [SYSTEM, SCRATCH, LONGHORN].join(', '),
        says: ['disk sda is new: blank unless the host still has it'],
      },
      {
        disks: [SYSTEM, SCRATCH, LONGHORN.replace('serial: longhorn', 'serial: other')].join(', '),
        says: [
          'disk sdb is new: blank unless the host still has it',
          'disk longhorn is gone; its image stays on the host',
        ],
        blank: ['other'],
      },
      {
        name: 'b-9',
        disks: [SYSTEM, SCRATCH, LONGHORN].join(', '),
        says: [
          'disk vda keeps its content: scripts/host-setup.sh renames its image',
          'disk sda keeps its content: scripts/host-setup.sh renames its image',
          'disk sdb is new: blank unless the host still has it',
          'disk other is gone; its image stays on the host',
        ],
        blank: ['longhorn'],
      },
    ];
  let old: Tree = new Map();
  for (const { says, blank = [], ...parts } of steps) {
    const tree = await treeOf(inventory({ ...parts, off: true }));
    const reported = plan(old, tree).nodes.flatMap(({ changes }) => changes.map(({ text }) => text));
    assert.equal(reported.filter((text) => text.startsWith('disk ')).sort(), [...says].sort());
    old = tree;
    await up(box, { ...parts, off: true });
    const disks = await disksOf(box, parts.name);
    for (const { serial, mark } of Object.values(disks))
      assert.is(mark, blank.includes(serial) ? '' : serial.slice(0, 16), `${serial}: ${says}`);
    await mark(box, parts.name);
  }
});

/** One machine, or two, with one disk each, all off. */
const ALONE = { disks: SYSTEM, off: true };
const BOTH = { ...ALONE, other: SYSTEM };
const HELD = 'is not defined again, and neither this script nor the watchdog starts it';
const UNUSED = 'rename the machine or disk to an unused name';
const SHORT = `sed -i '/^steps=($/,/^)$/c steps=(leftovers domains)' ${SETUP}`;

/** Returns what diff reports about the names of images. */
const namesAtStake = async (before: Parts, after: Parts) =>
  plan(await treeOf(inventory(before)), await treeOf(inventory(after))).changes.flatMap(({ what, text }) =>
    what === 'disk-name' ? [text] : [],
  );

/** Sets up two machines, marks their disks, and saves everything. */
async function setUpBoth(box: HostBox) {
  await box.script(`${DOWN} --delete-images`);
  await up(box, BOTH);
  const before = [await mark(box), await mark(box, 'b-1')];
  await box.sh(SAVE);
  return before;
}

test('a renamed machine does not get the image of a removed one, and the watchdog does not start it', async ({
  box,
}) => {
  const [before] = await setUpBoth(box);
  const after = { ...ALONE, name: 'b-1' };
  assert.equal(await namesAtStake(BOTH, after), [
    'disk vda of b-1 gets the image name of another disk: scripts/host-setup.sh does not define b-1 again; choose an unused name',
  ]);
  for (const command of [`${SETUP} --dry-run`, SETUP, SETUP]) {
    await box.deploy(inventory(after));
    const { status, text } = await box.script(command);
    assert.is(status, 1, text);
    const why = `${IMAGES}/b-1-0.raw contains another disk than ${IMAGES}/a-1-0.raw (serial number ${wwnOf('0')}): ${UNUSED}`;
    assert.match(text, `FAILED: ${why}: b-1 ${HELD}\n`);
    assert.equal(await disksOf(box), before);
  }
  assert.is((await box.sh('virsh list --all --name')).trim(), 'a-1');
  // The owner removes the other image: until the machine has its new definition, the watchdog does not start it.
  await box.sh(`rm ${IMAGES}/b-1-0.raw; echo damage >>/srv/harvgen/plant/libvirt/domains/b-1.xml`);
  await box.sh(SHORT);
  const damaged = await box.script(SETUP);
  assert.match(damaged.text, 'FAILED in the step domains');
  assert.is(await box.sh('cat /var/lib/harvgen/plant/held'), 'b-1\n');
  await up(box, after);
  assert.is((await disksOf(box, 'b-1'))[wwnOf('0')]?.mark, wwnOf('0'));
  assert.is(
    await box.sh('ls /var/lib/harvgen/plant/held 2>&1 || true; ls /var/lib/libvirt/images'),
    "ls: cannot access '/var/lib/harvgen/plant/held': No such file or directory\nb-1-0.raw\n",
  );
});

test('machines that pass their names on are held, and after a kill at any step, going back leaves each its disk', async ({
  box,
}) => {
  const before = await setUpBoth(box);
  const after = { ...BOTH, name: 'b-1', otherName: 'c-1' };
  assert.equal(await namesAtStake(BOTH, after), [
    'disk vda of b-1 gets the image name of another disk: scripts/host-setup.sh does not define b-1 again; choose an unused name',
    'another disk gets the image name of disk vda of c-1: scripts/host-setup.sh does not define c-1 again; choose an unused name',
  ]);
  for (let step = 1; ; step += 1) {
    await box.sh(RESTORE);
    await box.deploy(inventory(after));
    await box.sh(SHORT);
    const { status, text } = await box.script(SETUP, step);
    await box.deploy(inventory(BOTH));
    await box.sh(SHORT);
    const back = await box.script(SETUP);
    assert.equal([await disksOf(box), await disksOf(box, 'b-1')], before, `${text}${back.text}`);
    assert.is(back.status, 0, back.text);
    if (status === 137) continue;
    assert.match(text, `because another disk gets its name: ${UNUSED}: c-1 ${HELD}\n`);
    assert.match(text, `FAILED: ${IMAGES}/b-1-0.raw contains another disk than ${IMAGES}/a-1-0.raw`);
    break;
  }
});

test('a machine keeps its disks under a third name, after a kill at any step of the change to the second', async ({
  box,
}) => {
  await box.script(`${DOWN} --delete-images`);
  const disks = [SYSTEM, LONGHORN].join(', ');
  await up(box, { disks, off: true });
  const before = await mark(box);
  await box.sh(SAVE);
  for (let step = 1; ; step += 1) {
    await box.sh(RESTORE);
    await box.deploy(inventory({ name: 'b-1', disks, off: true }));
    await box.sh(SHORT);
    const killed = await box.script(SETUP, step);
    await box.deploy(inventory({ name: 'c-1', disks, off: true }));
    await box.sh(SHORT);
    const { status, text } = await box.script(SETUP);
    assert.is(status, 0, text);
    assert.equal(await disksOf(box, 'c-1'), named(before, 'c-1'), `${killed.text}${text}`);
    assert.is(await box.sh(`ls ${IMAGES}`), 'c-1-0.raw\nc-1_longhorn.raw\n');
    if (killed.status === 137) continue;
    assert.ok(step > 6, killed.text);
    break;
  }
  // down.sh removes the definitions, too
  await box.script(DOWN);
  await up(box, { name: 'd-1', disks, off: true });
  assert.equal(await disksOf(box, 'd-1'), named(before, 'd-1'));
  assert.is(await box.sh('cat /var/lib/harvgen/plant/disks'), '');
});

/** Returns the disks of the machine a-1 under another name of the machine. */
function named(disks: Record<string, Disk>, name: string): Record<string, Disk> {
  const renamed = Object.values(disks).map((disk) => ({ ...disk, file: disk.file.replace('a-1', name) }));
  return Object.fromEntries(renamed.map((disk) => [disk.serial, disk]));
}

test('a new disk does not get an image that another disk has by a second name', async ({ box }) => {
  await box.script(`${DOWN} --delete-images`);
  await up(box, ALONE);
  const before = await mark(box);
  // what a kill leaves of a change of the name to c-1
  await box.sh(`ln ${IMAGES}/a-1-0.raw ${IMAGES}/c-1-0.raw
    echo image ${IMAGES}/c-1-0.raw >>/var/lib/harvgen/plant/put-up`);
  const parts = { ...BOTH, otherName: 'c-1' };
  const held = (name: string, other: string) =>
    `FAILED: ${IMAGES}/${name}-0.raw and ${IMAGES}/${other}-0.raw are two names of one image, which two disks cannot have: ${UNUSED}, or remove one of these names: ${name} ${HELD}\n`;
  const { text } = await up(box, parts, 1);
  assert.match(text, held('c-1', 'a-1'));
  assert.not.match(text, held('a-1', 'c-1'));
  assert.equal(await disksOf(box), before);
  assert.is((await box.sh('virsh list --all --name')).trim(), 'a-1');
  // Without a definition, the owner of the image is unknown.
  await box.sh('virsh undefine a-1');
  const without = await up(box, parts, 1);
  assert.match(without.text, held('c-1', 'a-1'));
  assert.match(without.text, held('a-1', 'c-1'));
  await box.sh(`rm ${IMAGES}/c-1-0.raw`);
  await up(box, parts);
  assert.equal(await disksOf(box), before);
  assert.is(Object.values(await disksOf(box, 'c-1'))[0]?.mark, '');
});

test('a machine whose image is missing is not defined again, and the watchdog does not start it', async ({
  box,
}) => {
  await box.script(`${DOWN} --delete-images`);
  const data = await box.disk('data1', 400);
  const other = '{ size: 64Mi, format: raw, on: data1 }';
  await up(box, { data, disks: SYSTEM, other });
  await box.sh(
    `virsh destroy a-1; virsh destroy b-1; umount ${IMAGES}/data1; wipefs -qa ${data}; mkfs.fat ${data} >/dev/null`,
  );
  const parts = {
    data,
    disks: `${SYSTEM}, { size: 1Mi, serial: more }`,
    other: `${other}, { size: 1Mi, serial: more }`,
  };
  const { text } = await up(box, parts, 1);
  assert.match(
    text,
    `FAILED: ${IMAGES}/data1/b-1-0.raw must be on the data disk at ${IMAGES}/data1, which failed above: b-1 is not defined again, and neither this script nor the watchdog starts it\n`,
  );
  assert.not.match(text, 'libvirt/domains/b-1.xml');
  assert.not.match(await box.sh('virsh dumpxml --inactive b-1'), 'more');
  assert.match(await box.sh('virsh dumpxml a-1'), 'a-1_more.qcow2');
  assert.match(await box.sh('cat /run/stand-in/active/* && ls /run/stand-in/active'), 'watchdog.timer');
  await box.sh('virsh destroy a-1');
  const watched = await box.sh('/srv/harvgen/plant/scripts/watchdog.sh 2>&1; virsh list --name');
  assert.is(watched.trim(), 'a-1 was shut off (destroyed): started\na-1');
  await box.sh(`wipefs -qa ${data}`);
  await up(box, parts);
  assert.equal((await box.sh('virsh list --name')).trim().split('\n'), ['a-1', 'b-1']);
  assert.match(await box.sh('virsh dumpxml b-1'), 'b-1_more.qcow2');
});

test.run();
