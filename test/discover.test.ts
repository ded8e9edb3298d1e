import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { BIN, harvgenWarm } from './support/cli.ts';
import { LINUX_PLANT } from './support/linux-plant.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder } from './support/scratch.ts';

/* Logs of one boot server. `test/system/by-address.test.ts` reads those of machines that boot. */

const test = suite('harvgen discover');

const IPXE = 'iPXE/1.21.1+ (g9062)';

/** Returns a line of nginx at 14:MM:SS. */
function line(clock: string, ip: string, node: string, path: string, status = 200, agent = IPXE): string {
  return `${ip} - ${node} [25/Nov/2026:14:${clock} +0100] "GET ${path} HTTP/1.1" ${status} 90 "-" "${agent}"\n`;
}

const [FIRST, SECOND, POOL] = ['192.168.178.41', '192.168.178.42', '192.168.178.230'];
const KERNEL = '/harvester/v1.4.1/harvester-v1.4.1-vmlinuz-amd64';

/** The first node installs; its script comes again afterwards. */
const INSTALLS = [
  line('00:01', FIRST, 'harv-1', '/boot.ipxe'),
  line('00:02', FIRST, 'harv-1', '/ipxe/52-54-00-aa-01-01.ipxe'),
  line('00:03', FIRST, 'harv-1', KERNEL),
  line('00:09', FIRST, 'harv-1', '/harvester/v1.4.1/harvester-v1.4.1-rootfs-amd64.squashfs', 200, 'curl/8.0'),
  line('00:30', FIRST, 'harv-1', '/config/52-54-00-aa-01-01.yaml', 200, 'Go-http-client/1.1'),
].join('');
const REBOOTS = [
  line('20:01', FIRST, 'harv-1', '/boot.ipxe'),
  line('20:02', FIRST, 'harv-1', '/ipxe/52-54-00-aa-01-01.ipxe'),
].join('');
const STOPS = [
  line('01:01', SECOND, 'harv-2', '/boot.ipxe'),
  line('01:02', SECOND, 'harv-2', '/ipxe/52-54-00-aa-01-02.ipxe'),
  line('01:03', SECOND, 'harv-2', KERNEL),
].join('');
const REPORT =
  '/boot.ipxe?mac=52-54-00-aa-01-04&uuid=4C4C4544-0042-3510-8057-b7c04f4d3332&serial=1e5&manufacturer=R&D%20Inc.&product=X&asset=A7&hostname=';
const ASKS = [
  line('02:01', POOL, '-', '/boot.ipxe'),
  line('02:02', POOL, '-', '/ipxe/52-54-00-aa-01-04.ipxe', 404),
  line('02:02', POOL, '-', '/ipxe/52-54-00-aa-01-05.ipxe', 404),
  line('02:03', POOL, '-', REPORT),
].join('');

const UNKNOWN = `
# 1 unknown machine:
nodes:
  # 25/Nov/2026:14:02:01 +0100 to 25/Nov/2026:14:02:03 +0100; 192.168.178.230; further NICs 52:54:00:aa:01:05; R&D Inc. X; serial number 1e5; asset A7
  new-525400aa0104:
    mac: 52:54:00:aa:01:04
    ip: 192.168.178.44
    uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332
    serial: "1e5"
`;

/** Runs the command on logs in files `0`, `1` …, with the site `plant` beside them. */
function discover(logs: readonly (string | Uint8Array)[], args: readonly string[] = [], site = PLANT) {
  const folder = scratchFolder();
  const plant = makeSite(site);
  logs.forEach((log, index) => {
    writeFileSync(join(folder, String(index)), log);
  });
  const names = logs.map((_, index) => String(index));
  const run = harvgenWarm(['discover', ...names, ...args.map((arg) => arg.replace('PLANT', plant))], folder);
  return { ...run, plant };
}

const OF_PLANT = ['--site', 'PLANT'];

