import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, stringify } from 'yaml';
import { writeNewSites } from '../src/cli/new-site.ts';
import { type Compilation, compile } from '../src/compile.ts';
import type { ImportedSite, ImportSettings } from '../src/import/model/import-format.ts';
import { phs } from '../src/import/phs/phs.ts';
import { parseYaml } from '../src/inventory/parse.ts';
import { CODES, CODES_BY_SUBJECT } from '../src/source/diagnostics/codes.ts';
import { type Diagnostic, Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { isValueMap, keyLocationOf, locationOf, type Value, type ValueMap } from '../src/source/origin.ts';
import { Source, type SourceLocation } from '../src/source/source.ts';
import { parseVersion } from '../src/values/version.ts';
import { runs, SEED } from './support/effort.ts';
import { assertLinear } from './support/linear.ts';
import { PHS_DATA, PHS_NOW, PHS_OLD, PHS_SECRETS } from './support/phs-data.ts';
import { mutated, mutations } from './support/random-mutation.ts';
import { runAll } from './support/runs.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen import phs');

const SERVER = { server: 'http://10.20.0.6:10000' };

interface Imported {
  readonly sites: readonly ImportedSite[] | undefined;
  readonly found: readonly Diagnostic[];
  readonly log: string;
}

function imported(text: string, options: ImportSettings = {}, file = '/data.yaml'): Imported {
  const report = new Report();
  const sites = phs.read(new Source(file, text), options, report);
  const found = report.sorted();
  return { sites, found, log: formatText(found, { color: false, folder: '/' }) };
}

/** Returns the sites of a file, which must make some. */
function sitesOf(text: string, options: ImportSettings = {}, file = '/data.yaml'): readonly ImportedSite[] {
  const { sites, log } = imported(text, options, file);
  assert.ok(sites, log);
  return sites;
}

function compiled({ name, text }: ImportedSite): Promise<Compilation> {
  return compile(makeSite(text, name));
}

function logOf({ diagnostics }: Compilation): string {
  return formatText(diagnostics, { color: false, folder: '/' });
}

// biome-ignore lint/suspicious/noExplicitAny: inventories and configurations as plain data, of which tests look at this and that
type Plain = any;
const inventoryOf = ({ text }: ImportedSite): Plain => parse(text);

/** Returns the codes of diagnostics, with their lines. */
const codesOf = ({ found }: Imported) =>
  found.map(({ code, at }) => `${code} ${at.source.position(at.start).line}`);

/** Returns a text with one piece of it replaced, which must exist. */
function edited(text: string, ...edits: readonly (readonly [string, string])[]): string {
  let result = text;
  for (const [from, to] of edits) {
    assert.ok(result.includes(from), `${from} is there`);
    result = result.replace(from, () => to);
  }
  return result;
}

test('a file of two locations becomes two sites that pass the check', async () => {
  const sites = sitesOf(PHS_DATA);
  assert.equal(
    sites.map(({ name }) => name),
    ['plant_north', 'plant_south'],
  );
  for (const site of sites) {
    assert.is(logOf(await compiled(site)), '', site.name);
    for (const secret of [...Object.values(PHS_SECRETS), 'Another-pass-word-43'])
      assert.not(site.text.includes(secret));
  }
  const [north, south] = sites;
  assert.equal(Object.fromEntries(north?.secrets ?? []), {
    cluster_token: PHS_SECRETS.northToken,
    node_password: PHS_SECRETS.password,
    node_password_2: 'Another-pass-word-43',
  });
  assert.equal(Object.fromEntries(south?.secrets ?? []), {
    cluster_token: PHS_SECRETS.southToken,
    node_password: PHS_SECRETS.password,
  });
});

test('suspicious values in the file are reported at their location', () => {
  assert.equal(codesOf(imported(PHS_DATA)), [
    'phs-iso 26',
    'phs-join 31',
    'phs-iso 52',
    'phs-join 81',
    'phs-merge 126',
  ]);
  const severities = new Map(CODES.map(({ code, severity }) => [code, severity]));
  for (const { code, severity } of imported(PHS_DATA).found) assert.is(severities.get(code), severity);
});

/** A leaf of the original: its path in an entry of `maclist`, its value, its source location. */
interface Leaf {
  readonly path: string;
  readonly value: Value;
  /** The source location of a value and of its key; for values in a list, that of the list. */
  readonly at: readonly SourceLocation[];
}

function* leavesOf(value: Value, at: readonly SourceLocation[], path = ''): Iterable<Leaf> {
  if (typeof value !== 'object' || value === null) {
    yield { path, value, at };
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    const locations = [locationOf(value as ValueMap, key), keyLocationOf(value as ValueMap, key)];
    yield* leavesOf(
      inner,
      [...locations, ...(Array.isArray(value) ? at : [])],
      path === '' ? key : `${path}/${key}`,
    );
  }
}

/** Renamed keys; the order is significant. */
const RENAMED: readonly (readonly [RegExp, string])[] = [
  [/^values\/config\//, ''],
  [/^install\/vipMode$/, 'install/vip_mode'],
  [/^install\/networks\/harvester-mgmt\//, 'install/management_interface/'],
];

function renamed(path: string): string {
  return RENAMED.reduce((name, [from, to]) => name.replace(from, to), path);
}

/** The data that a node downloads: its configuration with secrets, and its kernel command line. */
interface Fetched {
  readonly mac: string;
  readonly config: Plain;
  readonly kernel: readonly string[];
}

function fetchedBy(mac: string, { tree }: Compilation, { secrets }: ImportedSite): Fetched {
  const path = mac.replaceAll(':', '-');
  const textOf = (name: string) => Buffer.from(tree?.get(name)?.content ?? '').toString();
  const config = textOf(`www/config/${path}.yaml`).replace(
    /@@secret:(\w+)@@/g,
    (mark, name: string) => secrets.get(name) ?? mark,
  );
  const line = /^kernel (.*)$/m.exec(textOf(`www/ipxe/${path}.ipxe`))?.[1] ?? '';
  return { mac, config: parse(config), kernel: line.split(' ') };
}

/** Returns the value of a node for a leaf of the original, if they can be compared. */
function effective({ path }: Leaf, { mac, config, kernel }: Fetched): unknown {
  const [ip, , gateway, mask, , nic] =
    kernel
      .find((word) => word.startsWith('ip='))
      ?.slice(3)
      .split(':') ?? [];
  switch (path) {
    case 'macaddress':
      return mac;
    case 'values/ipaddress':
      return ip;
    case 'values/netmask':
      return mask;
    case 'values/gateway':
      return gateway;
    case 'values/interface':
      return nic;
    case 'values/type':
      return config.install.mode;
    case 'values/version':
      return /\/harvester\/(v[^/]+)\//.exec(kernel[0] ?? '')?.[1];
  }
  const now = renamed(path);
  // The installed node identifies the NIC by its MAC address.
  if (/^install\/(management_interface\/interfaces\/0\/name|mgmt_interface)$/.test(now))
    return config.install.management_interface.interfaces[0].hwAddr === mac ? nic : undefined;
  return now.split('/').reduce((value: Plain, key) => value?.[key], config);
}

/** Returns the leaves of a configuration, by path. */
function plainLeaves(value: Plain, path = ''): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) =>
    plainLeaves(inner, path === '' ? key : `${path}/${key}`),
  );
}

