import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined/joined.ts';
import type { ImportedSite, ImportSettings } from '../src/import/kind.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { parseVersion } from '../src/values/version.ts';
import { CONFIG_CREATE, CONFIG_JOIN, DHCPD, KEA, SETTINGS, script } from './support/ipxe-examples.ts';
import { edited } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const test = suite('harvgen import of Harvester: ipxe-examples, Kea, and installers in other files');

/** A format, the name of a file, and its text. */
type Given = readonly [kind: string, file: string, text: string];

function imported(given: readonly Given[], options: ImportSettings = {}) {
  const report = new Report();
  const files = given.map(([name, file, text]) => {
    const kind = JOINED_FORMATS.find((one) => one.name === name);
    assert.ok(kind, name);
    return { kind, source: new Source(`/${file}`, text) };
  });
  const [site] = joinedSite(files, { site: 'plant', ...options }, report) ?? [];
  return { site, log: formatText(report.sorted(), { color: false, folder: '/' }) };
}

function siteOf(given: readonly Given[], options: ImportSettings = {}): ImportedSite {
  const { site, log } = imported(given, options);
  assert.ok(site, log);
  assert.is(log, '');
  return site;
}

/** Returns the notes of a kind: file, line, subject and text. */
const notesOf = ({ notes }: ImportedSite, kind: string) =>
  notes
    .filter((note) => note.kind === kind)
    .map(({ of, at, text }) => `${at ? `${at.source.file.slice(1)}:${at.source.position(at.start).line} ` : ''}${of}: ${text}`);

/** Returns the errors of `harvgen check`, and the emitted files. */
async function built({ text }: ImportedSite) {
  const { diagnostics, tree } = await compile(makeSite(text, 'plant'));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return { errors: errors.map(({ message }) => message), tree };
}

const CONFIGS: readonly Given[] = [
  ['harvester', 'config-create.yaml', CONFIG_CREATE],
  ['harvester', 'config-join.yaml', CONFIG_JOIN],
];
const SCRIPTS: readonly Given[] = [
  ['ipxe', '52:54:00:0d:62:e2', script('config-create.yaml')],
  ['ipxe', '52:54:00:35:86:92', script('config-join.yaml')],
];
const DHCP: Given = ['dhcpd', 'dhcpd.conf', DHCPD];

