// needs: root coredhcp dnsmasq ip python3 unshare
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

/** The same leases by coredhcp, whose plugins that know machines send no boot file. */
const COREDHCP = `server4:
  listen: ["%router"]
  plugins:
    - server_id: 192.168.178.1
    - netmask: 255.255.255.0
    - router: 192.168.178.1
    - lease_time: 1h
    - file: /run/hosts
    - range: /run/coredhcp.leases 192.168.178.200 192.168.178.250 1h
`;

const ASKER = fileURLToPath(new URL('pxe-asker.py', import.meta.url));

const test = suite('proxyDHCP beside another DHCP server');
let sandbox: Sandbox;
/** Stops the leasing server. */
let stopRouter = async () => {};

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
    if (name === 'router') stopRouter = () => sandbox.stop(child);
  }
});

test.after(async () => {
  await sandbox?.close();
});

/** Returns the offers for a machine, sorted: `yiaddr|boot file|option 60|menu`. `proxy` is asked at port 4011 instead of all. */
async function offers(
  arch: number,
  userClass: string,
  vendor = 'PXEClient:Arch:0000',
  proxy?: string,
): Promise<string[]> {
  const asked = ['machine', String(arch), userClass, vendor, ...(proxy ? [proxy] : [])];
  const output = await sandbox.run(['python3', ASKER, ...asked]);
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

test('UEFI gets the boot file of its architecture at port 4011, with the address that the other server leased', async () => {
  const macOf = async (nic: string) =>
    /link\/ether (\S+)/.exec(await sandbox.run(['ip', 'link', 'show', nic]))?.[1] ?? '';
  const leased = '192.168.178.222';
  // The asker answers no ARP.
  const neighbor = ['ip', 'neighbor', 'replace', leased, 'lladdr', await macOf('machine'), 'dev', 'br-mgmt'];
  await sandbox.run(neighbor);
  const proxy = `${leased},192.168.178.7,${await macOf('br-mgmt')}`;
  const fileFor = (arch: number) => offers(arch, '', 'PXEClient:Arch:00007:UNDI:003016', proxy);
  for (const [arch, file] of [
    [7, 'snponly.efi'],
    [9, 'snponly.efi'],
    [11, 'snponly-arm64.efi'],
  ] as const)
    assert.equal(await fileFor(arch), [`0.0.0.0|${file}|PXEClient|`], String(arch));
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

test('coredhcp leases the reserved address, and dnsmasq adds the boot file', async () => {
  await stopRouter();
  const [, mac = ''] = /link\/ether (\S+)/.exec(await sandbox.run(['ip', 'link', 'show', 'machine'])) ?? [];
  await writeFile(join(sandbox.folder, 'hosts'), `${mac} 192.168.178.41\n`);
  await sandbox.run(['cp', join(sandbox.folder, 'hosts'), '/run/hosts']);
  await writeFile(join(sandbox.folder, 'coredhcp.yml'), COREDHCP);
  sandbox.spawn(['coredhcp', '--conf', join(sandbox.folder, 'coredhcp.yml')], { stdio: 'ignore' });
  await until(async () => (await offers(0, '')).length === 2);
  assert.equal(await offers(0, ''), ['0.0.0.0||PXEClient|menu', '192.168.178.41|||']);
  assert.equal(await offers(0, 'iPXE'), [
    '0.0.0.0|http://192.168.178.7/boot.ipxe|PXEClient|',
    '192.168.178.41|||',
  ]);
});

test.run();
