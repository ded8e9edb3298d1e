import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import type { Tree } from '../src/tree/tree.ts';
import { fileText } from './support/file-text.ts';
import { NESTED } from './support/nested-plant.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('what runs on a libvirt host');

const AIR_GAPPED: readonly Edit[] = [
  ['site: plant\n', 'site: plant\nair_gapped: true\n'],
  ['ntp_servers: [0.suse.pool.ntp.org], ', ''],
];

async function treeOf(text: string): Promise<Tree> {
  const { tree, diagnostics } = await compile(makeSite(text));
  assert.ok(tree, diagnostics.map(({ message }) => message).join('\n'));
  return tree as Tree;
}

const nested = (...edits: readonly Edit[]) => treeOf(edited(NESTED, ...edits));
const pathsOf = (tree: Tree) =>
  [...tree.keys()].filter((path) => /^(systemd\/|host\/(firewall|chrony)|scripts\/watchdog)/.test(path));

/** The lines of a file that begin so. */
function linesOf(tree: Tree, path: string, ...begin: readonly string[]): string[] {
  const text = fileText(tree, path);
  assert.ok(text, path);
  return (text ?? '').split('\n').filter((line) => begin.some((one) => line.trim().startsWith(one)));
}

test('a site without a host has none of it', async () => {
  assert.equal(pathsOf(await treeOf(PLANT)), []);
});

test('a host has a unit for each port, and those of the watchdog and the firewall', async () => {
  assert.equal(pathsOf(await nested()), [
    'host/firewall.nft',
    'scripts/watchdog.sh',
    'systemd/harvgen-plant-expose-443.service',
    'systemd/harvgen-plant-expose-6443.service',
    'systemd/harvgen-plant-firewall.service',
    'systemd/harvgen-plant-watchdog.service',
    'systemd/harvgen-plant-watchdog.timer',
  ]);
});

test('a port leads to the VIP, with the right to listen there and no other', async () => {
  const tree = await nested(['{ port: 443 }', '{ port: 443, to: 8443, address: 203.0.113.7 }']);
  const [command = '', ...rights] = linesOf(
    tree,
    'systemd/harvgen-plant-expose-203.0.113.7-443.service',
    ...['ExecStart=', 'AmbientCapabilities=', 'CapabilityBoundingSet=', 'IPAddress', 'Assert'],
  );
  assert.match(
    command,
    /^ExecStart=\/usr\/bin\/socat -t 60 TCP4-LISTEN:443,bind=203\.0\.113\.7,fork,\S+ TCP4:192\.168\.150\.40:8443,\S+$/,
  );
  assert.equal(rights, [
    'AmbientCapabilities=CAP_NET_BIND_SERVICE',
    'CapabilityBoundingSet=CAP_NET_BIND_SERVICE',
  ]);
});

test('who may connect is said to systemd and to the firewall, without which the port does not open', async () => {
  const tree = await nested();
  const unit = 'systemd/harvgen-plant-expose-6443.service';
  assert.equal(linesOf(tree, unit, 'Ambient', 'CapabilityB', 'IPAddress', 'Assert', 'Stop'), [
    'AssertPathExists=/run/harvgen-plant-firewall',
    'StopPropagatedFrom=harvgen-plant-firewall.service',
    'CapabilityBoundingSet=',
    'IPAddressDeny=any',
    'IPAddressAllow=203.0.113.0/24',
    'IPAddressAllow=192.168.150.40',
  ]);
  assert.match(
    fileText(tree, 'host/firewall.nft') ?? '',
    /\n\tchain expose_6443 \{\n\t\tip saddr 203\.0\.113\.0\/24 return\n\t\tdrop\n\t\}\n/,
  );
});

