import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import { JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import type { ImportedSite, ImportSettings } from '../src/import/model/import-format.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source, type SourceLocation } from '../src/source/source.ts';
import { parseVersion } from '../src/values/version.ts';
import { harvgen } from './support/cli.ts';
import { runs, SEED } from './support/effort.ts';
import { CONFIG_CREATE, CONFIG_JOIN, DHCPD, KEA, SETTINGS, script } from './support/ipxe-examples.ts';
import { edited } from './support/plant.ts';
import { edited as damaged, edit } from './support/random-mutation.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

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
  const found = report.sorted();
  const errors = found.filter(({ severity }) => severity === 'error').length;
  return { site, found, errors, log: formatText(found, { color: false, folder: '/' }) };
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
    .map(
      ({ of, at, text }) =>
        `${at ? `${at.source.file.slice(1)}:${at.source.position(at.start).line} ` : ''}${of}: ${text}`,
    );

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
  assert.equal([...site.secrets].sort(), [
    ['cluster_token', 'nine-herons-by-the-long-canal'],
    ['node_password', 'Long-canal-word-31'],
  ]);
  const { errors, tree } = await built(site);
  assert.equal(errors, []);
  const boot = String(tree?.get('www/ipxe/52-54-00-0d-62-e2.ipxe')?.content);
  assert.match(boot, 'harvester.install.config_url=http://10.10.0.7/config/52-54-00-0d-62-e2.yaml');
});

test('a server_url without a scheme, which the installer adds, has the VIP', () => {
  const config = CONFIG_JOIN.replace(/server_url: .*/, 'server_url: 10.10.0.19');
  const { cluster } = parse(siteOf([['harvester', 'config-join.yaml', config]]).text);
  assert.is(cluster.vip, '10.10.0.19');
});

test('nothing of these files is lost silently', () => {
  const site = siteOf([...CONFIGS, ...SCRIPTS, DHCP]);
  assert.equal(notesOf(site, 'open'), [
    'dhcpd.conf:2 include "/etc/dhcp/ipxe.conf": another file: add it as another file of dhcpd, if it is not added yet',
  ]);
  const isText =
    'install.management_interface.bond_options.miimon: the installer requires text here: it is now quoted';
  const media = 'kernel: harvgen derives the URLs of the media from server.media and the release';
  assert.equal(notesOf(site, 'changed'), [
    `52:54:00:0d:62:e2:3 ${media}`,
    `52:54:00:35:86:92:3 ${media}`,
    'config-create.yaml:1 replica_count: 2 is added, the number of nodes that store volumes, and the installer itself has 3: to keep that, set config.install.harvester.storage_class.replica_count: 3',
    `config-create.yaml:20 ${isText}`,
    'config-create.yaml:26 install.vip_mode: it is now spelled dhcp',
    'config-join.yaml:2 server_url: nodes join at https://10.10.0.19:443, the VIP of the cluster',
    `config-join.yaml:21 ${isText}`,
    'dhcpd.conf:15 "http://10.10.0.7": the server of the old files: add --server if the site has another',
    'dhcpd.conf:26 harvest_node_0: the node is named harv-a, as in its configuration',
    'dhcpd.conf:32 harvest_node_1: the node is named harv-b, as in its configuration',
  ]);
  const noEffect =
    'install.management_interface.default_route: it has no effect. No release reads it: the management network always carries the default route.';
  const ssl = '"rd.noverifyssl": harvgen writes this argument only if the media are at an https URL';
  assert.equal(
    notesOf(site, 'left').filter((note) => !note.startsWith('dhcpd.conf')),
    [
      `52:54:00:0d:62:e2:5 ${ssl}`,
      `52:54:00:35:86:92:5 ${ssl}`,
      `config-create.yaml:16 ${noEffect}`,
      `config-join.yaml:17 ${noEffect}`,
    ],
  );
});

test('configurations alone leave open what no file contains', () => {
  const site = siteOf(CONFIGS);
  assert.equal(notesOf(site, 'open'), [
    'config-create.yaml:1 harv-a: its MAC address and IP address were not found in the files read',
    'config-join.yaml:1 harv-b: its MAC address and IP address were not found in the files read',
    'server.url: not found in the files read: set the URL of the boot server for downloads; or add --server',
    'networks.mgmt.subnet: no IP address found in the files read; or add --subnet',
  ]);
  assert.equal(parse(site.text).nodes, {
    'harv-a': { mode: 'create', nics: [{ name: 'ens5', mac: '…', ip: '…' }] },
    'harv-b': { nics: [{ name: 'ens5', mac: '…', ip: '…' }] },
  });
});

/** The configurations with the placeholders of ipxe-examples, and its builds of master. */
const EXAMPLES = CONFIGS.map(([kind, file, text]) => {
  const example = text
    .replaceAll('v1.7.1', 'master')
    .replace(/nine-herons-\S+/, 'token')
    .replace('Long-canal-word-31', 'p@ssword')
    .replace(/ssh-ed25519 .*/, 'ssh-rsa ...          # Replace with your public key');
  return [kind, file, example] as const;
});

