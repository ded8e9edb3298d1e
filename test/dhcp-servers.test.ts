import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import type { Tree } from '../src/tree/tree.ts';
import { fileText } from './support/file-text.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('configurations of DHCP servers');

/** Two networks, one with all settings and one with none; nodes of each boot loader, a bond and BMCs. */
const SITE = `site: plant
server: { url: http://10.9.0.1 }
networks:
  mgmt:
    subnet: 10.9.0.0/24
    gateway: 10.9.0.254
    dns: [10.9.0.2, 10.9.0.3]
    ntp: [10.9.0.4, ntp.example.org]
    domain: plant.example.org
    mtu: 1400
    interface: eth0
    dhcp: { server: SERVER, pool: 10.9.0.200-10.9.0.250, lease: 7d }
  bare: { subnet: 10.10.0.0/16, interface: eth1, dhcp: { server: OTHER } }
nodes:
  cg01:
    nics: [{ mac: 52:54:00:00:00:01, ip: 10.9.0.11 }, { mac: 52:54:00:00:00:11, network: mgmt }, { mac: 52:54:00:00:00:21, ip: 10.10.0.11 }]
    boot: { os: linux, kernel: http://10.9.0.1/vmlinuz, initrd: http://10.9.0.1/initrd }
    bmc: { mac: 52-54-00-00-01-01, address: 10.10.1.1 }
    xname: x1000c0s1b0n0
  cg02.example.org:
    mac: 52:54:00:00:00:02
    ip: 10.9.0.12
    boot: { os: linux, kernel: http://10.9.0.1/vmlinuz, initrd: http://10.9.0.1/initrd, loader: grub }
    bmc: { mac: 52:54:00:00:01:02, address: 10.10.1.2 }
    xname: x0100c0s0b0n1
  cg03:
    mac: 52:54:00:00:00:03
    ip: 10.9.0.13
    boot: { os: local }
    bmc: { address: bmc-3.example.org }
    xname: x1000c0s3b0n0
silence: { kea-shared-address: a test, coredhcp-no-boot-file: a test }
`;

async function treeOf(
  server: string,
  other = server,
  edit: readonly [string, string] = ['', ''],
): Promise<Tree> {
  const site = SITE.replace('SERVER', server)
    .replace('OTHER', other)
    .replace(...edit);
  const { tree, diagnostics } = await compile(makeSite(site));
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  assert.ok(tree);
  return tree;
}

const linesOf = (tree: Tree, path: string) =>
  (fileText(tree, path) ?? '').split('\n').map((line) => line.trim());

test('ISC dhcpd: each network has exactly its own settings', async () => {
  const text = fileText(await treeOf('isc'), 'dhcpd/dhcpd.conf') ?? '';
  assert.match(
    text,
    `subnet 10.9.0.0 netmask 255.255.255.0 {
	option routers 10.9.0.254;
	option domain-name-servers 10.9.0.2, 10.9.0.3;
	option ntp-servers 10.9.0.4;
	option domain-name "plant.example.org";
	option interface-mtu 1400;
	next-server 10.9.0.1;
	default-lease-time 604800;
	max-lease-time 604800;
	range 10.9.0.200 10.9.0.250;
}
`,
  );
  assert.match(
    text,
    `subnet 10.10.0.0 netmask 255.255.0.0 {
	next-server 10.9.0.1;
	default-lease-time 43200;
	max-lease-time 43200;
}
`,
  );
});

test('ISC dhcpd: networks with one interface are a shared network', async () => {
  const text =
    fileText(await treeOf('isc', 'isc', ['interface: eth1', 'interface: eth0']), 'dhcpd/dhcpd.conf') ?? '';
  const [, wire = ''] = /^shared-network "eth0" {\n([\s\S]*?)\n}\n}\n/m.exec(text) ?? [];
  assert.equal(wire.match(/^subnet \S+/gm), ['subnet 10.9.0.0', 'subnet 10.10.0.0']);
  assert.not.match(fileText(await treeOf('isc'), 'dhcpd/dhcpd.conf') ?? '', 'shared-network');
});

