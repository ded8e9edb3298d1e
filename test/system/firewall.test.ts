// needs: root ip nft socat unshare
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { type Edit, edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { addNeighbour, type Neighbour } from './neighbours.ts';
import { until } from './until.ts';

/**
 * The host's firewall, with real packets. A machine is on each of two networks of the site, and one on a network outside the
 * site. The cloud has metadata services and the internet. Each is one cable away from the host.
 */
const METADATA = [
  '169.254.169.254',
  '169.254.42.42',
  'fd00:ec2::254',
  'fd00:42::42',
  'fd20:ce::254',
  '100.100.100.200',
];
const WIRE_SERVER = '168.63.129.16';
const INTERNET = '203.0.113.80';
const SITE: readonly Edit[] = [
  ['networks:\n', 'networks:\n  vlan: { subnet: 192.168.151.0/24, libvirt: { address: 192.168.151.1 } }\n'],
];
const CLOSED: readonly Edit[] = [
  ['site: plant\n', 'site: plant\nair_gapped: true\n'],
  ['ntp_servers: [0.suse.pool.ntp.org], ', ''],
];

const test = suite("the host's firewall, with real packets");
let sandbox: Sandbox;
let machine: Neighbour;
let other: Neighbour;
let foreign: Neighbour;
let cloud: Neighbour;
let open: string;
let closed: string;

test.before(async () => {
  open = await rulesOf(SITE);
  closed = await rulesOf([...SITE, ...CLOSED]);
  sandbox = await openSandbox();
  await sandbox.run(['sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1']);
  const beside = (name: string, at: string, number: number) =>
    addNeighbour(sandbox, name, {
      at,
      host: [`192.168.${number}.1/24`, `fd00:${number}::1/64`],
      addresses: [`192.168.${number}.41/24`, `fd00:${number}::41/64`],
      gateways: [`192.168.${number}.1`, `fd00:${number}::1`],
    });
  machine = await beside('machine', 'virbr-mgmt', 150);
  other = await beside('other', 'virbr-vlan', 151);
  foreign = await beside('foreign', 'virbr-else', 160);
  cloud = await addNeighbour(sandbox, 'cloud', {
    at: 'uplink',
    host: ['203.0.113.1/24', 'fd00:113::1/64'],
    addresses: [
      ...[INTERNET, '203.0.113.81'].map((address) => `${address}/24`),
      ...[...METADATA, WIRE_SERVER].map((address) => `${address}/${address.includes(':') ? 128 : 32}`),
      'fd00:113::80/64',
    ],
    gateways: ['203.0.113.1', 'fd00:113::1'],
  });
  for (const address of [...METADATA, WIRE_SERVER]) {
    const isNew = address.includes(':');
    const via = isNew ? 'fd00:113::80' : INTERNET;
    await sandbox.run(['ip', isNew ? '-6' : '-4', 'route', 'add', address, 'via', via]);
  }
  // As libvirt does for a network with NAT.
  await sandbox.run([
    ...['nft', 'add table ip nat; add chain ip nat post { type nat hook postrouting priority 100; };'],
    'add rule ip nat post ip saddr 192.168.150.0/23 oifname uplink masquerade',
  ]);
  for (const port of [53, 80, 32526]) await cloud.answer('cloud', port);
  for (const one of [machine, other, foreign]) await one.answer('machine', 80);
});

test.after(() => sandbox?.close());

/** Returns the firewall of the nested site with edits. */
async function rulesOf(edits: readonly Edit[]): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(edited(NESTED, ...edits)));
  const text = fileText(tree, 'host/firewall.nft');
  if (text === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return text;
}

const load = (rules: string) =>
  sandbox.run(['sh', '-c', 'printf %s "$1" >/run/firewall.nft && nft -f /run/firewall.nft', 'sh', rules]);
const unload = () => sandbox.run(['nft', 'delete', 'table', 'inet', 'harvgen_plant']);
const reaches = (from: Neighbour, address: string, port = 80) =>
  from.ask(address, port).then(
    (answer) => answer !== '',
    () => false,
  );

test('without the firewall, machines reach all IP addresses', async () => {
  for (const address of [...METADATA, WIRE_SERVER, INTERNET, '192.168.151.41'])
    await until(() => reaches(machine, address));
});

test("machines do not reach the cloud's metadata services, but the host does", async () => {
  await load(open);
  for (const address of [...METADATA, WIRE_SERVER]) {
    assert.not(await reaches(machine, address), address);
    assert.not(await reaches(other, address), address);
    assert.ok(await reaches(foreign, address), address);
    const to = `TCP:${address.includes(':') ? `[${address}]` : address}:80`;
    assert.match(await sandbox.run(['sh', '-c', 'echo | socat -t 2 - "$0"', to]), /^cloud 80/);
  }
});

test('other services at the IP address of the wire server, such as its DNS, are reachable', async () => {
  assert.ok(await reaches(machine, WIRE_SERVER, 53));
  assert.not(await reaches(machine, WIRE_SERVER, 32526));
});

test('machines do not reach metadata services at an IP address of the host itself', async () => {
  await sandbox.run(['ip', 'address', 'add', '169.254.169.254/32', 'dev', 'lo']);
  sandbox.spawn(['socat', 'TCP-LISTEN:8080,fork,reuseaddr', 'SYSTEM:echo host; read line'], {
    stdio: 'ignore',
  });
  await until(() => reaches(machine, '192.168.150.1', 8080));
  assert.not(await reaches(machine, '169.254.169.254', 8080));
  await sandbox.run(['ip', 'address', 'del', '169.254.169.254/32', 'dev', 'lo']);
});

test('machines reach the rest of the internet with the IP address of the host', async () => {
  assert.match(await machine.ask(INTERNET, 80), 'for 203.0.113.1');
  assert.ok(await reaches(machine, '192.168.151.41'));
});

test('a metadata service rejects connections at once, so that no client waits for it', async () => {
  const error = await machine.ask('169.254.169.254', 80).catch(String);
  assert.match(error, 'No route to host');
});

test('machines of an air-gapped site reach only the networks of the site and the host', async () => {
  await load(closed);
  assert.ok(await reaches(machine, '192.168.151.41'));
  assert.ok(await reaches(other, 'fd00:150::41'));
  assert.ok(await reaches(machine, '192.168.150.1', 8080));
  for (const address of [INTERNET, 'fd00:113::80', '192.168.160.41', 'fd00:160::41', ...METADATA])
    assert.not(await reaches(machine, address), address);
});

test('only the host reaches machines of an air-gapped site', async () => {
  assert.not(await reaches(foreign, '192.168.150.41'));
  assert.not(await reaches(foreign, 'fd00:150::41'));
  await cloud.run(['ip', 'route', 'replace', '192.168.150.0/24', 'via', '203.0.113.1']);
  assert.not(await reaches(cloud, '192.168.150.41'));
  assert.match(await sandbox.run(['sh', '-c', 'echo | socat -t 2 - TCP:192.168.150.41:80']), 'machine 80');
  assert.ok(await reaches(foreign, INTERNET));
});

test('a firewall that is loaded twice is there once, and other tables stay unchanged', async () => {
  const before = await sandbox.run(['nft', 'list', 'ruleset']);
  await load(closed);
  assert.is(await sandbox.run(['nft', 'list', 'ruleset']), before);
  await unload();
  assert.is(await sandbox.run(['nft', 'list', 'tables']), 'table ip nat\n');
});

test.run();
