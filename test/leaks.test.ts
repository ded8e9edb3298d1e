// needs: root unshare
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgenWarm as harvgen, type Run } from './support/cli.ts';
import { readTree } from './support/files.ts';
import {
  asReference,
  asYaml,
  changed,
  leakyPlant,
  secretEntries,
  secretsOfPlant,
  secretValue,
  type Writing,
} from './support/leaky-plant.ts';
import { LspClient } from './support/lsp-client.ts';
import { Running } from './support/running.ts';
import { type Order, runAll } from './support/runs.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';
import { secretForms } from './support/secret-forms.ts';

/**
 * No value of a secret is in the output of a command or in the output tree that git has, in any form. A site with secrets at
 * every key goes through every command, with every format, valid and invalid. A new command, option or format fails the first
 * test until it is in COMMANDS, with the runs that exercise it.
 */
const test = suite('leaks');

const NODE = 'harv-1';
const GIVEN = ['--secrets', 'secrets.yaml'];

/** A command with its options and formats, and the arguments of a run without options. */
interface Command {
  readonly options: readonly string[];
  readonly formats?: readonly string[];
  readonly args: readonly string[];
  /** Runs in addition to those by format and source of secrets. */
  readonly more?: readonly (readonly string[])[];
}

const COMMANDS: Readonly<Record<string, Command>> = {
  build: {
    options: [
      'out',
      'check',
      'format',
      'force',
      'watch',
      'report',
      'secrets',
      'allow-secrets-in-git',
      'no-templates',
    ],
    args: ['plant'],
    // --watch has its own test.
    more: [
      ['build', '--check', 'plant'],
      ['build', '--check', '--out', 'filled', ...GIVEN, 'plant'],
      ['build', '--check', '--out', 'filled', 'plant'],
      ['build', '--check', '--format', 'json', '--out', 'filled', ...GIVEN, 'plant'],
      ['build', '--out', 'filled', 'plant'],
      ['build', '--force', '--out', 'filled', ...GIVEN, 'plant'],
      ['build', '--allow-secrets-in-git', '--out', 'filled', ...GIVEN, 'plant'],
    ],
  },
  check: {
    options: ['fix', 'format', 'strict', 'secrets', 'no-templates'],
    formats: ['text', 'json', 'sarif', 'github'],
    args: ['plant'],
    more: [
      ['check', '--fix', 'plant'],
      ['check', '--strict', ...GIVEN, 'plant'],
    ],
  },
  diff: {
    options: ['out', 'against', 'format', 'no-patch', 'secrets', 'no-templates'],
    formats: ['text', 'markdown', 'json'],
    args: ['plant'],
    more: [
      ['diff', '--no-patch', ...GIVEN, 'plant'],
      ['diff', '--out', 'filled', ...GIVEN, 'plant'],
      ['diff', '--out', 'filled', 'plant'],
      ['diff', '--out', 'filled', '--format', 'json', ...GIVEN, 'plant'],
      ['diff', '--out', 'filled', '--format', 'markdown', ...GIVEN, 'plant'],
      ['diff', '--against', 'filled', ...GIVEN, 'plant'],
      ['diff', '--out', 'nowhere', '--format', 'json', 'plant'],
      ['diff', '--out', 'nowhere', 'plant'],
    ],
  },
  report: {
    options: ['out', 'against', 'open', 'no-templates'],
    args: ['--out', '-', 'plant'],
    more: [
      ['report', '--out', '-', '--against', 'filled', 'plant'],
      ['report', '--out', '-', '--against', 'nowhere', 'plant'],
    ],
  },
  explain: { options: ['format'], formats: ['text', 'json'], args: ['plant', NODE] },
  set: { options: ['no-templates'], args: ['plant', NODE, 'install=always'] },
  drift: {
    options: ['format'],
    formats: ['text', 'json'],
    args: ['plant', 'cluster.dump.yaml'],
    more: [['drift', 'plant', 'broken.dump.yaml']],
  },
  discover: {
    options: ['site', 'into', 'format', 'profile'],
    formats: ['text', 'json'],
    args: ['--site', 'plant', 'access.log'],
    more: [['discover', '--into', 'plant', '--profile', 'management', 'access.log']],
  },
  secrets: {
    options: ['secrets', 'format'],
    // nginx, kubernetes and cluster print values on standard output: see there.
    formats: ['text', 'json', 'nginx', 'kubernetes', 'iscsi', 'cluster'],
    args: ['plant'],
  },
  // Ends with its editor: it has its own test.
  lsp: { options: ['stdio'], args: [] },
  // Boots with made-up values only, and rejects a tree with the user's.
  rehearse: {
    options: ['firmware', 'all', 'keep', 'out'],
    args: ['--out', 'filled', 'plant'],
    more: [['rehearse', 'plant', '--out', 'nowhere', '--keep', 'kept']],
  },
  // Asks servers: it has its own test, without a network.
  verify: {
    options: ['as', 'interface', 'media', 'secrets', 'ca', 'format', 'no-templates'],
    formats: ['text', 'json'],
    args: ['plant'],
  },
  media: {
    options: ['format', 'pin', 'from', 'no-templates'],
    formats: ['text', 'json', 'urls', 'sha512'],
    args: ['plant'],
    more: [['media', '--pin', '--from', 'nowhere', 'plant']],
  },
  rules: { options: [], args: [] },
  schema: { options: ['mode'], args: ['v1.4.1'], more: [['schema', '--mode', 'create', 'v1.4.1']] },
  template: { options: [], args: ['ipxe/node.ipxe'] },
  completion: { options: [], args: ['bash'] },
  init: { options: [], args: ['plant'] },
  import: {
    options: [
      'site',
      'into',
      'to',
      'secrets-to',
      'harvester-version',
      'server',
      'subnet',
      'launch',
      'join',
      'profile',
    ],
    args: ['tfvars', 'cloud.tfvars'],
    more: [
      ['import', 'tfvars', 'cloud.tfvars', '--site', 'other'],
      ['import', 'tfvars', 'cloud.tfvars', '--to', 'imported', '--secrets-to', 'imported.secrets.yaml'],
      ['import', 'tfvars', 'cloud.tfvars', '--to', 'imported', '--secrets-to', 'imported.secrets.yaml'],
      ['import', 'tfvars', 'wrong.tfvars'],
      ['import', 'tfvars', 'broken.tfvars'],
      ['import', 'phs', 'phs.yaml', '--site', 'other', '--server', 'http://192.168.178.7'],
      ['import', 'phs', 'phs.yaml', '--into', 'sites', '--secrets-to', 'phs.secrets.yaml'],
      ['import', 'phs', 'phs.yaml', '--into', 'sites', '--harvester-version', 'v1.6.1'],
      ['import', 'phs', 'wrong.phs.yaml'],
      ['import', 'phs', 'broken.phs.yaml'],
      ['import', 'oci', 'nodes.csv', '--launch', 'launch.sh', '--to', 'sites-oci'],
      ['import', 'oci', 'nodes.csv', '--subnet', '192.168.178.0/24', '--server', 'http://192.168.178.7'],
      ['import', 'oci', 'nodes.sql', '--launch', 'cloud.tfvars'],
      ['import', 'oci', 'broken-nodes.csv', '--launch', 'phs.yaml'],
      ['import', 'oci', 'launch.sh'],
      ['import', 'oci', 'cloud.tfvars'],
      ['import', 'smd', 'smd.json', '--join', 'cloud-init:groups.json', '--join', 'bss:bss.json'],
      ['import', 'smd', 'smd.json', 'smd.json', '--join', 'cloud-init:groups.json', '--to', 'joined'],
      ['import', 'smd', 'broken.json', '--join', 'magellan:magellan.json'],
      ['import', 'magellan', 'magellan.json', '--join', 'cloud-init:wrong.json'],
      ['import', 'bss', 'groups.json'],
      ['import', 'csv', 'machines.csv', '--join', 'dhcpd:dhcpd.conf', '--join', 'libvirt:domain.xml'],
      ['import', 'csv', 'machines.csv', '--join', 'dnsmasq:dhcpd.conf', '--to', 'tables'],
      ['import', 'csv', 'machines.csv', '--into', 'sites/there', '--profile', 'none'],
      ['import', 'csv', 'broken.csv', '--join', 'dhcpd:broken.dhcpd.conf', '--join', 'libvirt:broken.xml'],
      ['import', 'libvirt', 'dhcpd.conf', 'machines.csv'],
    ],
  },
};