test('ISC dhcpd: a host for each MAC address, in the group of its boot files', async () => {
  const text = fileText(await treeOf('isc'), 'dhcpd/dhcpd.conf') ?? '';
  const [, ...groups] = text.split('\ngroup {\n');
  const hosts = groups.map((group) => Array.from(group.matchAll(/\thost .*/g), ([line]) => line.trim()));
  assert.equal(hosts, [
    [
      'host mac-52-54-00-00-00-01 { hardware ethernet 52:54:00:00:00:01; fixed-address 10.9.0.11; option host-name "cg01"; }',
      'host mac-52-54-00-00-00-11 { hardware ethernet 52:54:00:00:00:11; fixed-address 10.9.0.11; option host-name "cg01"; }',
      'host mac-52-54-00-00-00-03 { hardware ethernet 52:54:00:00:00:03; fixed-address 10.9.0.13; option host-name "cg03"; }',
      'host mac-52-54-00-00-00-21 { hardware ethernet 52:54:00:00:00:21; fixed-address 10.10.0.11; }',
    ],
    [
      'host mac-52-54-00-00-00-02 { hardware ethernet 52:54:00:00:00:02; fixed-address 10.9.0.12; option host-name "cg02.example.org"; }',
    ],
    [
      'host mac-52-54-00-00-01-01 { hardware ethernet 52:54:00:00:01:01; fixed-address 10.10.1.1; option host-name "cg01-bmc"; }',
      'host mac-52-54-00-00-01-02 { hardware ethernet 52:54:00:00:01:02; fixed-address 10.10.1.2; option host-name "cg02-bmc.example.org"; }',
    ],
  ]);
  const filenames = groups.map((group) =>
    Array.from(group.matchAll(/filename "(.*)";/g), ([, file]) => file),
  );
  assert.is(filenames[0]?.[0], 'http://10.9.0.1/boot.ipxe');
  assert.ok(filenames[0]?.includes('snponly.efi'));
  assert.ok(filenames[1]?.includes('grubnetx64.efi'));
  assert.equal(filenames[2], []);
  // Unknown machines have a pool on one of the networks.
  assert.match(text, '\nif not known {\n');
});

test('Kea: subnets, and a reservation for each MAC address', async () => {
  const { Dhcp4 } = JSON.parse(fileText(await treeOf('kea'), 'kea/kea-dhcp4.conf') ?? '');
  const [mgmt, bare] = Dhcp4.subnet4;
  assert.equal(Dhcp4['interfaces-config'].interfaces, ['eth0', 'eth1']);
  assert.equal(
    [mgmt.id, mgmt.subnet, mgmt.pools, mgmt['valid-lifetime'], mgmt['next-server']],
    [1, '10.9.0.0/24', [{ pool: '10.9.0.200 - 10.9.0.250' }], 604_800, '10.9.0.1'],
  );
  assert.equal(mgmt['option-data'], [
    { name: 'routers', data: '10.9.0.254' },
    { name: 'domain-name-servers', data: '10.9.0.2, 10.9.0.3' },
    { name: 'ntp-servers', data: '10.9.0.4' },
    { name: 'domain-name', data: 'plant.example.org' },
    { name: 'interface-mtu', data: '1400' },
  ]);
  const ipxe = { 'client-classes': ['loads-ipxe'] };
  assert.equal(mgmt.reservations, [
    { 'hw-address': '52:54:00:00:00:01', 'ip-address': '10.9.0.11', hostname: 'cg01', ...ipxe },
    { 'hw-address': '52:54:00:00:00:11', 'ip-address': '10.9.0.11', hostname: 'cg01', ...ipxe },
    {
      'hw-address': '52:54:00:00:00:02',
      'ip-address': '10.9.0.12',
      hostname: 'cg02.example.org',
      'client-classes': ['loads-grub'],
    },
    { 'hw-address': '52:54:00:00:00:03', 'ip-address': '10.9.0.13', hostname: 'cg03', ...ipxe },
  ]);
  assert.equal([bare.id, bare.subnet, bare.pools, bare['option-data']], [2, '10.10.0.0/16', [], []]);
  assert.equal(bare.reservations, [
    { 'hw-address': '52:54:00:00:00:21', 'ip-address': '10.10.0.11', ...ipxe },
    { 'hw-address': '52:54:00:00:01:01', 'ip-address': '10.10.1.1', hostname: 'cg01-bmc' },
    { 'hw-address': '52:54:00:00:01:02', 'ip-address': '10.10.1.2', hostname: 'cg02-bmc.example.org' },
  ]);
});

