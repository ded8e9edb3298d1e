import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import type { PlainLeaf } from '../src/inspect/explain/explain-node.ts';
import { harvgenWarm as harvgen, type Run, harvgen as start } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { ISCSI_PLANT } from './support/iscsi-plant.ts';
import { LINUX_PLANT } from './support/linux-plant.ts';
import { NESTED } from './support/nested-plant.ts';
import { OCI_PLANT } from './support/oci-plant.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const test = suite('harvgen explain');

/** A site with values from every source: an include, defaults, two profiles, a node, the network, the cluster. */
const SITE = {
  'shared/kinds.yaml': `profiles:
  tower:
    hardware: { threads: 16 }
    config:
      install: { device: /dev/sda, tty: tty1 }
  serial:
    firmware: bios
    config:
      os: { modules: [kvm, vhost] }
      install: { tty: "ttyS0,115200n8" }
`,
  'plant/site.yaml': `site: plant
include: [../shared/kinds.yaml]
harvester: { version: v1.4.2 }
server: { url: http://10.0.0.7 }
networks:
  mgmt:
    subnet: 10.0.0.0/24
    gateway: 10.0.0.1
    dns: [10.0.0.2]
    ntp: [10.0.0.1]
    dhcp: { pool: 10.0.0.200-10.0.0.250 }
  fixed: { subnet: 10.0.1.0/24, gateway: 10.0.1.1, dns: [10.0.1.2, 10.0.1.3], mtu: 9000 }
clusters:
  west: { vip: 10.0.0.40, token: "\${secret:west}" }
  east: { vip: 10.0.1.40, token: "\${secret:east}" }
defaults:
  cluster: west
  profiles: [tower, serial]
  labels: { zone: a }
  config:
    os:
      password: \${secret:root}
      ntp_servers: [pool.ntp.org]
    system_settings:
      http-proxy: { httpProxy: "http://10.0.0.9:3128", noProxy: "10.0.0.0/8" }
`,
  'plant/nodes/west.yaml': `nodes:
  one:
    mac: 52-54-00-AA-01-01
    ip: 10.0.0.41
    mode: create
    config:
      os: { labels: { rack: r1 } }
      install: { tty: ttyS1 }
`,
  'plant/nodes/east.yaml': `nodes:
  two:
    cluster: east
    mode: create
    profiles: [tower]
    nics:
      - { name: eno1, mac: 52:54:00:aa:02:01, ip: 10.0.1.42 }
      - { name: eno2, mac: 52:54:00:aa:02:02, network: fixed }
    disks: [{ path: /dev/sda, size: 480GB }]
    config:
      os: { dns_nameservers: [10.0.1.3] }
      install:
        management_interface: { interfaces: [{ name: eno2 }, { hwAddr: 52-54-00-AA-02-01 }] }
  three: { mac: 52:54:00:aa:03:01, ip: 10.0.0.43, boot: { os: local }, config: { os: { hostname: x } } }
`,
};

test('shows a node with DHCP: layers, overrides, derived values', () => {
  const home = writeFiles(scratchFolder(), SITE);
  assert.equal(start(['explain', 'plant', 'one'], home), {
    code: 0,
    stdout: `mode                                                      create                plant/nodes/west.yaml:5:11
cluster                                                   west                  plant/site.yaml:17:12 in defaults
harvester.version                                         v1.4.2                plant/site.yaml:3:23
harvester.arch                                            amd64                 by default
profiles[0]                                               tower                 plant/site.yaml:18:14 in defaults
profiles[1]                                               serial                plant/site.yaml:18:21 in defaults
install                                                   once                  by default
firmware                                                  bios                  shared/kinds.yaml:7:15 in profile serial
boot.os                                                   harvester             by default
mac                                                       52:54:00:aa:01:01     plant/nodes/west.yaml:3:10
ip                                                        10.0.0.41             plant/nodes/west.yaml:4:9
network                                                   mgmt                  plant/site.yaml:7:13 (the network that contains the IP address)
labels.zone                                               a                     plant/site.yaml:19:19 in defaults
hardware.threads                                          16                    shared/kinds.yaml:3:26 in profile tower
config.scheme_version                                     1                     every release reads layout 1
config.token                                              \${secret:west}        plant/site.yaml:14:34 (the cluster's token)
config.os.hostname                                        one                   plant/nodes/west.yaml:2:3 (the node's name)
config.os.ntp_servers[0]                                  pool.ntp.org          plant/site.yaml:23:21 in defaults
config.os.labels.zone                                     a                     plant/site.yaml:19:19 (the node's labels)
config.os.labels.rack                                     r1                    plant/nodes/west.yaml:7:29
config.os.password                                        \${secret:root}        plant/site.yaml:22:17 in defaults
config.os.modules[0]                                      kvm                   shared/kinds.yaml:9:23 in profile serial
config.os.modules[1]                                      vhost                 shared/kinds.yaml:9:28 in profile serial
config.install.mode                                       create                plant/nodes/west.yaml:5:11 (the node's mode)
config.install.management_interface.interfaces[0].hwAddr  52:54:00:aa:01:01     plant/nodes/west.yaml:3:10 (the NIC's MAC address)
config.install.management_interface.method                dhcp                  plant/site.yaml:11:11 (the network has a DHCP server)
config.install.management_interface.bond_options.mode     active-backup         the mode that needs no switch configuration
config.install.management_interface.bond_options.miimon   "100"                 the interval of link checks in milliseconds, as in the installer
config.install.iso_url                                    http://10.0.0.7/harvester/v1.4.2/harvester-v1.4.2-amd64.iso  plant/site.yaml:4:9 (the ISO of the cluster's release, below server.media)
config.install.vip                                        10.0.0.40             plant/site.yaml:14:16 (the cluster's VIP)
config.install.vip_mode                                   static                plant/site.yaml:14:3 (the mode of the cluster's VIP)
config.install.harvester.storage_class.replica_count      1                     plant/site.yaml:14:16 (the number of storage nodes in the cluster)
config.install.device                                     /dev/sda              shared/kinds.yaml:5:26 in profile tower
config.install.tty                                        ttyS1                 plant/nodes/west.yaml:8:23
config.system_settings.http-proxy.httpProxy               http://10.0.0.9:3128  plant/site.yaml:25:32 in defaults
config.system_settings.http-proxy.noProxy                 10.0.0.0/8            plant/site.yaml:25:65 in defaults
`,
    stderr: '',
  });
});