test('shows how far each node is, and unknown machines as lines of an inventory', () => {
  const { code, stdout, stderr } = discover([INSTALLS + STOPS + ASKS + REBOOTS], OF_PLANT);
  assert.equal([code, stderr], [0, '']);
  assert.is(
    stdout,
    `harv-1  192.168.178.41  installed: fetched its configuration (25/Nov/2026:14:00:30 +0100), then booted its disk (25/Nov/2026:14:20:02 +0100)
harv-2  192.168.178.42  has its kernel (25/Nov/2026:14:01:03 +0100), never its configuration
harv-3                  not in these logs
${UNKNOWN}`,
  );
  assert.equal(parse(stdout.slice(stdout.indexOf('nodes:'))).nodes['new-525400aa0104'].serial, '1e5');
});

test('without a site, takes the names of the log and the IP address of the machine', () => {
  const { stdout } = discover([INSTALLS + ASKS]);
  assert.is(
    stdout,
    `harv-1  192.168.178.41  has its configuration (25/Nov/2026:14:00:30 +0100)\n${UNKNOWN.replace(
      'ip: 192.168.178.44',
      'ip: 192.168.178.230',
    )}`,
  );
});

test('reads rotated and compressed logs in any order, and standard input', () => {
  const { stdout } = discover([INSTALLS + STOPS + ASKS + REBOOTS], OF_PLANT);
  const rotated = [REBOOTS, STOPS + ASKS, gzipSync(INSTALLS)];
  assert.is(discover(rotated, OF_PLANT).stdout, stdout);
  assert.is(discover([...rotated].reverse(), OF_PLANT).stdout, stdout);
  // Several members in one file, as by appending.
  const joined = Buffer.concat([gzipSync(INSTALLS + STOPS), gzipSync(ASKS + REBOOTS)]);
  for (const input of [joined, INSTALLS + STOPS + ASKS + REBOOTS])
    assert.is(
      execFileSync(BIN, ['discover', '--site', makeSite(PLANT), '-'], { input, encoding: 'utf8' }),
      stdout,
    );
});

/** The same messages as the journal, a log file, and a foreground process show them. */
const MESSAGES = [
  'dnsmasq-dhcp[161]: DHCPDISCOVER(eno1) 52:54:00:aa:01:03 ',
  'dnsmasq-dhcp[161]: DHCPACK(eno1) 192.168.178.43 52:54:00:aa:01:03 harv-3',
  'dnsmasq-dhcp[161]: 2503356713 DHCPDISCOVER(eno1) 192.168.178.99 52:54:00:aa:01:07 no address available',
  'dnsmasq-dhcp[161]: DHCPACK(eno1) 192.168.178.231 52:54:00:aa:01:08 kvm1',
  'dnsmasq-tftp[161]: sent /srv/harvgen/tftp/snponly.efi to 192.168.178.231',
  'dnsmasq-dhcp[161]: DHCP, IP range 192.168.178.200 -- 192.168.178.250, lease time 1h',
];

test('reads the log of dnsmasq, and shows the time as it has it', () => {
  for (const [before, time] of [
    ['Nov  5 14:00:44 boot-1 ', 'Nov  5 14:00:44; '],
    ['Nov  5 14:00:44 ', 'Nov  5 14:00:44; '],
    ['2026-11-25T14:00:44+0100 boot-1 ', '2026-11-25T14:00:44+0100; '],
    ['2026-11-25T14:00:44.123456+01:00 boot-1 ', '2026-11-25T14:00:44.123456+01:00; '],
    ['', ''],
  ] as const) {
    const log = MESSAGES.map((message) => `${before}${message}\n`).join('');
    const at = time === '' ? '' : ` (${time.slice(0, -2)})`;
    const { stdout, stderr } = discover([log], OF_PLANT);
    assert.is(stderr, '');
    assert.is(
      stdout,
      `harv-1                  not in these logs
harv-2                  not in these logs
harv-3  192.168.178.43  has an IP address${at}, never the entry script

# 2 unknown machines:
nodes:
  # ${time}DHCPDISCOVER: no address available
  # 52:54:00:aa:01:07
  # ${time}192.168.178.231; host name kvm1; has a boot loader${at}, never the entry script
  kvm1:
    mac: 52:54:00:aa:01:08
    ip: 192.168.178.44
`,
    );
  }
});