test('Kea: each class is after those that its test refers to', async () => {
  const { Dhcp4 } = JSON.parse(fileText(await treeOf('kea'), 'kea/kea-dhcp4.conf') ?? '');
  const seen = new Set(['KNOWN', 'UNKNOWN']);
  for (const { name, test = '' } of Dhcp4['client-classes']) {
    for (const [, other = ''] of test.matchAll(/member\('([^']*)'\)/g)) assert.ok(seen.has(other), name);
    seen.add(name);
  }
  for (const name of ['loads-ipxe', 'loads-grub']) assert.ok(seen.has(name), name);
  assert.not.ok(seen.has('loads-shim'));
});

test('Kea: listens on all interfaces if a network sets none', async () => {
  const tree = await treeOf('kea', 'kea', ['    interface: eth0\n', '']);
  const { Dhcp4 } = JSON.parse(fileText(tree, 'kea/kea-dhcp4.conf') ?? '');
  assert.equal(Dhcp4['interfaces-config'].interfaces, ['*']);
});

test('coredhcp: its plugins in order, and the IP address of each MAC address', async () => {
  const tree = await treeOf('coredhcp', 'external');
  assert.equal(parse(fileText(tree, 'coredhcp/config.yaml') ?? ''), {
    server4: {
      listen: ['%eth0'],
      plugins: [
        { server_id: '10.9.0.1' },
        { netmask: '255.255.255.0' },
        { router: '10.9.0.254' },
        { dns: '10.9.0.2 10.9.0.3' },
        { searchdomains: 'plant.example.org' },
        { mtu: '1400' },
        { lease_time: '168h' },
        { file: '/srv/harvgen/plant/coredhcp/hosts' },
        { range: '/var/lib/coredhcp/leases 10.9.0.200 10.9.0.250 168h' },
      ],
    },
  });
  assert.equal(linesOf(tree, 'coredhcp/hosts').slice(1), [
    '52:54:00:00:00:01 10.9.0.11',
    '52:54:00:00:00:11 10.9.0.11',
    '52:54:00:00:00:02 10.9.0.12',
    '52:54:00:00:00:03 10.9.0.13',
    '',
  ]);
  assert.not.ok(tree.has('coredhcp/coresmd.yaml'));
});

test('coredhcp: the plugin of OpenCHAMI requests from the boot server, and names nodes by xname', async () => {
  const tree = await treeOf('coredhcp', 'external', ['10.9.0.1 }', '10.9.0.1, compat: [ochami] }']);
  const { server4 } = parse(fileText(tree, 'coredhcp/coresmd.yaml') ?? '');
  const names = server4.plugins.map((plugin: object) => Object.keys(plugin)[0]);
  assert.equal(names.slice(-3), ['coresmd', 'lease_time', 'range']);
  const { coresmd } = server4.plugins.find((plugin: object) => 'coresmd' in plugin);
  assert.equal(coresmd.trim().split(/\s+/), [
    'svc_base_uri=http://10.9.0.1',
    'ipxe_base_uri=http://10.9.0.1',
    'cache_valid=30s',
    'lease_time=168h',
    'single_port=false',
    'tftp_dir=/srv/harvgen/tftp',
    'tftp_port=69',
    'rule=id:x1000c0s1b0n0,hostname:cg01',
    'rule=id:x100c0s0b0n1,hostname:cg02.example.org',
    'rule=id:x1000c0s3b0n0,hostname:cg03',
    'rule=hostname:{id}',
  ]);
});

test('dnsmasq: a BMC has a tag, and no client with that tag gets a boot file', async () => {
  const lines = linesOf(await treeOf('dnsmasq'), 'dnsmasq/plant.conf');
  assert.ok(lines.includes('dhcp-mac=set:bmc,52:54:00:00:01:01'));
  assert.ok(lines.includes('dhcp-host=52:54:00:00:01:01,10.10.1.1,cg01-bmc,12h'));
  const boots = lines.filter((line) => line.startsWith('dhcp-boot='));
  assert.ok(boots.length > 8);
  for (const line of boots) assert.match(line, /^dhcp-boot=tag:!bmc,/);
});

test('dnsmasq: hosts and options files replace the lines, and the hosts file has no tags', async () => {
  const tree = await treeOf('dnsmasq', 'dnsmasq', [
    'server: dnsmasq,',
    'server: dnsmasq, hosts_files: true,',
  ]);
  const conf = linesOf(tree, 'dnsmasq/plant.conf');
  assert.ok(conf.includes('dhcp-hostsfile=/srv/harvgen/plant/dnsmasq/plant.hosts'));
  assert.ok(conf.includes('dhcp-optsfile=/srv/harvgen/plant/dnsmasq/plant.options'));
  // The other network has no such files.
  assert.equal(
    conf.filter((line) => line.startsWith('dhcp-host=')),
    [
      'dhcp-host=52:54:00:00:00:21,10.10.0.11,12h',
      'dhcp-host=52:54:00:00:01:01,10.10.1.1,cg01-bmc,12h',
      'dhcp-host=52:54:00:00:01:02,10.10.1.2,cg02-bmc.example.org,12h',
    ],
  );
  assert.equal(
    conf.filter((line) => line.includes('tag:plant-mgmt')),
    [],
  );
  const rows = (path: string) => linesOf(tree, path).filter((line) => line !== '' && !line.startsWith('#'));
  assert.equal(rows('dnsmasq/plant.hosts'), [
    '52:54:00:00:00:01,52:54:00:00:00:11,10.9.0.11,cg01,7d',
    '52:54:00:00:00:02,10.9.0.12,cg02.example.org,7d',
    '52:54:00:00:00:03,10.9.0.13,cg03,7d',
  ]);
  assert.equal(rows('dnsmasq/plant.options'), [
    'tag:plant-mgmt,option:router,10.9.0.254',
    'tag:plant-mgmt,option:dns-server,10.9.0.2,10.9.0.3',
    'tag:plant-mgmt,option:ntp-server,10.9.0.4',
    'tag:plant-mgmt,option:domain-name,plant.example.org',
    'tag:plant-mgmt,option:mtu,1400',
  ]);
});

test('dnsmasq: DNS listens on interfaces, and for clients elsewhere on the address of the boot server', async () => {
  const listens = async (...edit: [string, string]) =>
    linesOf(await treeOf('dnsmasq', 'external', edit), 'dnsmasq/plant.conf').filter((line) =>
      /^(interface|listen-address|bind-dynamic)\b/.test(line),
    );
  const withDns =
    'http://10.9.0.1, dns: dnsmasq }\nnetworks:\n  dmz: { subnet: 10.11.0.0/24, dns: [10.9.0.1]';
  const from = 'http://10.9.0.1 }\nnetworks:\n';
  assert.equal(await listens(from, `${withDns} }\n`), [
    'interface=eth0',
    'listen-address=10.9.0.1',
    'bind-dynamic',
  ]);
  assert.equal(await listens(from, `${withDns}, interface: eth2 }\n`), [
    'interface=eth0',
    'interface=eth2',
    'listen-address=10.9.0.1',
    'bind-dynamic',
  ]);
});

test('dnsmasq: names of a domain that it does not have are looked up elsewhere, unless the site is air-gapped', async () => {
  const rows = async (more: string) => {
    const edit = ['http://10.9.0.1 }', `http://10.9.0.1, dns: dnsmasq }${more}`] as const;
    const lines = linesOf(await treeOf('dnsmasq', 'dnsmasq', edit), 'dnsmasq/plant.conf');
    return lines.filter((line) => /^(local|no-resolv|domain-needed)\b/.test(line));
  };
  assert.equal(await rows(''), ['domain-needed']);
  assert.equal(await rows('\nair_gapped: true'), ['domain-needed', 'no-resolv', 'local=/plant.example.org/']);
});

test('dnsmasq serves TFTP if the DHCP server cannot', async () => {
  for (const server of ['isc', 'kea']) {
    const lines = linesOf(await treeOf(server), 'dnsmasq/plant.conf');
    assert.ok(lines.includes('enable-tftp'), server);
    assert.equal(
      lines.filter((line) => line.startsWith('dhcp-')),
      [],
      server,
    );
  }
  assert.not.ok(
    (
      await treeOf('coredhcp', 'libvirt', [
        'interface: eth1, dhcp: { server: libvirt }',
        'gateway: 10.10.0.1',
      ])
    ).has('dnsmasq/plant.conf'),
  );
});

test.run();