test('shows a node with static IP addresses and several NICs', () => {
  const home = writeFiles(scratchFolder(), SITE);
  assert.equal(harvgen(['explain', 'plant', 'two'], home), {
    code: 0,
    stdout: `mode                                                      create                plant/nodes/east.yaml:4:11
cluster                                                   east                  plant/nodes/east.yaml:3:14
harvester.version                                         v1.4.2                plant/site.yaml:3:23
harvester.arch                                            amd64                 by default
profiles[0]                                               tower                 plant/nodes/east.yaml:5:16
install                                                   once                  by default
firmware                                                  uefi                  by default
boot.os                                                   harvester             by default
nics[0].name                                              eno1                  plant/nodes/east.yaml:7:17
nics[0].mac                                               52:54:00:aa:02:01     plant/nodes/east.yaml:7:28
nics[0].ip                                                10.0.1.42             plant/nodes/east.yaml:7:51
nics[0].network                                           fixed                 plant/site.yaml:12:20 (the network that contains the IP address)
nics[0].boot                                              true                  plant/nodes/east.yaml:7:9 (the first NIC boots)
nics[1].name                                              eno2                  plant/nodes/east.yaml:8:17
nics[1].mac                                               52:54:00:aa:02:02     plant/nodes/east.yaml:8:28
nics[1].network                                           fixed                 plant/nodes/east.yaml:8:56
labels.zone                                               a                     plant/site.yaml:19:19 in defaults
disks[0].path                                             /dev/sda              plant/nodes/east.yaml:9:21
disks[0].size                                             480GB                 plant/nodes/east.yaml:9:37
hardware.threads                                          16                    shared/kinds.yaml:3:26 in profile tower
config.scheme_version                                     1                     every release reads layout 1
config.token                                              \${secret:east}        plant/site.yaml:15:34 (the cluster's token)
config.os.hostname                                        two                   plant/nodes/east.yaml:2:3 (the node's name)
config.os.dns_nameservers[0]                              10.0.1.3              plant/nodes/east.yaml:11:31
config.os.labels.zone                                     a                     plant/site.yaml:19:19 (the node's labels)
config.os.password                                        \${secret:root}        plant/site.yaml:22:17 in defaults
config.os.ntp_servers[0]                                  pool.ntp.org          plant/site.yaml:23:21 in defaults
config.install.mode                                       create                plant/nodes/east.yaml:4:11 (the node's mode)
config.install.management_interface.interfaces[0].hwAddr  52:54:00:aa:02:02     plant/nodes/east.yaml:8:28 (the NIC's MAC address)
config.install.management_interface.interfaces[1].hwAddr  52:54:00:aa:02:01     plant/nodes/east.yaml:13:72
config.install.management_interface.method                static                plant/site.yaml:12:3 (the network has no DHCP server)
config.install.management_interface.ip                    10.0.1.42             plant/nodes/east.yaml:7:51 (the node's IP address)
config.install.management_interface.subnet_mask           255.255.255.0         plant/site.yaml:12:20 (the network's subnet)
config.install.management_interface.gateway               10.0.1.1              plant/site.yaml:12:42 (the network's gateway)
config.install.management_interface.bond_options.mode     active-backup         the mode that needs no switch configuration
config.install.management_interface.bond_options.miimon   "100"                 the interval of link checks in milliseconds, as in the installer
config.install.management_interface.mtu                   9000                  plant/site.yaml:12:84 (the network's MTU)
config.install.iso_url                                    http://10.0.0.7/harvester/v1.4.2/harvester-v1.4.2-amd64.iso  plant/site.yaml:4:9 (the ISO of the cluster's release, below server.media)
config.install.vip                                        10.0.1.40             plant/site.yaml:15:16 (the cluster's VIP)
config.install.vip_mode                                   static                plant/site.yaml:15:3 (the mode of the cluster's VIP)
config.install.harvester.storage_class.replica_count      1                     plant/site.yaml:15:16 (the number of storage nodes in the cluster)
config.install.device                                     /dev/sda              shared/kinds.yaml:5:26 in profile tower
config.install.tty                                        tty1                  shared/kinds.yaml:5:41 in profile tower
config.system_settings.http-proxy.httpProxy               http://10.0.0.9:3128  plant/site.yaml:25:32 in defaults
config.system_settings.http-proxy.noProxy                 10.0.0.0/8            plant/site.yaml:25:65 in defaults
`,
    stderr: '',
  });
});