test('the placeholders of ipxe-examples and its builds of master are open or kept', async () => {
  const site = siteOf([...EXAMPLES, ...SCRIPTS, DHCP]);
  assert.equal([...site.secrets], []);
  assert.equal(
    [...(site.secretsToMake ?? [])].map(([name]) => name),
    ['node_password', 'cluster_token'],
  );
  // check warns of it.
  assert.equal(parse(site.text).harvester, { version: 'master' });
  const isPlaceholder = 'os.ssh_authorized_keys: a placeholder, not a value: set your own';
  assert.equal(
    notesOf(site, 'open').filter((note) => note.includes('placeholder')),
    [`config-create.yaml:6 ${isPlaceholder}`, `config-join.yaml:7 ${isPlaceholder}`],
  );
  assert.not.match(site.text, 'ssh-rsa');
  assert.equal((await built(site)).errors, []);
});

test('a placeholder is not a value, and real values beside it stay', () => {
  const create = EXAMPLES[0]?.[2] ?? '';
  const text = edited(
    create,
    ['vip: 10.10.0.19', 'vip: <server_public_ip>'],
    ['token: token ', 'token: <the token of your cluster>'],
    ['device: /dev/sda', 'device: "..."'],
    ['  - 1.suse.pool.ntp.org\n', '  - <your NTP server>\n'],
    ['  - ssh-rsa ...  ', '  - ssh-rsa AAAAB3NzaC1... me\n  - <script>alert()</script>\n  - github:me'],
  );
  const site = siteOf([['harvester', 'config-create.yaml', text]]);
  const { cluster, nodes } = parse(site.text);
  assert.is(cluster.vip, '…');
  assert.is(cluster.token, '${secret:cluster_token}');
  const { install, os } = nodes['harv-a'].config ?? parse(site.text).defaults.config;
  assert.is(install.device, undefined);
  assert.equal(os.ntp_servers, ['0.suse.pool.ntp.org']);
  assert.equal(os.ssh_authorized_keys, ['<script>alert()</script>', 'github:me']);
  const isPlaceholder = 'a placeholder, not a value: set your own';
  assert.equal(
    notesOf(site, 'open').filter((note) => note.includes('placeholder') || /disk|token|VIP/.test(note)),
    [
      'config-create.yaml:1 harv-a: its installation disk was not found in the files read: add config.install.device',
      `config-create.yaml:2 token: ${isPlaceholder}`,
      `config-create.yaml:6 os.ssh_authorized_keys: ${isPlaceholder}`,
      `config-create.yaml:12 os.ntp_servers: ${isPlaceholder}`,
      `config-create.yaml:23 install.device: ${isPlaceholder}`,
      `config-create.yaml:27 install.vip: ${isPlaceholder}`,
      'cluster.vip: the VIP was not found in the files read',
      'token: not found in the files read: generate the secret cluster_token with `openssl rand -hex 32`',
    ],
  );
});

