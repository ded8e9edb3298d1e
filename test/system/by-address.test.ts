// needs: root bash busybox cpio curl dnsmasq ip nginx qemu-system-x86_64 rsync unshare /boot/vmlinuz-*-cloud-amd64 /usr/lib/ipxe/qemu/pxe-virtio.rom
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { readReport } from '../../src/rehearse/compare-report.ts';
import { PATIENCE } from '../../src/rehearse/machine.ts';
import { type Machine, openPlant, type Plant } from '../../src/rehearse/plant.ts';
import { harvgen } from '../support/cli.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { deployTree, SECRETS, shortenPauses, siteOf } from './deploy.ts';

/*
 * A network like a cloud's: harvgen does not manage its DHCP server, which has MAC addresses that the inventory lacks. The
 * server leases nodes their IP addresses, and sends the URL of the entry script.
 */

const SERVER = '10.0.0.2';
const FIRST = { mac: '52:54:00:c1:00:01', ip: '10.0.0.11' };
const BY_UUID = {
  mac: '52:54:00:c1:00:03',
  ip: '10.0.0.13',
  uuid: '4c4c4544-0042-3510-8057-b7c04f4d3332',
};
const BY_SERIAL = { mac: '52:54:00:c1:00:04', ip: '10.0.0.14', serial: 'B5W7.M32_x' };
const UNKNOWN = '52:54:00:c1:00:99';
const UNKNOWN_UUID = '4c4c4544-0042-3510-8057-b7c04f4d3399';
/** With characters that URLs, iPXE, logs and YAML read in another way, and a serial number like a number. */
const UNKNOWN_SMBIOS = 'type=1,manufacturer=R&D: "5%" #1,product=X/1 ${ip}?a=b\u001b[31m,serial=0123';
/** A node whose address the unknown machine gets later. */
const LATE = { mac: UNKNOWN, ip: '10.0.0.15' };

const SITE = `site: cloud
harvester: { version: v1.6.1 }
server:
  url: http://${SERVER}
networks:
  subnet: { subnet: 10.0.0.0/24, gateway: 10.0.0.1, dns: [10.0.0.1], dhcp: { server: external } }
cluster: { vip: 10.0.0.40, token: "\${secret:cluster_token}" }
defaults:
  config:
    os: { password: "\${secret:root_password}", ntp_servers: [ntp.example.org] }
    install: { device: /dev/nvme0n1 }
nodes:
  first: { ip: ${FIRST.ip}, mode: create }
  by-uuid: { ip: ${BY_UUID.ip}, uuid: ${BY_UUID.uuid} }
  by-serial: { ip: ${BY_SERIAL.ip}, serial: ${BY_SERIAL.serial} }
  late: { ip: ${LATE.ip} }
`;

/** The same from a plain web server, by the URL that machines of oci-harvester request. */
const PLAIN = edited(SITE, [`url: http://${SERVER}\n`, `url: http://${SERVER}:8080\n  compat: [oci]\n`]);

/** The cloud's DHCP server. The IP addresses of machines with the tag plain are not in the inventory either. */
const CLOUD = `port=0
interface=cloud0
bind-interfaces
dhcp-range=10.0.0.200,10.0.0.250,255.255.255.0
dhcp-option=option:router,10.0.0.1
dhcp-host=${FIRST.mac},${FIRST.ip}
dhcp-host=${UNKNOWN},set:seed
dhcp-host=${BY_UUID.mac},set:plain
dhcp-host=${BY_SERIAL.mac},set:plain
dhcp-boot=tag:seed,http://${SERVER}/harvester/boot.php
dhcp-boot=tag:plain,http://${SERVER}:8080/harvester/boot.php
dhcp-boot=tag:!seed,tag:!plain,http://${SERVER}/boot.ipxe
`;

const test = suite('machines without a MAC address in the inventory');
let plant: Plant;