test('shows the settings that apply to a machine without Harvester', () => {
  const home = writeFiles(scratchFolder(), SITE);
  assert.equal(harvgen(['explain', 'plant', 'three'], home), {
    code: 0,
    stdout: `profiles[0]       tower              plant/site.yaml:18:14 in defaults
profiles[1]       serial             plant/site.yaml:18:21 in defaults
install           once               by default
firmware          bios               shared/kinds.yaml:7:15 in profile serial
boot.os           local              plant/nodes/east.yaml:14:63
mac               52:54:00:aa:03:01  plant/nodes/east.yaml:14:17
ip                10.0.0.43          plant/nodes/east.yaml:14:40
network           mgmt               plant/site.yaml:7:13 (the network that contains the IP address)
labels.zone       a                  plant/site.yaml:19:19 in defaults
hardware.threads  16                 shared/kinds.yaml:3:26 in profile tower
`,
    stderr: '',
  });
});

test('shows the identifiers of a machine without a MAC address, and the disk that it boots', () => {
  const home = dirname(
    makeSite(
      edited(
        PLANT,
        ['    dhcp:\n      pool: 192.168.178.200-192.168.178.250\n', '    dhcp: { server: external }\n'],
        ['defaults:\n', 'defaults:\n  boot: { drive: 0x81 }\n'],
        [
          '{ mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }',
          '{ ip: 192.168.178.42, uuid: 4C4C4544-0042-3510-8057-B7C04F4D3332, serial: "0123" }',
        ],
      ),
    ),
  );
  const lines = harvgen(['explain', 'plant', 'harv-2'], home).stdout.replaceAll(/ {2,}/g, '  ').split('\n');
  assert.equal(lines.slice(lines.findIndex((line) => line.startsWith('boot.os'))).slice(0, 6), [
    'boot.os  harvester  by default',
    'boot.drive  0x81  plant/site.yaml:16:18 in defaults',
    'uuid  4c4c4544-0042-3510-8057-b7c04f4d3332  plant/site.yaml:24:39',
    'serial  "0123"  plant/site.yaml:24:85',
    'ip  192.168.178.42  plant/site.yaml:24:17',
    "network  mgmt  plant/site.yaml:7:3 (the site's only network)",
  ]);
  const json = JSON.parse(
    harvgen(['explain', '--format', 'json', 'plant', 'harv-2', 'boot.drive'], home).stdout,
  );
  assert.is(json[0].value, 0x81);
});

test('shows one key, or all keys below it', () => {
  const home = writeFiles(scratchFolder(), SITE);
  const cases: Record<string, string> = {
    'config.install.tty': `config.install.tty  ttyS1  plant/nodes/west.yaml:8:23
A change reaches the installed node by reinstalling it (the installer partitions the disk and writes the boot loader).
`,
    'config.os.labels': `config.os.labels.zone  a   plant/site.yaml:19:19 (the node's labels)
config.os.labels.rack  r1  plant/nodes/west.yaml:7:29
A change reaches the installed node at once, by cluster/ (labels of the Node).
`,
    'config.system_settings.http-proxy.noProxy':
      'config.system_settings.http-proxy.noProxy  10.0.0.0/8  plant/site.yaml:25:65 in defaults\nA change reaches the installed node at once, by cluster/ (Setting http-proxy).\n',
    'profiles[1]': 'profiles[1]  serial  plant/site.yaml:18:21 in defaults\n',
  };
  for (const [key, stdout] of Object.entries(cases))
    assert.equal(harvgen(['explain', 'plant', 'one', key], home), { code: 0, stdout, stderr: '' });
  const roles = writeFiles(scratchFolder(), {
    ...SITE,
    'plant/site.yaml': SITE['plant/site.yaml'].replace('defaults:\n', 'defaults:\n  role: management\n'),
    'plant/nodes/west.yaml': `${SITE['plant/nodes/west.yaml']}    role: Application\n`,
  });
  assert.is(
    harvgen(['explain', 'plant', 'one', 'role'], roles).stdout,
    'role  management   plant/site.yaml:17:9 in defaults\nrole  Application  plant/nodes/west.yaml:9:11\n',
  );
  assert.equal(
    harvgen(['explain', 'sites/location_y', 'y-node-2', 'labels.topology.kubernetes.io/zone'], root).stdout,
    'labels.topology.kubernetes.io/zone  rack-2  sites/location_y/nodes/y-node-2.yaml:3:44\n',
  );
});

/** The schema of `--format json`. */
const LEAVES_SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['key', 'value'],
    properties: {
      key: { type: 'string', minLength: 1 },
      value: {
        anyOf: [
          { type: ['string', 'number', 'boolean', 'null'] },
          { type: 'object', maxProperties: 0 },
          { type: 'array', maxItems: 0 },
        ],
      },
      file: { type: 'string', minLength: 1 },
      line: { type: 'integer', minimum: 1 },
      column: { type: 'integer', minimum: 1 },
      layer: { type: 'string', pattern: '^(node|defaults|profile .+)$' },
      derived: { type: 'string', minLength: 1 },
    },
    dependentRequired: { file: ['line', 'column'], line: ['file'], column: ['file'], layer: ['file'] },
    // A value that is not derived has a source location; a derived value has no layer.
    anyOf: [{ required: ['derived'], not: { required: ['layer'] } }, { required: ['file'] }],
  },
};

