// needs: root bash busybox cpio curl dnsmasq ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { OCI_PLANT } from '../support/oci-plant.ts';
import { makeSite } from '../support/scratch.ts';
import { deployTree, siteOf } from './deploy.ts';

/* The script that OCI passes to an instance, in an iPXE of 2019: the DHCP server is the cloud's, and sends no boot options. */

const MAC = '52:54:00:0c:01:01';
const CLOUD = `port=0
interface=lan0
bind-interfaces
dhcp-range=10.0.10.0,static
dhcp-host=${MAC},10.0.10.11
dhcp-option=option:router,10.0.10.1
`;

const test = suite<{ plant: Plant; script: string; cloud: string }>('the first stage on OCI');

test.before(async (context) => {
  // The inventory identifies the node only by its IP address: the MAC address is the cloud's.
  const folder = makeSite(OCI_PLANT);
  context.plant = await openPlant({ interface: 'lan0', address: '10.0.10.5/24' });
  await deployTree(context.plant, await siteOf(folder), folder);
  context.script = join(context.plant.folder, 'out/plant/oci/first-stage.ipxe');
  context.cloud = join(context.plant.folder, 'cloud.conf');
  await writeFile(context.cloud, CLOUD);
});

test.after(async ({ plant }) => plant?.close());

test('prints what to check while nothing answers, and continues once the boot server answers', async ({
  plant,
  script,
  cloud,
}) => {
  const machine = await plant.boot({ name: 'oci-1', macs: [MAC], firmware: 'bios-embedded', script });
  const without = await machine.waitFor('Retrying in 2 seconds');
  assert.match(without, 'plant: no NIC got an IP address by DHCP');
  await plant.serve({ dnsmasq: cloud });
  const text = await machine.waitFor(/Failures so far: \d+\. Check:[\s\S]*Retrying/);
  assert.match(text, `plant: 10.0.10.11 (${MAC}) fetches http://10.0.10.5/boot.ipxe`);
  assert.match(text, 'plant: http://10.0.10.5/boot.ipxe cannot be fetched from 10.0.10.11');
  assert.match(text, '* the inventory: is 10.0.10.11 the IP address of the node?');
  await plant.serve({ dnsmasq: cloud, nginx: '/etc/nginx/conf.d/plant.conf' });
  const { reported, config } = readReport(await machine.waitFor('STAND-IN end'));
  await machine.stop();
  assert.is(reported('address'), '10.0.10.11/24');
  const words = reported('cmdline')?.split(' ') ?? [];
  assert.ok(words.includes(`harvester.install.management_interface.interfaces=hwAddr:${MAC}`));
  assert.ok(words.includes('harvester.install.config_url=http://10.0.10.5/config/10.0.10.11.yaml'));
  assert.is(config.os.hostname, 'oci-1');
  assert.is(config.install.mode, 'create');
});

test.run();
