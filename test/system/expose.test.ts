// needs: root dnsmasq ip libvirtd nft nsenter setpriv socat systemctl unshare virsh

import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../../src/compile.ts';
import { openSandbox, type Sandbox } from '../../src/rehearse/sandbox.ts';
import type { Tree } from '../../src/tree/tree.ts';
import { quoteSystemd } from '../../src/values/quoting.ts';
import { fileText } from '../support/file-text.ts';
import { NESTED } from '../support/nested-plant.ts';
import { edited } from '../support/plant.ts';
import { makeSite } from '../support/scratch.ts';
import { addNeighbour, type Neighbour } from './neighbours.ts';
import { type SystemdBox, startSystemd } from './systemd-box.ts';
import { until } from './until.ts';

/** The ports of a host, with the real systemd, socat and nftables; each client has an IP address of the inventory. */
const VIP = '192.168.150.40';
const HOST = '198.51.100.1';
const FRIEND = '203.0.113.5';
const UNKNOWN = '198.51.100.99';
const [HOST_6, FRIEND_6, UNKNOWN_6] = ['fd00:198::1', 'fd00:198::5', 'fd00:198::99'];
const FIREWALL = 'harvgen-plant-firewall.service';
const WEB = 'harvgen-plant-expose-443.service';
const API = 'harvgen-plant-expose-6443.service';
const RULES = '/srv/harvgen/plant/host/firewall.nft';

const test = suite('exposed ports, with the real systemd');
let sandbox: Sandbox;
let systemd: SystemdBox;
let tree: Tree;
let friend: Neighbour;
let unknown: Neighbour;

test.before(async () => {
  // The allowed clients are set in two ways at once, one within the other.
  const site = edited(NESTED, ['[203.0.113.0/24]', '[203.0.113.0/24, 203.0.113.5, fd00:198::4/127]']);
  const compiled = await compile(makeSite(site));
  if (!compiled.tree) throw new Error(compiled.diagnostics.map(({ message }) => message).join('\n'));
  tree = compiled.tree;
  sandbox = await openSandbox();
  systemd = await startSystemd(sandbox);
  const cluster = await addNeighbour(sandbox, 'cluster', {
    at: 'virbr-mgmt',
    host: ['192.168.150.1/24'],
    addresses: [`${VIP}/24`],
    gateways: ['192.168.150.1'],
  });
  const outside = { at: 'uplink', host: [`${HOST}/24`, `${HOST_6}/64`], gateways: [HOST, HOST_6] };
  friend = await addNeighbour(sandbox, 'friend', {
    ...outside,
    addresses: [`${FRIEND}/24`, '198.51.100.5/24', `${FRIEND_6}/64`],
  });
  unknown = await addNeighbour(sandbox, 'unknown', {
    ...outside,
    addresses: [`${UNKNOWN}/24`, `${UNKNOWN_6}/64`],
  });
  await friend.run(['ip', 'route', 'replace', 'default', 'via', HOST, 'src', FRIEND]);
  await friend.run(['ip', 'route', 'replace', '198.51.100.0/24', 'dev', 'eth0', 'src', FRIEND]);
  await sandbox.run(['ip', 'route', 'add', '203.0.113.0/24', 'dev', 'uplink']);
  for (const port of [443, 6443]) await cluster.answer('VIP', port);
  await bring(FIREWALL, WEB, API);
  await systemd.put(RULES, fileText(tree, 'host/firewall.nft') ?? '');
  await systemd.run(['systemctl', 'enable', '--now', FIREWALL, WEB, API]);
  await until(async () => (await friend.ask(HOST, 6443)) !== '');
});

test.after(async () => {
  await systemd?.close();
  await sandbox?.close();
});

async function bring(...units: readonly string[]): Promise<void> {
  for (const unit of units)
    await systemd.put(`/etc/systemd/system/${unit}`, fileText(tree, `systemd/${unit}`) ?? '');
}

const mainPid = (unit: string) => systemd.show(unit, 'MainPID');
const refused = (asked: Promise<string>) =>
  asked.then(
    (output) => `answered: ${output}`,
    () => 'refused',
  );

test('both ports reach the VIP', async () => {
  const host = '192.168.150.1';
  assert.is(await friend.ask(HOST, 443), `VIP 443 for ${host}`);
  assert.is(await friend.ask(HOST, 6443), `VIP 6443 for ${host}`);
  assert.is(await unknown.ask(HOST, 443), `VIP 443 for ${host}`);
});

test('a port with an allow list is open only to the clients on the list', async () => {
  assert.is(await refused(unknown.ask(HOST, 6443)), 'refused');
});