test('--format json contains the same data', () => {
  const home = writeFiles(scratchFolder(), SITE);
  const isValid = new Ajv2020({ allowUnionTypes: true, strictRequired: false }).compile(LEAVES_SCHEMA);
  for (const node of ['one', 'two', 'three']) {
    const leaves = json(harvgen(['explain', '--format', 'json', 'plant', node], home));
    assert.ok(isValid(leaves), JSON.stringify(isValid.errors));
    const { stdout } = harvgen(['explain', 'plant', node], home);
    assert.equal(
      leaves.map(({ key }) => key),
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    );
  }
  assert.equal(json(harvgen(['explain', 'plant', 'one', 'config.install.mode', '--format', 'json'], home)), [
    {
      key: 'config.install.mode',
      value: 'create',
      file: 'plant/nodes/west.yaml',
      line: 5,
      column: 11,
      derived: "the node's mode",
    },
  ]);
  assert.equal(json(harvgen(['explain', 'plant', 'one', 'install', '--format', 'json'], home)), [
    { key: 'install', value: 'once', derived: 'by default' },
  ]);
  assert.equal(json(harvgen(['explain', 'plant', 'one', 'firmware', '--format', 'json'], home)), [
    {
      key: 'firmware',
      value: 'bios',
      file: 'shared/kinds.yaml',
      line: 7,
      column: 15,
      layer: 'profile serial',
    },
  ]);
});

/** Derived values that differ from the text at their source location. */
const TRANSFORMED: Readonly<Record<string, string[]>> = {
  cluster: ['cluster:'],
  network: ['mgmt:'],
  'nics[0].network': ['172.16.128.0/22'],
  'nics[0].boot': ['{ name: eno1,'],
  'config.server_url': ['192.168.178.40', '172.16.128.40'],
  'config.install.mode': ['harv-2:', 'harv-3:', 'y-node-2:', 'y-node-3:'],
  'config.install.management_interface.method': ['pool:', 'mgmt:'],
  'config.install.management_interface.subnet_mask': ['172.16.128.0/22'],
  'config.install.iso_url': ['url:'],
  'config.install.vip_mode': ['cluster:'],
};

/** Values that are not derived from any text. */
const WITHOUT_LOCATION = [
  'mode',
  'install',
  'harvester.arch',
  'firmware',
  'boot.os',
  'config.scheme_version',
  'config.install.management_interface.bond_options.mode',
  'config.install.management_interface.bond_options.miimon',
];

test('explains every leaf of every emitted configuration, with its value and the text that sets it', () => {
  const out = scratchFolder();
  assert.is(harvgen(['build', '--out', out, 'sites/location_x', 'sites/location_y'], root).code, 0);
  const seen = new Set<string>();
  for (const site of ['location_x', 'location_y']) {
    const configs = Object.entries(readTree(join(out, site, 'www/config')));
    assert.is(configs.length, 3);
    for (const [, text] of configs) {
      const config = parse(text);
      const name: string = config.os.hostname;
      const leaves = json(harvgen(['explain', `sites/${site}`, name, '--format', 'json'], root));
      const emitted = emittedLeaves(config, leaves);
      const explained = leaves.filter(({ key }) => key.startsWith('config.'));
      assert.ok(emitted.length >= 15);
      // The same keys, with the same values, in the same order.
      assert.equal(
        explained.map(({ key, value }) => [key, marked(value)]),
        emitted,
        name,
      );
      for (const leaf of leaves) seen.add(checkOrigin(leaf, name));
    }
  }
  // Every entry of the tables above occurs.
  assert.equal(
    [...Object.keys(TRANSFORMED), ...WITHOUT_LOCATION].filter((key) => !seen.has(key)),
    [],
  );
});

/** Asserts that the text at the source location of a leaf is its value. Returns the key. */
function checkOrigin({ key, value, file, line, column, derived }: PlainLeaf, node: string): string {
  const label = `${node} ${key}`;
  if (file === undefined || line === undefined || column === undefined) {
    assert.ok(derived, label);
    assert.ok(WITHOUT_LOCATION.includes(key), `${label} has no source location`);
    return key;
  }
  const text =
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      [line - 1]?.slice(column - 1) ?? '';
  const transformed = derived !== undefined && TRANSFORMED[key]?.some((begin) => text.startsWith(begin));
  if (transformed) return key;
  // The text is exactly the value, and YAML reads it as this value: the text "100" is not the number 100.
  const written = [String(value), JSON.stringify(value), `'${value}'`].find(
    (form) => text.startsWith(form) && /^(\s*[,\]}]|:?(\s|$))/.test(text.slice(form.length)),
  );
  assert.ok(written, `${label} is ${value}, and ${file}:${line}:${column} has ${text}`);
  assert.is(parse(written), value, label);
  return key;
}

