// needs: root bash busybox cpio curl dnsmasq grub-mkstandalone ip mcopy mkfs.fat nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/share/OVMF/OVMF_CODE_4M.fd
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { deploy, siteOf } from './deploy.ts';
import { biosDisk, blankDisk, INSTALLED, uefiDisk } from './disks.ts';
import { type Firmware, openPlant, type Plant } from './plant.ts';

/* `install: once`, with the network before the disk in the boot order: an installed disk is never offered the installer. */

const SITE = fileURLToPath(new URL('../../sites/location_x', import.meta.url));
const MINUTES = 60_000;
const INSTALLER = 'installing Harvester v1.4.1';

const test = suite<{ plant: Plant }>('install: once');

test.before(async (context) => {
  context.plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  await deploy(context.plant, await siteOf(SITE));
});

test.after(async ({ plant }) => plant?.close());

test('BIOS: a blank disk is installed, one that boots is booted', async ({ plant }) => {
  const { folder } = plant;
  await Promise.all([
    boots(plant, 1, 'bios-ipxe', blankDisk(folder, 'bios-blank'), INSTALLER),
    boots(plant, 2, 'bios-pxe', biosDisk(folder, 'bios-installed'), INSTALLED),
  ]);
});

test('UEFI: a blank disk and one of another system are installed, an installed one is booted', async ({
  plant,
}) => {
  const { folder } = plant;
  const installed = await uefiDisk(folder, 'uefi-installed', 'COS_GRUB');
  const other = await uefiDisk(folder, 'uefi-other', 'OTHER');
  await Promise.all([
    boots(plant, 1, 'uefi', blankDisk(folder, 'uefi-blank'), INSTALLER),
    boots(plant, 2, 'uefi', installed, INSTALLED),
    boots(plant, 3, 'uefi', other, INSTALLER),
  ]);
});

test.run();

/** Boots a node of location_x with a disk, and asserts that it comes to one of the two, and not to the other. */
async function boots(
  plant: Plant,
  node: number,
  firmware: Firmware,
  disk: string,
  what: string,
): Promise<void> {
  const name = `harv-${node}`;
  const machine = await plant.boot({ name, macs: [`52:54:00:aa:01:0${node}`], firmware, disks: [disk] });
  const text = await machine.waitFor(new RegExp(`${INSTALLER}|${INSTALLED}`), 3 * MINUTES);
  await machine.stop();
  assert.match(text, what);
  assert.not.match(text, what === INSTALLER ? INSTALLED : INSTALLER);
}
