import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { fileText } from './support/file-text.ts';
import { blocksOf } from './support/markdown.ts';
import { NESTED } from './support/nested-plant.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite("a libvirt host in an output tree's README");

async function readmeOf(inventory: string): Promise<string> {
  const { tree, diagnostics } = await compile(makeSite(inventory));
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  return fileText(tree, 'README.md') ?? '';
}

const nested = (...edits: readonly Edit[]) => readmeOf(edited(NESTED, ...edits));

/** Returns the commands of the blocks of one type. */
const commands = (readme: string, info: string) =>
  blocksOf(readme, info).join('').split('\n').filter(Boolean);

test('lists each machine with its size, and each disk with both of its names', async () => {
  const disks = 'disks: [{ size: 300Gi }, { size: 1TB, bus: scsi, format: raw, name: "1" }]';
  const readme = await nested(
    ['disks: [{ size: 300Gi }]', disks],
    ['preset: small', 'preset: small, memory: 33000Mi'],
  );
  const row = /^\| harvester-2 \| 8 \| 33000Mi \| (\S+) \| `(\S+)` \| `(\S+)` \|$/gm;
  assert.equal(
    Array.from(readme.matchAll(row), ([, size, device, file]) => [
      size,
      device?.replace(/[0-9a-f]{16}$/, '…'),
      file,
    ]),
    [
      ['300Gi', '/dev/disk/by-id/virtio-…', '/var/lib/libvirt/images/harvester-2-0.qcow2'],
      ['1TB', '/dev/disk/by-id/wwn-0x…', '/var/lib/libvirt/images/harvester-2-1.raw'],
    ],
  );
});

test('commands use the external IP address of the host, and set it up', async () => {
  const sh = commands(await nested(), 'sh');
  assert.ok(sh.includes('SERVER=root@lab.example.org'));
  assert.ok(sh.includes('ssh "$SERVER" $SUDO /srv/harvgen/plant/scripts/host-setup.sh'));
  // The setup script does this, so no manual command does.
  for (const word of ['fetch-media', 'systemctl', 'snponly', 'ln -sf'])
    assert.not(
      sh.some((line) => line.includes(word)),
      word,
    );
  const unset = await nested(['  address: lab.example.org\n', '']);
  // The host's internal IP address is not reachable from elsewhere.
  assert.ok(commands(unset, 'sh').includes('SERVER=root@HOST'));
  assert.match(unset, 'replace `HOST`');
  assert.not.match(await nested(), 'HOST`');
});

test('lists ports with their targets, and a kubeconfig if Kubernetes is reachable', async () => {
  const readme = await nested();
  assert.match(readme, 'Port 443 of the host forwards to its port 443: `https://lab.example.org`.');
  assert.match(readme, 'Port 6443 of the host forwards to its port 6443.');
  assert.ok(commands(readme, 'sh ready').some((line) => line.includes('kubeconfig.sh" --ssh "$SERVER"')));
  const one = await nested([
    '    - { port: 443 }\n    - { port: 6443, allow: [203.0.113.0/24] }\n',
    '    - { port: 8443, to: 443, address: 203.0.113.9 }\n',
  ]);
  assert.match(one, 'Port 8443 of the host forwards to its port 443: `https://203.0.113.9:8443`.');
  assert.equal(commands(one, 'sh ready'), ['ssh "$SERVER" $SUDO /srv/harvgen/plant/scripts/wait-ready.sh']);
  assert.match(one, 'kubectl works only on the host');
  const own = await nested(['{ port: 6443, allow: [203.0.113.0/24] }', '{ port: 6443, address: 127.0.0.1 }']);
  assert.not.match(own, 'Port 6443');
  assert.match(own, 'kubectl works only on the host');
  const none = await nested([
    '  expose:\n    - { port: 443 }\n    - { port: 6443, allow: [203.0.113.0/24] }\n',
    '',
  ]);
  assert.not.match(none, /Port \d+ of the host/);
});

test('without an address of the host, the kubeconfig is for the one that people replace', async () => {
  const unknown = ['  address: lab.example.org\n', ''] as const;
  const kubeconfig = async (...edits: readonly Edit[]) =>
    commands(await nested(unknown, ...edits), 'sh ready').find((line) => line.includes('kubeconfig.sh'));
  assert.match((await kubeconfig()) ?? '', '--ssh "$SERVER" --address HOST:6443 --output ');
  assert.match((await kubeconfig(['port: 6443', 'port: 7443, to: 6443'])) ?? '', '--address HOST:7443 ');
  const own = await kubeconfig(['allow: [203.0.113.0/24]', 'address: 203.0.113.9']);
  assert.not.match(own ?? '--address', '--address');
});