test.before(async () => {
  plant = await openPlant({ interface: 'cloud0', address: `${SERVER}/24` });
  const folder = makeSite(SITE, 'cloud');
  await deployTree(plant, await siteOf(folder), folder);
  await shortenPauses(plant);
  await serve(CLOUD);
  await servePlain();
});

test.after(() => plant?.close());

async function serve(dhcp: string): Promise<void> {
  const dnsmasq = join(plant.folder, 'cloud.conf');
  writeFileSync(dnsmasq, dhcp);
  await plant.serve({ dnsmasq, nginx: '/etc/nginx/conf.d/cloud.conf' });
}

/** Has a plain web server serve a tree with substituted secrets, next to the media of one release. */
async function servePlain(): Promise<void> {
  const secrets = join(plant.folder, 'of-plain.yaml');
  writeFileSync(secrets, stringify(SECRETS));
  const out = join(plant.folder, 'filled');
  const site = makeSite(PLAIN, 'cloud');
  const { code, stderr } = harvgen(['build', '--out', out, '--secrets', secrets, site], plant.folder);
  assert.is(code, 0, stderr);
  const root = join(out, 'cloud/www');
  await plant.run(['ln', '-s', '/srv/harvgen/media/v1.6.1', join(root, 'harvester/v1.6.1')]);
  await plant.run(['busybox', 'httpd', '-p', `${SERVER}:8080`, '-h', root]);
}

test('each machine finds its script by its IP address, UUID or serial number; an unknown machine finds none until it is added', async () => {
  const [unknown] = await Promise.all([
    isRefused(start('unknown', UNKNOWN, '-uuid', UNKNOWN_UUID, '-smbios', UNKNOWN_SMBIOS)),
    installs(start('first', FIRST.mac), 'first', FIRST),
    installs(start('by-uuid', BY_UUID.mac, '-uuid', BY_UUID.uuid), 'by-uuid', BY_UUID),
    finds(
      start('by-serial', BY_SERIAL.mac, '-smbios', `type=1,serial=${BY_SERIAL.serial}`),
      'by-serial',
      BY_SERIAL,
    ),
  ]);
  // Its next request of DHCP gets the IP address of a node.
  await serve(edited(CLOUD, [`dhcp-host=${UNKNOWN},set:seed`, `dhcp-host=${UNKNOWN},set:seed,${LATE.ip}`]));
  await installs(Promise.resolve(unknown), 'late', LATE);
});