/** Returns the leaves of a configuration as the installer gets it. In it, a setting that is a map is JSON text. */
function emittedLeaves(config: object, explained: readonly PlainLeaf[]): [string, unknown][] {
  const walk = (value: unknown, key: string): [string, unknown][] => {
    if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
      return Object.entries(value).flatMap(([name, item]) =>
        walk(item, Array.isArray(value) ? `${key}[${name}]` : `${key}.${name}`),
      );
    const isJson = key.startsWith('config.system_settings.') && !explained.some((leaf) => leaf.key === key);
    return isJson ? walk(JSON.parse(String(value)), key) : [[key, value]];
  };
  return walk(config, 'config');
}

function marked(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/\$\{secret:(\w+)\}/g, '@@secret:$1@@') : value;
}

test('secrets in clear text are hidden, in every format', () => {
  const home = dirname(
    makeSite(
      edited(
        PLANT,
        ['token: ${secret:cluster_token}', 'token: hunter2token'],
        [
          'ssh_authorized_keys: ["github:your_username"] }',
          'ssh_authorized_keys: ["github:your_username"], password: hunter2password }',
        ],
        ['mode: create }', 'mode: create, bmc: { user: admin, password: hunter2bmc } }'],
      ),
    ),
  );
  for (const format of ['text', 'json']) {
    const { code, stdout, stderr } = harvgen(['explain', '--format', format, 'plant', 'harv-1'], home);
    assert.is(code, 0, stderr);
    assert.not.match(stdout + stderr, 'hunter2');
    assert.is(stdout.split('***').length - 1, 3);
    assert.match(stdout, 'admin');
  }
});

test('the token of the cluster is named token here, too', () => {
  const home = writeFiles(scratchFolder(), SITE);
  const explained = (key: string) => harvgen(['explain', 'plant', 'one', key], home);
  assert.match(explained('token').stdout, /^config\.token /);
  assert.equal(explained('token'), explained('config.token'));
});

test('an unknown node or key is an invalid command line, and the message lists the known ones', () => {
  const home = writeFiles(scratchFolder(), SITE);
  const wrong: [string[], string][] = [
    [['plant', 'ones'], 'plant has no node ones: did you mean one? Nodes: two, three, one'],
    [['plant', 'xyzzy'], 'plant has no node xyzzy. Nodes: two, three, one'],
    [
      ['plant', 'three', 'frimware'],
      'a node has no key frimware: did you mean firmware? Keys: profiles, install, firmware, boot, mac, ip, network, labels, hardware',
    ],
    [
      ['plant', 'one', 'config.install.devise'],
      'a node has no key config.install.devise: did you mean config.install.device? Keys: config.install.mode, ' +
        'config.install.management_interface, config.install.iso_url, config.install.vip, config.install.vip_mode, ' +
        'config.install.harvester, config.install.device, config.install.tty',
    ],
    [
      ['{plant,plant/nodes}', 'one'],
      'explain takes one site, but {plant,plant/nodes} matches several: name one',
    ],
    [['plant', 'one', '--format', 'yaml'], 'unknown format yaml; formats: text, json'],
    [['plant'], 'missing required args for command `explain <site> <node> [key]`'],
  ];
  for (const [args, message] of wrong)
    assert.equal(harvgen(['explain', ...args], home), {
      code: 2,
      stdout: '',
      stderr: `harvgen: ${message}\nSee harvgen --help.\n`,
    });
});

test('a known key without a value is reported as not set, without an error', () => {
  const home = dirname(makeSite(PLANT));
  const run = (...args: string[]) => harvgen(['explain', 'plant', 'harv-2', ...args], home);
  assert.equal(run('config.os.password'), {
    code: 0,
    stdout: '',
    stderr: 'harvgen: harv-2 has no config.os.password: it is not set and has no default\n',
  });
  assert.equal(run('config.system_settings.http-proxy'), {
    code: 0,
    stdout: '',
    stderr:
      'harvgen: harv-2 has no config.system_settings.http-proxy: it applies only to mode create, but the node has join\n',
  });
  assert.is(run('config.os.password', '--format', 'json').stdout, '[]\n');
});

test('the consoles and the NIC that only the kernel line has, and an argument by its name', () => {
  const home = dirname(
    makeSite(
      edited(
        PLANT,
        [', mode: create }', ', mode: create, boot: { args: [quiet] } }'],
        ['mac: 52:54:00:aa:01:02, ip', 'serial: "0123", ip'],
        ['pool: 192.168.178.200-192.168.178.250', 'server: external'],
      ),
    ),
  );
  const rows = (node: string, key: string) => {
    const { code, stdout, stderr } = harvgen(['explain', 'plant', node, key], home);
    return `${code} ${stderr}${stdout.replace(/A change .*\n/, '')}`.replace(/ {2,}/g, ' | ');
  };
  assert.is(rows('harv-1', 'boot.consoles'), '0 boot.consoles[0] | tty1 | by default\n');
  assert.is(rows('harv-1', 'console'), rows('harv-1', 'boot.consoles'));
  assert.is(
    rows('harv-2', 'config.install.management_interface.interfaces'),
    '0 config.install.management_interface.interfaces | hwAddr:<MAC address of the NIC> | an argument of the kernel\n',
  );
  assert.is(rows('harv-1', 'ip=dhcp'), '0 boot.args[2] | ip=dhcp | by default\n');
  assert.is(rows('harv-1', 'quiet'), '0 boot.args[0] | quiet | plant/site.yaml:23:86\n');
  assert.is(
    rows('harv-1', 'harvester.install.automatic'),
    '0 boot.args[6] | harvester.install.automatic=true | by default\n',
  );
  assert.match(rows('harv-1', 'qui'), /^2 harvgen: a node has no key qui/);
});