test('the same with IPv6; a port without an allow list is open to IPv4 only', async () => {
  assert.is(await friend.ask(HOST_6, 6443), 'VIP 6443 for 192.168.150.1');
  assert.is(await refused(unknown.ask(HOST_6, 6443)), 'refused');
  assert.is(await refused(friend.ask(HOST_6, 443)), 'refused');
});

test('each of the two filters is sufficient alone', async () => {
  await systemd.run(['nft', 'delete', 'table', 'inet', 'harvgen_plant']);
  for (const host of [HOST, HOST_6]) {
    assert.is(await refused(unknown.ask(host, 6443)), 'refused');
    assert.is(await friend.ask(host, 6443), 'VIP 6443 for 192.168.150.1');
  }
  // As if systemd could not filter.
  const open = 'IPAddressDeny=\nIPAddressAllow=\n';
  await systemd.put(`/etc/systemd/system/${API}.d/open.conf`, `[Service]\n${open}`);
  await systemd.run(['systemctl', 'restart', API]);
  await until(async () => (await unknown.ask(HOST, 6443)) !== '');
  await until(async () => (await unknown.ask(HOST_6, 6443)) !== '');
  await systemd.run(['systemctl', 'reload', FIREWALL]);
  for (const host of [HOST, HOST_6]) {
    assert.is(await refused(unknown.ask(host, 6443)), 'refused');
    assert.is(await friend.ask(host, 6443), 'VIP 6443 for 192.168.150.1');
  }
  await systemd.run(['rm', '-r', `/etc/systemd/system/${API}.d`]);
  await systemd.run(['systemctl', 'daemon-reload']);
  await systemd.run(['systemctl', 'restart', API]);
});

test('a killed socat restarts, and the other port never drops', async () => {
  const [web, api] = [await mainPid(WEB), await mainPid(API)];
  const lasting = friend.spawn(['socat', '-t', '60', '-', `TCP:${HOST}:443`]);
  let output = '';
  lasting.stdout?.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  await until(async () => output.startsWith('VIP 443'));
  await systemd.run(['kill', '-KILL', api]);
  // The other port answers each time until the killed one is back.
  let asked = 0;
  await until(async () => {
    assert.is(await friend.ask(HOST, 443), 'VIP 443 for 192.168.150.1');
    asked += 1;
    const now = await mainPid(API);
    return now !== '0' && now !== api && (await friend.ask(HOST, 6443)).startsWith('VIP 6443');
  });
  assert.ok(asked > 0);
  assert.is(await systemd.show(API, 'NRestarts'), '1');
  assert.is(await systemd.show(WEB, 'NRestarts'), '0');
  assert.is(await mainPid(WEB), web);
  assert.is(lasting.exitCode, null);
  await sandbox.stop(lasting);
});

test('a unit restarts, however often it is killed', async () => {
  for (const unit of [WEB, API]) assert.is(await systemd.show(unit, 'StartLimitIntervalUSec'), '0', unit);
});

test('socat has no capability except that for a port below 1024', async () => {
  const status = async (unit: string) => {
    const text = await systemd.run(['cat', `/proc/${await mainPid(unit)}/status`]);
    return Object.fromEntries(
      Array.from(text.matchAll(/^(\w+):\s*(.*)$/gm), ([, key, value]) => [key, value]),
    );
  };
  const bind = (1n << 10n).toString(16).padStart(16, '0');
  for (const [unit, capabilities] of [
    [WEB, bind],
    [API, '0'.repeat(16)],
  ] as const) {
    const { Uid, CapEff, CapBnd, NoNewPrivs, Seccomp } = await status(unit);
    assert.not.match(Uid, /^0\b/, unit);
    assert.equal(
      { CapEff, NoNewPrivs, Seccomp },
      { CapEff: capabilities, NoNewPrivs: '1', Seccomp: '2' },
      unit,
    );
    assert.is(CapBnd, capabilities, unit);
  }
});

test('the firewall is restored after units that flush all tables', async () => {
  // Debian's own unit and its configuration, which begins with `flush ruleset`.
  assert.ok(existsSync('/lib/systemd/system/nftables.service'));
  await systemd.run(['cp', '/lib/systemd/system/nftables.service', '/etc/systemd/system/']);
  await systemd.run(['systemctl', 'daemon-reload']);
  await systemd.run(['sh', '-ec', LIBVIRT]);
  const rules = async () => {
    const all = await systemd.run(['nft', 'list', 'ruleset']);
    return all.includes('table inet harvgen_plant') && all.includes('iifname "virbr-lab"');
  };
  await systemd.run(['systemctl', 'start', 'nftables.service']);
  for (const verb of ['restart', 'reload']) {
    await systemd.run(['systemctl', 'restart', FIREWALL]);
    await until(rules);
    await systemd.run(['systemctl', verb, 'nftables.service']);
    await until(rules);
  }
  // By another program, which the unit does not notice.
  await systemd.run(['nft', 'flush', 'ruleset']);
  await systemd.run(['systemctl', 'reload', FIREWALL]);
  await until(rules);
});

