import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import type { ImportNote } from '../src/import/model/gathered.ts';
import type { ImportedSite } from '../src/import/model/import-format.ts';
import { CODES } from '../src/source/diagnostics/codes.ts';
import { type Diagnostic, Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { runs, SEED } from './support/effort.ts';
import { assertLinear } from './support/linear.ts';
import {
  DHCPD_CONF,
  DHCPD_LEASES,
  DNSMASQ_CONF,
  DNSMASQ_HOSTS,
  DNSMASQ_LEASES,
  DNSMASQ_OPTIONS,
  LIBVIRT_DOMAINS,
  LIBVIRT_NETWORK,
  LIBVIRT_STATUS,
  MACHINES_CSV,
} from './support/machine-files.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('harvgen import of files of DHCP servers, libvirt and spreadsheets');

interface Imported {
  readonly site: ImportedSite | undefined;
  readonly found: readonly Diagnostic[];
  readonly log: string;
}

/** Imports files, each given as its format and its text; their names are /0, /1 and so on. */
function imported(...files: readonly (readonly [kind: string, text: string])[]): Imported {
  return importedBy('http://10.31.0.253', ...files);
}

function importedBy(
  server: string | undefined,
  ...files: readonly (readonly [kind: string, text: string])[]
): Imported {
  const report = new Report();
  const joined = files.map(([name, text], index) => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind, name);
    return { kind, source: new Source(`/${index}`, text) };
  });
  const [site] = joinedSite(joined, { site: 'rk', server }, report) ?? [];
  const found = report.sorted();
  return { site, found, log: formatText(found, { color: false, folder: '/' }) };
}

/** Returns the site of files, which must make one. */
function siteOf(...files: readonly (readonly [kind: string, text: string])[]): ImportedSite {
  const { site, log } = imported(...files);
  assert.ok(site, log);
  return site;
}

// biome-ignore lint/suspicious/noExplicitAny: the inventory as plain data, of which tests look at this and that
type Plain = any;
const inventoryOf = ({ text }: ImportedSite): Plain => parse(text);

/** Returns the notes with their lines. */
const notesOf = ({ notes }: ImportedSite, kind: ImportNote['kind']) =>
  notes
    .filter((note) => note.kind === kind && note.at)
    .map(({ of, at }) => `${at?.source.position(at.start).line} ${of}`);

