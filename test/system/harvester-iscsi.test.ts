// needs: root bash busybox cpio curl dnsmasq ip nft nginx qemu-system-x86_64 rsync tgt-admin tgtadm tgtd unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe /usr/lib/ipxe/qemu/pxe-virtio.rom
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { biosDisk, blankDisk, INSTALLED } from '../../src/rehearse/disks.ts';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { ISCSI_HARVESTER } from '../support/iscsi-harvester-plant.ts';
import { makeSite } from '../support/scratch.ts';
import { deploy, SECRETS, shortenPauses, siteOf } from './deploy.ts';
import { until } from './until.ts';

/*
 * Harvester on an iSCSI disk, with a real tgtd and a real iPXE. A blank disk leads to the installer, which gets the disk from
 * the data that iPXE leaves in memory. A disk with a system boots. The installer is a stand-in, and installs nothing.
 */

const DISKS = '/srv/harvgen/disks';
const VALUES = {
  iscsi_suffix: 'unguessable',
  chap_harv_1: 'first-of-them-1',
  chap_harv_2: 'second-of-them',
  chap_harv_3: 'third-of-them-3',
};

const test = suite<{ plant: Plant }>('Harvester on an iSCSI disk');

test.before(async (context) => {
  Object.assign(SECRETS, VALUES);
  context.plant = await openPlant({ interface: 'eno1', address: '192.168.178.7/24' });
  const { plant } = context;
  const folder = makeSite(ISCSI_HARVESTER);
  await deploy(plant, await siteOf(folder), folder);
  await shortenPauses(plant);
  mkdirSync(join(plant.folder, 'disks'));
  await plant.bind(join(plant.folder, 'disks'), DISKS);
  for (const node of ['harv-1', 'harv-2', 'harv-3']) {
    const name = `plant-${node}.harvester`;
    copyFileSync(blankDisk(plant.folder, name), join(plant.folder, 'disks', `${name}.raw`));
  }
  await serveTargets(plant);
});

test.after(async ({ plant }) => plant?.close());

test('the installer starts with the blank disk connected; afterwards, the system on the disk boots', async ({
  plant,
}) => {
  const installer = await boot(plant, 1);
  await installer.waitFor('STAND-IN end');
  await installer.stop();
  const { reported, config } = readReport(installer.console);
  const target = `iqn.2024-07.internal.harvgen:plant:harv-1:harvester:${VALUES.iscsi_suffix}`;
  assert.is(reported('ibft')?.trim(), `${target} 52:54:00:aa:02:01`);
  const words = reported('cmdline')?.trim().split(' ') ?? [];
  for (const word of ['ip=dhcp', 'rd.iscsi.firmware=1', 'rd.iscsi.ibft=1']) assert.ok(words.includes(word));
  assert.is(config.install.device, `/dev/disk/by-path/ip-10.21.0.2:3260-iscsi-${target}-lun-1`);
  assert.is(config.os.additionalKernelArguments, 'multipath=off rd.iscsi.firmware=1 rd.iscsi.ibft=1');

  copyFileSync(
    biosDisk(plant.folder, 'installed'),
    join(plant.folder, 'disks', 'plant-harv-1.harvester.raw'),
  );
  const installed = await boot(plant, 1);
  await installed.waitFor(INSTALLED);
  await installed.stop();
  assert.not.match(installed.console, 'installing Harvester');
});

test('a node retries a target that rejects connections, and installs nothing', async ({ plant }) => {
  // A rejected connection, so that iPXE does not wait for its time limit.
  const reject = 'type filter hook input priority 0; tcp dport 3260 reject with tcp reset;';
  await plant.run(['nft', `table inet away { chain input { ${reject} }; }`]);
  const machine = await boot(plant, 3);
  await machine.waitFor(/iSCSI disk unreachable or not bootable[\s\S]*iSCSI disk unreachable/);
  await machine.stop();
  assert.not.match(machine.console, 'installing Harvester');
});

test.run();

/** Boots a node by the iPXE in the ROMs of its NICs, which uses both; an iPXE that the firmware loads uses only one. */
function boot(plant: Plant, number: number) {
  const macs = [`52:54:00:aa:01:0${number}`, `52:54:00:aa:02:0${number}`];
  return plant.boot({ name: `harv-${number}`, macs, firmware: 'bios-ipxe' });
}

/** Starts a tgtd at the IP address of the storage network, with the targets of the tree. */
async function serveTargets(plant: Plant): Promise<void> {
  const sh = (script: string) => plant.run(['sh', '-ec', script]);
  const fill = Object.entries(VALUES).map(([name, value]) => `-e 's/@@secret:${name}@@/${value}/g'`);
  await sh(`ip address add 10.21.0.2/24 dev eno1
mkdir -p /run/tgtd /etc/tgt/conf.d
for file in ${plant.folder}/out/plant/iscsi/tgt/*.conf; do
  sed ${fill.join(' ')} "$file" >"/etc/tgt/conf.d/$(basename "$file")"
done
tgtd </dev/null >>/var/log/tgtd.log 2>&1`);
  await until(async () => (await sh('tgtadm --op show --mode sys 2>&1 || true')).includes('System'));
  await sh('tgt-admin --execute');
}