test('the ports of a provider are those that others can reach, and waiting machines need a second run', async () => {
  const readme = await nested([
    '{ port: 6443, allow: [203.0.113.0/24] }',
    '{ port: 6443, address: 127.0.0.1 }',
  ]);
  assert.match(readme, 'open port 22 for yourself, and port 443 for the users of the cluster.');
  assert.match(readme, /then run `host-setup\.sh` again/);
  assert.not.match(readme, '## Boot\n');
});

test("with several clusters, scripts get the cluster's name", async () => {
  const readme = await nested(
    [
      '    - { port: 443 }\n    - { port: 6443, allow: [203.0.113.0/24] }\n',
      '    - { port: 443, cluster: a }\n    - { port: 444, to: 443, cluster: b }\n',
    ],
    [
      'cluster: { vip: 192.168.150.40, token: "${secret:cluster_token}" }',
      'clusters:\n  a: { vip: 192.168.150.40, token: "${secret:a_token}" }\n  b: { vip: 192.168.150.50, token: "${secret:b_token}" }',
    ],
    ['ip: 192.168.150.41, mode: create', 'ip: 192.168.150.41, mode: create, cluster: a'],
    ['ip: 192.168.150.42', 'ip: 192.168.150.42, mode: create, cluster: b'],
    ['ip: 192.168.150.43', 'ip: 192.168.150.43, cluster: b'],
  );
  assert.equal(
    Array.from(readme.matchAll(/^## The cluster (.*)$/gm), ([, name]) => name),
    ['a', 'b'],
  );
  assert.ok(
    commands(readme, 'sh ready').includes(
      'ssh "$SERVER" $SUDO /srv/harvgen/plant/scripts/wait-ready.sh --cluster b',
    ),
  );
});

test('the example for a reinstallation is a node that joins, if there is one', async () => {
  const readme = await nested();
  assert.match(
    readme,
    'remove\n`mode: create` from it in the inventory, and set `exists: true` for the cluster.',
  );
  const reinstall = commands(readme, 'sh reinstall');
  assert.ok(reinstall.includes('rm /var/lib/libvirt/images/harvester-3-0.qcow2'));
  assert.is(reinstall[0], 'systemctl stop harvgen-plant-watchdog.timer');
  const alone = await nested([
    '  harvester-2: { mac: 52:54:00:0c:01:02, ip: 192.168.150.42 }\n  harvester-3: { mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }\n',
    '',
  ]);
  assert.equal(commands(alone, 'sh reinstall'), []);
  assert.equal(commands(alone, 'sh keep-down').at(-1), 'virsh shutdown harvester-1');
});

test('without a watchdog, does not mention it', async () => {
  const readme = await nested(['preset: small', 'preset: small, autostart: false']);
  assert.not.match(readme, 'watchdog');
  assert.is(commands(readme, 'sh reinstall')[0], 'virsh destroy harvester-3');
});

test('other machines get their IP addresses from a dnsmasq that needs no setup', async () => {
  const readme = await nested([
    'cluster: {',
    '  floor:\n    subnet: 192.168.178.0/24\n    gateway: 192.168.178.1\n    interface: eno2\n    dhcp: {}\ncluster: {',
  ]);
  assert.not.match(readme, '/etc/dnsmasq.d');
  assert.match(readme, '`journalctl -u harvgen-plant-dnsmasq`');
});

const LAN = [
  '{ server: libvirt, pool: 192.168.150.200-192.168.150.250, lease: 7d }',
  '{ server: external }',
] as const;
const BR0 = ['    gateway: 192.168.150.1\n', '    gateway: 192.168.150.1\n    interface: br0\n'] as const;

test('with an external DHCP server, all clients can use the VIP, and dnsmasq is not mentioned', async () => {
  assert.match(await nested(), 'Its VIP is 192.168.150.40, which only the host can reach.');
  const readme = await nested(LAN, BR0);
  assert.match(readme, 'Its VIP is 192.168.150.40. Port');
  assert.not.match(readme, /journalctl .*dnsmasq/);
});

test('a witness has that name', async () => {
  const readme = await nested([
    'harvester-3: { mac: 52:54:00:0c:01:03, ip: 192.168.150.43 }',
    'harvester-3: { mac: 52:54:00:0c:01:03, ip: 192.168.150.43, role: witness }',
  ]);
  assert.match(readme, '| joins plant as its witness, Harvester v1.8.1 |');
});

test('the README of a site without a host has no such text', async () => {
  const readme = await readmeOf(PLANT);
  assert.not.match(readme, /virsh|host-setup|watchdog|user-data|## The cluster/);
});

test.run();