/** A file of another system that is full of secrets. */
const CLOUD = ['harvester_first_node_token', 'harvester_password', 'do_token', 'rancher_secret_key', 'my_own']
  .map((name, index) => `${name} = ${JSON.stringify(secretValue(secretsOfPlant()[index] ?? ''))}\n`)
  .join('');

/** A phs data file with one machine, whose configuration has secrets at every key. */
function phsOf(write: Writing, ip = '192.168.178.41'): string {
  const { defaults, clusters } = leakyPlant(write);
  const { install } = defaults.config;
  return asYaml({
    server: 'http://192.168.178.7',
    maclist: [
      {
        macaddress: '52:54:00:aa:01:01',
        values: {
          ipaddress: ip,
          netmask: '255.255.255.0',
          gateway: '192.168.178.1',
          interface: 'eno1',
          version: 'v1.4.1',
          type: 'create',
          config: {
            ...defaults.config,
            token: clusters.east.token,
            install: { ...install, mode: 'create', vip: '192.168.178.40' },
          },
        },
      },
    ],
  });
}

const VALUES = secretsOfPlant().map(secretValue);

/** Returns a text of SQL. */
function inSql(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** A dump of oci-harvester's table with an additional column, behind a dump of other tables; all contain secrets. */
const NODES_SQL = [
  ...VALUES.map((value) => `INSERT INTO \`users\` VALUES (1,${inSql(value)});`),
  'CREATE TABLE `nodes` (`ip` text, `note` text, `install` int);',
  `INSERT INTO \`nodes\` VALUES ${VALUES.map((value, index) => `('192.168.178.${41 + (index % 7)}',${inSql(value)},${index % 3}),('x',${inSql(value)},0)`).join(',')};`,
].join('\n');

const NODES_CSV = [
  'ip,note,install',
  'x,y,1',
  ...VALUES.map((value) => `192.168.178.41,"${value.replaceAll('"', '""')}",0,`),
].join('\n');

/** Its launch.sh. */
const LAUNCH_SH = [
  'AD="wrong"',
  ...VALUES.map((value, index) => `export MY_${index}=${JSON.stringify(value)}`),
  'SHAPE=$X',
].join('\n');

/** An answer of SMD with passwords of BMCs; on one line, next to invalid values. */
const SMD = JSON.stringify({
  RedfishEndpoints: VALUES.map((value, index) => ({
    ID: `x0c0s${index}b0`,
    User: 'root',
    Password: value,
    MACAddr: 'not available',
    RediscoverOnUpdate: true,
  })),
  Components: VALUES.map((_, index) => ({ ID: `x0c0s${index}b0n0`, Type: 'Node', NID: 1 })),
});

/** Groups of OpenCHAMI's cloud-init server whose data is full of secrets, in clear text and in base64. */
const groupsOf = (name: unknown) =>
  JSON.stringify(
    VALUES.map((value, index) => {
      const config = `#cloud-config\n${JSON.stringify({ password: value, users: [{ passwd: value }], chpasswd: { list: `root:${value}` } })}\n`;
      const isPlain = index % 2 === 0;
      return {
        name: name ?? `group-${index}`,
        description: 7,
        'meta-data': { token: value, api: { password: { own: value } } },
        file: {
          encoding: isPlain ? 'plain' : 'base64',
          content: isPlain ? config : Buffer.from(config).toString('base64'),
        },
      };
    }),
  );

const BSS = JSON.stringify(
  VALUES.map((value) => ({
    hosts: ['Default'],
    kernel: `http://user:${encodeURIComponent(value)}@192.168.178.7/k`,
    params: 'console=ttyS0',
    'cloud-init': { 'user-data': { anything: value }, 'meta-data': { more: [value] } },
  })),
);

const MAGELLAN = JSON.stringify(
  VALUES.map((value, index) => ({
    ID: `x0c0s${index}b0`,
    Password: value,
    Systems: [{ ethernet_interfaces: 7 }],
  })),
);

/** A dump of a cluster with settings, a CloudInit and an unknown resource that contain values. */
const DUMP = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: VALUES.flatMap((value, index) => [
    {
      apiVersion: 'harvesterhci.io/v1beta1',
      kind: 'Setting',
      metadata: { name: index === 0 ? 'backup-target' : `setting-${index}` },
      value: JSON.stringify({ secretAccessKey: value }),
    },
    {
      apiVersion: 'node.harvesterhci.io/v1beta1',
      kind: 'CloudInit',
      metadata: { name: `init-${index}` },
      spec: {
        matchSelector: {},
        filename: `${index}.yaml`,
        contents: `stages: {initramfs: [{users: {rancher: {passwd: ${JSON.stringify(value)}}}}]}`,
      },
    },
  ]),
});