/** The arguments of a kernel command line, by the text before the =; the kernel itself is first. */
function wordsOf(kernel: readonly string[]): [string, string][] {
  const words = kernel.slice(0, kernel.indexOf('||')).map((word): [string, string] => {
    const [, key = word, value = ''] = /^([^=]*)=?(.*)$/.exec(word) ?? [];
    return [`kernel ${key}`, value];
  });
  return words.map(([key, value], index) => (index === 0 ? ['kernel', kernel[0] ?? ''] : [key, value]));
}

/**
 * Returns the values of a node that its original lacks, or has with another value. Includes the arguments that phs adds to
 * every kernel command line, except the serial console.
 */
function derivedOf(
  original: ReadonlyMap<string, string>,
  site: ImportedSite,
  { mac, config }: Fetched,
): ReadonlyMap<string, string> {
  const { server, cluster, networks, harvester, nodes } = inventoryOf(site);
  const [name = ''] = Object.entries<Plain>(nodes).find(([, { nics }]) => nics[0].mac === mac) ?? [];
  const media = `${server.media ?? `${server.url}/harvester`}/${harvester.version}/harvester-${harvester.version}`;
  const value = (path: string) => original.get(`values/${path}`) ?? '';
  const [ip, mask, gateway] = [value('ipaddress'), value('netmask'), value('gateway')];
  const management = 'install/management_interface';
  const listed = (key: string, list: readonly string[] = []) =>
    list.map((one, index): [string, string] => [`os/${key}/${index}`, one]);
  return new Map<string, string>([
    ['scheme_version', '1'],
    ['os/hostname', name],
    ...listed('dns_nameservers', networks.mgmt.dns),
    ...listed('ntp_servers', networks.mgmt.ntp),
    ...(config.install.mode === 'join' ? ([['server_url', `https://${cluster.vip}:443`]] as const) : []),
    [`${management}/interfaces/0/hwAddr`, mac],
    [`${management}/method`, 'static'],
    [`${management}/ip`, ip],
    [`${management}/subnet_mask`, mask],
    [`${management}/gateway`, gateway],
    [`${management}/bond_options/mode`, 'active-backup'],
    [`${management}/bond_options/miimon`, '100'],
    [
      'install/iso_url',
      // Without downloadserver, the ISO keeps its URL, with the release.
      server.media === undefined
        ? (original.get('install/iso_url') ?? '').replaceAll('v0.3.0-rc1', harvester.version)
        : `${media}-amd64.iso`,
    ],
    ['kernel', `${media}-vmlinuz-amd64`],
    ['kernel initrd', `harvester-${harvester.version}-initrd-amd64`],
    ['kernel ip', `${ip}::${gateway}:${mask}:${name}:${value('interface')}:none`],
    ['kernel nameserver', networks.mgmt.dns[0]],
    ['kernel net.ifnames', '1'],
    ['kernel rd.cos.disable', ''],
    ['kernel rd.noverifyssl', ''],
    ['kernel console', 'tty1'],
    ['kernel root', `live:${media}-rootfs-amd64.squashfs`],
    ['kernel harvester.install.automatic', 'true'],
    ['kernel harvester.install.config_url', `${server.url}/config/${mac.replaceAll(':', '-')}.yaml`],
  ]);
}

/** Compares each leaf of each machine with that of its node, in both directions; returns the differing paths, all with notes. */
async function otherwise(text: string, options: ImportSettings = {}): Promise<Map<string, string[]>> {
  const { sites, found } = imported(text, options);
  assert.ok(sites);
  const root = parseYaml(new Source('/data.yaml', text), new Report());
  assert.ok(root && Array.isArray(root.maclist));
  const locations = [
    ...sites.flatMap(({ notes }) => notes.flatMap(({ at }) => at ?? [])),
    ...found.map(({ at }) => at),
  ];
  const differing = new Map<string, string[]>();
  const compilations = await Promise.all(sites.map(async (site) => ({ site, of: await compiled(site) })));
  let compared = 0;
  for (const entry of root.maclist) {
    assert.ok(isValueMap(entry));
    const mac = String(entry.macaddress);
    const home = compilations.find(({ of }) => of.site?.nodes.some(({ bootNic }) => bootNic.mac === mac));
    assert.ok(home, `${mac} is in a site: ${compilations.map(({ of }) => logOf(of)).join('')}`);
    const fetched = fetchedBy(mac, home.of, home.site);
    const original = new Map<string, string>();
    for (const leaf of leavesOf(entry, [])) {
      compared += 1;
      original.set(renamed(leaf.path), String(leaf.value));
      if (String(effective(leaf, fetched)) === String(leaf.value)) continue;
      const isNoted = locations.some(({ start, end }) =>
        leaf.at.some((at) => start === at.start && end === at.end),
      );
      assert.ok(isNoted, `${mac} ${leaf.path} ${leaf.value}: ${effective(leaf, fetched)}`);
      differing.set(mac, [...(differing.get(mac) ?? []), leaf.path.replace('values/config/', '')]);
    }
    const derived = derivedOf(original, home.site, fetched);
    for (const [path, value] of [...plainLeaves(fetched.config), ...wordsOf(fetched.kernel)])
      if (original.get(path) !== value)
        assert.is(
          derived.get(path),
          value,
          `${mac} ${path}, which the original sets to ${original.get(path)}`,
        );
  }
  assert.ok(compared > 20 * root.maclist.length);
  return differing;
}

const METHOD = 'install/networks/harvester-mgmt/method';

test('every value of every machine is equal in its node, or has a note with its location', async () => {
  for (const { notes } of sitesOf(PHS_DATA))
    assert.ok(notes.some(({ of, text }) => of === 'config.install.tty' && /console=ttyS0/.test(text)));
  const differing = await otherwise(PHS_DATA);
  const create = ['values/version', METHOD, 'install/iso_url', 'os/ntp_servers/1'];
  const join = [...create, 'server_url'];
  const sorted = (list: readonly string[] | undefined) => [...(list ?? [])].sort();
  assert.equal(sorted(differing.get('52:54:00:11:00:01')), sorted(create));
  assert.equal(sorted(differing.get('52:54:00:11:00:02')), sorted(join.filter((path) => !/ntp/.test(path))));
  assert.equal(sorted(differing.get('52:54:00:11:00:03')), sorted(join));
  assert.equal(sorted(differing.get('52:54:00:22:00:01')), sorted(create));
  assert.equal(sorted(differing.get('52:54:00:22:00:02')), sorted([...join, 'install/mgmt_interface']));
  assert.equal(sorted(differing.get('52:54:00:22:00:03')), sorted([...join, 'install/mgmt_interface']));
});

