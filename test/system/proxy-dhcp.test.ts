// needs: root dnsmasq ip python3 unshare
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { fileText } from '../support/file-text.ts';
import { edited, PLANT } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { plugIn } from './dhcp-client.ts';
import { until } from './until.ts';

/** A site whose router leases IP addresses and cannot send boot files: the boot server's dnsmasq adds them. */
const SITE = edited(
  PLANT,
  ['      pool: 192.168.178.200-192.168.178.250', '      server: external\n      proxy: true'],
  ['    subnet: 192.168.178.0/24', '    subnet: 192.168.178.0/24\n    interface: br-mgmt'],
);

const ROUTER = `port=0
interface=router
bind-dynamic
dhcp-range=192.168.178.200,192.168.178.250
`;

const ASKER = fileURLToPath(new URL('pxe-asker.py', import.meta.url));

const test = suite('proxyDHCP beside another DHCP server');
let sandbox: Sandbox;

test.before(async () => {
  sandbox = await openSandbox();
  await sandbox.run(['ip', 'link', 'add', 'br-mgmt', 'type', 'bridge']);
  await sandbox.run(['ip', 'address', 'add', '192.168.178.7/24', 'dev', 'br-mgmt']);
  await sandbox.run(['ip', 'link', 'set', 'br-mgmt', 'up']);
  await plugIn(sandbox, 'br-mgmt', 'router');
  await sandbox.run(['ip', 'address', 'add', '192.168.178.1/24', 'dev', 'router']);
  await plugIn(sandbox, 'br-mgmt', 'machine');
  const { tree } = await compile(makeSite(SITE));
  await sandbox.run(['mkdir', '-p', '/srv/harvgen/tftp']);
  await writeFile(join(sandbox.folder, 'plant.conf'), fileText(tree, 'dnsmasq/plant.conf') ?? '');
  await writeFile(join(sandbox.folder, 'router.conf'), ROUTER);
  for (const name of ['router', 'plant']) {
    const own = ['pid-file', 'dhcp-leasefile'].map((what) => `--${what}=/run/${name}.${what}`);
    const file = `--conf-file=${join(sandbox.folder, `${name}.conf`)}`;
    const child = sandbox.spawn(['dnsmasq', '--keep-in-foreground', '--no-ping', file, ...own], {
      stdio: 'ignore',
    });
    await until(
      async () => child.exitCode !== null || (await sandbox.run(['cat', `/run/${name}.pid-file`])) !== '',
    );
    assert.is(child.exitCode, null, `${name} runs`);
  }
});

test.after(async () => {
  await sandbox?.close();
});

/** Returns the offers for a machine, sorted: `yiaddr|boot file|option 60|menu`. */
async function offers(arch: number, userClass: string, vendor = 'PXEClient:Arch:0000'): Promise<string[]> {
  const output = await sandbox.run(['python3', ASKER, 'machine', String(arch), userClass, vendor]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

test('the other server leases, and dnsmasq adds the boot file of the firmware', async () => {
  const [bios, leased = ''] = await offers(0, '');
  assert.is(bios, '0.0.0.0||PXEClient|menu');
  assert.match(leased, /^192\.168\.178\.2\d\d\|\|\|$/);
  // UEFI asks port 4011 for the file.
  for (const arch of [7, 9, 11])
    assert.match((await offers(arch, '')).join(), /^0\.0\.0\.0\|[^|]*\|PXEClient\|/);
});

test('iPXE gets the entry script, and no menu, which would load it again', async () => {
  const [ipxe, leased = ''] = await offers(0, 'iPXE');
  assert.is(ipxe, '0.0.0.0|http://192.168.178.7/boot.ipxe|PXEClient|');
  assert.match(leased, /^192\.168\.178\.2\d\d\|\|\|$/);
});

test('dnsmasq leaves other clients, and UEFI HTTP boot, to the other server', async () => {
  for (const vendor of ['HTTPClient:Arch:00016', 'udhcp 1.36'])
    assert.match((await offers(16, '', vendor)).join(), /^192\.168\.178\.2\d\d\|\|\|$/, vendor);
});

test.run();