/** A table with a column of passwords. */
const MACHINES_CSV = [
  'name;mac;BMC Password',
  ...VALUES.map((value, index) => `n${index};0200000000${10 + index};"${value.replaceAll('"', '""')}"`),
].join('\r\n');

/** A configuration of dhcpd with keys for updates and for OMAPI. */
const DHCPD_CONF = VALUES.map(
  (value, index) =>
    `key k${index} { algorithm hmac-md5; secret ${JSON.stringify(value)}; }\nhost h${index} { hardware ethernet 02:00:00:00:01:${10 + index}; }\n`,
).join('');

/** Domains whose consoles have passwords. */
const DOMAIN_XML = VALUES.map((value, index) => {
  const inXml = value.replace(/[&<>'"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return `<domain><name>v${index}</name><devices><graphics type='vnc' passwd='${inXml}'/><strange password='${inXml}'/></devices></domain>\n`;
}).join('');

/** Secrets that cannot be detected as such in clear text: they stay references in a site of clear texts. */
const UNDETECTED = ['kernel_url'];

const asClearText: Writing = (name) => (UNDETECTED.includes(name) ? asReference(name) : secretValue(name));

const FORMS = secretsOfPlant().flatMap((name) =>
  secretForms(secretValue(name)).map((form) => [name, form] as const),
);

/** Returns the name of a secret in a text, and the text around it, or undefined. */
function leakIn(text: string): string | undefined {
  const found = FORMS.find(([, form]) => text.includes(form));
  if (!found) return undefined;
  const [name, form] = found;
  const at = text.indexOf(form);
  return `${name} as ${form}, in …${text.slice(Math.max(0, at - 200), at + form.length + 50)}…`;
}

function assertNoLeak(text: string, where: string): void {
  const leak = leakIn(text);
  assert.is(leak, undefined, `${where} contains ${leak}`);
}

/** The one exception: the include, plain or as a Secret, and the cluster's values, on standard output, if values are available. */
function printsValues({ args }: Order, { code }: Run): boolean {
  const isPrinted = ['nginx', 'kubernetes', 'cluster'].some((format) => args.includes(format));
  return args[0] === 'secrets' && isPrinted && code === 0;
}

/** Runs commands, and asserts that their output has no secrets. `seen` returns the output to check, without allowed parts. */
async function assertQuiet(
  orders: readonly Order[],
  seen: (order: Order, text: string) => string = (_, text) => text,
): Promise<Run[]> {
  const runs = await runAll(orders);
  runs.forEach((run, index) => {
    const order = orders[index] as Order;
    const stdout = printsValues(order, run) ? '' : run.stdout;
    assertNoLeak(seen(order, stdout) + run.stderr, `${order.cwd}: harvgen ${order.args.join(' ')}`);
    assert.not.match(run.stderr, 'a bug in harvgen', order.args.join(' '));
  });
  return runs;
}

function secretsFile(without: readonly string[] = []): string {
  const given = secretsOfPlant().filter((name) => !without.includes(name));
  return asYaml(Object.fromEntries(given.map((name) => [name, secretValue(name)])));
}

/** The files that commands read, besides the site and its secrets. */
const INPUTS = {
  'cloud.tfvars': `prefix = "cloud"\n${CLOUD}`,
  // Each line twice, with values of wrong types, and unclosed.
  'wrong.tfvars': `${CLOUD}${CLOUD.replace(/= (.*)/g, '= [$1]')}`,
  'broken.tfvars': `${CLOUD}prefix = "x" ${CLOUD.replaceAll('\n', ' ')}`,
  'phs.yaml': phsOf(asClearText),
  'wrong.phs.yaml': phsOf(secretValue, '192.168.178.256').replaceAll(/password: (.*)/g, 'password: [$1]'),
  'broken.phs.yaml': `${phsOf(secretValue)}\t]`,
  'nodes.sql': NODES_SQL,
  'nodes.csv': NODES_CSV,
  // Truncated within quotes.
  'broken-nodes.csv': NODES_CSV.slice(0, -4),
  'launch.sh': LAUNCH_SH,
  'cluster.dump.yaml': DUMP,
  'access.log': `10.0.0.9 - - [25/Nov/2026:14:00:01 +0000] "GET /ipxe/52-54-00-00-00-09.ipxe HTTP/1.1" 404 1 "-" "iPXE/1"\n`,
  // Truncated within a value.
  'broken.dump.yaml': DUMP.slice(0, -4),
  'smd.json': SMD,
  // Truncated within an object.
  'broken.json': SMD.slice(0, -9),
  'groups.json': groupsOf(undefined),
  'wrong.json': groupsOf([7]),
  'bss.json': BSS,
  'magellan.json': MAGELLAN,
  'machines.csv': MACHINES_CSV,
  'broken.csv': MACHINES_CSV.replaceAll(';0200', ';02:00').replaceAll('\r\n', ' x\r\n'),
  'dhcpd.conf': DHCPD_CONF,
  'broken.dhcpd.conf': DHCPD_CONF.replaceAll('; }\nhost', ' }\nhost'),
  'domain.xml': DOMAIN_XML,
  'broken.xml': DOMAIN_XML.replaceAll('/><strange', '<strange'),
};

/** Returns a directory with the site and its secrets. Not in git, so that builds with values can write there. */
function home(text: string, others: Readonly<Record<string, string>> = {}, secrets = secretsFile()): string {
  const folder = dirname(makeSite({ 'site.yaml': text, ...others }));
  writeFiles(folder, { 'secrets.yaml': secrets, ...INPUTS });
  chmodSync(join(folder, 'secrets.yaml'), 0o600);
  return folder;
}

/** Returns a directory with the site only, for commands that read nothing else. */
function siteHome(text: string): string {
  return dirname(makeSite(text));
}

/** Every command in each of its formats, without and with secrets: from a file, a pipe, and the environment. */
function everyRun(cwd: string, secrets = secretsFile()): Order[] {
  return Object.entries(COMMANDS).flatMap(([name, { options, formats, args, more = [] }]) => {
    if (name === 'lsp' || name === 'verify') return [];
    const formatted = formats?.map((format) => [name, '--format', format]) ?? [[name]];
    const out = name === 'build' ? ['--out', 'filled'] : [];
    return [
      ...formatted.flatMap((words): Order[] => {
        const plain = { args: [...words, ...args], cwd };
        if (!options.includes('secrets')) return [plain];
        const env = Object.fromEntries(
          secretsOfPlant().map((secret) => [`HARVGEN_SECRET_${secret.toUpperCase()}`, secretValue(secret)]),
        );
        return [
          plain,
          { args: [...words, ...out, ...GIVEN, ...args], cwd },
          { args: [...words, ...out, '--secrets', '-', ...args], cwd, input: secrets },
          { args: [...words, ...out, ...args], cwd, env },
        ];
      }),
      ...more.map((one) => ({ args: one, cwd })),
    ];
  });
}

/** A selection for invalid sites, since all runs take too long. */
function fewRuns(cwd: string): Order[] {
  return [
    ['check', 'plant'],
    ['check', '--format', 'json', 'plant'],
    ['explain', 'plant', NODE],
    ['build', '--out', 'filled', ...GIVEN, 'plant'],
  ].map((args) => ({ args, cwd, env: { HARVGEN_DEBUG: '1' } }));
}

/** The site with a libvirt host and virtual machines as nodes: its output tree has files that contain other files. */
function onHost(write: Writing): string {
  const site = leakyPlant(write);
  return asYaml({
    ...site,
    // The host itself is the boot server.
    server: { ...site.server, kubernetes: undefined },
    host: {
      address: 'lab.example.org',
      disks: { data1: { device: '/dev/disk/by-id/google-data1' } },
      expose: [{ port: 443, cluster: 'east' }],
    },
    networks: { mgmt: { ...site.networks.mgmt, interface: 'br0' } },
    defaults: {
      ...site.defaults,
      vm: {
        preset: 'small',
        disks: [{ size: '300Gi' }, { name: 'data', size: '1Ti', bus: 'scsi', on: 'data1' }],
      },
    },
  });
}

const REFERENCES = asYaml(leakyPlant(asReference));
const CLEAR = asYaml(leakyPlant(asClearText));

test('every command, option and format is covered', () => {
  const folder = scratchFolder();
  const listOf = (help: string, of: RegExp) => Array.from(help.matchAll(of), ([, name = '']) => name);
  const commands = listOf(
    harvgen(['--help'], folder).stdout.replace(/^[\s\S]*Commands:|For more info[\s\S]*$/g, ''),
    /^ {2}([a-z]+) /gm,
  );
  assert.equal(commands.sort(), Object.keys(COMMANDS).sort());
  for (const [name, { options, formats = [], args }] of Object.entries(COMMANDS)) {
    const help = harvgen([name, '--help'], folder).stdout.replace(/^[\s\S]*Options:|Examples:[\s\S]*$/g, '');
    assert.equal(
      listOf(help, /^ {2}(?:-\w, )?--([a-z-]+)/gm).sort(),
      [...options, 'help'].sort(),
      `harvgen ${name}: add new options to COMMANDS`,
    );
    if (formats.length === 0) continue;
    const { stderr } = harvgen([name, '--format', 'nonsense', ...args], folder);
    const known = /; formats: (.*)/.exec(stderr)?.[1]?.split(', ') ?? [];
    assert.equal(known.sort(), [...formats].sort(), `harvgen ${name}: add new formats to COMMANDS`);
  }
});

test('verify shows no value, also of clear text in the inventory', () => {
  for (const text of [REFERENCES, CLEAR]) {
    const folder = home(text);
    for (const format of ['text', 'json'])
      for (const more of [[], GIVEN, ['--media', ...GIVEN]]) {
        const args = ['verify', '--format', format, ...more, 'plant'];
        // In a network namespace of its own, every request fails at once.
        const { status, stdout, stderr } = spawnSync('unshare', ['--net', process.execPath, BIN, ...args], {
          cwd: folder,
          encoding: 'utf8',
        });
        assert.is(status, 1, stderr);
        assert.match(stdout, format === 'json' ? '"differences"' : 'harv-1', stderr);
        assertNoLeak(stdout + stderr, args.join(' '));
      }
  }
});

test('the language server shows no value, also of clear text in the inventory', async () => {
  const folder = home(CLEAR);
  const path = join(folder, 'plant/site.yaml');
  const client = new LspClient(folder);
  await client.initialize(folder);
  const answers: unknown[] = [await client.open(path)];
  const lines = CLEAR.split('\n');
  for (const [line, text] of lines.entries()) {
    const key = text.search(/[^\s-]/);
    if (key >= 0)
      answers.push(await client.request('textDocument/hover', path, { position: { line, character: key } }));
  }
  answers.push(await client.request('textDocument/documentSymbol', path));
  assert.is(await client.end(), 0);
  assert.ok(answers.filter(Boolean).length > 20);
  assertNoLeak(JSON.stringify([answers, client.messages, [...client.published]]), 'lsp');
});

test('a value is detected in all forms that can occur', () => {
  const value = secretValue('login');
  assert.ok(leakIn(`x ${value} y`));
  assert.ok(leakIn(JSON.stringify({ a: JSON.stringify({ b: value }) })));
  for (const before of ['', 'u', 'u:'])
    assert.ok(leakIn(Buffer.from(`${before}${value}x`).toString('base64')));
  assert.ok(leakIn(encodeURIComponent(value)));
  assert.ok(leakIn(`${value.slice(0, 14)}…`));
  assert.not.ok(leakIn(REFERENCES));
  assert.ok(leakIn(CLEAR));
});

test('a valid site: no value is in the output of a command or in the committed output tree', async () => {
  const folder = home(REFERENCES);
  const first = [...everyRun(folder).filter(({ args }) => args[0] === 'build')];
  await assertQuiet(first.slice(0, 1));
  const builds = await assertQuiet(first.slice(1, 2));
  assert.is(builds[0]?.code, 0, builds[0]?.stderr);
  await assertQuiet(everyRun(folder));
  for (const [path, text] of Object.entries(readTree(join(folder, 'out')))) assertNoLeak(text, path);
  // The values are in the files that need them; otherwise the test proves nothing.
  const filled = readTree(join(folder, 'filled/plant'));
  assert.ok(leakIn(filled['www/config/52-54-00-aa-01-01.yaml'] ?? ''));
  for (const [path, text] of Object.entries(filled))
    if (!/^www\/config\//.test(path)) assertNoLeak(text, `filled/${path}`);
  assert.ok(leakIn(readFileSync(join(folder, 'imported.secrets.yaml'), 'utf8')));
  assertNoLeak(readFileSync(join(folder, 'imported/site.yaml'), 'utf8'), 'imported/site.yaml');
  assert.ok(leakIn(readFileSync(join(folder, 'phs.secrets.yaml'), 'utf8')));
  const [moved = ''] = readdirSync(join(folder, 'sites'));
  assertNoLeak(readFileSync(join(folder, 'sites', moved, 'site.yaml'), 'utf8'), 'sites');
  const journal = Object.entries(readTree(join(folder, 'filled'))).filter(([path]) =>
    path.startsWith('.harvgen'),
  );
  for (const [path, text] of journal) assertNoLeak(text, path);
});

test('a site with secrets in clear text: no output contains them', async () => {
  const folder = home(CLEAR);
  await assertQuiet([{ args: ['build', 'plant'], cwd: folder }]);
  await assertQuiet(everyRun(folder), withoutPatch);
  await assertQuiet([
    { args: ['diff', '--no-patch', '--out', 'nowhere', 'plant'], cwd: folder },
    { args: ['explain', 'plant', 'harv-2'], cwd: folder },
  ]);
});

/** Removes patches, which contain lines of the output tree, including secrets in clear text, as those of git do. */
function withoutPatch({ args }: Order, text: string): string {
  if (args[0] !== 'diff') return text;
  if (args.includes('json'))
    return JSON.stringify(JSON.parse(text || '{}'), (key, value) =>
      key === 'diff' || key === 'patch' ? '' : value,
    );
  return text.replace(/^diff --git[\s\S]*/m, '');
}

for (const [kind, text] of Object.entries({ references: REFERENCES, 'clear texts': CLEAR })) {
  const write = kind === 'references' ? asReference : asClearText;
  const inventory = leakyPlant(write);

  test(`${kind}: broken YAML next to a secret`, async () => {
    const lines = text.split('\n');
    const isSecret = (line: string) => /\$\{secret:/.test(line) || leakIn(line) !== undefined;
    const positions = lines.flatMap((line, index) => (isSecret(line) ? [index] : []));
    const orders: Order[] = [];
    for (const at of positions) {
      const indent = /^ */.exec(lines[at] ?? '')?.[0] ?? '';
      for (const broken of [`${indent}bad: [`, '\tbad: x', `${indent}"bad`]) {
        const folder = siteHome([...lines.slice(0, at + 1), broken, ...lines.slice(at + 1)].join('\n'));
        orders.push({ args: ['check', 'plant'], cwd: folder });
      }
    }
    for (const at of positions) {
      const line = lines[at] ?? '';
      for (const broken of [
        line.replace(/: (?=\S)/, ': ['),
        line.replace(/: (?=\S)/, ': *'),
        line.replace(/(["'])\s*$/, ''),
        `${line}\n${line}`,
      ]) {
        const folder = siteHome([...lines.slice(0, at), broken, ...lines.slice(at + 1)].join('\n'));
        orders.push({ args: ['check', 'plant'], cwd: folder });
      }
    }
    await assertQuiet(orders);
  });

  test(`${kind}: keys of secrets with values of wrong types, with typos, and moved`, async () => {
    const orders: Order[] = [];
    for (const { path } of secretEntries()) {
      const edits: ((holder: Record<string | number, unknown>, key: string | number) => void)[] = [
        (holder, key) => {
          holder[key] = [holder[key]];
        },
        (holder, key) => {
          holder[key] = { value: holder[key] };
        },
        (holder, key) => {
          if (Array.isArray(holder)) return;
          holder[`${key}x`] = holder[key];
          delete holder[key];
        },
        (holder, key) => {
          holder[key] = `${holder[key]}\n\u0007`;
        },
      ];
      for (const edit of edits)
        orders.push({ args: ['check', 'plant'], cwd: siteHome(asYaml(changed(inventory, path, edit))) });
    }
    for (const key of ['password', 'token', 'tokn', 'passwd']) {
      const edit = (holder: Record<string | number, unknown>) => {
        holder[key] = write('login');
      };
      for (const path of [['x'], ['server', 'x'], ['nodes', NODE, 'x'], ['defaults', 'config', 'x']])
        orders.push({ args: ['check', 'plant'], cwd: siteHome(asYaml(changed(inventory, path, edit))) });
    }
    for (const [path, value] of [
      [['server', 'url'], `http://user:${write('hook_url')}@192.168.178.7`],
      [['server', 'media'], `http://user:${write('hook_url')}@192.168.178.7/x`],
      [['defaults', 'config', 'install', 'iso_url'], `http://user:${write('hook_url')}@10.0.0.1/x`],
      [['defaults', 'config', 'os', 'ssh_authorized_keys'], write('file_key')],
      [['defaults', 'config', 'os', 'ssh_authorized_keys'], [write('file_key')]],
      [['defaults', 'config', 'os', 'modules'], `http://user:${write('hook_url')}@10.0.0.1/x`],
    ] as const) {
      const edit = (holder: Record<string | number, unknown>, key: string | number) => {
        holder[key] = value;
      };
      orders.push({ args: ['check', 'plant'], cwd: siteHome(asYaml(changed(inventory, path, edit))) });
    }
    await assertQuiet(orders);
  });

  test(`${kind}: other errors of the inventory`, async () => {
    const broken: Record<string, [text: string, others?: Record<string, string>]> = {
      'an old release': [asYaml(leakyPlant(write, 'v1.1.0'))],
      'a new release': [asYaml(leakyPlant(write, 'v1.9.0'))],
      'no release': [asYaml(leakyPlant(write, 'v9.9.9'))],
      'a missing include': [`${text}include: [../gone.yaml]\n`],
      'one key in two files': [
        text,
        { 'more.yaml': asYaml({ clusters: { east: { token: write('east_token') } } }) },
      ],
      'a site file with a secret': [text, { 'files/www/x': `${write('east_token')}\n` }],
      'a secrets file in the site': [text, { 'secrets.yaml': secretsFile() }],
      'a secrets file that is not YAML': [text, { 'more.yaml': `${secretsFile()}bad: [\n` }],
      'a merge conflict': [
        text.replace(/^clusters:$/m, '<<<<<<< a\nclusters:\n=======\nclusters:\n>>>>>>> b'),
      ],
      'two documents': [`${text}---\n${text}`],
      'a list': [`- ${text.replaceAll('\n', '\n  ')}`],
      'another name': [text.replace('site: plant', 'site: press')],
    };
    const templates = [
      '<% throw new Error("no") %>',
      '<% it.node.config.token.gone.gone %>',
      '<% JSON.parse(it.node.config.token) %>',
      '<% JSON.parse(it.node.config.os.password) %>',
      '<% new URL(it.node.config.token) %>',
      '<% it.node.config[it.node.config.token]() %>',
      '<% null[it.node.config.token] %>',
      'echo <%= it.node.config.os %>',
    ];
    for (const [index, template] of templates.entries())
      broken[`template ${index}`] = [text, { 'templates/ipxe/node.ipxe.eta': `#!ipxe\n${template}\n` }];
    await assertQuiet(Object.values(broken).flatMap(([own, others]) => fewRuns(home(own, others))));
  });

  test(`${kind}: changes of a secret and next to one`, async () => {
    const filter = kind === 'references' ? undefined : withoutPatch;
    const folder = home(text);
    await assertQuiet([{ args: ['build', 'plant'], cwd: folder }]);
    for (const [index, { path }] of secretEntries().entries()) {
      const beside = changed(inventory, path, (holder, key) => {
        holder[key] =
          index % 2 === 0 ? String(holder[key]).replace(/\$\{secret:\w+\}/, '${secret:other}') : 'Zwetschge';
      });
      writeFileSync(
        join(folder, 'plant/site.yaml'),
        asYaml(beside).replace('192.168.178.42', '192.168.178.45'),
      );
      const orders: Order[] = [
        { args: ['diff', 'plant'], cwd: folder },
        { args: ['diff', '--format', 'json', 'plant'], cwd: folder },
      ];
      await assertQuiet(orders, filter);
    }
  });

  test(`${kind}: explain and set of each key`, async () => {
    const folder = home(text);
    const inNode = secretEntries().flatMap(({ path: [first, , ...path], name }) =>
      first === 'defaults' ? [{ key: ['config', ...path].join('.').replace(/\.(\d+)/g, '[$1]'), name }] : [],
    );
    assert.ok(inNode.length > 10);
    await assertQuiet(
      inNode.flatMap(({ key }) => [
        { args: ['explain', 'plant', NODE, key], cwd: folder },
        { args: ['explain', '--format', 'json', 'plant', NODE, key], cwd: folder },
      ]),
    );
    const orders = inNode.flatMap(({ key, name }): Order[] => {
      const value = /_url|in_|key$/.test(name)
        ? `http://user:${secretValue('hook_url')}@10.0.0.1`
        : secretValue(name);
      return [
        { args: ['set', 'plant', NODE, `${key}=${value}`], cwd: siteHome(text) },
        { args: ['set', 'plant', NODE, `${key}=`], cwd: siteHome(text) },
        { args: ['set', 'plant', NODE, `${key}=[${JSON.stringify(value)}]`], cwd: siteHome(text) },
        { args: ['set', 'plant', NODE, `${key}=null`], cwd: siteHome(text) },
      ];
    });
    await assertQuiet(orders);
    await assertQuiet([
      { args: ['set', 'plant', 'harv-2', `bmc.password=${secretValue('bmc')}`], cwd: folder },
      { args: ['set', 'plant', 'harv-2', `bmc.password=${secretValue('bmc')}`], cwd: folder },
      { args: ['set', 'plant', 'harv-2', 'bmc.password=null'], cwd: folder },
      { args: ['set', 'plant', 'harv-2', `bmc.pasword=${secretValue('bmc')}`], cwd: folder },
    ]);
  });
}

test('missing secrets, and unreadable secrets files', async () => {
  const good = secretsFile();
  const files: Record<string, string> = {
    'none of them': 'other: x\n',
    'one is missing': secretsFile(['login']),
    'one has another name': good.replace(/^login:/m, 'logn:'),
    'one is a list': good.replace(/^login: (.*)$/m, 'login: [$1]'),
    'one is a map': good.replace(/^login: (.*)$/m, 'login: { a: $1 }'),
    'one occurs twice': `${good}login: ${JSON.stringify(secretValue('login'))}\n`,
    'one ends with a line break': good.replace(
      /^east_token: (.*)$/m,
      `east_token: |\n  ${secretValue('east_token')}`,
    ),
    'two are the same': good.replace(
      /^west_token: .*$/m,
      `west_token: ${JSON.stringify(secretValue('east_token'))}`,
    ),
    'a password is the token': good.replace(
      /^login: .*$/m,
      `login: ${JSON.stringify(secretValue('east_token'))}`,
    ),
    'one has an invalid name': `${good}Login: ${JSON.stringify(secretValue('login'))}\n`,
    'not YAML': `${good}bad: [\n`,
    'an unclosed quote': `${good}bad: "${secretValue('login')}\n`,
    'an alias without an anchor': good.replace(
      /^east_token: .*$/m,
      `east_token: *${secretForms(secretValue('east_token'))[1]}`,
    ),
    'a tag': good.replace(/^east_token: /m, 'east_token: !!binary '),
    'a list': `- ${JSON.stringify(secretValue('login'))}\n`,
    'a text': secretValue('login'),
    'two documents': `${good}---\n${good}`,
    sops: `${good}sops: { version: 3.9.0 }\n`,
    'a null': `${good}x: "${secretValue('login')}\\0"\n`,
  };
  const orders = Object.values(files).flatMap((file): Order[] => {
    const cwd = home(REFERENCES, {}, file);
    return [
      { args: ['check', ...GIVEN, 'plant'], cwd },
      { args: ['build', '--out', 'filled', ...GIVEN, 'plant'], cwd, env: { HARVGEN_DEBUG: '1' } },
      { args: ['secrets', ...GIVEN, 'plant'], cwd },
      { args: ['secrets', '--format', 'json', '--secrets', '-', 'plant'], cwd, input: file },
    ];
  });
  await assertQuiet(orders);
  const cwd = home(REFERENCES);
  const runs = await assertQuiet([
    { args: ['check', ...GIVEN, 'plant'], cwd, env: { HARVGEN_SECRET_LOGIN: `${secretValue('login')}x` } },
    { args: ['build', ...GIVEN, 'plant'], cwd, env: { HARVGEN_SECRET_LOGIN: '' } },
    { args: ['check', '--secrets', secretValue('hook_url').slice(0, 4), 'plant'], cwd },
  ]);
  assert.equal(
    runs.map(({ code }) => code),
    [1, 1, 1],
  );
});

test('a site with a libvirt host', async () => {
  const folder = home(onHost(asReference));
  const orders = (all: readonly (readonly string[])[], cwd: string): Order[] =>
    all.map((args) => ({ args: [...args], cwd }));
  // These runs write, so one after the other.
  const [built] = await assertQuiet(orders([['build', 'plant']], folder));
  assert.is(built?.code, 0, built?.stderr);
  const tree = readTree(join(folder, 'out'));
  assert.ok(tree['plant/host/cloud-config'] && tree['plant/libvirt/domains/harv-1.xml']);
  for (const [path, text] of Object.entries(tree)) assertNoLeak(text, path);
  const [filled] = await assertQuiet(orders([['build', '--out', 'filled', ...GIVEN, 'plant']], folder));
  assert.is(filled?.code, 0, filled?.stderr);
  // On a host, cloud-init writes the output tree itself, with configurations.
  for (const [path, text] of Object.entries(readTree(join(folder, 'filled/plant'))))
    if (!/^(www\/config\/.*|host\/cloud-config)$/.test(path)) assertNoLeak(text, `filled/${path}`);
  writeFileSync(join(folder, 'plant/site.yaml'), onHost(asReference).replace('300Gi', '400Gi'));
  const reads = [
    ['diff', ...GIVEN, 'plant'],
    ['diff', '--out', 'filled', ...GIVEN, 'plant'],
    ['explain', 'plant', NODE],
  ];
  await assertQuiet([...orders(reads, folder), ...fewRuns(home(onHost(asClearText)))]);
});

test('an output tree with values and manual edits, and a changed one', async () => {
  const folder = home(REFERENCES);
  const build = { args: ['build', '--out', 'filled', ...GIVEN, 'plant'], cwd: folder };
  await assertQuiet([build]);
  const file = join(folder, 'filled/plant/www/config/52-54-00-aa-01-01.yaml');
  const whole = readFileSync(file, 'utf8');
  const all = (secrets: string[]): Order[] =>
    [
      ['build', '--out', 'filled', ...secrets, 'plant'],
      ['build', '--check', '--out', 'filled', ...secrets, 'plant'],
      ['diff', '--out', 'filled', ...secrets, 'plant'],
      ['diff', '--out', 'filled', '--format', 'json', ...secrets, 'plant'],
      ['diff', '--out', 'filled', '--no-patch', ...secrets, 'plant'],
    ].map((args) => ({ args, cwd: folder }));
  for (const edited of [
    `${whole}# manual\n`,
    `# manual\n${whole}`,
    whole.replace('ä', 'ae'),
    whole.slice(0, 2000),
  ]) {
    writeFileSync(file, edited);
    await assertQuiet([...all(GIVEN), ...all([])]);
  }
  writeFileSync(file, whole);
  // Other values than those of the output tree, and another change in the inventory.
  cpSync(join(folder, 'secrets.yaml'), join(folder, 'old.yaml'));
  writeFileSync(join(folder, 'secrets.yaml'), secretsFile().replaceAll('☃', '☂'));
  await assertQuiet([...all(GIVEN).slice(1), ...all([])]);
  writeFileSync(
    join(folder, 'plant/site.yaml'),
    REFERENCES.replace('192.168.178.42', '192.168.178.45').replace('${secret:wifi}', '${secret:s3}'),
  );
  await assertQuiet([...all(GIVEN).slice(1), ...all([])]);
  rmSync(join(folder, 'filled/plant/manifest.json'));
  await assertQuiet([...all(GIVEN).slice(1), ...all([])]);
});

test('build --watch, through valid and invalid states', async () => {
  const folder = home(REFERENCES);
  const watch = new Running(['build', '--watch', '--out', 'filled', ...GIVEN, 'plant'], folder);
  const site = join(folder, 'plant/site.yaml');
  await watch.until(/\d+ (files? )?written/);
  writeFileSync(site, REFERENCES.replace('type: s3', 'type: s3\n        bad: ['));
  await watch.until(/error/);
  writeFileSync(site, CLEAR);
  await watch.until(/clear text/);
  writeFileSync(join(folder, 'secrets.yaml'), `login: "${secretValue('login')}\n`);
  writeFileSync(site, REFERENCES);
  await watch.until(/secrets\.yaml/);
  await watch.stop('SIGTERM');
  assertNoLeak(watch.output, 'build --watch');
  assert.ok(existsSync(join(folder, 'filled/plant')));
});

test.run();