test('the same applies to the first generation, and to keys of current releases', async () => {
  const old = await otherwise(PHS_OLD, SERVER);
  assert.is(old.size, 6);
  const now = await otherwise(PHS_NOW);
  // On nodes that join, keys of the create node have no effect.
  assert.equal(Object.fromEntries(now), {
    '52:54:00:33:00:02': ['install/vip_mode', 'install/vip'],
    '52:54:00:33:00:03': ['install/vip_mode', 'install/vip'],
  });
});

test('the same file as JSON, and on standard input, makes the same sites', () => {
  const strip = (text: string) => text.replace(/^#.*\n/gm, '').replace(/ *#.*$/gm, '');
  const asJson = JSON.stringify(parse(PHS_DATA, { merge: true }), null, 1);
  const json = sitesOf(asJson, {}, '/data.json');
  // Without anchors, an equal configuration or its token determines the entry of a machine.
  assert.equal(
    json.map(({ name }) => name),
    ['plant_north', 'plant_south'],
  );
  for (const { notes } of json) assert.not(notes.some(({ text }) => /no machine merges/.test(text)));
  assert.equal(
    json.map(({ text }) => parse(strip(text))),
    sitesOf(PHS_DATA).map(({ text }) => parse(text)),
  );
  const [piped] = sitesOf(PHS_DATA, {}, '-');
  assert.match(piped?.text ?? '', /^ {2}vip: 10\.20\.0\.40 # line 28$/m);
});

test('the first generation requires --server, and the boot server serves the media itself', async () => {
  const { sites, log } = imported(PHS_OLD);
  assert.is(sites, undefined);
  assert.match(log, /^data\.yaml:1:1 error phs-server\n/);
  assert.match(log, '--server http://ADDRESS:10000');
  const [north] = sitesOf(PHS_OLD, SERVER);
  assert.ok(north);
  assert.equal(inventoryOf(north).server, {
    url: SERVER.server,
    next: 'http://10.20.0.6:10001',
  });
  assert.ok(north.notes.some(({ of }) => of === 'downloadserver'));
});

test('a server on another port also listens on that of phs', () => {
  const [site] = sitesOf(PHS_NOW, { server: 'http://10.40.0.7' });
  assert.ok(site);
  assert.equal(inventoryOf(site).server.ports, [10000]);
  assert.is(inventoryOf(site).server.url, 'http://10.40.0.7');
});

test('the release is the requested one, otherwise that of the file, otherwise that of its ISO', () => {
  const versionOf = (text: string, options: ImportSettings = {}) => {
    const [site] = sitesOf(text, options);
    assert.ok(site);
    return [inventoryOf(site).harvester.version, site.notes.some(({ of }) => of === 'version')];
  };
  assert.equal(versionOf(PHS_DATA), ['v1.9.0', true]);
  assert.equal(versionOf(PHS_DATA, { harvesterVersion: parseVersion('v1.4.1') }), ['v1.4.1', true]);
  assert.equal(versionOf(PHS_NOW), ['v1.6.1', false]);
  assert.equal(versionOf(PHS_NOW.replaceAll('version: v1.6.1', 'version: 1.6.1')), ['v1.6.1', false]);
  assert.equal(versionOf(PHS_NOW.replaceAll('    version: v1.6.1\n', '')), ['v1.6.1', false]);
  const mixed = edited(PHS_NOW, ['version: v1.6.1', 'version: v1.5.0']);
  assert.equal(versionOf(mixed), ['v1.6.1', true]);
  assert.equal(versionOf(edited(PHS_NOW, ['version: v1.6.1', 'version: v1.8-head'])), ['v1.8-head', true]);
  assert.match(imported(mixed).log, 'boot v1.5.0 and v1.6.1: a cluster must have one release');
});

test('no site is made of ambiguous files', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['macaddress: 52:54:00:33:00:01', 'macaddress: 52:54:00:33:00', 'phs-value 4'],
    ['vip: 10.40.0.40', 'vip: 10.40.0.43', 'phs-vip 34'],
    ['vip: 10.40.0.40', 'vip: 10.41.0.40', 'phs-vip 34'],
    ['server: http://10.40.0.6', 'server: http://10.40.0.6:8080', 'phs-server 1'],
    ['server: http://10.40.0.6', 'server: 10.40.0.6', 'phs-server 1'],
    ['maclist:', 'machines:', 'not-phs 1'],
    ['maclist:', 'maclists:', 'not-phs 3'],
    ['device: /dev', 'device: [/dev', 'yaml-syntax'],
    ['ssh_authorized_keys: [github:someone]', 'ssh_authorized_keys: {a: b}', 'wrong-type 17'],
    ['mode: create\n', 'mode: created\n', 'bad-value 23'],
    ['vip_mode: static', 'vip_mode: sometimes', 'bad-value 33'],
    ['iso_url: https://', 'iso_url: ', 'bad-value 32'],
    ['interface: eno1', 'interface: the first', 'phs-value 9'],
    ['ip: 10.40.0.42', 'ip: 10.40.0.43', 'phs-address 70'],
  ];
  for (const [from, to, code] of cases) {
    const run = imported(edited(PHS_NOW, [from, to]));
    assert.is(run.sites, undefined, to);
    assert.ok(
      codesOf(run).some((one) => one.startsWith(code)),
      `${to}: ${run.log}`,
    );
  }
  for (const [from, to, code] of [
    ['ipaddress: 10.20.0.31', 'ipaddress: 10.20.0.256', 'phs-address 108'],
    ['ipaddress: 10.20.0.31', 'ipaddress: 10.20.0.255', 'phs-address 108'],
    ['ipaddress: 10.20.0.32', 'ipaddress: 10.21.0.32', 'phs-address 118'],
    ['ipaddress: 10.20.0.31', 'ipaddres: 10.20.0.31', 'phs-address 106'],
    ['netmask: 255.255.255.0', 'netmask: 255.0.255.0', 'phs-address 109'],
    ['gateway: 10.20.0.1', 'gateway: 10.21.0.1', 'phs-address 110'],
  ] as const) {
    const run = imported(edited(PHS_DATA, [from, to]));
    assert.is(run.sites, undefined, to);
    assert.ok(codesOf(run).includes(code), `${to}: ${run.log}`);
  }
  const without = PHS_NOW.replace('        vip: 10.40.0.40\n', '');
  assert.is(inventoryOf(sitesOf(without)[0] as ImportedSite).cluster.vip, '10.40.0.40');
  const nowhere = imported(without.replaceAll('https://10.40.0.40', 'https://10.40.0.41'));
  assert.equal([nowhere.sites, ...codesOf(nowhere)], [undefined, 'phs-vip 4']);
  assert.is(imported('').sites, undefined);
  assert.match(imported('[1]').log, 'error not-a-map');
  assert.match(imported('maclist: []\n').log, 'error phs-value');
});