test('a key of the site, with the node or without', () => {
  const home = dirname(makeSite(edited(PLANT, ['token: ${secret:cluster_token}', 'token: hunter2token'])));
  const run = (...args: string[]) => harvgen(['explain', 'plant', ...args], home);
  assert.equal(run('server.url'), {
    code: 0,
    stdout: 'server.url  http://192.168.178.7  plant/site.yaml:5:8\n',
    stderr: '',
  });
  assert.equal(run('harv-1', 'server.url'), run('server.url'));
  assert.match(run('cluster').stdout, /^cluster\.token +\*\*\* /m);
  assert.is(run('server.media').stderr, 'harvgen: plant sets no server.media\n');
  assert.is(run('server.ulr').code, 2);
});

test('for a site with errors, prints those of the key in question, and explains the rest', () => {
  const home = dirname(
    makeSite(edited(PLANT, ['vip: 192.168.178.40', 'vip: 192.168.178.400'], ['mode: create', 'mode: creat'])),
  );
  const { code, stdout, stderr } = harvgen(['explain', 'plant', 'harv-1'], home);
  assert.is(code, 1);
  assert.match(stderr, 'plant/site.yaml:23:63 error bad-value');
  assert.not.match(stderr, 'plant/site.yaml:14:8');
  assert.match(stderr, 'harvgen: plant has errors, so values may be missing here: harvgen check plant\n');
  assert.match(stdout, /^mac +52:54:00:aa:01:01 +plant\/site\.yaml:23:18$/m);
  assert.match(stdout, /^config\.install\.device +\/dev\S+ +plant\/site\.yaml:21:15 in defaults$/m);
  assert.not.match(stdout, /^mode /m);
  assert.not.match(stdout, '192.168.178.400');
  const broken = harvgen(['explain', 'plant', 'harv-1', 'mode'], home);
  assert.is(broken.code, 1);
  assert.is(broken.stdout, '');
  assert.match(broken.stderr, 'harvgen: harv-1 has no mode: it is not set or invalid and has no default\n');
});

test('reports a directory that is not a site, and unreadable files', () => {
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': 'site: [\n' });
  for (const folder of ['nowhere', 'plant']) {
    const run = harvgen(['explain', folder, 'one'], home);
    assert.is(run.code, 1);
    assert.is(run.stdout, '');
    assert.is(run.stderr, harvgen(['check', folder], home).stderr);
    assert.ok(run.stderr);
  }
});

test('help has an example', () => {
  const { code, stdout } = harvgen(['explain', '--help'], scratchFolder());
  assert.is(code, 0);
  assert.match(stdout, 'harvgen explain <site> <node> [key]');
  assert.match(stdout, 'harvgen explain sites/location_x harv-1 config.install\n');
});

test('a virtual machine: the values of its preset, and the defaults', () => {
  const site = edited(
    NESTED,
    ['192.168.150.42 }', '192.168.150.42, vm: { vcpus: 10, vnc: { port: 5902 }, autostart: false } }'],
    [
      'disks: [{ size: 300Gi }]',
      'disks: [{ size: 300Gi }, { size: 1Ti, bus: scsi, on: data1, serial: bulk }]',
    ],
  );
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site });
  assert.is(
    harvgen(['explain', 'plant', 'harvester-2', 'vm'], home).stdout,
    `vm.vcpus            10                                       plant/site.yaml:26:75
vm.memory           32Gi                                     plant/site.yaml:23:17 (the preset small)
vm.preset           small                                    plant/site.yaml:23:17 in defaults
vm.disks[0].size    300Gi                                    plant/site.yaml:23:40 in defaults
vm.disks[0].bus     virtio                                   by default
vm.disks[0].format  qcow2                                    by default
vm.disks[0].serial  5001a4a2dab2966c                         from the node's MAC address and the disk's name
vm.disks[0].device  /dev/disk/by-id/virtio-5001a4a2dab2966c  its device name on the machine
vm.disks[1].size    1Ti                                      plant/site.yaml:23:57 in defaults
vm.disks[1].bus     scsi                                     plant/site.yaml:23:67 in defaults
vm.disks[1].on      data1                                    plant/site.yaml:23:77 in defaults
vm.disks[1].serial  bulk                                     plant/site.yaml:23:92 in defaults
vm.disks[1].format  qcow2                                    by default
vm.disks[1].device  /dev/disk/by-id/wwn-0x5001a4a11a69bdd6   its device name on the machine
vm.vnc.port         5902                                     plant/site.yaml:26:92
vm.autostart        false                                    plant/site.yaml:26:111
vm.vnc.listen       127.0.0.1                                by default
`,
  );
  const [memory] = JSON.parse(
    harvgen(['explain', '--format', 'json', 'plant', 'harvester-2', 'vm.memory'], home).stdout,
  );
  assert.equal([memory.value, memory.line, memory.derived], ['32Gi', 23, 'the preset small']);
  // A node outside of a libvirt host has only the values that it declares.
  const bare = writeFiles(scratchFolder(), {
    'plant/site.yaml': edited(PLANT, ['178.43 }', '178.43, vm: { preset: medium, vcpus: 12 } }']),
  });
  assert.is(
    harvgen(['explain', 'plant', 'harv-3', 'vm'], bare).stdout,
    `vm.vcpus   12      plant/site.yaml:25:86
vm.memory  64Gi    plant/site.yaml:25:71 (the preset medium)
vm.preset  medium  plant/site.yaml:25:71
`,
  );
});