const DNSMASQ_LEASES = `1795567477 52:54:00:aa:01:08 192.168.178.231 kvm1 01:52:54:00:aa:01:08
0 52:54:00:aa:01:09 192.168.178.60 * *
duid 00:01:00:01:2f:aa:bb:cc:52:54:00:aa:00:01
`;
const DHCPD_LEASES = `# The format of this file is documented in the dhcpd.leases(5) manual page.
authoring-byte-order little-endian;
server-duid "\\000\\001\\000\\001/\\252";

lease 192.168.178.231 {
  starts 3 2026/11/25 14:00:44;
  ends 3 2026/11/25 15:00:44;
  binding state active;
  hardware ethernet 52:54:00:aa:01:08;
  uid "\\001RT\\000\\252\\001\\010";
  client-hostname "kvm1";
}
lease 192.168.178.60 {
  starts 3 2026/11/25 14:00:44;
  hardware ethernet 52:54:00:aa:01:09;
}
`;
const KEA_LEASES = `address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id
192.168.178.231,52:54:00:aa:01:08,01:52:54:00:aa:01:08,3600,1795567477,1,0,0,kvm1,0,,0
192.168.178.60,52:54:00:aa:01:09,,3600,1795567477,1,0,0,,0,,0
`;

test('reads the leases of dnsmasq, dhcpd and Kea', () => {
  for (const log of [DNSMASQ_LEASES, DHCPD_LEASES, KEA_LEASES]) {
    const { stdout, stderr } = discover([log], OF_PLANT);
    assert.is(stderr, '');
    assert.is(
      stdout.replaceAll('2026/11/25 14:00:44; ', '').slice(stdout.indexOf('#')),
      `# 2 unknown machines:
nodes:
  # 192.168.178.231; host name kvm1; lease
  kvm1:
    mac: 52:54:00:aa:01:08
    ip: 192.168.178.44
  # 192.168.178.60; lease
  new-525400aa0109:
    mac: 52:54:00:aa:01:09
    ip: 192.168.178.60
`,
    );
  }
  // Beside requests, a client with a mere lease is not proposed as a node.
  const { stdout } = discover([DNSMASQ_LEASES, ASKS], OF_PLANT);
  assert.match(stdout, /\n {2}# 192.168.178.60; lease\n {2}# 52:54:00:aa:01:09 192.168.178.60\n/);
  assert.match(stdout, /\n {2}new-525400aa0104:\n/);
});

test('--into adds the machines, keeps comments, and saves nothing that has an error', () => {
  const site = edited(PLANT, ['nodes:\n', 'nodes: # the rack\n']);
  const { code, stdout, stderr, plant } = discover([ASKS], ['--into', 'PLANT'], site);
  assert.equal([code, stderr], [0, '']);
  const name =
    'new-525400aa0104: 52:54:00:aa:01:04, 192.168.178.44, 4c4c4544-0042-3510-8057-b7c04f4d3332, 1e5\n';
  assert.ok(stdout.endsWith(`site.yaml:26:21 ${name}`), stdout);
  const added =
    '  new-525400aa0104: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44, uuid: 4c4c4544-0042-3510-8057-b7c04f4d3332, serial: "1e5" }\n';
  assert.is(readFileSync(join(plant, 'site.yaml'), 'utf8'), site + added);
  const again = discover([ASKS], ['--into', 'PLANT'], site + added);
  assert.equal([again.code, again.stdout], [0, 'plant: the logs have no unknown machine\n']);
  // No IP address is free: the node would have none.
  const full = edited(
    PLANT,
    ['192.168.178.0/24', '192.168.178.40/29'],
    ['gateway: 192.168.178.1', 'gateway: 192.168.178.46'],
  );
  const refused = discover([ASKS], ['--into', 'PLANT'], full);
  assert.is(refused.code, 1);
  assert.is(readFileSync(join(refused.plant, 'site.yaml'), 'utf8'), full);
});

// A node of a site without a cluster would otherwise be one of Harvester, which the site cannot install.
test('a new node of a site without a cluster has the profiles that most of its nodes list', () => {
  const asks = ASKS.replaceAll('192.168.178.', '10.1.0.');
  const into = (site: string, ...more: string[]) => {
    const result = discover([asks], ['--into', 'PLANT', ...more], site);
    const [, profiles] =
      /new-525400aa0104: .*profiles: (\[.*?\])/.exec(readFileSync(join(result.plant, 'site.yaml'), 'utf8')) ??
      [];
    return { ...result, profiles };
  };
  const { code, stdout, profiles } = into(LINUX_PLANT);
  assert.equal([code, profiles], [0, '[compute]'], stdout);
  assert.match(stdout, /1e5, compute\n$/);
  assert.is(into(LINUX_PLANT, '--profile', 'compute', '--profile', 'grub').profiles, '[compute, grub]');
  const linux: [string, string] = ['profiles:\n', 'defaults: { profiles: [compute] }\nprofiles:\n'];
  const ofDefaults = edited(LINUX_PLANT, linux, [', profiles: [compute] }', ' }']);
  assert.equal([into(ofDefaults).code, into(ofDefaults).profiles], [0, undefined]);
  const listed = discover([asks], ['--site', 'PLANT'], LINUX_PLANT).stdout;
  assert.equal(parse(listed.slice(listed.indexOf('nodes:'))).nodes['new-525400aa0104'].profiles, ['compute']);
  const unknown = into(LINUX_PLANT, '--profile', 'computer');
  assert.equal(
    [unknown.code, unknown.stderr],
    [1, 'harvgen: --profile computer: the site has no such profile; did you mean compute?\n'],
  );
  assert.is(unknown.profiles, undefined);
});

// A site with a cluster is one of Harvester: the profile of its few Linux machines must be named.
test('a new node of a site with a cluster has only the profiles of --profile', () => {
  const site = edited(PLANT, ['nodes:\n', 'profiles: { rack: { labels: { rack: a } } }\nnodes:\n']);
  const added = (...more: string[]) => {
    const { plant } = discover([ASKS], ['--into', 'PLANT', ...more], site);
    return /new-525400aa0104: (.*)/.exec(readFileSync(join(plant, 'site.yaml'), 'utf8'))?.[1];
  };
  assert.not.match(added() ?? '', /profiles/);
  assert.match(added('--profile', 'rack') ?? '', /, profiles: \[rack\] \}$/);
});