/** Fills in the open values of an import, and checks the site. */
async function checked(site: ImportedSite, gateway: string): Promise<readonly Diagnostic[]> {
  const text = site.text
    .replace(/^([^#\n]*kernel: )…/m, '$1rocky9/vmlinuz')
    .replace(/^([^#\n]*initrd: )…/m, '$1rocky9/initramfs.img')
    .replace(/^([^#\n]*mac: )…/m, '$1d8:5e:d3:00:01:90')
    .replace(/^( *subnet: .*\n)(?! +gateway)/m, `$1    gateway: ${gateway}\n`);
  assert.not.match(text.replace(/#.*/g, ''), '…');
  const { diagnostics } = await compile(makeSite({ 'site.yaml': text }, 'rk'));
  return diagnostics;
}

const codes = (found: readonly Diagnostic[]) => found.map(({ code, severity }) => `${severity} ${code}`);

test('dnsmasq: its configuration, hosts and options make one site, with BMCs at their nodes', async () => {
  const site = siteOf(['dnsmasq', DNSMASQ_CONF], ['dnsmasq', DNSMASQ_HOSTS], ['dnsmasq', DNSMASQ_OPTIONS]);
  const { networks, nodes } = inventoryOf(site);
  assert.equal(networks, {
    mgmt: {
      subnet: '10.31.0.0/24',
      gateway: '10.31.0.254',
      dns: ['10.31.9.16', '10.31.9.17'],
      ntp: ['10.31.0.254'],
      domain: 'rack',
      mtu: 9000,
      dhcp: { pool: '10.31.0.200-10.31.0.252', lease: '1h' },
    },
  });
  assert.equal(nodes, {
    rk04: { mac: 'd8:5e:d3:00:01:04', ip: '10.31.0.4' },
    rk01: {
      mac: 'd8:5e:d3:00:01:01',
      ip: '10.31.0.1',
      bmc: { address: '10.31.0.101', mac: 'd8:5e:d3:00:02:01' },
    },
    rk02: {
      mac: 'd8:5e:d3:00:01:02',
      ip: '10.31.0.2',
      bmc: { address: '10.31.0.102', mac: 'd8:5e:d3:00:02:02' },
    },
    rk03: { nics: [{ mac: 'd8:5e:d3:00:01:03', ip: '10.31.0.3' }, { mac: 'd8:5e:d3:00:01:13' }] },
    'old-ring': { mac: '…', ip: '10.31.0.90' },
  });
  assert.equal(notesOf(site, 'open'), [
    '12 the subnet of 10.31.0.200',
    '13 dhcp-hostsfile="/etc/dhcp-hostsfile"',
    '14 dhcp-optsfile="/etc/dhcp-optsfile"',
    '4 old-ring',
  ]);
  assert.equal(notesOf(site, 'left'), [
    '2 port',
    '3 user',
    '4 dhcp-authoritative',
    '5 log-dhcp',
    '7 "option domain-search"',
    '15 enable-tftp',
    '16 tftp-root',
    '17 dhcp-match',
    '18 "option bootfile-name"',
    '19 dhcp-boot',
    '20 12h',
    '4 "06-00:20:e0:3b:13:af"',
    '5 "52:54:00:*:*:*"',
    '5 "a host"',
    '6 "fd00::7"',
    '6 rk07',
    '6 "id:00:01:00:01"',
    '1 "option 67"',
    '2 "option bootfile-name"',
    '3 "option router"',
  ]);
  assert.match(site.text, 'ip: 10.31.0.2 # 1:2');
  assert.equal(codes(await checked(site, '10.31.0.254')), []);
});

test('dnsmasq: leases alone are nodes; the last lease of a machine applies, and those of DHCPv6 do not', () => {
  const site = siteOf(['dnsmasq', DNSMASQ_LEASES]);
  assert.equal(inventoryOf(site).nodes, {
    rk01: { mac: 'd8:5e:d3:00:01:01', ip: '10.31.0.201' },
    localhost: { mac: 'd8:5e:d3:00:01:02', ip: '10.31.0.2' },
    rk03: { mac: 'd8:5e:d3:00:01:03', ip: '10.31.0.3' },
    laptop: { mac: '52:54:00:52:cb:c1', ip: '10.31.0.250' },
  });
  assert.equal(notesOf(site, 'left'), ['6 duid']);
});

test('other files take precedence over a lease, in any order of the files', () => {
  const hosts = 'd8:5e:d3:00:01:01,10.31.0.1,rk01\nd8:5e:d3:00:01:02,rk02\n';
  for (const files of [
    [['dnsmasq', DNSMASQ_LEASES] as const, ['dnsmasq', hosts] as const],
    [['dnsmasq', hosts] as const, ['dnsmasq', DNSMASQ_LEASES] as const],
  ]) {
    const { site, log } = imported(...files);
    assert.is(log, '');
    assert.ok(site);
    assert.equal(inventoryOf(site).nodes, {
      rk01: { mac: 'd8:5e:d3:00:01:01', ip: '10.31.0.1' },
      rk02: { mac: 'd8:5e:d3:00:01:02', ip: '10.31.0.2' },
    });
    const left = site.notes.filter((note) => note.kind === 'left').map(({ of, text }) => `${of}: ${text}`);
    assert.equal(left, [
      '10.31.0.201: an old lease: 10.31.0.1 is set for rk01',
      'localhost: the client name in a lease: the node is named rk02',
      'rk03: a lease of a machine in no other file: import only the leases if all of them are of nodes',
      'laptop: a lease of a machine in no other file: import only the leases if all of them are of nodes',
      'duid: leases of DHCPv6: a site has IPv4 addresses',
    ]);
  }
});

test('dnsmasq: the list of leases of libvirt, even if empty, and /etc/ethers', () => {
  const site = siteOf(['dnsmasq', LIBVIRT_STATUS]);
  assert.equal(inventoryOf(site).nodes, {
    vm1: { mac: '52:54:00:57:35:3d', ip: '10.31.4.109' },
    'node-52540057353e': { mac: '52:54:00:57:35:3e', ip: '10.31.4.110' },
  });
  for (const empty of ['', '[]', '# nothing\n'])
    assert.match(imported(['dnsmasq', empty]).log, 'contains no machine');
  const ethers = siteOf([
    'dnsmasq',
    '# ethers\nd8:5e:d3:00:01:01 10.31.0.1\nd8:5e:d3:00:01:02\trk02 # new\n',
  ]);
  assert.equal(inventoryOf(ethers).nodes, {
    'node-d85ed3000101': { mac: 'd8:5e:d3:00:01:01', ip: '10.31.0.1' },
    rk02: { mac: 'd8:5e:d3:00:01:02', ip: '…' },
  });
});

test('dnsmasq: ranges by mask and tag are separate networks, each with its options', () => {
  const site = siteOf([
    'dnsmasq',
    `dhcp-range=set:red,10.31.0.200,10.31.0.210,255.255.255.0,30m
dhcp-range=set:blue,10.32.0.0,static,255.255.0.0
dhcp-range=10.31.0.220,10.31.0.230,255.255.255.0
dhcp-range=fd00::,ra-only
dhcp-range=10.40.0.0,proxy
dhcp-option=tag:red,3,10.31.0.1
dhcp-option=tag:blue,option:router,10.32.255.254
dhcp-option=tag:green,option:router,10.33.0.1
dhcp-option=6,0.0.0.0,10.31.0.9
dhcp-option=tag:red,option:domain-name,red.example.org
domain=example.org
frobnicate=1
dhcp-host=d8:5e:d3:00:01:01,10.31.0.4,a
dhcp-host=d8:5e:d3:00:01:02,10.32.0.2,b
`,
  ]);
  assert.equal(inventoryOf(site).networks, {
    mgmt: {
      subnet: '10.31.0.0/24',
      gateway: '10.31.0.1',
      dns: ['10.31.0.9'],
      domain: 'red.example.org',
      dhcp: { pool: '10.31.0.200-10.31.0.210', lease: '30m' },
    },
    'net-2': {
      subnet: '10.32.0.0/16',
      gateway: '10.32.255.254',
      dns: ['10.31.0.9'],
      domain: 'example.org',
      dhcp: {},
    },
    'net-3': {
      subnet: '10.40.0.0/24',
      dns: ['10.31.0.9'],
      domain: 'example.org',
      dhcp: { server: 'external', proxy: true },
    },
  });
  assert.equal(notesOf(site, 'left'), [
    '3 10.31.0.220 to 10.31.0.230',
    '4 dhcp-range',
    '8 "option router"',
    '9 dns-server',
    '12 frobnicate',
  ]);
});

test('dnsmasq: all values that it rejects are errors with a location', () => {
  const { log } = imported([
    'dnsmasq',
    'd8:5e:d3:00:01:01,10.31.0.1,rk01\n01:00:5e:00:00:01,rk02\nd8:5e:d3:00:01,rk03\n10.31.0.4,rk_4!\nrk05,"10.31\n',
  ]);
  assert.is(
    log,
    `0:4:11 error import-syntax
  "rk_4!" is not a valid field of a host: dnsmasq rejects it.
  3 | d8:5e:d3:00:01,rk03
  4 | 10.31.0.4,rk_4!
    |           ^^^^^
  help: write a MAC address as 52:54:00:aa:01:01, an IP address as 192.168.178.41, a tag as set:NAME, or a name

0:5:6 error import-syntax
  This quote is not closed on its line: dnsmasq does not start with this file.
  4 | 10.31.0.4,rk_4!
  5 | rk05,"10.31
    |      ^
  help: add the closing quote
`,
  );
});

test('dhcpd: hosts and subnets with the options around them', async () => {
  const site = siteOf(['dhcpd', DHCPD_CONF]);
  const { networks, nodes } = inventoryOf(site);
  assert.equal(networks, {
    mgmt: {
      subnet: '10.31.0.0/24',
      gateway: '10.31.0.254',
      dns: ['10.31.9.16', '10.31.9.17'],
      ntp: ['10.31.0.9'],
      domain: 'rack.example.org',
      mtu: 9000,
      dhcp: { pool: '10.31.0.200-10.31.0.220', lease: '10m' },
    },
  });
  assert.equal(nodes, {
    'rk-01': { mac: 'd8:5e:d3:00:01:01', ip: '10.31.0.1' },
    'rk02.rack.example.org': { mac: 'd8:5e:d3:00:01:02', ip: '10.31.0.2' },
  });
  assert.equal(notesOf(site, 'left'), [
    '2 ddns-update-style',
    '3 "option space"',
    '4 "option ipxe.no-pxedhcp"',
    '5 "option arch"',
    '6 "option user-class"',
    '8 max-lease-time',
    '9 authoritative',
    '10 log-facility',
    '13 key',
    '14 class',
    '15 subnet 10.99.0.0/16',
    '19 deny',
    '20 10.31.0.230 to 10.31.0.230',
    '21 "ns.example.org"',
    '22 next-server',
    '23 "option ipxe.no-pxedhcp"',
    '24 if',
    '33 harvest_vip',
    '37 server-name',
    '39 rk02-bmc',
  ]);
  assert.equal(codes(await checked(site, '10.31.0.254')), []);
});

test('dhcpd: the last lease of a machine applies, and deleted or abandoned ones do not', () => {
  const site = siteOf(['dhcpd', DHCPD_LEASES]);
  assert.equal(inventoryOf(site).nodes, { rk03: { mac: 'd8:5e:d3:00:01:03', ip: '10.31.0.202' } });
  const joined = siteOf(['dhcpd', DHCPD_CONF], ['dhcpd', DHCPD_LEASES]);
  assert.is(inventoryOf(joined).nodes.rk03, undefined);
});

test('dhcpd: values that it rejects are errors with a location', () => {
  const log = (text: string) => {
    const { found } = imported(['dhcpd', text]);
    return found.map(({ message, at: { source, start } }) => {
      const { line, column } = source.position(start);
      return `${line}:${column} ${message}`;
    });
  };
  for (const [text, expected] of [
    ['host a {\n  fixed-address 10.0.0.1;\n', '1:8 This brace is not closed.'],
    ['host a { hardware ethernet 52:54:00:00:00:01 }', '1:28 This statement has no semicolon after it.'],
    ['authoritative;\n}\n', '2:1 This brace closes nothing.'],
    ['option domain-name "a;\nauthoritative;', '1:20 This text has no closing quote.'],
    [
      'host a { fixed-address 10.0.0.1\n hardware ethernet 52:54:00:00:00:01; }',
      '1:10 This is neither an IP address nor a list of them.',
    ],
    ['host a { hardware ethernet 52:54:00; }', '1:1 The file contains no machine in the format dhcpd.'],
    [
      'subnet 10.0.0.1 netmask 255.255.255.0 { }',
      '1:1 This is not a subnet: dhcpd requires its first IP address and a netmask.',
    ],
    ['group { '.repeat(60), '1:407 Blocks are nested more than 50 levels deep.'],
  ] as const)
    assert.equal(log(text)[0], expected, text);
});

test('libvirt: a network and its domains are one site of virtual machines', async () => {
  const site = siteOf(
    ['libvirt', LIBVIRT_NETWORK],
    ['libvirt', LIBVIRT_DOMAINS],
    ['dnsmasq', LIBVIRT_STATUS],
  );
  const { networks, nodes } = inventoryOf(site);
  assert.equal(networks, {
    racks: {
      subnet: '10.31.4.0/24',
      gateway: '10.31.4.1',
      dns: ['10.31.4.1'],
      ntp: ['10.31.4.9'],
      domain: 'rack.example.org',
      dhcp: { pool: '10.31.4.128-10.31.4.254', lease: '2h' },
    },
  });
  // The boot server is another machine, so that no part of the site is the libvirt host.
  assert.is(inventoryOf(site).host, undefined);
  assert.equal(nodes, {
    'rk-head': {
      nics: [{ mac: '52:54:00:7c:52:cc', ip: '10.31.4.2' }, { mac: '52:54:00:7c:52:cd' }],
      uuid: '3B2C1D0E-1111-4222-8333-444455556666',
      serial: 'RK-0007',
      boot: { loader: 'grub' },
      bmc: { address: '10.31.4.102', mac: '52:54:00:7c:52:ee' },
      vm: { vcpus: 4, memory: '16Gi', secure_boot: true },
    },
    'vm-old': {
      mac: '52:54:00:57:35:3d',
      ip: '10.31.4.109',
      firmware: 'bios',
      vm: { vcpus: 1, memory: '1907Mi' },
    },
  });
  assert.equal(notesOf(site, 'left'), [
    '21 ip',
    '23 dhcp-vendorclass',
    '24 dhcp-option-force',
    '25 dhcp-boot',
    '19 sda of rk-head',
    '23 hostdev of rk-head',
    '5 vm1',
    '9 "52:54:00:57:35:3e"',
  ]);
  assert.not.match(site.text, 'sesame');
  assert.equal(codes(await checked(site, '10.31.4.1')), ['warning vm-without-host']);
});

test('libvirt: a NIC without an IP address is on its network, or a note reports that the network is unknown', async () => {
  const network = (
    name: string,
    octet: number,
  ) => `<network><name>${name}</name><ip address='10.31.${octet}.1' prefix='24'>
  <tftp root='/srv/tftp'/><dhcp><host mac='52:54:00:00:0${octet}:01' ip='10.31.${octet}.2' name='vm1'/><bootp file='x.efi'/></dhcp></ip></network>`;
  const nics = ['racks', 'storage', 'default'].map(
    (name, index) =>
      `<interface type='network'><mac address='52:54:00:00:0${index ? index + 5 : 4}:01'/><source network='${name}'/></interface>`,
  );
  const site = siteOf(
    ['libvirt', network('racks', 4)],
    ['libvirt', network('storage', 5)],
    ['libvirt', `<domain><name>vm1</name><devices>${nics.join('')}</devices></domain>`],
  );
  assert.equal(inventoryOf(site).nodes.vm1.nics, [
    { mac: '52:54:00:00:04:01', ip: '10.31.4.2' },
    { mac: '52:54:00:00:05:01', ip: '10.31.5.2' },
    { mac: '52:54:00:00:06:01', network: 'storage' },
    { mac: '52:54:00:00:07:01', network: 'racks' },
  ]);
  assert.equal(notesOf(site, 'left'), ['2 tftp', '2 bootp', '2 tftp', '2 bootp']);
  assert.ok(notesOf(site, 'open').includes('1 a NIC of vm1'));
});

const OPEN_NETWORK = `<network><name>lab</name>
  <forward mode='open' dev='eth9'><interface dev='eth8'/></forward>
  <bridge name='virbr7'/>
  <ip address='10.31.4.1' netmask='255.255.255.0'><dhcp><range start='10.31.4.128' end='10.31.4.254'/>
  <host mac='52:54:00:00:04:01' ip='10.31.4.2' name='vm1'/></dhcp></ip></network>`;
const BRIDGED = `<domain><name>vm1</name><memory unit='GiB'>32</memory><vcpu>8</vcpu><os firmware='efi'/><devices>
  <interface type='network'><mac address='52:54:00:00:04:01'/><source network='lab'/></interface>
  <interface type='bridge'><mac address='52:54:00:00:04:02'/><source bridge='br-cluster'/><vlan><tag id='42'/></vlan></interface>
  <interface type='direct'><mac address='52:54:00:00:04:03'/><source dev='eno2' mode='bridge'/></interface>
</devices></domain>`;

/** Returns the site of a libvirt network and its domains. */
function hosted(server: string | undefined, ...texts: readonly string[]): ImportedSite {
  const { site, log } = importedBy(server, ...texts.map((text) => ['libvirt', text] as const));
  assert.ok(site, log);
  return site;
}

test('libvirt: the site of a network and its domains makes the same network and domains', async () => {
  for (const server of [undefined, 'http://10.31.4.1:8080'])
    assert.equal(inventoryOf(hosted(server, OPEN_NETWORK, BRIDGED)).host, {});
  assert.is(inventoryOf(hosted('http://10.31.4.3', OPEN_NETWORK, BRIDGED)).host, undefined);
  const isolated = inventoryOf(hosted(undefined, OPEN_NETWORK.replace(/<forward.*<.forward>/, ''), BRIDGED));
  assert.equal(isolated.networks.lab.libvirt, { forward: 'isolated', address: '10.31.4.1' });
  const site = hosted('http://10.31.4.1', OPEN_NETWORK, BRIDGED);
  const { host, networks, nodes } = inventoryOf(site);
  assert.equal([host, networks.lab.dhcp.server, networks.lab.libvirt], [{}, 'libvirt', { forward: 'open' }]);
  assert.equal(nodes.vm1.vm, { vcpus: 8, memory: '32Gi', disks: [{ size: '…' }] });
  assert.equal(notesOf(site, 'left'), ['2 eth9', '2 interface of forward', '3 vlan of a NIC of vm1']);
  assert.equal(notesOf(site, 'open'), ['3 br-cluster', '4 eno2']);
  const { tree } = await compile(
    makeSite({ 'site.yaml': site.text.replace('size: …', 'size: 300Gi').replace(/: …/g, ': x') }, 'rk'),
  );
  assert.ok(tree?.has('libvirt/network.xml') && tree.has('libvirt/domains/vm1.xml'));
});

test('libvirt: machines beside the domains keep the DHCP server of the boot server', () => {
  const other = 'name,mac,ip\nmetal1,52:54:00:00:04:09,10.31.4.9\n';
  const files = [
    ['libvirt', OPEN_NETWORK],
    ['libvirt', BRIDGED],
    ['csv', other],
  ] as const;
  const { site } = importedBy('http://10.31.4.1', ...files);
  assert.ok(site);
  const { host, networks } = inventoryOf(site);
  assert.equal([host, networks.lab.dhcp.server, networks.lab.libvirt], [undefined, undefined, undefined]);
});

test('libvirt: a network on a bridge of the host names it, and is not one that libvirt creates', () => {
  const bridge = "<network><name>outer</name><forward mode='bridge'/><bridge name='br0'/></network>";
  const site = siteOf(['libvirt', bridge], ['libvirt', BRIDGED]);
  assert.is(inventoryOf(site).host, undefined);
  const note = site.notes.find(({ of }) => of === 'outer');
  assert.is(
    note?.text,
    'libvirt leases no IP addresses in it (forward mode bridge): take the subnet from its DHCP server, and set interface to br0',
  );
});

test('libvirt: a definition of entities is rejected, and errors do not show secrets', () => {
  const bomb = imported(['libvirt', '<!DOCTYPE d [<!ENTITY a "b">]>\n<domain><name>&a;</name></domain>']);
  assert.match(bomb.log, '0:1:1 error import-syntax\n  This defines a document type or an entity');
  const { log } = imported(['libvirt', LIBVIRT_DOMAINS.replace('</hostdev>', '')]);
  assert.match(log, 'The end tag of hostdev is missing here');
  assert.not.match(log, 'sesame');
});

test('csv: a table as Excel writes it; unknown columns are listed, and a password is never shown', async () => {
  const site = siteOf(['csv', MACHINES_CSV]);
  const { networks, groups, nodes } = inventoryOf(site);
  assert.equal(networks.mgmt.subnet, '10.31.0.0/24');
  assert.equal(groups, { compute: {}, gpu: {} });
  assert.equal(nodes, {
    rk01: {
      xname: 'x3000c0s1b0n0',
      nid: 1,
      groups: ['compute', 'gpu'],
      mac: 'd8:5e:d3:00:01:01',
      ip: '10.31.0.1',
      serial: '00042',
      bmc: { address: '10.31.0.101', mac: 'd8:5e:d3:00:02:01' },
    },
    rk02: {
      xname: 'x3000c0s2b0n0',
      nid: 2,
      groups: ['compute'],
      mac: 'd8:5e:d3:00:01:02',
      ip: '10.31.0.2',
      bmc: { address: '10.31.0.102' },
    },
    rk03: {
      groups: ['compute'],
      nics: [{ mac: 'd8:5e:d3:00:01:03', ip: '10.31.0.3' }, { mac: 'd8:5e:d3:00:01:13' }],
    },
  });
  assert.equal(notesOf(site, 'left'), ['1 Rack', '1 "BMC Password"', '5 "said "new""']);
  assert.match(site.text, 'ip: 10.31.0.2 # 0:3');
  assert.not.match(site.text, 'Hunter-22');
  const bad = imported(['csv', MACHINES_CSV.replace('10.31.0.1/24', '10.31.0.1.5')]);
  assert.match(bad.log, '"10.31.0.1.5" is not an IPv4 address');
  assert.not.match(bad.log, 'Hunter-22');
  assert.equal(codes(await checked(site, '10.31.0.254')), []);
});

test('csv: two machines with one MAC address, and two equivalent columns, are reported', () => {
  const { site, found } = imported([
    'csv',
    'name,Node,mac\nn1,a,52:54:00:aa:01:01\nn2,b,52:54:00:aa:01:01\n',
  ]);
  assert.ok(site);
  assert.equal(
    found.map(({ help }) => help),
    [
      'n2 is not in the site, because it has the same identifier as n1, such as the MAC address: correct it, or remove one of the two',
    ],
  );
  assert.equal(
    site.notes.filter(({ of }) => of === 'Node' || of === '"Node"').map(({ text }) => text),
    ['an earlier column has the same meaning and takes precedence'],
  );
});

test('csv: separators, several NICs, masks, and other names of columns', () => {
  for (const separator of [',', ';', '\t', '|']) {
    const table = [
      ['# hostname', 'mac1', 'ip1', 'mac2', 'ip2', 'netmask', 'gateway', 'ipmi', 'nid'],
      [
        'a',
        'd8:5e:d3:00:01:01',
        '10.31.0.1',
        'd8:5e:d3:00:01:11',
        '10.32.0.1',
        '255.255.255.0',
        '10.31.0.254',
        '10.31.1.1',
        '',
      ],
      ['b-eth0', 'd8:5e:d3:00:01:02', '10.31.0.2', '-', 'none', '255.255.255.0', '10.31.0.254', '', '7'],
    ];
    const site = siteOf(['csv', table.map((row) => row.join(separator)).join('\n')]);
    const { networks, nodes } = inventoryOf(site);
    assert.equal(networks.mgmt, { subnet: '10.31.0.0/24', gateway: '10.31.0.254', dhcp: {} });
    assert.equal(nodes, {
      a: {
        nics: [
          { mac: 'd8:5e:d3:00:01:01', ip: '10.31.0.1' },
          { mac: 'd8:5e:d3:00:01:11', ip: '10.32.0.1' },
        ],
        bmc: { address: '10.31.1.1' },
      },
      b: { nid: 7, mac: 'd8:5e:d3:00:01:02', ip: '10.31.0.2' },
    });
  }
});

test('csv: incomplete rows, unclosed quotes and values changed by a spreadsheet are errors with their line', () => {
  const { log } = imported([
    'csv',
    'name,mac,ip\na,5.254E+11,10.31.0.1\nb,d8:5e:d3:00:01:02\nc,d8:5e:d3:00:01:03,10.31.0.3,x\nd,"d8"x,10.31.0.4\ne,"d8:5e:d3:00:01:05,10.31.0.5\n',
  ]);
  const lines = log
    .split('\n')
    .filter((line) => / error |^ {2}\S/.test(line) && !/^ {2}(?:\d|help)/.test(line));
  assert.equal(lines, [
    '0:2:3 error import-value',
    '  "5.254E+11" is not a MAC address of a NIC.',
    '0:3:1 error import-syntax',
    '  The row has 2 cells, but the header names 3 columns.',
    '0:4:1 error import-syntax',
    '  The row has 4 cells, but the header names 3 columns.',
    '0:5:7 error import-syntax',
    '  The cell contains other text after its closing quote.',
    '0:6:3 error import-syntax',
    '  This cell has no closing quote.',
  ]);
  assert.match(log, 'a spreadsheet converted it to a number');
});

test('csv: no error of a row shows a table with a column of passwords', () => {
  for (const column of ['BMC Password', 'iLO pw', 'Kennwort'])
    for (const row of [
      'a;02:00:00:00:00:01;open-sesame-7;x',
      'a;open-sesame-7',
      'a;"02:00:00:00:00:01"x;open-sesame-7',
      'a;02:00:00:00:00:01;"open-sesame-7',
      'a;02:00:00:00:00:0g;open-sesame-7',
    ]) {
      const { site, log } = imported(['csv', `name;mac;${column}\nb;02:00:00:00:00:02;\n${row}\n`]);
      assert.is(site, undefined, row);
      assert.match(log, '0:3:');
      assert.not.match(log, 'sesame', row);
    }
});

test('dhcpd: errors do not show keys, even if the file cannot be parsed', () => {
  for (const key of ['secret open-sesame-7;', 'secret "open-sesame-7"', 'omapi-key open-sesame-7'])
    for (const host of ['hardware ethernet 52:54;', 'fixed-address 10.0.0.1']) {
      const { log } = imported(['dhcpd', `host a { ${host} } key k { ${key} }`]);
      assert.match(log, 'error import-');
      assert.not.match(log, 'sesame');
    }
});

test('nodes of ochami get IP addresses from a file of hosts, and so do BMCs', () => {
  const nodes = `nodes:
- name: rk01
  nid: 1
  xname: x3000c0s1b0n0
  groups: [compute]
  interfaces:
  - mac_addr: d8:5e:d3:00:01:01
- name: rk02
  nid: 2
  xname: x3000c0s2b0n0
  interfaces:
  - mac_addr: D8:5E:D3:00:01:02
`;
  const hosts = DNSMASQ_HOSTS.split('\n').filter((line) => /rk0[12]/.test(line));
  const site = siteOf(['ochami', nodes], ['dnsmasq', hosts.join('\n')]);
  assert.equal(inventoryOf(site).nodes, {
    rk01: {
      xname: 'x3000c0s1b0n0',
      nid: 1,
      groups: ['compute'],
      mac: 'd8:5e:d3:00:01:01',
      ip: '10.31.0.1',
      bmc: { address: '10.31.0.101', mac: 'd8:5e:d3:00:02:01' },
    },
    rk02: {
      xname: 'x3000c0s2b0n0',
      nid: 2,
      mac: 'd8:5e:d3:00:01:02',
      ip: '10.31.0.2',
      bmc: { address: '10.31.0.102', mac: 'd8:5e:d3:00:02:02' },
    },
  });
  assert.match(site.text, 'ip: 10.31.0.2 # 1:2');
});

const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  dnsmasq: [DNSMASQ_CONF, DNSMASQ_HOSTS, DNSMASQ_OPTIONS, DNSMASQ_LEASES, LIBVIRT_STATUS],
  dhcpd: [DHCPD_CONF, DHCPD_LEASES],
  libvirt: [LIBVIRT_NETWORK, LIBVIRT_DOMAINS],
  csv: [MACHINES_CSV],
};

test('a file in another format is detected by its contents', () => {
  for (const given of Object.keys(SAMPLES))
    for (const [kind, texts] of Object.entries(SAMPLES))
      for (const text of texts) {
        if (kind === given) continue;
        const { site, log } = imported([given, text]);
        assert.is(site, undefined);
        assert.match(log, `This is not a file of the format ${given}, but probably of ${kind}: `, text);
      }
  for (const given of Object.keys(SAMPLES)) {
    const { found } = imported([given, 'root:x:0:0:root:/root:/bin/bash\n']);
    assert.equal(codes(found), ['error import-kind'], given);
  }
});

test('every error has a listed code, and no text makes an import throw', () => {
  const severities = new Map(CODES.map(({ code, severity }) => [code, severity]));
  const all = Object.entries(SAMPLES).flatMap(([kind, texts]) => texts.map((text) => ({ kind, text })));
  const piece = fc.constantFrom(
    '"',
    "'",
    '{',
    '}',
    ';',
    ',',
    '<',
    '&',
    '\n',
    '\0',
    '\u2028',
    '=',
    '..',
    '255',
    '${secret:x}',
    '__proto__',
    'é',
    '',
  );
  const typo = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(9), piece });
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.array(typo, { minLength: 1, maxLength: 4 }),
      ({ kind, text }, typos) => {
        let changed = text;
        for (const { at, length, piece: what } of typos) {
          const start = Math.floor(at * changed.length);
          changed = changed.slice(0, start) + what + changed.slice(start + length);
        }
        const { site, found, log } = imported([kind, changed]);
        for (const { code, severity, at } of found) {
          assert.is(severities.get(code), severity, code);
          assert.ok(at.start <= at.end && at.end <= changed.length, log);
        }
        assert.is(
          site === undefined,
          found.some(({ severity }) => severity === 'error'),
          log,
        );
        for (const secret of ['open-sesame-7', 'Hunter-22-and-more'])
          if (changed.includes(secret)) assert.not.match(`${log}${site?.text}`, secret);
      },
    ),
    { seed: SEED, numRuns: runs(300) },
  );
});

test('ten thousand machines are read, and the time grows with their number', async () => {
  const octets = (index: number) => `10.${31 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
  const mac = (index: number) =>
    `52:54:00:${[16, 8, 0].map((shift) => ((index >> shift) & 255).toString(16).padStart(2, '0')).join(':')}`;
  const lists: Record<string, (length: number) => string> = {
    dnsmasq: (length) => many(length, (index) => `${mac(index)},set:n${index},${octets(index)},n${index}\n`),
    dhcpd: (length) =>
      many(
        length,
        (index) => `host n${index} { hardware ethernet ${mac(index)}; fixed-address ${octets(index)}; }\n`,
      ),
    libvirt: (length) =>
      `<network><name>n</name><ip address='10.31.0.1' prefix='16'><dhcp>${many(length, (index) => `<host mac='${mac(index)}' ip='${octets(index)}'/>`)}</dhcp></ip></network>`,
    csv: (length) =>
      `name,mac,ip,groups\n${many(length, (index) => `n${index},${mac(index)},${octets(index)},compute\n`)}`,
  };
  for (const [name, list] of Object.entries(lists)) {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    const source = (length: number) => new Source('/a', list(length));
    const read = (from: Source) => kind?.read(from, new Report());
    assert.is(read(source(10_000))?.machines.length, 10_000, name);
    await assertLinear(name, 10_000, source, read);
  }
});

const many = (length: number, line: (index: number) => string): string =>
  Array.from({ length }, (_, index) => line(index)).join('');

test.run();