test('an installer: its consoles and arguments; a cluster that exists: why the node joins', () => {
  const home = writeFiles(scratchFolder(), {
    'plant/site.yaml': edited(
      PLANT,
      ['  vip: 192.168.178.40\n', '  exists: true\n  vip: 192.168.178.40\n'],
      [
        ', mode: create }',
        ', boot: { consoles: ["ttyS0,115200n8", tty1], args: [quiet, "a=${node:name}"] } }',
      ],
    ),
  });
  const rows = (key: string) =>
    harvgen(['explain', 'plant', 'harv-1', key], home)
      .stdout.trimEnd()
      .split('\n')
      .map((row) => row.replace(/ {2,}/g, ' | '));
  assert.equal(rows('boot'), [
    'boot.os | harvester | by default',
    'boot.consoles[0] | ttyS0,115200n8 | plant/site.yaml:24:76',
    'boot.consoles[1] | tty1 | plant/site.yaml:24:94',
    'boot.args[0] | quiet | plant/site.yaml:24:108',
    'boot.args[1] | a=harv-1 | plant/site.yaml:24:115',
    'boot.args[2] | initrd=harvester-v1.4.1-initrd-amd64 | by default',
    'boot.args[3] | ip=dhcp | by default',
    'boot.args[4] | net.ifnames=1 | by default',
    'boot.args[5] | rd.cos.disable | by default',
    'boot.args[6] | root=live:http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1-rootfs-amd64.squashfs | by default',
    'boot.args[7] | harvester.install.automatic=true | by default',
    'boot.args[8] | harvester.install.config_url=http://192.168.178.7/config/52-54-00-aa-01-01.yaml | by default',
  ]);
  assert.equal(rows('config.install.tty'), [
    'config.install.tty | ttyS0,115200n8 | plant/site.yaml:24:75 (the first console of the installer)',
    'A change reaches the installed node by reinstalling it (the installer partitions the disk and writes the boot loader).',
  ]);
  assert.equal(rows('mode'), ['mode | join | plant/site.yaml:14:11 (the cluster exists already)']);
});

test('Linux: complete URLs, and all arguments of the kernel with their source locations', () => {
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': LINUX_PLANT });
  const { stdout } = harvgen(['explain', 'plant', 'cg02', 'boot'], home);
  const rows = stdout.trimEnd().split('\n');
  assert.equal(
    rows.map((row) => row.replace(/ {2,}/g, ' | ')),
    [
      'boot.os | linux | plant/site.yaml:16:11 in profile compute',
      'boot.arch | amd64 | by default',
      'boot.kernel | http://10.1.0.1/images/rocky9/vmlinuz | plant/site.yaml:17:15 in profile compute',
      'boot.initrd | http://10.1.0.1/images/rocky9/initramfs.img | plant/site.yaml:18:15 in profile compute',
      'boot.root.squashfs | http://10.1.0.1/images/rocky9/root.squashfs | plant/site.yaml:19:25 in profile compute',
      'boot.args[0] | ip=dhcp | plant/site.yaml:20:14 in profile compute',
      'boot.args[1] | console=ttyS0,115200 | plant/site.yaml:20:23 in profile compute',
      'boot.args[2] | root=live:http://10.1.0.1/images/rocky9/root.squashfs | plant/site.yaml:19:25 (boot.root)',
      'boot.args[3] | rd.live.image | plant/site.yaml:19:13 (boot.root)',
      'boot.args[4] | rd.live.overlay.overlayfs=1 | plant/site.yaml:19:13 (boot.root)',
      'boot.args[5] | BOOTIF=01-52-54-00-7c-52-02 | by default, unless boot.args contains it',
      'boot.args[6] | ds=nocloud-net;s=http://10.1.0.1/cloud-init/52-54-00-7c-52-02/ | by default, unless boot.args contains it',
      'boot.loader | grub | plant/site.yaml:22:21 in profile grub',
    ],
  );
});