test('with several sites, proposes an IP address of the network that the machine is in', () => {
  const folder = scratchFolder();
  const other = edited(PLANT.replaceAll('192.168.178.', '10.5.0.').replaceAll('52:54:00:aa', '52:54:00:bb'), [
    'site: plant',
    'site: other',
  ]);
  for (const [name, text] of [
    ['plant', PLANT],
    ['other', other],
  ] as const) {
    mkdirSync(join(folder, 'sites', name), { recursive: true });
    writeFileSync(join(folder, 'sites', name, 'site.yaml'), text);
  }
  writeFileSync(
    join(folder, 'log'),
    ASKS + ASKS.replaceAll(POOL, '10.5.0.230').replaceAll('aa-01-0', 'aa-02-0'),
  );
  const { stdout, stderr } = harvgenWarm(['discover', '--site', 'sites/*', 'log'], folder);
  assert.is(stderr, '');
  const { nodes } = parse(stdout.slice(stdout.indexOf('nodes:')));
  assert.equal(
    Object.values<{ mac: string; ip: string }>(nodes).map(({ mac, ip }) => [mac, ip]),
    [
      ['52:54:00:aa:01:04', '192.168.178.44'],
      ['52:54:00:aa:02:04', '10.5.0.44'],
    ],
  );
});

test('an old refusal ends with the next boot', () => {
  const refused = line(
    '01:04',
    SECOND,
    'harv-2',
    '/config/52-54-00-aa-01-02.yaml',
    503,
    'Go-http-client/1.1',
  );
  const first = discover([STOPS + refused], OF_PLANT);
  assert.match(
    first.stdout,
    /^harv-2 .* never has its configuration: 503 for \/config\/52-54-00-aa-01-02\.yaml \(25\/Nov\/2026:14:01:04 \+0100\)$/m,
  );
  const next = discover([STOPS + refused + STOPS.replaceAll(':14:01:', ':14:31:')], OF_PLANT);
  assert.match(
    next.stdout,
    /^harv-2 .* has its kernel \(25\/Nov\/2026:14:31:03 \+0100\), never its configuration$/m,
  );
});