test('two machines with one IP address are an error that contains both', () => {
  const run = imported(edited(PHS_NOW, ['ipaddress: 10.40.0.43', 'ipaddress: 10.40.0.42']));
  const [found] = run.found.filter(({ code }) => code === 'phs-address');
  assert.is(run.sites, undefined);
  assert.is(found?.message, 'Two machines have the IP address 10.40.0.42.');
  assert.is(found?.related?.length, 1);
});

test('of several entries with one MAC address, the one that phs serves applies', () => {
  const third = /^- macaddress: 52:54:00:33:00:03\n[\s\S]*/m.exec(PHS_NOW)?.[0] ?? '';
  const other = third.replaceAll('10.40.0.43', '10.40.0.44').replace('harv-3', 'harv-4');
  const macsOf = (text: string) =>
    sitesOf(text).flatMap((site) =>
      Object.entries<Plain>(inventoryOf(site).nodes).map(([name, { nics }]) => `${name} ${nics[0].mac}`),
    );
  const last = macsOf(PHS_NOW + other);
  assert.equal(last.slice(2), ['harv-4 52:54:00:33:00:03']);
  assert.match(imported(PHS_NOW + other).log, 'warning phs-duplicate-mac');
  const shouted = other.replace('52:54:00:33:00:03', '52-54-00-33-00-03');
  assert.equal(macsOf(PHS_NOW + shouted).slice(2), ['harv-3 52:54:00:33:00:03']);
  assert.match(imported(PHS_NOW + shouted).log, 'phs never found this one');
});

/** Two sites with the same plan, which differ only in labels, MAC addresses and tokens. */
const TWINS = PHS_DATA.replaceAll('10.30.4.', '10.20.0.')
  .replaceAll('10.20.0.41\n    netmask: 255.255.252.0', '10.20.0.31\n    netmask: 255.255.252.0')
  .replaceAll('ipaddress: 10.20.0.42', 'ipaddress: 10.20.0.32')
  .replaceAll('ipaddress: 10.20.0.43', 'ipaddress: 10.20.0.33')
  .replaceAll('255.255.252.0', '255.255.255.0')
  .replaceAll('10.30.7.254', '10.20.0.1');

test('sites with the same plan can have the same IP addresses', () => {
  assert.equal(
    sitesOf(TWINS).map((site) => inventoryOf(site).networks.mgmt.subnet),
    ['10.20.0.0/24', '10.20.0.0/24'],
  );
});

test('machines that join an existing cluster get the VIP of the configuration that creates it', () => {
  const north = PHS_DATA.indexOf('- macaddress: 52:54:00:11:00:01');
  const second = PHS_DATA.indexOf('- macaddress: 52:54:00:11:00:02');
  const run = imported(PHS_DATA.slice(0, north) + PHS_DATA.slice(second));
  const [site] = run.sites ?? [];
  assert.ok(site, run.log);
  // They joined .41, which was the create node.
  assert.equal(inventoryOf(site).cluster, {
    vip: '10.20.0.40',
    token: '${secret:cluster_token}',
    exists: true,
  });
  assert.ok(codesOf(run).includes('phs-join 31'));
  assert.ok(!site.notes.some(({ text }) => /no create node sets a VIP/.test(text)));
});

test('machines that only join are a site of a cluster that exists, which passes all checks', async () => {
  const joining = edited(
    PHS_NOW,
    ['mode: create', 'mode: join'],
    ['type: create', 'type: join'],
    ['        vip_mode: static\n        vip: 10.40.0.40\n', ''],
    ['      os: &os\n', '      server_url: https://10.40.0.40:443\n      os: &os\n'],
  ).replaceAll(/ {6}token: .*\n/g, '');
  const run = imported(joining);
  const [site] = run.sites ?? [];
  assert.ok(site, run.log);
  assert.equal(inventoryOf(site).cluster, {
    vip: '10.40.0.40',
    token: '${secret:cluster_token}',
    exists: true,
  });
  assert.equal(
    site.notes
      .filter(({ of }) => of === 'cluster.exists' || of === 'token')
      .map(({ kind, text }) => [kind, text]),
    [
      [
        'open',
        'no node that creates the cluster found in the files read: the nodes join the one at the VIP. For a new cluster, set mode: create for one of them, and remove exists',
      ],
      [
        'open',
        'not found in the files read: set the secret cluster_token to the token of the running cluster',
      ],
    ],
  );
  assert.equal(
    (await compiled(site)).diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    [],
  );
});

test('create and join in separate entries without a label are one cluster', () => {
  const apart = PHS_DATA.replaceAll(/ {2}- cluster: .*\n {4}config_create/g, '  - config_create').replaceAll(
    / {4}config_join/g,
    '  - config_join',
  );
  assert.equal(
    sitesOf(apart).map((site) => Object.keys(inventoryOf(site).nodes).length),
    [3, 3],
  );
});

test('control characters and comment ends are escaped in messages and in the inventory', async () => {
  const evil = '"Plant\\e]0;x\\a\\r\\nserver: evil\\u2028x"';
  const run = imported(
    edited(PHS_DATA, ['cluster: Plant_North', `cluster: ${evil}`], ['modules: [kvm]', `${evil}: 1`]),
  );
  const [site] = run.sites ?? [];
  assert.ok(site, run.log);
  const all = [site.text, run.log, ...site.notes.flatMap(({ of, text }) => [of, text])].join('\n');
  for (const sign of ['\u001b', '\u0007', '\r', '\u2028'])
    assert.not(all.includes(sign), JSON.stringify(sign));
  for (const { of, text } of site.notes) assert.not(`${of}${text}`.includes('\n'));
  assert.match(site.text, '\\u{1b}');
  assert.is(inventoryOf(site).server.url, 'http://10.20.0.6:10000');
});

test('an invalid VIP mode becomes a valid one', async () => {
  const [site] = sitesOf(edited(PHS_NOW, ['vip_mode: static', 'vip_mode: none']));
  assert.ok(site);
  assert.is(inventoryOf(site).cluster.vip_mode, undefined);
  assert.ok(site.notes.some(({ of, kind }) => of === 'install.vip_mode' && kind === 'changed'));
  assert.is(logOf(await compiled(site)), '');
});

test('an invalid version is reported, and not used in comparisons', () => {
  const text = PHS_NOW.replaceAll('version: v1.6.1', 'version: 1.6');
  const run = imported(text.replaceAll('v1.6.1/harvester-v1.6.1-amd64', 'harvester'));
  assert.is(parse(imported(text).sites?.[0]?.text ?? '').harvester.version, 'v1.6.1');
  assert.equal(codesOf(run), ['phs-version 10', 'phs-version 43', 'phs-version 60']);
  const [site] = run.sites ?? [];
  assert.is(parse(site?.text ?? '').harvester.version, '…');
  const note = site?.notes.find(({ of }) => of === 'harvester.version');
  assert.is(
    note?.text,
    'not found in the files read: set the release that the machines install, or add --harvester-version',
  );
  assert.not.match(site?.text ?? '', 'v1.9.0');
});

