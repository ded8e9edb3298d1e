// needs: root awk bash ip libvirtd nft nginx qemu-img qemu-system-x86_64 rsync unshare virsh
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type HostBox, type Outcome, openHostBox } from './host-box.ts';

/*
 * The disks of running machines, told apart by a mark in them: whatever changes in the inventory, a disk keeps its content,
 * its serial number and its WWN. libvirt, the disks and the images are real.
 */

const SETUP = '/srv/harvgen/plant/scripts/host-setup.sh';
const IMAGES = '/var/lib/libvirt/images';

interface Parts {
  readonly name?: string;
  readonly disks: string;
  /** Another machine, with an image on a data disk of the host. */
  readonly other?: string;
  readonly data?: string;
}

function inventory({ name = 'a-1', disks, other, data }: Parts): string {
  return `site: plant
server: { url: http://192.168.150.1 }
host: { address: lab.example.org, domain_type: qemu, disks: { ${data ? `data1: { device: ${data} }` : ''} } }
networks:
  mgmt:
    subnet: 192.168.150.0/24
    gateway: 192.168.150.1
    dns: [192.168.150.1]
    dhcp: { server: libvirt, pool: 192.168.150.200-192.168.150.250 }
defaults: { boot: { os: local } }
silence: { vm-too-small: nothing is installed here, host-disk-too-small: images stay small here }
nodes:
  ${name}: { mac: 52:54:00:0c:01:01, ip: 192.168.150.41, vm: { memory: 64Mi, vcpus: 1, disks: [${disks}] } }
  ${other ? `b-1: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42, vm: { memory: 64Mi, vcpus: 1, disks: [${other}] } }` : ''}
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

test('another disk keeps its content after a disk before it is removed', async ({ box }) => {
  await up(box, { disks: `${SYSTEM}, ${SCRATCH}, ${LONGHORN}` });
  const before = await mark(box);
  const { text } = await up(box, { disks: `${SYSTEM}, ${LONGHORN}` });
  await box.sh('virsh destroy a-1');
  await up(box, { disks: `${SYSTEM}, ${LONGHORN}` });
  const after = await disksOf(box);
  assert.is(after.longhorn?.mark, 'longhorn', text);
  assert.is(after.longhorn?.wwn, before.longhorn?.wwn);
  assert.is(await box.sh(`head -c 7 ${before.scratch?.file}`), 'scratch');
  console.log(text, before, after);
});

test('a machine whose image is missing is not defined again', async ({ box }) => {
  const data = await box.disk('data1', 400);
  const parts = { data, disks: SYSTEM, other: '{ size: 64Mi, format: raw, on: data1 }' };
  await up(box, parts);
  await box.sh(`virsh destroy b-1; umount ${IMAGES}/data1; mv /dev/shm/by-id/data1 /dev/shm/away; wipefs -qa /dev/shm/away`);
  await box.sh(`mkfs.fat /dev/shm/away >/dev/null; mv /dev/shm/away /dev/shm/by-id/data1`);
  const { text } = await up(box, { ...parts, other: '{ size: 64Mi, format: raw, on: data1 }, { size: 1Gi, serial: more }' }, 1);
  console.log(text);
  console.log(await box.sh('virsh dumpxml --inactive b-1 | grep source; virsh list --all'));
  console.log(await box.sh('/srv/harvgen/plant/scripts/watchdog.sh 2>&1 || true; virsh list --all'));
});

test.run();