test('a port leads to the VIP of its own cluster', async () => {
  const two = `clusters:
  one: { vip: 192.168.150.40, token: "\${secret:one}" }
  two: { vip: 192.168.150.50, token: "\${secret:two}" }`;
  const tree = await nested(
    ['cluster: { vip: 192.168.150.40, token: "${secret:cluster_token}" }', two],
    ['{ port: 443 }', '{ port: 443, cluster: two }'],
    ['{ port: 6443, allow: [203.0.113.0/24] }', '{ port: 8443, to: 443, cluster: one }'],
    ['ip: 192.168.150.41, mode', 'ip: 192.168.150.41, cluster: one, mode'],
    ['ip: 192.168.150.42 }', 'ip: 192.168.150.42, cluster: two, mode: create }'],
    ['ip: 192.168.150.43 }', 'ip: 192.168.150.43, cluster: one }'],
  );
  const leadsTo = (port: number) =>
    /TCP4:([\d.]+:\d+)/.exec(fileText(tree, `systemd/harvgen-plant-expose-${port}.service`) ?? '')?.[1];
  assert.equal([leadsTo(443), leadsTo(8443)], ['192.168.150.50:443', '192.168.150.40:443']);
});

test('the watchdog leaves alone what does not start with the host', async () => {
  const manual = 'vm: { autostart: false }';
  const tree = await nested(['ip: 192.168.150.42 }', `ip: 192.168.150.42, ${manual} }`]);
  assert.equal(linesOf(tree, 'scripts/watchdog.sh', 'watch '), ['watch harvester-1', 'watch harvester-3']);
  const none = await nested(['vm: { preset: small,', 'vm: { preset: small, autostart: false,']);
  assert.not(pathsOf(none).some((path) => path.includes('watchdog')));
});

test('units name files where the tree lies', async () => {
  const tree = await nested([
    'url: http://192.168.150.1 }',
    'url: http://192.168.150.1, root: /srv/trees@1/plant+x }',
  ]);
  assert.equal(linesOf(tree, 'systemd/harvgen-plant-watchdog.service', 'ExecStart=', 'Requires'), [
    'RequiresMountsFor=/srv/trees@1/plant+x/scripts/watchdog.sh',
    'ExecStart=/bin/bash /srv/trees@1/plant+x/scripts/watchdog.sh',
  ]);
  assert.equal(linesOf(tree, 'systemd/harvgen-plant-firewall.service', 'ExecStart='), [
    'ExecStart=/usr/sbin/nft -f /srv/trees@1/plant+x/host/firewall.nft',
  ]);
});

test('only an air-gapped site is closed, and has the time from its host', async () => {
  assert.not.match(fileText(await nested(), 'host/firewall.nft') ?? '', 'closed');
  const tree = await nested(...AIR_GAPPED);
  assert.ok(pathsOf(tree).includes('host/chrony.conf'));
  assert.equal(linesOf(tree, 'host/chrony.conf', 'allow', 'local'), [
    'local stratum 10',
    'allow 192.168.150.0/24',
  ]);
  assert.equal(linesOf(tree, 'host/firewall.nft', 'iifname @closed', 'oifname @closed'), [
    '\t\tiifname @closed oifname @closed accept',
    '\t\tiifname @closed reject with icmpx type admin-prohibited',
    '\t\toifname @closed drop',
  ]);
});

test('a network on which the host has no address is closed, too, and has no time from it', async () => {
  const alone = '  alone: { subnet: 192.168.151.0/24, libvirt: { forward: isolated } }\n';
  const tree = await nested(...AIR_GAPPED, ['networks:\n', `networks:\n${alone}`]);
  assert.equal(linesOf(tree, 'host/firewall.nft', 'elements'), [
    '\t\telements = { "virbr-alone", "virbr-mgmt" }',
    '\t\telements = { "virbr-alone", "virbr-mgmt" }',
  ]);
  assert.equal(linesOf(tree, 'host/chrony.conf', 'allow'), ['allow 192.168.150.0/24']);
});

test("machines on a bridge that is not libvirt's are kept from metadata services, and not closed in", async () => {
  const tree = await nested(...AIR_GAPPED, [
    '    dhcp: { server: libvirt,',
    '    interface: br0\n    ntp: [192.168.150.1]\n    dhcp: {',
  ]);
  assert.equal(linesOf(tree, 'host/firewall.nft', 'elements'), ['\t\telements = { "br0" }']);
  assert.not.match(fileText(tree, 'host/firewall.nft') ?? '', 'closed');
  assert.not(pathsOf(tree).includes('host/chrony.conf'));
});

test.run();
