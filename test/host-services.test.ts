import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import type { Tree } from '../src/tree/tree.ts';
import { fileText } from './support/file-text.ts';
import { NESTED } from './support/nested-plant.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('services of a libvirt host');

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

/** Returns the lines of a file that begin with one of these texts. */
function linesOf(tree: Tree, path: string, ...begin: readonly string[]): string[] {
  const text = fileText(tree, path);
  assert.ok(text, path);
  return (text ?? '').split('\n').filter((line) => begin.some((prefix) => line.trim().startsWith(prefix)));
}

test('a site without a libvirt host has none of these files', async () => {
  assert.equal(pathsOf(await treeOf(PLANT)), []);
});

test('a host has a unit for each port, and units for the watchdog and the firewall', async () => {
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

test('a port forwards to the VIP; its only capability is to bind a privileged port', async () => {
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

test('allowed clients are in the unit and in the firewall, which must run for the port to open', async () => {
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

test('a port forwards to the VIP of its own cluster', async () => {
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

test('the watchdog omits virtual machines that do not start with the host', async () => {
  const manual = 'vm: { autostart: false }';
  const tree = await nested(['ip: 192.168.150.42 }', `ip: 192.168.150.42, ${manual} }`]);
  assert.equal(linesOf(tree, 'scripts/watchdog.sh', 'watch '), ['watch harvester-1', 'watch harvester-3']);
  const none = await nested(['vm: { preset: small,', 'vm: { preset: small, autostart: false,']);
  assert.not(pathsOf(none).some((path) => path.includes('watchdog')));
});

test('units contain the paths of the output tree on the host', async () => {
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

test('only an air-gapped site is isolated, and gets its time from its host', async () => {
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

test('a network without an IP address of the host is isolated too, without its time', async () => {
  const alone = '  alone: { subnet: 192.168.151.0/24, libvirt: { forward: isolated } }\n';
  const tree = await nested(...AIR_GAPPED, ['networks:\n', `networks:\n${alone}`]);
  assert.equal(linesOf(tree, 'host/firewall.nft', 'elements'), [
    '\t\telements = { "virbr-alone", "virbr-mgmt" }',
    '\t\telements = { "virbr-alone", "virbr-mgmt" }',
  ]);
  assert.equal(linesOf(tree, 'host/chrony.conf', 'allow'), ['allow 192.168.150.0/24']);
});

test('machines on an unmanaged bridge are kept from metadata services, but not isolated', async () => {
  const tree = await nested(...AIR_GAPPED, [
    '    dhcp: { server: libvirt,',
    '    interface: br0\n    ntp: [192.168.150.1]\n    dhcp: {',
  ]);
  assert.equal(linesOf(tree, 'host/firewall.nft', 'elements'), ['\t\telements = { "br0" }']);
  assert.not.match(fileText(tree, 'host/firewall.nft') ?? '', 'closed');
  assert.not(pathsOf(tree).includes('host/chrony.conf'));
});

test.run();