test('configurations, scripts and dhcpd.conf of ipxe-examples make a site that boots Harvester', async () => {
  const site = siteOf([...CONFIGS, ...SCRIPTS, DHCP]);
  const { harvester, server, networks, cluster, defaults, nodes } = parse(site.text);
  assert.equal(harvester, { version: 'v1.7.1' });
  assert.equal(server, { url: 'http://10.10.0.7', media: 'https://releases.rancher.com/harvester' });
  assert.equal(networks.mgmt, {
    subnet: '10.10.0.0/24',
    gateway: '10.10.0.1',
    dns: ['10.10.0.1', '8.8.8.8'],
    dhcp: { pool: '10.10.0.50-10.10.0.130', lease: '10m' },
  });
  assert.equal(cluster, {
    vip: '10.10.0.19',
    vip_mode: 'dhcp',
    vip_hw_addr: '52:54:00:ec:0e:0b',
    token: '${secret:cluster_token}',
  });
  assert.equal(defaults.config.install, {
    skipchecks: true,
    management_interface: { bond_options: { mode: 'balance-tlb', miimon: '100' } },
    device: '/dev/sda',
  });
  assert.is(defaults.config.os.password, '${secret:node_password}');
  assert.equal(defaults.config.os.ntp_servers, ['0.suse.pool.ntp.org', '1.suse.pool.ntp.org']);
  assert.equal(nodes, {
    'harv-a': { mode: 'create', nics: [{ name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30' }] },
    'harv-b': { nics: [{ name: 'ens5', mac: '52:54:00:35:86:92', ip: '10.10.0.31' }] },
  });
  assert.equal(
    [...site.secrets].sort(),
    [
      ['cluster_token', 'nine-herons-by-the-long-canal'],
      ['node_password', 'Long-canal-word-31'],
    ],
  );
  const { errors, tree } = await built(site);
  assert.equal(errors, []);
  const boot = String(tree?.get('www/ipxe/52-54-00-0d-62-e2.ipxe')?.content);
  assert.match(boot, 'harvester.install.config_url=http://10.10.0.7/config/52-54-00-0d-62-e2.yaml');
});

test('nothing of these files is lost silently', () => {
  const site = siteOf([...CONFIGS, ...SCRIPTS, DHCP]);
  assert.equal(notesOf(site, 'open'), []);
  assert.equal(notesOf(site, 'changed'), []);
  assert.equal(notesOf(site, 'left'), []);
});

test('configurations alone leave open what no file contains', () => {
  const site = siteOf(CONFIGS);
  assert.equal(notesOf(site, 'open'), []);
  assert.equal(parse(site.text).nodes, {
    'harv-a': { mode: 'create', nics: [{ name: 'ens5', mac: '…', ip: '…' }] },
    'harv-b': { nics: [{ name: 'ens5', mac: '…', ip: '…' }] },
  });
});

test('the placeholders of ipxe-examples and its builds of master are open or replaced', () => {
  const upstream = (text: string) =>
    text.replaceAll('v1.7.1', 'master').replace(/nine-herons-\S+/, 'token').replace('Long-canal-word-31', 'p@ssword');
  const site = siteOf(CONFIGS.map(([kind, file, text]) => [kind, file, upstream(text)] as const));
  assert.equal([...site.secrets], []);
  assert.equal([...(site.secretsToMake ?? [])].map(([name]) => name), ['cluster_token', 'node_password']);
  assert.equal(notesOf(site, 'changed').filter((note) => note.includes('release')), []);
});

test('one configuration for several scripts, and scripts for any machine', () => {
  const join = edited(CONFIG_JOIN, ['10.10', '10.10']);
  const site = siteOf([
    ...CONFIGS.slice(0, 1),
    ['harvester', 'config-join.yaml', join],
    ['ipxe', 'ipxe-create', script('config-create.yaml')],
    ['ipxe', '52-54-00-35-86-92.ipxe', script('config-join.yaml')],
    ['ipxe', '52-54-00-35-86-93.ipxe', script('config-join.yaml')],
  ]);
  assert.equal(parse(site.text).nodes, {});
});

test('a static configuration provides the network, and NICs of a bond keep their MAC addresses or names', () => {
  const create = edited(CONFIG_CREATE, [
    '    - name: ens5\n    default_route: true\n    method: dhcp\n',
    '    - hwAddr: 52:54:00:0d:62:e2\n      name: ens5\n    - name: ens6\n    - hwAddr: 52:54:00:0d:62:e4\n    method: static\n    ip: 10.10.0.30\n    subnet_mask: 255.255.255.0\n    gateway: 10.10.0.1\n',
  ]);
  const site = siteOf([['harvester', 'config-create.yaml', create]]);
  const { nodes, networks } = parse(site.text);
  assert.equal(networks, { mgmt: { subnet: '10.10.0.0/24', gateway: '10.10.0.1', dhcp: {} } });
  assert.equal(nodes['harv-a'].nics, [
    { name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30' },
    { mac: '52:54:00:0d:62:e4' },
    { name: 'ens6' },
  ]);
});

test('an installer without its configuration has the settings of its kernel command line', () => {
  const line = script('config-a.yaml').replace(
    ' harvester.install.automatic',
    ' harvester.os.hostname=harv-a harvester.install.mode=create harvester.install.device=/dev/sdb harvester.token=nine-herons-by-the-long-canal console=ttyS1 harvester.os.ntp_servers=a.example.org harvester.os.ntp_servers=b.example.org harvester.install.automatic',
  );
  const site = siteOf([['ipxe', '52-54-00-0d-62-e2.ipxe', line]]);
  assert.not.match(site.text, 'nine-herons');
  const { nodes, defaults } = parse(site.text);
  assert.equal(nodes, { 'harv-a': { mode: 'create', nics: [{ name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '…' }] } });
  assert.equal(defaults, {});
  assert.equal(notesOf(site, 'open'), []);
});

test('settings.yml makes the site of its virtual machines', async () => {
  const site = siteOf([['settings', 'settings.yml', SETTINGS]]);
  const { harvester, server, networks, cluster, defaults, nodes } = parse(site.text);
  assert.equal(harvester, { version: 'v1.7.1' });
  assert.equal(server, { url: 'http://192.168.50.254' });
  assert.equal(networks.mgmt, {
    subnet: '192.168.50.0/24',
    gateway: '192.168.50.1',
    dns: ['192.168.50.1', '192.168.50.254', '8.8.8.8'],
    dhcp: { pool: '192.168.50.50-192.168.50.130' },
  });
  assert.equal(cluster, {
    vip: '192.168.50.131',
    vip_mode: 'dhcp',
    vip_hw_addr: '02:00:00:03:3d:61',
    token: '${secret:cluster_token}',
  });
  assert.equal(defaults, {});
  assert.equal(nodes, {});
  assert.equal(notesOf(site, 'left'), []);
  assert.equal((await built(site)).errors, []);
});

test('kea-dhcp4.conf makes networks and nodes, with its comments', async () => {
  const site = siteOf([...CONFIGS, ['kea', 'kea-dhcp4.conf', KEA]], { server: 'http://10.10.0.7' });
  const { networks, nodes, cluster } = parse(site.text);
  assert.equal(networks, {});
  assert.equal(nodes, {});
  assert.is(cluster.vip, '10.10.0.19');
  assert.equal(notesOf(site, 'left'), []);
  assert.equal((await built(site)).errors, []);
});

test('--harvester-version installs Harvester on machines of any files', async () => {
  const harvesterVersion = parseVersion('v1.7.1');
  const table = 'name,mac,ip,role,mode,disk\nharv-a,52:54:00:0d:62:e2,10.10.0.30,,create,/dev/sda\nharv-b,52:54:00:35:86:92,10.10.0.31,worker,,/dev/sdb\n';
  const site = siteOf([['csv', 'machines.csv', table]], { harvesterVersion, server: 'http://10.10.0.7' });
  const { harvester, nodes, cluster } = parse(site.text);
  assert.equal(harvester, { version: 'v1.7.1' });
  assert.equal(cluster, {});
  assert.equal(nodes, {});
  const dhcpd = siteOf([DHCP], { harvesterVersion });
  assert.equal(parse(dhcpd.text).cluster, {});
  assert.equal(parse(dhcpd.text).nodes, {});
});

test('a disk alone is not an installation of Harvester', () => {
  const site = siteOf([['csv', 'machines.csv', 'name,mac,disk,role\ncg01,52:54:00:0d:62:e2,/dev/sda,gpu\n']]);
  assert.equal(parse(site.text).defaults, { boot: { os: 'linux', kernel: '…', initrd: '…' } });
  assert.equal(notesOf(site, 'left'), []);
});

test('libvirt: hosts in its dnsmasq options, and domains that boot the installer directly', () => {
  const xml = `<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><name>plant</name>
<ip address='10.10.0.1' netmask='255.255.255.0'><dhcp><range start='10.10.0.50' end='10.10.0.130'/></dhcp></ip>
<dnsmasq:options><dnsmasq:option value='dhcp-host=52:54:00:0d:62:e2,10.10.0.30,harv-a'/></dnsmasq:options></network>
<domain type='kvm'><name>harv-a</name><os firmware='efi'><kernel>/srv/harvester-v1.7.1-vmlinuz-amd64</kernel>
<cmdline>ip=dhcp harvester.install.mode=create harvester.install.device=/dev/vda</cmdline></os></domain>
<domain type='kvm'><name>cg01</name><os firmware='efi'><kernel>/srv/vmlinuz</kernel></os></domain>`;
  const site = siteOf([['libvirt', 'plant.xml', xml]]);
  assert.equal(parse(site.text).nodes, {});
  assert.equal(notesOf(site, 'left'), []);
});

test('other files are refused, without their secrets', () => {
  for (const [kind, text] of [
    ['harvester', 'a: 1\npassword: open-canal-8\n'],
    ['settings', 'password: open-canal-8\n'],
    ['kea', '{"Dhcp6": {"password": "open-canal-8"}}'],
  ] as const) {
    const { site, log } = imported([[kind, 'other.yaml', text]]);
    assert.is(site, undefined);
    assert.not.match(log, 'open-canal');
    assert.is(log, '');
  }
});

test.run();