test('without a version, the release is that of the ISO', () => {
  const none = PHS_NOW.replaceAll('    version: v1.6.1\n', '');
  for (const [iso, release] of [
    ['v1.6.1/harvester-v1.6.1-amd64.iso', 'v1.6.1'],
    ['harvester-v1.4.2-amd64.iso', 'v1.4.2'],
    ['harvester-amd64.iso', '…'],
  ] as const) {
    const text = none.replaceAll('v1.6.1/harvester-v1.6.1-amd64.iso', iso);
    assert.is(parse(imported(text).sites?.[0]?.text ?? '').harvester.version, release);
  }
});

test('keys next to a merge key are compared with the merged configuration', () => {
  const shared = edited(
    PHS_DATA.replace(/(&north_create\n {6}token: .*\n {6}os:)/, '$1 &os').replace(
      /(&north_join\n(?: {6}(?:server_url|token).*\n)+ {6})os:\n(?: {8}.*\n)+/,
      '$1os: *os\n',
    ),
    [
      '      os:\n        hostname: harv-spare\n        password: Another-pass-word-43',
      '      os:\n        <<: *os\n        hostname: harv-spare',
    ],
  );
  assert.not(imported(shared).log.includes('phs-merge'), imported(shared).log);
  const lost = imported(
    shared.replace('        <<: *os\n        hostname: harv-spare', '        hostname: harv-spare'),
  );
  assert.match(lost.log, 'the machine has no ssh_authorized_keys, password, dns_nameservers, ntp_servers.');
});

test('the help for a ConfigMap contains the command that extracts the data file', () => {
  const manifest = stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'phs-data' },
    data: { 'data.yaml': PHS_NOW },
  });
  const { sites, log } = imported(manifest);
  assert.is(sites, undefined);
  assert.match(log, 'the data file of phs is in "data.yaml" of its data');
  assert.match(log, "kubectl get configmap phs-data -o 'jsonpath={.data.data\\.yaml}' > data.yaml");
});

test('a typo in a type is reported with the likely type', () => {
  assert.match(imported(edited(PHS_NOW, ['type: create', 'type: creat'])).log, 'did you mean type: create?');
});

test('a MAC address that iPXE never found is imported, with a note', () => {
  const [site] = sitesOf(PHS_NOW.replace('52:54:00:33:00:03', '52:54:00:AA:00:03'));
  assert.ok(site);
  assert.is(inventoryOf(site).nodes['harv-3'].nics[0].mac, '52:54:00:aa:00:03');
  const note = site.notes.find(({ of }) => of === '52:54:00:AA:00:03');
  assert.is(note?.kind, 'changed');
});

test('keys that phs ignores are reported: typos as warnings, others in the list', () => {
  const run = imported(
    edited(PHS_NOW, ['    interface: eno1', '    interfce: eno1'], ['server:', 'owner: us\nserver:']),
  );
  assert.match(run.log, 'phs does not read interfce in values');
  assert.ok(run.sites?.[0]?.notes.some(({ of, kind }) => of === 'owner' && kind === 'left'));
  // phs reads JSON keys case-insensitively.
  assert.is(imported(edited(PHS_NOW, ['macaddress:', 'MacAddress:'])).log, '');
});

test('keys that no current release reads are dropped with the reason, and renamed keys are imported', async () => {
  const [site] = sitesOf(
    edited(PHS_NOW, [
      '        device: /dev',
      '        automatic: true\n        noFormat: true\n        powerOff: yes\n        forceEfi: true\n        mystery: 7\n        device: /dev',
    ]),
  );
  assert.ok(site);
  const textOf = (of: string) => site.notes.find((note) => note.of === of)?.text ?? `no note on ${of}`;
  assert.match(textOf('install.automatic'), 'has no effect');
  assert.match(textOf('install.mystery'), 'the installer has no such key');
  assert.is(textOf('install.powerOff'), 'it is now named poweroff');
  const { config } = inventoryOf(site).defaults;
  assert.is(config.install.poweroff, true);
  assert.is(config.install.force_efi, true);
  assert.is(config.install.mystery, undefined);
  assert.is(logOf(await compiled(site)), '');
});

test('networks other than the management network are dropped; NICs are imported by MAC address or name', () => {
  const [site] = sitesOf(
    edited(
      PHS_DATA,
      [
        '            method: dhcp\n',
        '            method: dhcp\n          vlan-20: {interfaces: [{name: ens9}]}\n',
      ],
      [
        '            - name: enp1s0\n',
        '            - name: enp1s0\n            - name: enp2s0\n            - hwAddr: 52:54:00:11:01:01\n',
      ],
    ),
  );
  assert.ok(site);
  assert.ok(site.notes.some(({ of, kind }) => of === 'install.networks.vlan-20' && kind === 'left'));
  assert.equal(inventoryOf(site).nodes.harv01.nics, [
    { name: 'enp1s0', mac: '52:54:00:11:00:01', ip: '10.20.0.31' },
    { mac: '52:54:00:11:01:01' },
    { name: 'enp2s0' },
  ]);
});

test('host names are made valid and unique, and derived from the MAC address if missing', async () => {
  const [site] = sitesOf(
    edited(
      PHS_NOW,
      ['hostname: harv-1', 'hostname: Harv_009'],
      ['hostname: harv-2', 'modules: [kvm]'],
    ).replace('hostname: harv-3', 'hostname: 4711'),
  );
  assert.ok(site);
  assert.equal(Object.keys(inventoryOf(site).nodes), ['harv-009', 'harv-009-2', 'node-525400330003']);
  assert.is(logOf(await compiled(site)), '');
});

test('a NIC of the bond without a MAC address is a NIC of its node, by its name', async () => {
  const run = imported(
    edited(PHS_DATA, [
      '            - name: enp1s0\n',
      '            - name: enp1s0\n            - name: enp2s0\n',
    ]),
  );
  const [site] = run.sites ?? [];
  assert.ok(site, run.log);
  assert.not.match(run.log, 'bond');
  const [node] = Object.values<Plain>(inventoryOf(site).nodes);
  assert.equal(node.nics.slice(1), [{ name: 'enp2s0' }]);
  assert.is(logOf(await compiled(site)), '');
});

test('values in another case are those of the installer, and a VIP by DHCP makes a site that passes', async () => {
  const text = edited(
    PHS_NOW,
    ['vip_mode: static', 'vipMode: DHCP'],
    [
      '        vip: ',
      '        vipHwAddr: 02:00:00:03:3d:61\n        webhooks: [{event: SUCCEEDED, method: get, url: "http://10.40.0.9/"}]\n        vip: ',
    ],
  );
  const [site] = sitesOf(text);
  assert.ok(site);
  const { cluster, networks, nodes, defaults } = inventoryOf(site);
  assert.is(cluster.vip_mode, 'dhcp');
  assert.equal(networks.mgmt.dhcp, { server: 'external' });
  const [first] = Object.values<Plain>(nodes);
  assert.is((first.config?.install?.webhooks ?? defaults.config.install.webhooks)[0].method, 'GET');
  assert.not.match(logOf(await compiled(site)), ' error ');
});

