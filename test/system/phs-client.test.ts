// needs: root bash busybox cpio curl ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/undionly.kpxe
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { readReport } from '../../src/rehearse/compare-report.ts';
import type { Machine } from '../../src/rehearse/machine.ts';
import { openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { harvgen } from '../support/cli.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { deployTree, SECRETS, siteOf } from './deploy.ts';

/*
 * Images of phs that are in use: an iPXE whose script contains an IP address, a port and a path (README of phs, "iPXE
 * script"). They install from the tree without a change.
 */

/** The iPXE to start instead of Debian's: a newer one runs every line of the script. */
const IPXE = process.env.HARVGEN_TEST_IPXE;

const PHS_SCRIPT = `#!ipxe
:loop
set net0/ip 192.168.178.252
set net0/netmask 255.255.255.0
set net0/gateway 192.168.178.1
ifopen
iflinkwait --timeout 3000 net0
ifstat
chain http://192.168.178.7:10000/ipxe/\${net0/hwaddr} || goto loop
`;

/** Debian 12's iPXE is of 2019, and has no iflinkwait: a script with it ends there. */
const SCRIPT = IPXE ? PHS_SCRIPT : edited(PHS_SCRIPT, ['iflinkwait --timeout 3000 net0\n', '']);

const KNOWN = `site: plant
harvester: { version: v1.6.1 }
server:
  url: http://192.168.178.7:10000
  compat: [phs]
  allow_scripts: [192.168.178.252]
networks:
  mgmt: { subnet: 192.168.178.0/24, gateway: 192.168.178.1, dns: [192.168.178.1] }
cluster: { vip: 192.168.178.40, token: "\${secret:cluster_token}" }
defaults:
  config:
    os: { password: "\${secret:root_password}", ntp_servers: [ntp.example.org] }
    install: { device: /dev/disk/by-path/pci-0000:00:17.0-ata-1 }
nodes:
  harv-1: { mode: create, nics: [{ name: eno1, mac: "52:54:00:aa:01:0a", ip: 192.168.178.41 }] }
`;
const SECOND = '  harv-2: { nics: [{ name: eno1, mac: "52:54:00:aa:01:0b", ip: 192.168.178.42 }] }\n';

const test = suite('images of phs, unchanged');
let plant: Plant;
let script: string;

test.before(async () => {
  plant = await openPlant({ interface: 'lan0', address: '192.168.178.7/24' });
  script = join(plant.folder, 'phs.ipxe');
  writeFileSync(script, SCRIPT);
  await serve(KNOWN);
});

test.after(() => plant?.close());

test("an image installs its machine, with the machine's own configuration and secrets", async () => {
  await installs(await start('52:54:00:aa:01:0a'), 'harv-1', '192.168.178.41');
});

test('the image of an unknown machine retries forever, and installs once the machine is in the inventory', async () => {
  const machine = await start('52:54:00:aa:01:0b');
  const text = await machine.waitFor(/(\/ipxe\/52\S+0b\.+ No such[\s\S]*?){3}/);
  assert.not.match(text, /STAND-IN|could not/i);
  await serve(KNOWN + SECOND);
  await installs(machine, 'harv-2', '192.168.178.42');
});

test('an image installs from a plain web server, which has the old names as files', async () => {
  await plant.serve({});
  const secrets = join(plant.folder, 'secrets.yaml');
  writeFileSync(secrets, stringify(SECRETS));
  const out = join(plant.folder, 'filled');
  const { code, stderr } = harvgen(
    ['build', '--out', out, '--secrets', secrets, makeSite(KNOWN)],
    plant.folder,
  );
  assert.is(code, 0, stderr);
  const root = join(out, 'plant/www');
  await plant.run(['ln', '-s', '/srv/harvgen/media', join(root, 'harvester')]);
  await plant.run(['busybox', 'httpd', '-p', '192.168.178.7:10000', '-h', root]);
  await installs(await start('52:54:00:aa:01:0a'), 'harv-1', '192.168.178.41');
});

test.run();

async function serve(inventory: string): Promise<void> {
  const folder = makeSite(inventory);
  await deployTree(plant, await siteOf(folder), folder);
  await plant.serve({ nginx: '/etc/nginx/conf.d/plant.conf' });
}

function start(mac: string): Promise<Machine> {
  return plant.boot({
    name: mac,
    macs: [mac],
    firmware: 'bios-embedded',
    script,
    ...(IPXE ? { ipxe: IPXE } : {}),
  });
}

/** Waits for the end of the installer's stand-in, and asserts that the machine gets its own data. */
async function installs(machine: Machine, name: string, address: string): Promise<void> {
  const { reported, config } = readReport(await machine.waitFor('STAND-IN end'));
  await machine.stop();
  assert.is(reported('address'), `${address}/24`);
  assert.is(reported('hostname'), name);
  assert.match(reported('cmdline') ?? '', `ip=${address}::192.168.178.1:255.255.255.0:${name}:eno1:none`);
  assert.is(config.os.hostname, name);
  assert.is(config.os.password, SECRETS.root_password);
  assert.is(config.token, SECRETS.cluster_token);
  assert.is(config.install.mode, name === 'harv-1' ? 'create' : 'join');
}
