// needs: root bash busybox cpio curl dnsmasq grub-mkimage ip mcopy mkfs.fat nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/grub/x86_64-efi/moddep.lst /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom /usr/share/OVMF/OVMF_CODE_4M.fd
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { biosDisk, blankDisk, INSTALLED, uefiDisk } from '../../src/rehearse/disks.ts';
import { type Firmware, openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { edited, PLANT } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { deploy, siteOf } from './deploy.ts';
import { OTHER, unfinishedDisk } from './other-disks.ts';

/*
 * Booting the disk or the installer, with the network before the disk in the boot order: real iPXE, by BIOS and UEFI. Each
 * kind of disk meets each setting of the inventory, except for those of rehearse.test.ts: `once` with a blank or installed disk. An installed disk is never offered the installer.
 */

/** The iPXE for UEFI to use instead of Debian's: one from March 2024 on boots the disk itself. */
const IPXE = process.env.HARVGEN_TEST_IPXE_EFI;
const INSTALLER = 'installing Harvester v1.4.1';
/** iPXE prints this when it boots a disk; the firmware does not. */
const BY_IPXE = 'Booting from SAN device';

type Kind = 'blank' | 'installed' | 'other' | 'unfinished';

/** The ends of a boot, each with its text on the console. */
const ENDS = {
  installer: INSTALLER,
  installed: INSTALLED,
  other: OTHER,
  'halts, never': 'halting, because the inventory sets install: never',
  'halts, local': 'halting, because the inventory sets boot: {os: local}',
} as const;
type End = keyof typeof ENDS;

/** A boot: the setting of the node, its disks in the order of the firmware, and its end. */
interface Case {
  readonly firmware: Firmware;
  readonly sets: string;
  readonly disks: readonly Kind[];
  readonly end: End;
  /** Whether the disks are missing from the firmware's boot order. */
  readonly unordered?: true;
}

/** The boots of each of these tests run at once. */
const TESTS: Record<string, readonly Case[]> = {
  'BIOS, once: every bootable disk is booted': [
    { firmware: 'bios-pxe', sets: 'install: once', disks: ['other'], end: 'other' },
  ],
  'BIOS, the second disk': [
    { firmware: 'bios-ipxe', sets: 'boot: {drive: 0x81}', disks: ['blank', 'installed'], end: 'installed' },
    { firmware: 'bios-ipxe', sets: 'boot: {drive: 0x81}', disks: ['other', 'installed'], end: 'installed' },
    { firmware: 'bios-ipxe', sets: 'boot: {drive: 0x81}', disks: ['other', 'blank'], end: 'installer' },
  ],
  'BIOS, os: local': [
    { firmware: 'bios-ipxe', sets: 'boot: {os: local}', disks: ['other'], end: 'other' },
    { firmware: 'bios-ipxe', sets: 'boot: {os: local}', disks: ['blank'], end: 'halts, local' },
    {
      firmware: 'bios-ipxe',
      sets: 'boot: {os: local, drive: 0x81}',
      disks: ['installed', 'other'],
      end: 'other',
    },
  ],
  'UEFI, once: only Harvester is booted': [
    { firmware: 'uefi', sets: 'install: once', disks: ['other'], end: 'installer' },
    { firmware: 'uefi', sets: 'install: once', disks: ['unfinished'], end: 'installer' },
  ],
  // The script of such a node has no step for disks: the content of another disk makes no difference.
  'BIOS and UEFI, always: the installer takes precedence over a bootable disk': [
    { firmware: 'bios-ipxe', sets: 'install: always', disks: ['installed'], end: 'installer' },
    { firmware: 'uefi', sets: 'install: always', disks: ['installed'], end: 'installer' },
  ],
  // The script of such a node checks the disks as that of `once` does.
  'BIOS and UEFI, never: nothing is installed': [
    { firmware: 'bios-ipxe', sets: 'install: never', disks: ['blank'], end: 'halts, never' },
    { firmware: 'uefi', sets: 'install: never', disks: ['blank'], end: 'halts, never' },
  ],
  'UEFI, several disks: the installed one is booted, whatever drive the inventory sets': [
    { firmware: 'uefi', sets: 'boot: {drive: 0x81}', disks: ['blank', 'installed'], end: 'installed' },
    { firmware: 'uefi', sets: 'boot: {drive: 0x81}', disks: ['installed', 'blank'], end: 'installed' },
    // An older iPXE leaves the choice to the firmware, which takes the first bootable disk.
    {
      firmware: 'uefi',
      sets: 'install: once',
      disks: ['other', 'installed'],
      end: IPXE ? 'installed' : 'other',
    },
  ],
  'UEFI, os: local': [
    { firmware: 'uefi', sets: 'boot: {os: local}', disks: ['other'], end: 'other' },
    {
      firmware: 'uefi',
      sets: 'boot: {os: local, drive: 0x81}',
      disks: ['installed', 'other'],
      end: IPXE ? 'other' : 'installed',
    },
  ],
  ...(IPXE && {
    // Firmware may leave a disk outside the boot order uninitialized; only an iPXE from November 2024 on initializes it.
    'UEFI, an installed disk that is not in the boot order': [
      { firmware: 'uefi', sets: 'install: once', disks: ['installed'], unordered: true, end: 'installed' },
    ],
  }),
};

const CASES = Object.values(TESTS).flat();
const SITE = edited(PLANT, [
  /^nodes:\n[\s\S]*/m.exec(PLANT)?.[0] ?? '',
  `nodes:\n${CASES.map((one) => `  ${nameOf(one)}: { mac: "${macOf(one)}", ip: 192.168.178.${50 + CASES.indexOf(one)}, ${one.sets}${one === CASES[0] ? ', mode: create' : ''} }\n`).join('')}`,
]);

const test = suite<{ plant: Plant }>('booting the disk or the installer');

test.before(async (context) => {
  context.plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  const folder = makeSite(SITE);
  await deploy(context.plant, await siteOf(folder), folder);
  if (IPXE) await context.plant.run(['cp', IPXE, '/srv/harvgen/tftp/snponly.efi']);
});

test.after(async ({ plant }) => plant?.close());

for (const [what, cases] of Object.entries(TESTS)) {
  test(what, async ({ plant }) => {
    await Promise.all(cases.map((one) => boots(plant, one)));
  });
}

test.run();

/** Boots the machine of a case, and asserts that it reaches the expected end, and no other. */
async function boots(plant: Plant, one: Case): Promise<void> {
  const name = nameOf(one);
  const what = `${name}, ${one.firmware}, ${one.sets}, ${one.disks.join(' and ')}`;
  const disks = await Promise.all(
    one.disks.map((kind, index) => diskOf(plant.folder, one.firmware, kind, `${name}-${index}`)),
  );
  const machine = await plant.boot({
    name: what,
    macs: [macOf(one)],
    firmware: one.firmware,
    ...(one.unordered ? { extra: disks.flatMap(withoutOrder) } : { disks }),
  });
  // The whole line of the halt, which contains the reason.
  const anyEnd = [INSTALLER, INSTALLED, OTHER, 'halting, because [^\\n]+\\n'];
  await machine.waitFor(new RegExp(anyEnd.join('|')));
  if (one.end === 'installer') await machine.waitFor(/initrd-amd64\.\.\. ok/);
  await machine.stop();
  const text = machine.console;
  assert.match(text, ENDS[one.end], what);
  for (const end of Object.values(ENDS)) if (end !== ENDS[one.end]) assert.not.match(text, end, what);
  // The console shows what iPXE prints; the log of nginx shows what iPXE has fetched.
  const fetched = (await plant.run(['cat', '/var/log/nginx/harvgen-plant.log']))
    .split('\n')
    .filter((line) => line.includes(` - ${name} [`) && line.includes('"GET /harvester/'));
  assert.is(
    fetched.some((line) => line.includes('vmlinuz')),
    one.end === 'installer',
    what,
  );
  if (
    one.firmware === 'uefi' &&
    IPXE &&
    one.sets !== 'boot: {os: local}' &&
    one.end in { installed: 1, other: 1 }
  )
    assert.match(text, BY_IPXE, what);
  if (one.sets === 'install: always') assert.not.match(text, BY_IPXE, what);
}

/** Makes the disk of a machine. Returns its path. */
async function diskOf(folder: string, firmware: Firmware, kind: Kind, name: string): Promise<string> {
  if (kind === 'blank') return blankDisk(folder, name);
  if (firmware !== 'uefi') return biosDisk(folder, name, kind === 'other' ? OTHER : INSTALLED);
  const path = join(folder, `${name}.img`);
  copyFileSync(await uefiDisks(folder)[kind], path);
  return path;
}

let made: Record<Exclude<Kind, 'blank'>, Promise<string>> | undefined;

/** Returns the disks for UEFI, each made once: a boot loader is slow to make. */
function uefiDisks(folder: string): NonNullable<typeof made> {
  made ??= {
    installed: uefiDisk(folder, 'uefi-installed', 'COS_GRUB'),
    other: uefiDisk(folder, 'uefi-other', 'OTHER', OTHER),
    unfinished: unfinishedDisk(folder, 'uefi-unfinished', 'COS_GRUB'),
  };
  return made;
}

/** Returns the arguments for a disk that the firmware sees, but not in its boot order. */
function withoutOrder(file: string): string[] {
  return [
    '-drive',
    `file=${file},format=raw,if=none,id=unordered`,
    '-device',
    'virtio-blk-pci,drive=unordered',
  ];
}

function nameOf(one: Case): string {
  return `harv-${CASES.indexOf(one) + 1}`;
}

function macOf(one: Case): string {
  return `52:54:00:aa:01:${(CASES.indexOf(one) + 1).toString(16).padStart(2, '0')}`;
}