test('the values of most nodes are defaults, and the others override them', () => {
  const [site] = sitesOf(
    edited(PHS_NOW, ['device: /dev/disk/by-id/wwn-0x5000c500a0b1c2d3', 'device: /dev/sdb']).replace(
      /( {8}<<: \*install\n)/g,
      '$1        device: /dev/sda\n',
    ),
  );
  assert.ok(site);
  const { defaults, nodes } = inventoryOf(site);
  assert.is(defaults.config.install.device, '/dev/sda');
  assert.is(nodes['harv-1'].config.install.device, '/dev/sdb');
  assert.is(nodes['harv-2'].config, undefined);
});

test('notes on one machine are only in its site', () => {
  const [north, south] = sitesOf(edited(PHS_DATA, ['52:54:00:11:00:03', '52:54:00:AA:00:03']));
  const isSaid = (site: ImportedSite | undefined) => site?.notes.some(({ of }) => of === '52:54:00:AA:00:03');
  assert.equal([isSaid(north), isSaid(south)], [true, false]);
});

test('an unknown release is accepted, with a note', () => {
  const of = (text: string) =>
    sitesOf(PHS_NOW, { harvesterVersion: parseVersion(text) })[0]?.notes.some(
      (note) => note.of === 'harvester.version' && note.kind === 'open',
    );
  assert.equal([of('v99.9.9'), of('v1.9.0')], [true, false]);
  assert.equal([of('master'), of('v1.8-head'), of('v1.8.2')], [true, true, false]);
});

test('unnamed machines are named by their MAC addresses, and a placeholder name of many gets numbers, with a note', () => {
  const nameless = PHS_NOW.replace(/ {8}hostname: harv-1\n/, '').replace(/, hostname: harv-\d/g, '');
  const [site] = sitesOf(nameless, { site: 'lab' });
  assert.ok(site);
  assert.equal(
    Object.keys(inventoryOf(site).nodes),
    [1, 2, 3].map((number) => `node-52540033000${number}`),
  );
  const [same] = sitesOf(PHS_NOW.replace(/harv-\d/g, 'nord-xx'));
  assert.ok(same);
  assert.equal(Object.keys(inventoryOf(same).nodes), ['nord-xx', 'nord-xx-2', 'nord-xx-3']);
  assert.equal(
    same.notes.flatMap(({ of, text }) => (of === 'nord-xx' ? [text] : [])),
    [2, 3].map((number) => `the node is named nord-xx-${number}, because another node has the same name`),
  );
});

/** A cluster of many unnamed machines with the same configuration, except the first. */
function plantOf(count: number): string {
  const machines = Array.from({ length: count }, (_, index) => ({
    macaddress: `52:54:00:44:${(256 + (index >> 8)).toString(16).slice(1)}:${(256 + (index & 255)).toString(16).slice(1)}`,
    values: {
      ipaddress: `10.44.${1 + (index >> 8)}.${index & 255}`,
      netmask: '255.255.0.0',
      gateway: '10.44.0.1',
      interface: 'eno1',
      version: 'v1.6.1',
      config: {
        token: PHS_SECRETS.northToken,
        ...(index === 0 ? {} : { server_url: 'https://10.44.0.40:443' }),
        os: { password: PHS_SECRETS.password, dns_nameservers: ['10.44.0.3'], ntp_servers: ['10.44.0.3'] },
        install: {
          device: '/dev/sda',
          mode: index === 0 ? 'create' : 'join',
          ...(index === 0 ? { vip: '10.44.0.40' } : {}),
        },
      },
    },
  }));
  return JSON.stringify({
    server: 'http://10.44.0.6',
    downloadserver: 'https://media.example.org',
    maclist: machines,
  });
}

test('thousands of machines are read in linear time, and the head of their inventory stays short', async () => {
  const headOf = (count: number) => {
    const [site] = sitesOf(plantOf(count));
    assert.ok(site);
    const ranges = Object.keys(inventoryOf(site).nodes).map((name) => /\[(\d+)-(\d+)\]/.exec(name));
    const counts = ranges.map((range) => (range ? Number(range[2]) - Number(range[1]) + 1 : 1));
    assert.is(
      counts.reduce((sum, nodes) => sum + nodes, 0),
      count,
    );
    return site.text.split('\n').findIndex((line) => !line.startsWith('#'));
  };
  assert.ok(headOf(2000) - headOf(20) <= 1);
  await assertLinear('machines', 1600, plantOf, sitesOf);
});

test('other types of secrets are removed, and publicly known ones are replaced', async () => {
  const [site] = sitesOf(
    edited(PHS_NOW.replaceAll(PHS_SECRETS.northToken, '612c99d263fe6b8acb56f0b964e07d0a'), [
      '        sysctls:',
      '        environment: {PROXY_PASSWORD: nine-owls-of-the-dale}\n        sysctls:',
    ]),
  );
  assert.ok(site);
  assert.not(site.text.includes('nine-owls'));
  assert.is(site.secrets.get('environment_proxy_password'), 'nine-owls-of-the-dale');
  assert.not(site.secrets.has('cluster_token'));
  assert.ok(
    site.notes.some(({ of, kind, text }) => of === 'token' && kind === 'open' && /openssl/.test(text)),
  );
  assert.is(logOf(await compiled(site)), '');
});

test('values that are not text in YAML keep their notation, even through an alias', async () => {
  const number = '9182736450918273';
  const text = edited(
    PHS_NOW.replaceAll(`token: ${PHS_SECRETS.northToken}`, 'token: *token').replace(
      'token: *token',
      `token: &token ${number}`,
    ),
    [`password: ${PHS_SECRETS.password}`, 'password: *token'],
    ['kernel.panic: "10"', 'kernel.panic: *ten'],
    ['      os: &os', '      ten: &ten 0x0A\n      os: &os'],
  );
  const { sites, log, found } = imported(text);
  assert.equal(codesOf({ sites, log, found }), []);
  const [site] = sites ?? [];
  assert.ok(site);
  assert.is(site.secrets.get('node_password'), number);
  assert.equal([...site.secrets.values()], [number]);
  assert.is(inventoryOf(site).defaults.config.os.password, '${secret:node_password}');
  assert.is(inventoryOf(site).cluster.token, '${secret:node_password}');
  assert.is(inventoryOf(site).defaults.config.os.sysctls['kernel.panic'], '0x0A');
  const [labelled] = sitesOf(
    `label: &label 4711\n${PHS_DATA.replace('cluster: Plant_North', 'cluster: *label')}`,
  );
  assert.is(labelled?.name, '4711');
});