test('harvgen discover reads from the logs who the machines are, and how far they are', async () => {
  const [access, dhcp] = [join(plant.folder, 'access.log'), join(plant.folder, 'dnsmasq.log')];
  writeFileSync(access, await plant.run(['cat', '/var/log/nginx/harvgen-cloud.log']));
  writeFileSync(dhcp, await plant.dnsmasqLog());
  const discover = (...args: readonly string[]) => {
    const { code, stdout, stderr } = harvgen(['discover', ...args], plant.folder);
    assert.equal([code, stderr], [0, '']);
    const stable = stdout.replace(/\d+\/\w+\/\d+:\d\d:\d\d:\d\d [+-]\d+/g, 'TIME');
    return stable.replace(/10\.0\.0\.2\d\d/g, 'POOL');
  };
  const nodes = Object.entries({ first: FIRST, late: LATE }).map(
    ([name, { ip }]) => `${name.padEnd(5)}  ${ip}  has its configuration (TIME)`,
  );
  const unknown = `# 1 unknown machine:
nodes:
  # TIME to TIME; POOL; R&D: "5%" #1 X/1 POOL?a=b\\u{1b}[31m; serial number 0123
  new-525400c10099:
    mac: 52:54:00:c1:00:99
    ip: POOL
    uuid: ${UNKNOWN_UUID}
    serial: "0123"
`;
  const sorted = (text: string) => text.split('\n').sort();
  assert.equal(sorted(discover(access)), sorted(`${nodes.join('\n')}\n\n${unknown}`));
  // The lease of a node's IP address shows that the machine is a node now. The other nodes have a plain web server, without a log.
  const text = discover('--site', makeSite(SITE, 'cloud'), access, dhcp);
  assert.match(text, /^first {6}10\.0\.0\.11 {2}has its configuration \(TIME\)$/m);
  assert.match(text, /^by-uuid .*not in these logs$/m);
  assert.match(text, /^late {7}10\.0\.0\.15 {2}has its configuration \(TIME\)$/m);
  assert.match(text, /\n# 0 unknown machines\n$/);
});

test.run();

function start(name: string, mac: string, ...extra: readonly string[]): Promise<Machine> {
  return plant.boot({ name, macs: [mac], firmware: 'bios-ipxe', extra });
}

/** Waits for the end of the installer's stand-in, and asserts that it gets the node's own data. */
async function installs(
  starting: Promise<Machine>,
  name: string,
  { mac, ip }: { readonly mac: string; readonly ip: string },
): Promise<void> {
  const machine = await starting;
  const text = await machine.waitFor('STAND-IN end');
  await machine.stop();
  const { reported, config } = readReport(text);
  const isPlain = name.startsWith('by-');
  // A plain web server has identified it by its firmware: its IP address is one of the pool.
  assert.match(reported('address') ?? '', isPlain ? /^10\.0\.0\.2\d\d\/24$/ : `${ip}/24`);
  assert.match(reported('cmdline') ?? '', ` harvester.install.management_interface.interfaces=hwAddr:${mac}`);
  assert.is(reported('config-url'), `http://${SERVER}${isPlain ? ':8080' : ''}/config/${ip}.yaml`);
  assert.is(reported('root-answers'), 'yes');
  assert.equal([config.os.hostname, config.token], [name, SECRETS.cluster_token]);
  assert.is(config.install.mode, name === 'first' ? 'create' : 'join');
  assert.is(config.install.management_interface.interfaces, undefined);
}

/** Waits until a machine starts the installer of its own script. The further boot does not depend on how the script was found. */
async function finds(
  starting: Promise<Machine>,
  name: string,
  { mac }: { readonly mac: string },
): Promise<void> {
  const machine = await starting;
  const text = await machine.waitFor(`${name}: installing Harvester`);
  await machine.stop();
  assert.match(text, new RegExp(`looking for the script of ${mac}\\s+10\\.0\\.0\\.2\\d\\d`));
}

/** Waits until a machine without a script reports that, and requests the entry script again. Returns the machine, which goes on. */
async function isRefused(starting: Promise<Machine>): Promise<Machine> {
  const machine = await starting;
  await machine.waitFor('has no script for this machine');
  // From the server's log, not the console: a BIOS repaints lines, and iPXE prints the progress of slow steps.
  let fetched = await fetchedByUnknown();
  const asks = () => fetched.filter((line) => line === '/boot.ipxe 200').length;
  for (const end = Date.now() + PATIENCE; asks() < 2 && Date.now() < end; ) {
    await sleep(500);
    fetched = await fetchedByUnknown();
  }
  const text = await machine.waitFor('Retrying in');
  assert.match(text, new RegExp(`MAC +${UNKNOWN}\\s+IP +10\\.0\\.0\\.2\\d\\d\\s+UUID `));
  assert.is(fetched[0], '/harvester/boot.php 200');
  assert.ok(asks() > 1, `${fetched.join('\n')}\n${text}`);
  assert.not.match(text, /vmlinuz|STAND-IN|installing/);
  return machine;
}

/** Returns the paths that machines with an IP address of the pool have fetched, each with its status. */
async function fetchedByUnknown(): Promise<string[]> {
  const log = await plant.run(['cat', '/var/log/nginx/harvgen-cloud.log']);
  return log
    .split('\n')
    .flatMap(
      (line) => /^10\.0\.0\.2\d\d .*"GET (\S+) HTTP\/1\.1" (\d+) /.exec(line)?.slice(1, 3).join(' ') ?? [],
    );
}