test('reports a node that the server refuses, and a machine with the IP address of a node', () => {
  const log = [
    line('00:01', POOL, '-', '/boot.ipxe'),
    line('00:02', POOL, '-', '/ipxe/52-54-00-aa-01-02.ipxe', 403),
    line('00:01', FIRST, 'harv-1', '/boot.ipxe'),
    line('00:02', FIRST, 'harv-1', '/ipxe/52-54-00-aa-01-66.ipxe', 404),
  ].join('');
  const { stdout } = discover([log], OF_PLANT);
  assert.match(
    stdout,
    /^harv-2 {2}192\.168\.178\.230 {2}never has its script: 403 for \/ipxe\/52-54-00-aa-01-02\.ipxe \(25\/Nov\/2026:14:00:02 \+0100\)$/m,
  );
  assert.match(
    stdout,
    /# 25\/Nov\S+ \+0100; 192\.168\.178\.41; has the IP address of harv-1, but another MAC$/m,
  );
});

test('finds a node by a later NIC, and by its serial number', () => {
  const site = edited(PLANT, ['mac: 52:54:00:aa:01:03,', 'mac: 52:54:00:aa:01:03, serial: B5W7M32,']);
  const log = [
    line('00:01', SECOND, 'harv-2', '/boot.ipxe'),
    line('00:02', SECOND, 'harv-2', '/ipxe/52-54-00-aa-01-77.ipxe', 404),
    line('00:03', SECOND, 'harv-2', '/ipxe/52-54-00-aa-01-02.ipxe'),
    line('00:01', POOL, '-', '/boot.ipxe'),
    line('00:02', POOL, '-', '/ipxe/52-54-00-aa-01-78.ipxe', 404),
    line('00:03', POOL, '-', '/ipxe/serial/B5W7M32.ipxe'),
  ].join('');
  const { stdout } = discover([log], OF_PLANT, site);
  assert.match(
    stdout,
    /^harv-2 .* has its script \(25\/Nov\/2026:14:00:03 \+0100\), never its configuration$/m,
  );
  assert.match(stdout, /^harv-3 {2}192\.168\.178\.230 {2}has its script/m);
  assert.match(stdout, /# 0 unknown machines\n$/);
});

test('shows what the installer reports by a webhook of the inventory', () => {
  const url = 'http://192.168.178.7';
  const hooks = `    install:
      webhooks:
        - { event: SUCCEEDED, method: GET, url: "${url}/installed/{{.Hostname}}" }
        - { event: FAILED, method: GET, url: "${url}/failed/{{.Hostname}}?x=1" }
`;
  const site = edited(PLANT, ['    install:\n', hooks]);
  const done = line('15:00', FIRST, 'harv-1', '/installed/harv-1', 404, 'Go-http-client/1.1');
  const failed = line('15:00', SECOND, 'harv-2', '/failed/harv-2?x=1', 404, 'Go-http-client/1.1');
  const { stdout } = discover([INSTALLS + done + STOPS + failed + REBOOTS], OF_PLANT, site);
  assert.match(
    stdout,
    /^harv-1 .* installed \(25\/Nov\/2026:14:15:00 \+0100\), last boot \(25\/Nov\/2026:14:20:02 \+0100\)\nharv-2 .* installation failed \(25\/Nov\/2026:14:15:00 \+0100\)\n/,
  );
  // A later installation is not finished.
  const again = discover([INSTALLS + done + INSTALLS], OF_PLANT, site);
  assert.match(again.stdout, /^harv-1 .* has its configuration \(/);
});

test('hostile paths and user agents stay text, and requests of other programs are left out', () => {
  const log = [
    line('00:01', POOL, '-', '/boot.ipxe', 200, 'iPXE\\x22 \\x1B[31m'),
    line('00:02', POOL, '-', '/ipxe/52-54-00-aa-01-09.ipxe', 404),
    line(
      '00:03',
      POOL,
      '-',
      '/boot.ipxe?mac=52-54-00-aa-01-09&uuid=x&serial=a%0A%20%20evil:%20{}&manufacturer=%1b[2J\\x1B]0;%E2%80%AE&product=%&hostname=-x',
    ),
    line('00:04', '10.0.0.1', '-', '/\\x22;rm -rf', 404, 'Mozilla/5.0'),
    line('00:04', '10.0.0.1', '-', '/ipxe/52-54-00-aa-01-01.ipxe', 200, 'curl/8.0'),
  ].join('');
  const { stdout, stderr } = discover([`${log}${'x'.repeat(600_000)}\n`], OF_PLANT);
  assert.is(
    stderr,
    'harvgen: 0: omitted lines of another format: 1, the first is line 6\nharvgen: omitted requests of browsers and other programs: 2\n',
  );
  assert.match(stdout, /^harv-1 +not in these logs$/m);
  assert.is(
    stdout.slice(stdout.indexOf('nodes:')),
    `nodes:
  # 25/Nov/2026:14:00:01 +0100 to 25/Nov/2026:14:00:03 +0100; 192.168.178.230; \\u{1b}[2J\\u{1b}]0;\\u{202e} %; serial number a\\u{a}  evil: {}; host name -x
  new-525400aa0109:
    mac: 52:54:00:aa:01:09
    ip: 192.168.178.44
`,
  );
});

interface Found {
  readonly nodes: readonly Record<string, unknown>[];
  readonly unknown: readonly Record<string, unknown>[];
}

test('--format json conforms to its schema', () => {
  const schema = JSON.parse(readFileSync(new URL('../schema/discover.schema.json', import.meta.url), 'utf8'));
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);
  const { stdout } = discover([INSTALLS + STOPS + ASKS, DNSMASQ_LEASES], [...OF_PLANT, '--format', 'json']);
  const found = JSON.parse(stdout) as Found;
  assert.ok(validate(found), JSON.stringify(validate.errors));
  assert.equal(
    found.nodes.map(({ node, station, requests }) => [node, station, requests]),
    [
      ['harv-1', 'configuration', 5],
      ['harv-2', 'kernel', 3],
      ['harv-3', undefined, 0],
    ],
  );
  assert.equal(
    found.unknown.map(({ macs }) => macs),
    [['52:54:00:aa:01:08'], ['52:54:00:aa:01:09'], ['52:54:00:aa:01:04', '52:54:00:aa:01:05']],
  );
  const asks = found.unknown[2];
  assert.equal(
    [Object.keys(asks?.inventory ?? {}), asks?.asset, asks?.ip],
    [['new-525400aa0104'], 'A7', POOL],
  );
});

test('a file that is not a log, and a wrong command line', () => {
  const cases = [
    [
      discover([PLANT]),
      1,
      /^harvgen: 0 has no line of an access log of nginx, of a log of dnsmasq, or of leases of dnsmasq, dhcpd or Kea: check that it is a log\n$/,
    ],
    [
      discover([gzipSync(INSTALLS).subarray(0, 100)]),
      1,
      /^harvgen: 0 cannot be read: its gzip data is damaged or incomplete\n$/,
    ],
    [discover([], ['nowhere']), 1, /^harvgen: nowhere cannot be read: there is no such file \(ENOENT\)\n$/],
    [discover([''], ['--site', 'nowhere']), 1, /nowhere/],
    [
      discover([''], ['--into', 'PLANT', '--format', 'json']),
      2,
      /^harvgen: --into edits the inventory: --format applies only to the list\n/,
    ],
    [discover([], ['-', '-']), 2, /^harvgen: standard input is named twice\n/],
  ] as const;
  for (const [{ code, stdout, stderr }, expected, message] of cases) {
    assert.equal([code, stdout], [expected, '']);
    assert.match(stderr, message);
  }
  assert.equal(discover(['']).stdout, '# 0 unknown machines\n');
});

test.run();