test('another token, several create nodes, and a type other than the mode are warnings', () => {
  const codes = (...edits: [string, string][]) => codesOf(imported(edited(PHS_NOW, ...edits)));
  const token = PHS_NOW.lastIndexOf('token: ');
  const other = `${PHS_NOW.slice(0, token)}token: another-${PHS_NOW.slice(token + 7)}`;
  assert.equal(codesOf(imported(other)), ['phs-cluster 64']);
  assert.equal(codes(['type: create', 'type: join']), ['phs-mode 11']);
  assert.equal(codes(['mode: create', 'mode: join'], ['type: create', 'type: join']), []);
  assert.equal(codes(['mode: join', 'mode: create'], ['type: join', 'type: create']), ['phs-cluster 37']);
  assert.equal(codes(['interface: eno1', 'interface: eno2']), ['phs-interface 9']);
  assert.equal(
    codes([
      'netmask: 255.255.255.0\n    gateway: 10.40.0.1',
      'netmask: 255.255.254.0\n    gateway: 10.40.0.1',
    ])[0],
    'phs-network 28',
  );
});

test('the members of a bond stay if the machine boots from another NIC, with a warning that names them', () => {
  const run = imported(
    edited(PHS_NOW, ['interfaces: [{name: eno1}]\n', 'interfaces: [{name: eno2}, {name: eno3}]\n']),
  );
  assert.equal(codesOf(run), ['phs-interface 9']);
  assert.match(run.log, 'boots from eno1, but the installed node has its IP address on eno2 and eno3.');
  const { 'harv-1': node } = parse(run.sites?.[0]?.text ?? '').nodes;
  assert.equal(node.nics, [
    { name: 'eno1', mac: '52:54:00:33:00:01', ip: '10.40.0.41' },
    { name: 'eno2' },
    { name: 'eno3' },
  ]);
  assert.equal(node.config.install.management_interface.interfaces, [{ name: 'eno2' }, { name: 'eno3' }]);
});

test('an unused configuration is reported; a typo in an anchor is an error at its location', () => {
  const spare = `server: http://10.40.0.6\nconfig: [{cluster: spare, config_join: {token: x}}]\n${PHS_NOW.replace(/^server.*\n/, '')}`;
  const [site] = sitesOf(spare);
  assert.ok(site?.notes.some(({ of, kind }) => of === 'spare config_join' && kind === 'left'));
  const run = imported(edited(PHS_DATA, ['<< : *south_join', '<< : *suoth_join']));
  assert.is(run.sites, undefined);
  assert.equal(codesOf(run), ['yaml-alias 160']);
  assert.match(run.log, 'did you mean south_join?');
});

test('errors show no secret in any form of the file', () => {
  for (const text of [
    edited(PHS_NOW, ['vip_mode: static', 'vip_mode: sometimes']),
    edited(PHS_NOW, ['        password: ', '        password: [']),
    edited(PHS_NOW, [`token: ${PHS_SECRETS.northToken}`, `token: {a: ${PHS_SECRETS.northToken}}`]),
    JSON.stringify(parse(PHS_NOW.replace('vip: 10.40.0.40', 'vip: 10.40.0.999'), { merge: true })),
  ])
    for (const file of ['/data.yaml', '/data.json', '-']) {
      const { log, sites } = imported(text, {}, file);
      assert.is(sites, undefined);
      assert.ok(log.length > 0);
      for (const secret of Object.values(PHS_SECRETS)) assert.not(log.includes(secret), log);
    }
});

test('the same file makes the same bytes', () => {
  assert.equal(
    sitesOf(PHS_DATA).map(({ text }) => text),
    sitesOf(PHS_DATA).map(({ text }) => text),
  );
});

const HUNT = runs(300);

const BASES: Readonly<Record<string, string>> = { PHS_DATA, PHS_OLD, PHS_NOW };

test('any file with typos makes valid sites, or reports why not', async () => {
  const severities = new Map(CODES.map(({ code, severity }) => [code, severity]));
  const shapes = new Set(
    ['Files and YAML', 'Schema', 'References and silences']
      .flatMap((subject) => CODES_BY_SUBJECT[subject] ?? [])
      .map(({ code }) => code),
  );
  const seen = { made: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(BASES)), mutations, async (base, typos) => {
      const files = mutated({ 'data.yaml': parse(BASES[base] ?? '', { merge: true }) }, typos);
      const text = stringify(files['data.yaml']);
      const { sites, found } = imported(text, SERVER);
      assert.is(
        sites === undefined,
        found.some(({ severity }) => severity === 'error'),
      );
      for (const { code, severity } of found) assert.is(severities.get(code), severity, code);
      seen[sites ? 'made' : 'refused'] += 1;
      for (const site of sites ?? []) {
        const { diagnostics } = await compiled(site);
        assert.equal(
          diagnostics.filter(({ code }) => shapes.has(code)).map(({ code, message }) => `${code} ${message}`),
          [],
          `${site.text}`,
        );
      }
      assert.equal(
        imported(text, SERVER).sites?.map((site) => site.text),
        sites?.map((site) => site.text),
      );
    }),
    { seed: SEED, numRuns: HUNT },
  );
  assert.ok(seen.made > HUNT / 5 && seen.refused > HUNT / 20, JSON.stringify(seen));
});

const PHS_ARGS = ['import', 'phs', 'data.yaml'];

test('--into writes a directory for each site, and all secrets to one file', async () => {
  const home = writeFiles(scratchFolder(), { 'data.yaml': PHS_DATA });
  const [made] = await runAll([
    { args: [...PHS_ARGS, '--into', 'sites', '--secrets-to', 'secrets.yaml'], cwd: home },
  ]);
  assert.is(made?.code, 0, made?.stderr);
  assert.match(made?.stdout ?? '', /^sites\/plant_north\/site.yaml, sites\/plant_south\/site.yaml created: /);
  assert.match(made?.stderr ?? '', '  data.yaml:24, 49, 74, 99 method: ');
  for (const secret of Object.values(PHS_SECRETS))
    assert.not(`${made?.stdout}${made?.stderr}`.includes(secret));
  assert.equal(parse(readFileSync(join(home, 'secrets.yaml'), 'utf8')), {
    plant_north: {
      cluster_token: PHS_SECRETS.northToken,
      node_password: PHS_SECRETS.password,
      node_password_2: 'Another-pass-word-43',
    },
    plant_south: { cluster_token: PHS_SECRETS.southToken, node_password: PHS_SECRETS.password },
  });
  const [north, both] = await runAll([
    { args: ['check', '--strict', '--secrets', 'secrets.yaml', 'sites/plant_north'], cwd: home },
    { args: ['check', '--strict', 'sites/plant_north', 'sites/plant_south'], cwd: home },
  ]);
  assert.equal(north, { code: 0, stdout: '', stderr: 'no errors or warnings in sites/plant_north\n' });
  // One phs served both, so the first redirects the machines of the other.
  assert.equal(both, { code: 0, stdout: '', stderr: 'no errors or warnings in 2 sites\n' });
  const [first, second] = ['north', 'south'].map(
    (name) => parse(readFileSync(join(home, `sites/plant_${name}/site.yaml`), 'utf8')).server,
  );
  assert.equal([first.url, first.next], ['http://10.20.0.6:10000', 'http://10.20.0.6:10001']);
  assert.equal([second.url, second.next], ['http://10.20.0.6:10001', undefined]);
  assert.match(
    made?.stderr ?? '',
    'data.yaml:1 server: nginx has one site per port, but phs had several: http://10.20.0.6:10000 redirects',
  );
  assert.match(made?.stderr ?? '', 'Allow port 10001 in firewalls too. If');
});