test('a table completes the examples, which have scripts for any machine and no DHCP server', async () => {
  const upstream = (config: string) =>
    script(config).replaceAll('http://10.10.0.7/harvester', 'https://raw.example.org/main/general');
  const table = `name,mac,ip,gateway,dns
harv-a,52:54:00:0d:62:e2,10.10.0.30/24,10.10.0.1,10.10.0.1
harv-b,52:54:00:35:86:92,10.10.0.31/24,10.10.0.1,10.10.0.1
`;
  const site = siteOf(
    [
      ...EXAMPLES,
      ['ipxe', 'ipxe-create', upstream('config-create.yaml')],
      ['ipxe', 'ipxe-join', upstream('config-join.yaml')],
      ['csv', 'machines.csv', table],
    ],
    { server: 'http://10.10.0.7' },
  );
  assert.equal(parse(site.text).nodes, {
    'harv-a': { mode: 'create', nics: [{ name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30' }] },
    'harv-b': { nics: [{ name: 'ens5', mac: '52:54:00:35:86:92', ip: '10.10.0.31' }] },
  });
  assert.equal((await built(site)).errors, []);
});

test('the URL of a script in dhcpd.conf is that of the boot server', () => {
  const site = siteOf([...CONFIGS, DHCP]);
  assert.is(parse(site.text).server.url, 'http://10.10.0.7');
  const byName = DHCPD.replace('http://10.10.0.7/', 'http://boot.example.org/');
  assert.is(parse(siteOf([...CONFIGS, ['dhcpd', 'dhcpd.conf', byName]]).text).server.url, '…');
});

test('of two configurations of a machine, the first names it, also in the note on dhcpd.conf', () => {
  const [, second] = CONFIGS as readonly [Given, Given];
  const named = second[2].replace('harv-b', 'harv-c');
  const { site, errors } = imported([
    ...CONFIGS,
    ...SCRIPTS,
    ['harvester', '52-54-00-35-86-92.yaml', named],
    DHCP,
  ]);
  assert.is(errors, 0);
  assert.equal(Object.keys(parse(site?.text ?? '').nodes), ['harv-a', 'harv-b']);
  assert.ok(
    site &&
      notesOf(site, 'changed').includes(
        'dhcpd.conf:32 harvest_node_1: the node is named harv-b, as in its configuration',
      ),
  );
});

test('files of two clusters are not one site', () => {
  const { site, log } = imported([...CONFIGS, ['settings', 'settings.yml', SETTINGS]]);
  assert.is(site, undefined);
  assert.match(
    log,
    `settings.yml:21:9 error import-conflict
  This node creates a cluster with the VIP 192.168.50.131, and another one with 10.10.0.19: joined files describe one cluster.
`,
  );
  assert.match(
    log,
    `  the other VIP is set at config-create.yaml:25:8
  help: import the files of each cluster as a separate site
`,
  );
});

test('a VIP outside the network of the nodes is reported with both source locations', () => {
  const elsewhere = DHCPD.replaceAll('10.10.0.', '10.20.0.');
  const { site, log, errors } = imported([...CONFIGS, ...SCRIPTS, ['dhcpd', 'dhcpd.conf', elsewhere]]);
  assert.is(errors, 0);
  assert.is(parse(site?.text ?? '').cluster.vip, '10.10.0.19');
  assert.match(
    log,
    `config-create.yaml:25:8 warning import-conflict
  The VIP 10.10.0.19 is outside 10.20.0.0/24, the network of the nodes: the files probably describe two clusters.
`,
  );
  assert.match(
    log,
    `  the subnet is set at dhcpd.conf:9:8
  help: import the files of each cluster as a separate site, or correct the VIP or the subnet
`,
  );
});

test('one configuration for several scripts, and scripts for any machine', () => {
  const site = siteOf([
    ...CONFIGS,
    ['ipxe', 'ipxe-create', script('config-create.yaml')],
    ['ipxe', '52-54-00-35-86-92.ipxe', script('config-join.yaml')],
    ['ipxe', '52-54-00-35-86-93.ipxe', script('config-join.yaml')],
  ]);
  const nic = (mac: string) => ({ nics: [{ name: 'ens5', mac, ip: '…' }] });
  assert.equal(parse(site.text).nodes, {
    'harv-a': { mode: 'create', ...nic('…') },
    'harv-b': nic('52:54:00:35:86:92'),
    'node-525400358693': nic('52:54:00:35:86:93'),
  });
  assert.ok(
    notesOf(site, 'changed').includes(
      'config-join.yaml:5 harv-b: several machines have this configuration: only the first gets its host name',
    ),
  );
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

test('of two files of a node, each different value is reported with both places', () => {
  const withGateway = (gateway: string) =>
    edited(CONFIG_CREATE, [
      '    default_route: true\n    method: dhcp\n',
      `    method: static\n    ip: 10.10.0.30\n    subnet_mask: 255.255.255.0\n    gateway: ${gateway}\n`,
    ]);
  const other = edited(
    withGateway('10.10.0.254'),
    ['device: /dev/sda', 'device: /dev/nvme0n1'],
    ['nine-herons', 'ten-herons'],
    ['0.suse.pool', '2.suse.pool'],
  );
  const table = 'name,role,vcpus,memory\nharv-a,management,8,32Gi\n';
  const { site, found, log } = imported([
    ['harvester', 'a.yaml', withGateway('10.10.0.1')],
    ['harvester', 'b.yaml', other],
    ['csv', 'a.csv', table],
    ['csv', 'b.csv', table.replace('8,32', '16,64')],
  ]);
  const place = ({ source, start }: SourceLocation) =>
    `${source.file.slice(1)}:${source.position(start).line}`;
  assert.equal(
    found.map(({ code, message, at, related }) =>
      [code, message.split(',')[0], place(at), ...(related ?? []).map((one) => place(one.at))].join(' | '),
    ),
    [
      'import-conflict | The number of CPUs of harv-a is 16 here | b.csv:2 | a.csv:2',
      'import-conflict | The memory of harv-a is 64Gi here | b.csv:2 | a.csv:2',
      'import-conflict | The token of harv-a is *** here | b.yaml:2 | a.yaml:2',
      'import-conflict | The gateway of 10.10.0.0/24 is 10.10.0.254 here | b.yaml:19 | a.yaml:19',
      'import-conflict | The install.device of harv-a is /dev/nvme0n1 here | b.yaml:23 | a.yaml:23',
    ],
  );
  assert.not.match(log, 'herons');
  assert.is(parse(site?.text ?? '').networks.mgmt.gateway, '10.10.0.1');
});

test('an installer without its configuration has the settings of its kernel command line', () => {
  const line = script('config-a.yaml').replace(
    ' console=tty1 harvester.install.automatic',
    ' console=ttyS1 console=tty1 harvester.os.hostname=harv-a harvester.install.mode=create harvester.install.device=/dev/sdb harvester.token=nine-herons-by-the-long-canal harvester.os.ntp_servers=a.example.org harvester.os.ntp_servers=b.example.org harvester.install.automatic',
  );
  const site = siteOf([['ipxe', '52-54-00-0d-62-e2.ipxe', line]]);
  assert.not.match(site.text, 'nine-herons');
  const { nodes, defaults } = parse(site.text);
  assert.equal(nodes, {
    'harv-a': { mode: 'create', nics: [{ name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '…' }] },
  });
  assert.equal(defaults.config, {
    os: { ntp_servers: ['a.example.org', 'b.example.org'] },
    install: { device: '/dev/sdb', skipchecks: true },
  });
  assert.equal(defaults.boot, { consoles: ['ttyS1', 'tty1'], args: ['rd.live.debug=1'] });
  assert.equal(notesOf(site, 'open').slice(0, 3), [
    '52-54-00-0d-62-e2.ipxe:1 harv-a: its password was not found in the files read: add config.os.password, or ssh_authorized_keys',
    '52-54-00-0d-62-e2.ipxe:1 harv-a: its IP address was not found in the files read',
    '52-54-00-0d-62-e2.ipxe:5 harv-a: its configuration is at "http://10.10.0.7/harvester/config-a.yaml", which harvgen does not download: add it with --join harvester:FILE',
  ]);
});

test('lists on a kernel command line: with commas, or by repeated arguments', () => {
  const line = script('').replace(
    /harvester\.install\.config_url=\S*/,
    'harvester.install.mode=create harvester.install.device=/dev/vda harvester.install.vip=10.10.0.19 ' +
      'harvester.os.ntp_servers="0.suse.pool.ntp.org,1.suse.pool.ntp.org" harvester.os.dns_nameservers="8.8.8.8" ' +
      'harvester.install.management_interface.interfaces="hwAddr:52:54:00:0d:62:e2,name:ens5" ' +
      'harvester.install.management_interface.interfaces=name:ens6',
  );
  const site = siteOf([['ipxe', '52-54-00-0d-62-e2.ipxe', line]]);
  const { nodes, defaults } = parse(site.text);
  assert.equal(defaults.config.os, {
    ntp_servers: ['0.suse.pool.ntp.org', '1.suse.pool.ntp.org'],
    dns_nameservers: ['8.8.8.8'],
  });
  const [node] = Object.values<{ nics: unknown }>(nodes);
  assert.equal(node?.nics, [{ name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '…' }, { name: 'ens6' }]);
  assert.ok(
    notesOf(site, 'changed').includes(
      '52-54-00-0d-62-e2.ipxe:5 os.ntp_servers: it is now a list, no longer one text with commas',
    ),
  );
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
  const { os, install } = defaults.config;
  assert.equal(install, { device: '/dev/vda', tty: 'ttyS0' });
  assert.equal(
    [os.password, os.dns_nameservers, os.ntp_servers, os.sshd],
    ['${secret:node_password}', ['192.168.50.1'], ['0.suse.pool.ntp.org'], { sftp: true }],
  );
  const node = (mac: string, ip: string, memory: string, size: string) => ({
    nics: [{ name: 'ens6', mac, ip }],
    vm: { vcpus: 8, memory, disks: [{ size }] },
  });
  assert.equal(nodes, {
    'harvester-node-0': { mode: 'create', ...node('02:00:00:0d:62:e2', '192.168.50.30', '32Gi', '500Gi') },
    'harvester-node-1': { role: 'worker', ...node('02:00:00:35:86:92', '192.168.50.31', '33000Mi', '400Gi') },
  });
  const media = 'harvgen derives the URLs of the media from server.media and the release';
  assert.equal(notesOf(site, 'left'), [
    'settings.yml:2 harvester_sha512_url: scripts/fetch-media.sh compares the media with the checksums of the release',
    `settings.yml:3 harvester_iso_url: ${media}`,
    `settings.yml:4 harvester_kernel_url: ${media}`,
    `settings.yml:5 harvester_ramdisk_url: ${media}`,
    `settings.yml:6 harvester_rootfs_url: ${media}`,
    'settings.yml:7 harvester_iso_download_and_sha512_check_timeout_seconds: scripts/fetch-media.sh has no time limit',
    'settings.yml:36 harvester-node-2: harvester_cluster_nodes is 2, so that its machine is not created',
    'settings.yml:52 rancher_config: harvgen installs Harvester only: keep its playbook for this',
  ]);
  assert.equal((await built(site)).errors, []);
});

test('the common sizes of settings.yml are listed if each machine has its own', () => {
  const sized = SETTINGS.replaceAll(
    /mgmt_nic: ens6\n(?=.*(?:35:86:92|2F:F2:2A))/g,
    'mgmt_nic: ens6\n      cpu: 4\n      memory: 32768\n',
  );
  const site = siteOf([['settings', 'settings.yml', sized]]);
  assert.equal(
    notesOf(site, 'left').filter((note) => note.includes('harvester_node_config')),
    [
      'settings.yml:53 harvester_node_config cpu: each machine has its own value',
      'settings.yml:54 harvester_node_config memory: each machine has its own value',
    ],
  );
  assert.equal(parse(site.text).nodes['harvester-node-1'].vm, {
    vcpus: 4,
    memory: '32Gi',
    disks: [{ size: '400Gi' }],
  });
});

test('the common sizes of settings.yml are compared only with machines that are created', () => {
  const table: Given = ['csv', 'machines.csv', 'name,mac,ip\ncg01,52:54:00:0d:62:e2,192.168.50.40\n'];
  const sizesOf = (count: number) => {
    const text = SETTINGS.replace('cluster_nodes: 2', `cluster_nodes: ${count}`);
    const notes = notesOf(siteOf([['settings', 'settings.yml', text], table]), 'left');
    return notes.flatMap((note) => /harvester_node_config (\w+)/.exec(note)?.[1] ?? []);
  };
  assert.equal(sizesOf(2), []);
  assert.equal(sizesOf(1), ['cpu', 'memory', 'disk_size']);
  assert.equal(sizesOf(0), []);
});

test('kea-dhcp4.conf makes networks and nodes, with its comments', async () => {
  const site = siteOf([...CONFIGS, ['kea', 'kea-dhcp4.conf', KEA]], { server: 'http://10.10.0.7' });
  const { networks, nodes, cluster } = parse(site.text);
  const dns = ['10.10.0.1', '10.10.0.2'];
  assert.equal(networks, {
    mgmt: {
      subnet: '10.10.0.0/24',
      gateway: '10.10.0.1',
      dns,
      ntp: ['10.10.0.1'],
      dhcp: { pool: '10.10.0.50-10.10.0.130', lease: '1h' },
    },
    'net-2': { subnet: '10.20.0.0/24', dns },
  });
  assert.equal(nodes, {
    'harv-a': { mode: 'create', nics: [{ name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30' }] },
    'harv-b': { nics: [{ name: 'ens5', mac: '52:54:00:35:86:92', ip: '10.10.0.31' }] },
  });
  assert.is(cluster.vip, '10.10.0.19');
  const ofBoot =
    'harvgen writes the boot options of DHCP: set boot of a node, and boot.loader for the boot loader';
  assert.equal(
    notesOf(site, 'left').filter((note) => note.startsWith('kea')),
    [
      'kea-dhcp4.conf:3 interfaces-config: a setting of the old server: harvgen writes a separate configuration',
      `kea-dhcp4.conf:6 option-def: ${ofBoot}`,
      `kea-dhcp4.conf:14 option boot-file-name: ${ofBoot}`,
      `kea-dhcp4.conf:15 subnet4 next-server: ${ofBoot}`,
      'kea-dhcp4.conf:18 reservations client-id: the identifier of a machine is its MAC address, not its client ID',
      'kea-dhcp4.conf:21 10.20.0.128-10.20.0.254: no machine boots from net-2: set dhcp there if others need its pool',
    ],
  );
  assert.equal((await built(site)).errors, []);
});

test('--harvester-version installs Harvester on machines of any files', async () => {
  const harvesterVersion = parseVersion('v1.7.1');
  const table =
    'name,mac,ip,role,mode,disk\nharv-a,52:54:00:0d:62:e2,10.10.0.30,,create,/dev/sda\nharv-b,52:54:00:35:86:92,10.10.0.31,worker,,/dev/sdb\n';
  const site = siteOf([['csv', 'machines.csv', table]], { harvesterVersion, server: 'http://10.10.0.7' });
  const { harvester, nodes, cluster } = parse(site.text);
  assert.equal(harvester, { version: 'v1.7.1' });
  assert.equal(cluster, { vip: '…', token: '${secret:cluster_token}' });
  const installed = (device: string) => ({ config: { install: { device } } });
  assert.equal(nodes, {
    'harv-a': { mode: 'create', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30', ...installed('/dev/sda') },
    'harv-b': { role: 'worker', mac: '52:54:00:35:86:92', ip: '10.10.0.31', ...installed('/dev/sdb') },
  });
  const dhcpd = siteOf([DHCP], { harvesterVersion });
  assert.equal(parse(dhcpd.text).cluster, {
    vip: '10.10.0.19',
    vip_mode: 'dhcp',
    vip_hw_addr: '52:54:00:ec:0e:0b',
    token: '${secret:cluster_token}',
  });
  assert.equal(parse(dhcpd.text).nodes, {
    'harvest-node-0': { mode: 'create', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30' },
    'harvest-node-1': { mac: '52:54:00:35:86:92', ip: '10.10.0.31' },
  });
});

test('the command takes --harvester-version with joined formats', () => {
  const folder = scratchFolder();
  writeFiles(folder, { 'machines.csv': 'name,mac,ip\nharv-a,52:54:00:0d:62:e2,10.10.0.30\n' });
  const run = harvgen(['import', 'csv', 'machines.csv', '--harvester-version', 'v1.7.1'], folder);
  assert.is(run.code, 0, run.stderr);
  assert.equal(parse(run.stdout).harvester, { version: 'v1.7.1' });
});

test('scripts and configurations of harvgen can be imported again', async () => {
  const { tree } = await built(siteOf([...CONFIGS, ...SCRIPTS, DHCP]));
  const given = (kind: string, folder: string, ending: string): Given[] =>
    ['52-54-00-0d-62-e2', '52-54-00-35-86-92'].map((mac) => {
      const file = `${mac}.${ending}`;
      return [kind, file, String(tree?.get(`www/${folder}/${file}`)?.content)];
    });
  const site = siteOf([...given('harvester', 'config', 'yaml'), ...given('ipxe', 'ipxe', 'ipxe'), DHCP]);
  const { harvester, server, cluster, nodes } = parse(site.text);
  assert.equal(harvester, { version: 'v1.7.1' });
  assert.is(server.url, 'http://10.10.0.7');
  assert.is(cluster.token, '${secret:cluster_token}');
  assert.equal([...site.secrets], []);
  assert.equal(nodes, {
    'harv-a': {
      mode: 'create',
      nics: [{ name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30' }],
      config: { install: { harvester: { storage_class: { replica_count: 2 } } } },
    },
    'harv-b': { nics: [{ name: 'ens5', mac: '52:54:00:35:86:92', ip: '10.10.0.31' }] },
  });
});

test('a disk alone is not an installation of Harvester', () => {
  const site = siteOf([['csv', 'machines.csv', 'name,mac,disk,role\ncg01,52:54:00:0d:62:e2,/dev/sda,gpu\n']]);
  assert.equal(parse(site.text).defaults, { boot: { os: 'linux', kernel: '…', initrd: '…' } });
  assert.equal(notesOf(site, 'left'), [
    'machines.csv:2 disk: a value for an installation of Harvester: add --harvester-version if it is installed there',
    'machines.csv:2 gpu: not a role of an installation of Harvester',
  ]);
});

test('two configurations with one file name are not joined with their scripts', () => {
  const ofNode = (folder: string) => script('config.yaml').replace('/config.yaml', `/${folder}/config.yaml`);
  const site = siteOf([
    ['harvester', 'a/config.yaml', CONFIG_CREATE],
    ['harvester', 'b/config.yaml', CONFIG_JOIN.replace('/dev/sda', '/dev/sdb')],
    ['ipxe', '52-54-00-0d-62-e2.ipxe', ofNode('a')],
    ['ipxe', '52-54-00-35-86-92.ipxe', ofNode('b')],
  ]);
  const why =
    'several configurations have this file name: rename each, also in the config_url of its script, and import again';
  assert.equal(
    notesOf(site, 'open').filter((note) => note.includes('config_url of')),
    [`a/config.yaml:1 config.yaml: ${why}`, `b/config.yaml:1 config.yaml: ${why}`],
  );
  const { nodes } = parse(site.text);
  for (const node of Object.values(nodes) as { nics?: { mac: string }[]; mac?: string; mode?: string }[])
    if ((node.nics?.[0]?.mac ?? node.mac) === '52:54:00:35:86:92') assert.is(node.mode, undefined);
  assert.equal([nodes['harv-a'].nics[0].mac, nodes['harv-b'].nics[0].mac], ['…', '…']);
});

test('nodes that all join extend a cluster that exists', async () => {
  const join = edited(CONFIG_JOIN, ['token: nine-herons-by-the-long-canal\n', '']).replace(
    '<YOUR_CLUSTER_IP_HERE>',
    '10.10.0.19',
  );
  const site = siteOf([['harvester', 'config-join.yaml', join], SCRIPTS[1] as Given, DHCP]);
  assert.equal(parse(site.text).cluster, {
    exists: true,
    vip: '10.10.0.19',
    vip_mode: 'dhcp',
    vip_hw_addr: '52:54:00:ec:0e:0b',
    token: '${secret:cluster_token}',
  });
  assert.equal(
    notesOf(site, 'open').filter((note) => /exists|token/.test(note)),
    [
      'config-join.yaml:12 cluster.exists: no node that creates the cluster found in the files read: the nodes join the one at the VIP. For a new cluster, set mode: create for one of them, and remove exists',
      'token: not found in the files read: set the secret cluster_token to the token of the running cluster',
    ],
  );
  assert.equal([...(site.secretsToMake ?? [])], []);
});

test('a release that never existed is open, and so is one that is too old', () => {
  for (const [release, why] of [
    ['v1.4.9', 'never released'],
    ['v1.0.3', 'older than v1.1.0'],
  ]) {
    const site = siteOf([
      ['harvester', 'config-create.yaml', CONFIG_CREATE.replaceAll('v1.7.1', release ?? '')],
    ]);
    assert.equal(parse(site.text).harvester, { version: '…' });
    assert.ok(
      notesOf(site, 'open').includes(
        `config-create.yaml:22 harvester.version: ${release}, which is in the files, is ${why}: set another, or add --harvester-version`,
      ),
    );
  }
});

test('the NICs of a bond stay if a table has the same machine', () => {
  const config = edited(CONFIG_CREATE, [
    '    - name: ens5\n',
    '    - hwAddr: 52:54:00:0d:62:e2\n      name: ens5\n    - name: ens6\n',
  ]);
  const table = 'name,mac,ip,mode,disk\nharv-a,52:54:00:0d:62:e2,10.10.0.30,create,/dev/sda\n';
  for (const given of [
    [
      ['csv', 'machines.csv', table],
      ['harvester', 'config-create.yaml', config],
    ],
    [
      ['harvester', 'config-create.yaml', config],
      ['csv', 'machines.csv', table],
    ],
  ] as const)
    assert.equal(parse(siteOf(given).text).nodes['harv-a'].nics, [
      { name: 'ens5', mac: '52:54:00:0d:62:e2', ip: '10.10.0.30' },
      { name: 'ens6' },
    ]);
});

test('another secret does not take the name of a placeholder', () => {
  const other = CONFIG_CREATE.replace('Long-canal-word-31', '"@@secret:cluster_token@@"');
  const site = siteOf([['harvester', 'config-create.yaml', other]]);
  assert.is(parse(site.text).cluster.token, '${secret:cluster_token_2}');
  assert.equal([...site.secrets], [['cluster_token_2', 'nine-herons-by-the-long-canal']]);
});

test('a placeholder does not take the name of another secret', () => {
  const joins = CONFIG_JOIN.replace('Long-canal-word-31', '"@@secret:node_password@@"');
  const site = siteOf([
    ['harvester', 'config-create.yaml', CONFIG_CREATE],
    ['harvester', 'config-join.yaml', joins],
  ]);
  const { nodes } = parse(site.text);
  assert.equal(
    ['harv-a', 'harv-b'].map((name) => nodes[name].config.os.password),
    ['${secret:node_password}', '${secret:node_password_2}'],
  );
  assert.is(site.secrets.get('node_password'), 'Long-canal-word-31');
  assert.not(site.secrets.has('node_password_2'));
  assert.equal(
    notesOf(site, 'open').filter((note) => note.includes('node_password')),
    [
      'config-join.yaml:8 node_password: another secret has this name: set the value of this one as the secret node_password_2',
    ],
  );
});

test('consoles and arguments of the installer are in boot, and in the built scripts', async () => {
  const line = (config: string, more: string) =>
    script(config).replace(' console=tty1', ` console=tty1 console=ttyS0,115200 ${more}`);
  const given = (more: string): Given[] => [
    ['harvester', 'config-create.yaml', edited(CONFIG_CREATE, ['#  tty: ttyS1', '  tty: ttyS1'])],
    CONFIGS[1] as Given,
    ['ipxe', '52-54-00-0d-62-e2.ipxe', line('config-create.yaml', 'rd.neednet=1 "dyndbg=file a +p"')],
    ['ipxe', '52-54-00-35-86-92.ipxe', line('config-join.yaml', more)],
    DHCP,
  ];
  const same = siteOf(given('rd.neednet=1 "dyndbg=file a +p"'));
  const boot = {
    consoles: ['tty1', 'ttyS0,115200'],
    args: ['rd.live.debug=1', 'rd.neednet=1', '"dyndbg=file a +p"'],
  };
  const { defaults, nodes } = parse(same.text);
  assert.equal([defaults.boot, nodes['harv-a'].boot, nodes['harv-b'].boot], [boot, undefined, undefined]);
  assert.ok(
    notesOf(same, 'changed').includes(
      'config-create.yaml:23 install.tty: the installed system has the first console of the installer, tty1',
    ),
    notesOf(same, 'changed').join('\n'),
  );
  const { errors, tree } = await built(same);
  assert.equal(errors, []);
  assert.match(
    String(tree?.get('www/ipxe/52-54-00-35-86-92.ipxe')?.content),
    /root=live:\S+ harvester\.install\.\S+ \S+ console=tty1 console=ttyS0,115200 rd\.live\.debug=1 rd\.neednet=1 "?dyndbg/,
  );
  const others = siteOf(given('BOOTIF=01-52-54-00-35-86-92 ip=10.10.0.31::: password=Long-canal-word'));
  const { defaults: shared, nodes: own } = parse(others.text);
  assert.equal(shared.boot, { consoles: boot.consoles });
  assert.equal(
    [own['harv-a'].boot, own['harv-b'].boot],
    [{ args: boot.args }, { args: ['rd.live.debug=1'] }],
  );
  const file = '52-54-00-35-86-92.ipxe:5';
  const isOfBoth = (note: string) => note.startsWith(file);
  assert.equal(notesOf(others, 'left').filter(isOfBoth), [
    `${file} "rd.noverifyssl": harvgen writes this argument only if the media are at an https URL`,
    `${file} BOOTIF: harvgen writes its own, or none`,
    `${file} ip: harvgen writes its own, or none`,
  ]);
  assert.equal(notesOf(others, 'open').filter(isOfBoth), [
    `${file} password: an argument with a secret, which any client of the script can read: provide it to the node in another way`,
  ]);
});

test('consoles and arguments of an installer are listed if another file boots the disk of its node', () => {
  const [create, join] = SCRIPTS as [Given, Given];
  const text = create[2].replace(' console=tty1', ' console=tty1 console=ttyS0,115200');
  const disk = '#!ipxe\nsanhook iscsi:10.10.0.9::::iqn.2015-02.org.example:a\n';
  const site = siteOf([
    ...CONFIGS,
    ['ipxe', create[1], text],
    join,
    ['ipxe', `disks/${create[1]}`, disk],
    DHCP,
  ]);
  assert.is(parse(site.text).nodes['harv-a'].boot.os, 'iscsi');
  const reason = 'of the installer: harv-a boots its disk instead';
  assert.equal(
    notesOf(site, 'left').filter((note) => note.endsWith(reason)),
    [`52:54:00:0d:62:e2:5 boot.consoles: ${reason}`],
  );
});

test('the role of a machine alone is not an installation of Harvester', () => {
  const site = siteOf([['csv', 'machines.csv', 'name,mac,role\ncg01,52:54:00:0d:62:e2,worker\n']]);
  const { harvester, cluster } = parse(site.text);
  assert.equal([harvester, cluster], [undefined, undefined]);
  assert.equal(notesOf(site, 'left'), [
    'machines.csv:2 role: a value for an installation of Harvester: add --harvester-version if it is installed there',
  ]);
});

test('libvirt: hosts in its dnsmasq options, and domains that boot the installer directly', () => {
  const xml = `<network xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><name>plant</name>
<ip address='10.10.0.1' netmask='255.255.255.0'><dhcp><range start='10.10.0.50' end='10.10.0.130'/></dhcp></ip>
<dnsmasq:options><dnsmasq:option value='dhcp-host=52:54:00:0d:62:e2,10.10.0.30,harv-a'/></dnsmasq:options></network>
<domain type='kvm'><name>harv-a</name><os firmware='efi'><kernel>/srv/harvester-v1.7.1-vmlinuz-amd64</kernel>
<cmdline>ip=dhcp harvester.install.mode=create harvester.install.device=/dev/vda</cmdline></os></domain>
<domain type='kvm'><name>cg01</name><os firmware='efi'><kernel>/srv/vmlinuz</kernel></os></domain>`;
  const site = siteOf([['libvirt', 'plant.xml', xml]]);
  assert.equal(parse(site.text).nodes['harv-a'], {
    mode: 'create',
    mac: '52:54:00:0d:62:e2',
    ip: '10.10.0.30',
    vm: { disks: [{ size: '…' }] },
    config: { install: { device: '/dev/vda' } },
  });
  assert.equal(notesOf(site, 'left'), [
    'plant.xml:6 "/srv/vmlinuz": a file of the host, from which libvirt boots the domain: copy it to server.images',
  ]);
});

test('other files are refused, without their secrets', () => {
  for (const [kind, text, message] of [
    [
      'harvester',
      'a: 1\npassword: open-canal-8\n',
      'The file is not a configuration of the Harvester installer: it has neither install nor os.',
    ],
    [
      'settings',
      'password: open-canal-8\n',
      'The file has no harvester_network_config: it is not the settings.yml of ipxe-examples.',
    ],
    [
      'kea',
      '{"Dhcp6": {"password": "open-canal-8"}}',
      "The file has no Dhcp4: it is not a configuration of Kea's DHCPv4 server.",
    ],
  ] as const) {
    const { site, log } = imported([[kind, 'other.yaml', text]]);
    assert.is(site, undefined);
    assert.not.match(log, 'open-canal');
    assert.match(log, `other.yaml:1:1 error import-kind\n  ${message}\n`);
  }
});

test('any damaged file makes a site or an error, and never shows a secret in the site', () => {
  const bases: Readonly<Record<string, readonly Given[]>> = {
    configs: [...SCRIPTS, ...CONFIGS],
    scripts: [...CONFIGS, ...SCRIPTS],
    settings: [['settings', 'settings.yml', SETTINGS]],
    kea: [...CONFIGS, ['kea', 'kea-dhcp4.conf', KEA]],
  };
  const seen = { made: 0, refused: 0 };
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(bases)),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (base, edits) => {
        const given = bases[base] ?? [];
        const [kind, file, text] = given.at(-1) as Given;
        const files = edits.reduce((all, one) => damaged(all, one), { [file]: text } as Record<
          string,
          string
        >);
        const { site, errors } = imported([...given.slice(0, -1), [kind, file, files[file] ?? '']]);
        assert.is(site === undefined, errors > 0, files[file]);
        seen[site ? 'made' : 'refused'] += 1;
        for (const [name, value] of site?.secrets ?? [])
          if (value.length > 9) assert.not(site?.text.includes(value), `${name}: ${site?.text}`);
      },
    ),
    { seed: SEED, numRuns: runs(200) },
  );
  assert.ok(seen.made > 20 && seen.refused > 5, JSON.stringify(seen));
});

test.run();