/** A network of libvirt, whose daemon is a unit of this systemd, with Debian's commands. */
const LIBVIRT = `rm -rf /etc/libvirt/qemu; mkdir -p /etc/libvirt/qemu/networks
printf '[Service]\\nType=notify\\n' >/etc/systemd/system/libvirtd.service
grep -E '^Exec(Start|Reload)=' /lib/systemd/system/libvirtd.service >>/etc/systemd/system/libvirtd.service
systemctl daemon-reload; timeout 20 systemctl start libvirtd.service
cat >/tmp/lab.xml <<'END'
<network><name>lab</name><forward mode='nat'/><bridge name='virbr-lab'/><ip address='192.168.155.1' netmask='255.255.255.0'/></network>
END
timeout 10 virsh net-define /tmp/lab.xml; timeout 10 virsh net-start lab`;

test('ports with an allow list stop and start with the unit that flushes all tables; its restart cuts no connection', async () => {
  const tables = async () => (await systemd.run(['nft', 'list', 'tables'])).includes('inet harvgen_plant');
  const before = await mainPid(API);
  await systemd.run(['systemctl', 'restart', 'nftables.service']);
  await until(tables);
  assert.is(await mainPid(API), before);
  await systemd.run(['systemctl', 'stop', 'nftables.service']);
  assert.is(await systemd.show(API, 'ActiveState'), 'inactive');
  assert.not(await tables());
  await systemd.run(['systemctl', 'start', 'nftables.service']);
  await until(tables);
  await until(async () => (await friend.ask(HOST, 6443)).startsWith('VIP 6443'));
  assert.is(await refused(unknown.ask(HOST, 6443)), 'refused');
});

test('a port with an allow list does not open without the firewall', async () => {
  await systemd.run(['systemctl', 'stop', FIREWALL]);
  assert.not.match(await systemd.run(['nft', 'list', 'tables']), 'harvgen_plant');
  assert.is(await systemd.show(API, 'ActiveState'), 'inactive');
  assert.is(await systemd.show(WEB, 'ActiveState'), 'active');
  await systemd.put(RULES, 'table inet harvgen_plant { this is not a rule }\n');
  assert.is(await refused(systemd.run(['systemctl', 'start', API])), 'refused');
  assert.match(await systemd.journal(FIREWALL), 'syntax error');
  assert.is(await systemd.show(API, 'ActiveState'), 'inactive');
  await systemd.put(RULES, fileText(tree, 'host/firewall.nft') ?? '');
  await systemd.run(['systemctl', 'start', FIREWALL, API]);
  await until(async () => (await friend.ask(HOST, 6443)).startsWith('VIP 6443'));
});

const HOSTILE = [
  '',
  'a b',
  '100%',
  '%n%H',
  '%%',
  `it's "x"`,
  'back\\slash',
  'ends with \\',
  '\\x20',
  ';',
  '# a',
  'a; b',
  '`x`',
  '-',
  '@',
  '!',
  '~',
  '*',
  'ä 東京 🙂',
  '"',
  "'",
  '\\"',
];

test('systemd reads quoted values back unchanged, as arguments and as environment variables', async () => {
  const words = HOSTILE.map(quoteSystemd).join(' ');
  const environment = HOSTILE.map((value, index) => `Environment=${quoteSystemd(`V${index}=${value}`)}`);
  const unit = `[Service]\nType=oneshot\n${environment.join('\n')}\nExecStart=/usr/bin/printf "%%s\\n" ${words}\nExecStart=/usr/bin/env --null\nStandardOutput=append:/run/hostile\n`;
  await systemd.put('/etc/systemd/system/hostile.service', unit);
  await systemd.run(['systemctl', 'start', 'hostile.service']);
  const output = await systemd.run(['cat', '/run/hostile']);
  assert.ok(output.startsWith(`${HOSTILE.join('\n')}\n`), output);
  for (const [index, value] of HOSTILE.entries()) assert.ok(output.includes(`V${index}=${value}\0`), output);
});

test.run();