test('many sites are named by a pattern, and generated secrets are comments in the secrets file', async () => {
  const known = PHS_DATA.replaceAll(PHS_SECRETS.southToken, '612c99d263fe6b8acb56f0b964e07d0a').replaceAll(
    /&south_(?:.*\n)*?.*password: .*\n/g,
    (text) => text.replace(/ *password: .*\n/, ''),
  );
  const south = known.indexOf('  - cluster: Plant_South');
  const machines = known.indexOf('# the second');
  const copies = [1, 2, 3, 4, 5, 6].map(
    (number) => (text: string) =>
      text
        .replaceAll('Plant_South', `South_${number}`)
        .replaceAll('south_', `south${number}_`)
        .replaceAll(':22:', `:3${number}:`),
  );
  const [head, block, entries] = [
    known.slice(0, south),
    known.slice(south, known.indexOf('maclist:')),
    known.slice(machines),
  ];
  const text = [
    head,
    block,
    ...copies.map((copy) => copy(block)),
    known.slice(known.indexOf('maclist:'), machines),
    entries,
    ...copies.map((copy) => copy(entries)),
  ].join('');
  const home = writeFiles(scratchFolder(), { 'data.yaml': text });
  const [made] = await runAll([
    { args: [...PHS_ARGS, '--into', 'sites', '--secrets-to', 'secrets.yaml'], cwd: home },
  ]);
  assert.is(made?.code, 0, made?.stderr);
  assert.is(
    made?.stdout,
    "sites/*/site.yaml created: review the notes above, then run\n  npx harvgen check --secrets secrets.yaml 'sites/*'\n" +
      "  npx harvgen secrets --secrets secrets.yaml 'sites/*'\n",
  );
  const secrets = readFileSync(join(home, 'secrets.yaml'), 'utf8');
  assert.match(secrets, '# south_6:\n#   cluster_token: openssl rand -hex 32\n');
  assert.equal(Object.keys(parse(secrets)), ['plant_north']);
});

test('--site selects one of several sites, to print it or to its directory, with a separate server', async () => {
  const home = writeFiles(scratchFolder(), { 'data.yaml': PHS_DATA });
  const [printed, moved, one] = await runAll([
    { args: [...PHS_ARGS, '--site', 'plant_south'], cwd: home },
    { args: [...PHS_ARGS, '--to', 'plant_south', '--server', 'http://10.30.4.6:10000'], cwd: home },
    { args: ['import', 'phs', '-', '--site', 'other'], cwd: home, input: PHS_NOW },
  ]);
  assert.match(printed?.stdout ?? '', /^site: plant_south # data.yaml:54$/m);
  assert.not.match(printed?.stdout ?? '', 'plant_north');
  assert.match(moved?.stdout ?? '', 'plant_south/site.yaml created');
  const { server } = parse(readFileSync(join(home, 'plant_south/site.yaml'), 'utf8'));
  assert.equal([server.url, server.next], ['http://10.30.4.6:10000', undefined]);
  assert.match(printed?.stdout ?? '', /^ {2}url: \S+:10001 # /m);
  assert.match(one?.stdout ?? '', /^site: other$/m);
  assert.match(one?.stdout ?? '', /^ {2}vip: 10\.40\.0\.40 # line 34$/m);
  assert.equal([printed?.code, moved?.code, one?.code], [0, 0, 0]);
});

test('nothing is written if one directory exists, and written files are removed', async () => {
  const home = writeFiles(scratchFolder(), {
    'data.yaml': PHS_DATA,
    'full/plant_south/x': '',
    file: '',
    'sites/old/site.yaml': 'site: old\n',
  });
  const secretsTo = ['--secrets-to', 's.yaml'];
  for (const [args, words] of [
    [['--into', 'full', ...secretsTo], 'full/plant_south is not empty'],
    [['--into', 'file', ...secretsTo], 'cannot be written: ENOTDIR'],
    [['--into', 'new', '--secrets-to', 'new/plant_south/s.yaml'], 'is in the site'],
    [['--into', 'new', '--secrets-to', 'nowhere/s.yaml'], 'cannot be written: ENOENT'],
  ] as const) {
    const [run] = await runAll([{ args: [...PHS_ARGS, ...args], cwd: home }]);
    assert.is(run?.code, 1, args.join(' '));
    assert.match(run?.stderr ?? '', words);
    assert.is(run?.stdout, '');
    for (const path of ['new', 's.yaml', 'full/plant_north']) assert.not(existsSync(join(home, path)), path);
  }
  assert.throws(
    () =>
      writeNewSites([
        { folder: join(home, 'a/b'), text: 'site: b\n' },
        { folder: join(home, 'sites/old'), text: 'site: old\n' },
      ]),
    /is not empty/,
  );
  assert.equal([existsSync(join(home, 'a')), existsSync(join(home, 'sites/old/site.yaml'))], [false, true]);
});

test('an invalid command line is reported', async () => {
  const home = writeFiles(scratchFolder(), { 'data.yaml': PHS_DATA, 'a.tfvars': 'prefix = "x"\n' });
  const tfvars = ['import', 'tfvars', 'a.tfvars'];
  for (const [args, words] of [
    [PHS_ARGS, 'the file contains several sites, plant_north, plant_south: add --into DIR'],
    [[...PHS_ARGS, '--to', 'x'], 'the file contains the sites plant_north, plant_south, but not x'],
    [[...PHS_ARGS, '--into', 'a', '--to', 'b'], '--into creates a directory for each site'],
    [[...PHS_ARGS, '--into', 'a', '--site', 'north'], ', but not north'],
    [[...PHS_ARGS, '--site', 'plant_nort'], 'did you mean plant_north?'],
    [[...PHS_ARGS, '--site', 'Plant_North'], 'did you mean plant_north?'],
    [[...PHS_ARGS, '--harvester-version', 'v1.0.3'], 'v1.0.3 is older'],
    [[...PHS_ARGS, '--harvester-version', 'new'], 'new is not a release'],
    [[...PHS_ARGS, '--harvester-version', 'v1.4.9'], 'v1.4.9 is not a release'],
    [[...PHS_ARGS, '--server', '10.20.0.6'], '--server takes the URL'],
    [[...tfvars, '--server', 'http://10.20.0.6'], '--server does not apply to the format tfvars'],
    [[...tfvars, '--harvester-version', 'v1.6.1'], '--harvester-version does not apply to the format tfvars'],
  ] as const) {
    const [run] = await runAll([{ args, cwd: home }]);
    assert.is(run?.code, 2, args.join(' '));
    assert.match(run?.stderr ?? '', words);
    assert.not.match(run?.stderr ?? '', 'warning');
    assert.is(run?.stdout, '');
  }
  assert.equal([existsSync(join(home, 'a')), existsSync(join(home, 'b'))], [false, false]);
});

test.run();