test('cloud-init: no empty values that are not set, and derived values for those that are missing', () => {
  const of = (site: string) => {
    const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site });
    const { stdout } = harvgen(['explain', 'plant', 'cg02', 'cloud_init'], home);
    return stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.replace(/ {2,}/g, ' | '));
  };
  const network = 'cloud_init.network_config.';
  const derived = [
    'cloud_init.meta_data.local-hostname | cg02 | by default',
    `${network}version | 2 | from the node's NICs`,
    `${network}ethernets.nic0.match.macaddress | 52:54:00:7c:52:02 | from the node's NICs`,
    `${network}ethernets.nic0.dhcp4 | true | from the node's NICs`,
  ];
  assert.equal(of(LINUX_PLANT), ['cloud_init.meta_data.instance-id | plant.cg02 | by default', ...derived]);
  const cloudInit = (text: string): Edit => ['nid: 2,', `nid: 2, cloud_init: { ${text} },`];
  assert.equal(of(edited(LINUX_PLANT, cloudInit('meta_data: { instance-id: x }'))), [
    'cloud_init.meta_data.instance-id | x | plant/site.yaml:25:98',
    ...derived,
  ]);
  assert.equal(of(edited(LINUX_PLANT, cloudInit('meta_data: {}, network_config: { version: 2 }'))), [
    'cloud_init.meta_data | {} | plant/site.yaml:25:83',
    'cloud_init.meta_data.instance-id | plant.cg02 | by default',
    derived[0],
    `${network}version | 2 | plant/site.yaml:25:114`,
  ]);
});

test('shows a file that is sent in base64, with the reason', () => {
  const files = 'os: { write_files: [{ path: /etc/issue, content: "\\nPlant 2\\n" }],';
  const home = dirname(makeSite(edited(PLANT, ['os: {', files])));
  const how = 'in base64, because the installer cannot write text that begins with a blank or an empty line';
  assert.is(
    harvgen(['explain', 'plant', 'harv-1', 'config.os.write_files'], home).stdout,
    `config.os.write_files[0].path      /etc/issue    plant/site.yaml:18:33 in defaults
config.os.write_files[0].content   ClBsYW50IDIK  plant/site.yaml:18:54 (${how})
config.os.write_files[0].encoding  b64           plant/site.yaml:18:54 (${how})
A change reaches the installed node at its next reboot, by cluster/ (CloudInit: stage initramfs.after).
`,
  );
});

test('a key without an effect: the reason, and the line that sets it', () => {
  const none = (site: string, node: string, key: string) => {
    const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site });
    const { code, stdout, stderr } = harvgen(['explain', 'plant', node, key], home);
    assert.equal([code, stdout], [0, '']);
    return stderr.replace(`harvgen: ${node} has no ${key}: `, '').trimEnd();
  };
  const linux = edited(LINUX_PLANT, [
    'profiles:\n',
    'defaults: { config: { os: { modules: [kvm] } } }\nprofiles:\n',
  ]);
  assert.is(
    none(linux, 'cg01', 'config.os.modules'),
    'it applies only to Harvester, but cg01 boots Linux; it is set at plant/site.yaml:12:39 in defaults',
  );
  assert.is(none(linux, 'cg01', 'mode'), 'it applies only to Harvester, but cg01 boots Linux');
  assert.is(none(linux, 'cg01', 'install'), 'it applies only to Harvester or its disk, but cg01 boots Linux');
  const local = edited(ISCSI_PLANT, [
    'ip: 10.2.0.12, tenant: physics }',
    'ip: 10.2.0.12, tenant: physics, boot: { os: local } }',
  ]);
  assert.is(
    none(local, 'cn02', 'boot.image'),
    'it applies only to an iSCSI disk, but cn02 boots its disk; it is set at plant/site.yaml:19:12 in defaults',
  );
  assert.is(none(PLANT, 'harv-2', 'boot.kernel'), 'it applies only to Linux, but harv-2 boots Harvester');
  assert.is(
    none(PLANT, 'harv-2', 'boot.arch'),
    'it applies only to machines without Harvester, but harv-2 boots Harvester',
  );
  assert.is(none(PLANT, 'harv-2', 'nics[0].mac'), 'harv-2 has one NIC, with the keys mac and ip');
  const settings = edited(PLANT, [
    'defaults:\n  config:\n',
    'defaults:\n  config:\n    system_settings: { ui-index: auto }\n',
  ]);
  assert.is(
    none(settings, 'harv-2', 'config.system_settings.ui-index'),
    'it applies only to mode create, but the node has join; it is set at plant/site.yaml:18:34 in defaults',
  );
});

test('keys that only some outputs have: groups, OCI, a text as root, and CHAP none', () => {
  const shown = (site: string, node: string, key: string) => {
    const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site });
    return harvgen(['explain', 'plant', node, key], home).stdout.replace(/ {2,}/g, ' | ');
  };
  assert.is(
    shown(LINUX_PLANT, 'cg01', 'groups'),
    'groups[0] | compute | plant/site.yaml:14:14 in profile compute\n',
  );
  assert.is(
    shown(OCI_PLANT, 'oci-1', 'oci.shape'),
    'oci.shape | BM.DenseIO.E4.128 | plant/site.yaml:25:12 in defaults\n',
  );
  const root = edited(LINUX_PLANT, ['root: { squashfs: rocky9/root.squashfs }', 'root: /dev/nfs']);
  assert.is(
    shown(root, 'cg01', 'boot.root'),
    'boot.root | /dev/nfs | plant/site.yaml:19:13 in profile compute\n',
  );
  const chap = edited(ISCSI_PLANT, ['    image: rocky9\n', '    image: rocky9\n    chap: none\n']);
  assert.is(shown(chap, 'cn02', 'boot.chap'), 'boot.chap | none | plant/site.yaml:20:11 in defaults\n');
});

test.run();

function json({ code, stdout, stderr }: Run): PlainLeaf[] {
  assert.is(code, 0, stderr);
  return JSON.parse(stdout);
}
