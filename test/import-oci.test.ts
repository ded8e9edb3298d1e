import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import type { ImportedSite, ImportWish } from '../src/import/kind.ts';
import { oci } from '../src/import/oci/oci.ts';
import { readRows } from '../src/import/oci/read-rows.ts';
import { CODES } from '../src/source/diagnostics/codes.ts';
import type { Diagnostic } from '../src/source/diagnostics/diagnostic.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/origin.ts';
import { ipv4Text, parseCidr } from '../src/values/ipv4.ts';
import { parseVersion } from '../src/values/version.ts';
import {
  BOOT_PHP,
  BOOT_PHP_SECRETS,
  DIALECTS,
  LAUNCH_SH,
  OCI_DUMP,
  type TableRow,
} from './support/oci-table.ts';
import { edit, edited } from './support/random-mutation.ts';
import { runAll } from './support/runs.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen import oci');

const BESIDE = {
  bootPhp: new Source('/boot.php', BOOT_PHP),
  launch: new Source('/launch.sh', LAUNCH_SH),
};

interface Imported {
  readonly site: ImportedSite | undefined;
  readonly found: readonly Diagnostic[];
  readonly said: string;
}

function imported(text: string, wish: ImportWish = {}): Imported {
  const report = new Report();
  const [site] = oci.read(new Source('/nodes.sql', text), wish, report) ?? [];
  const found = report.sorted();
  return { site, found, said: formatText(found, { color: false, folder: '/' }) };
}

/** Gives the site of a file, which must make one. */
function siteOf(text: string, wish: ImportWish = {}): ImportedSite {
  const { site, said } = imported(text, wish);
  assert.ok(site, said);
  return site;
}

// biome-ignore lint/suspicious/noExplicitAny: the inventory as plain data, of which tests look at this and that
type Plain = any;
const inventoryOf = ({ text }: ImportedSite): Plain => parse(text);

const ipsOf = (site: ImportedSite): string[] =>
  Object.values<Plain>(inventoryOf(site).nodes).map(({ ip }) => ip);

const notesOf = ({ notes }: ImportedSite, kind: string) =>
  notes.filter((note) => note.kind === kind).map(({ of }) => of);

/** The codes of what was found, with file, line and column. */
const codesOf = ({ found }: Imported) =>
  found.map(({ code, at: { source, start } }) => {
    const { line, column } = source.position(start);
    return `${code} ${source.file}:${line}:${column}`;
  });

const table = (...ips: readonly string[]) => ips.map((ip) => `${ip}\t0\n`).join('');

test('every dialect gives the same rows, whatever they are', () => {
  const row = fc.record({
    ip: fc.oneof(fc.ipV4(), fc.constantFrom('0.0.0.0', '127.0.0.1', '10.0.10.7', '::1', '2001:db8::7')),
    install: fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1>,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(DIALECTS)),
      fc.array(row, { minLength: 1, maxLength: 30 }),
      (dialect, rows: TableRow[]) => {
        const report = new Report();
        const source = new Source('/nodes', DIALECTS[dialect]?.(rows) ?? '');
        const read = readRows(source, report);
        assert.is(formatText(report.sorted(), { color: false, folder: '/' }), '', dialect);
        assert.equal(
          read?.map(({ ip, install }) => `${ip.value} ${Number(install.value)}`),
          rows.map(({ ip, install }) => `${ip} ${install}`),
          dialect,
        );
        // A place is that of the value itself.
        for (const { ip } of read ?? []) {
          const written = source.text.slice(ip.at.start, ip.at.end);
          assert.ok(/^0x/.test(written) || written.includes(ip.value ?? '?'), `${dialect}: ${written}`);
        }
      },
    ),
    { seed: Number(process.env.HARVGEN_SEED ?? 1), numRuns: Number(process.env.HARVGEN_RUNS ?? 500) },
  );
});

test('a dump of a year becomes a site of its machines; what looks wrong is said at its place', () => {
  const found = imported(OCI_DUMP, BESIDE);
  assert.equal(codesOf(found), [
    'oci-boot-php /boot.php:13:19',
    'oci-stranger /nodes.sql:25:4',
    'oci-address /nodes.sql:27:4',
    'oci-duplicate /nodes.sql:28:5',
    'oci-install /nodes.sql:31:18',
    'oci-reinstall /nodes.sql:31:18',
  ]);
  const severities = new Map(CODES.map(({ code, severity }) => [code, severity]));
  for (const { code, severity } of found.found) assert.is(severities.get(code), severity);
  const site = siteOf(OCI_DUMP, BESIDE);
  const { site: name, harvester, server, networks, defaults, nodes } = inventoryOf(site);
  assert.equal([name, harvester.version, server.url], ['oci', 'v1.2.1', 'http://10.0.10.5']);
  assert.equal(networks.mgmt, {
    subnet: '10.0.10.0/24',
    gateway: '10.0.10.1',
    ntp: ['169.254.169.254'],
    dhcp: { server: 'external' },
  });
  assert.equal(defaults.oci, {
    compartment: 'ocid1.compartment.oc1..aaaaexample',
    subnet: 'ocid1.subnet.oc1.phx.aaaaexample',
    image: '…',
    shape: 'BM.DenseIO.E4.128',
    availability_domain: 'Uocm:PHX-AD-1',
    ssh_public_key: '~/.oci/ssh.pub',
    region: 'us-phoenix-1',
  });
  assert.is(defaults.config.install.tty, 'ttyS0');
  assert.equal(nodes, {
    'oci-7': { ip: '10.0.10.7', mode: 'create' },
    'oci-8': { ip: '10.0.10.8' },
    'oci-9': { ip: '10.0.10.9' },
    'oci-12': { ip: '10.0.10.12' },
    'oci-11': { ip: '10.0.10.11' },
  });
  assert.match(site.text, 'ip: 10.0.10.9 # nodes.sql:24, 28; install was 0 and 1');
});

test('no row wipes a machine unasked', () => {
  const { site, said } = imported('10.0.10.7\t1\n10.0.10.8\t1\n10.0.10.8\t0\n');
  assert.not.match(site?.text.replace(/#.*/g, '') ?? '', 'always');
  assert.match(said, 'harvgen set SITE NODE install=always');
});

test('of one address one thing is said: what is no node is neither wiped nor doubled', () => {
  const { found, said, site } = imported(
    '203.0.113.7\t1\n203.0.113.7\t1\n10.0.10.7\t1\n10.0.10.7\t0\n10.0.10.8\t1\n10.0.10.9\t-1\n',
  );
  assert.match(said, 'install is not 0 of 10.0.10.8, 10.0.10.9: boot.php wiped these machines');
  assert.match(said, 'Rows of 10.0.10.7 differ in install');
  assert.match(said, '203.0.113.7: public, so probably no node');
  for (const ip of ['203.0.113.7', '10.0.10.7'])
    assert.is(found.filter(({ message }) => message.includes(ip)).length, 1, ip);
  assert.equal(notesOf(site as ImportedSite, 'changed'), ['install = 0']);
});

test('a cluster that runs: its host names are asked for, and its create node is not to be installed anew', () => {
  const { notes, text } = siteOf(table('10.0.10.7', '10.0.10.8'));
  const said = new Map(notes.map((note) => [note.of, note.text]));
  assert.match(said.get('names') ?? '', 'give each node the host name that it has in the cluster that runs');
  assert.match(said.get('mode') ?? '', 'give mode: create to another one, which is not to be installed anew');
  assert.match(
    text,
    '# Names are host names: in a cluster that runs, each node has one, and is to have it here.\n',
  );
});

test('blanks behind an address are of no account, and noted', () => {
  const { site, said } = imported(
    "INSERT INTO nodes VALUES (1,'10.0.10.7 ',0),(2,'10.0.10.7',0),(3,' 10.0.10.8',0);",
  );
  assert.equal(ipsOf(site as ImportedSite), ['10.0.10.7']);
  assert.equal(notesOf(site as ImportedSite, 'changed'), ['"10.0.10.7 "', '10.0.10.7', 'install = 0']);
  assert.match(said, '" 10.0.10.8": no machine has such an address');
});

test("a row of the router's address does not make the subnet larger", () => {
  const site = siteOf(table('172.20.5.21', '172.20.5.1', '172.20.5.22'));
  assert.equal(ipsOf(site), ['172.20.5.21', '172.20.5.22']);
  assert.is(inventoryOf(site).networks.mgmt.subnet, '172.20.5.0/24');
  const said = new Map(site.notes.map(({ of, text }) => [of, text]));
  assert.match(
    said.get('networks.mgmt.subnet') ?? '',
    '172.20.5.0/24 is the smallest from /24 on in which OCI could give all of the addresses, but 172.20.5.1.',
  );
  assert.match(said.get('172.20.5.1') ?? '', "in 172.20.5.0/24 it would be OCI's router");
});

test('what is not carried is listed, and every row is a node or listed', () => {
  const site = siteOf(OCI_DUMP, BESIDE);
  assert.equal(notesOf(site, 'left'), [
    'cmdline',
    'mysqli',
    '0.0.0.0, 127.0.0.1',
    '10.0.10.5',
    '2001:db8::7',
  ]);
  assert.equal(notesOf(site, 'changed'), [
    'base_url',
    'boot()',
    '10.0.10.8',
    '::ffff:10.0.10.12',
    'install = 0',
  ]);
  assert.equal(notesOf(site, 'open'), [
    'IMAGE_UUID',
    'networks.mgmt.subnet',
    'mode',
    'names',
    'cluster.vip',
    'config.install.device',
    'cluster_token',
    'node_password',
  ]);
  assert.match(site.text, 'mitigations');
});

test('passwords of boot.php, and what else stands there, are shown nowhere', () => {
  const { site, said } = imported(OCI_DUMP, BESIDE);
  for (const secret of [...BOOT_PHP_SECRETS, 'Hazel-by-the-gate-7'])
    for (const text of [
      site?.text ?? '',
      said,
      JSON.stringify(site?.notes.map(({ of, text }) => [of, text])),
    ])
      assert.not(text.includes(secret), secret);
  for (const { source } of [
    { source: new Source('/boot.php', BOOT_PHP) },
    { source: new Source('/l.sh', LAUNCH_SH) },
  ]) {
    imported(OCI_DUMP, source.file === '/l.sh' ? { launch: source } : { bootPhp: source });
    const shown = Array.from({ length: 30 }, (_, line) => source.line(line + 1) ?? '').join('\n');
    for (const secret of [...BOOT_PHP_SECRETS, 'Hazel-by-the-gate-7'])
      assert.not(shown.includes(secret), secret);
    assert.match(shown, /v1\.2\.1|BM\.DenseIO/);
  }
});

test('of a dump with other tables nothing but ours is shown beside a fault', () => {
  const dump = `INSERT INTO users VALUES ('Alder-on-the-hill-5');INSERT INTO nodes (ip, note, install) VALUES ('x','Alder-on-the-hill-6',0), ('10.0.0.2','Alder-on-the-hill-7',0`;
  const whole = imported(`${dump});`);
  assert.match(whole.said, 'oci-address');
  for (const { said } of [
    whole,
    imported(dump),
    imported(`${dump},0);`),
    imported(dump.replace('INTO users', 'users')),
  ])
    assert.not.match(said, 'Alder-on-the-hill');
  const csv = imported('ip,install,note,key\nx,0,a,Alder-on-the-hill-5\n10.0.0.2,0,Alder-on-the-hill-6');
  assert.match(csv.said, 'oci-syntax');
  assert.not.match(csv.said, 'Alder-on-the-hill');
  assert.not.match(imported('password: Alder-on-the-hill').said, 'Alder');
});

test('what is open stands in the site as …; check points at each, and accepts the site once they are filled in', async () => {
  const site = siteOf(OCI_DUMP, BESIDE);
  const folder = makeSite(site.text, site.name);
  const before = await compile(folder);
  assert.equal(
    before.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, at }) => [code, at.source.text.slice(at.start, at.end)]),
    [
      ['bad-value', '…'],
      ['bad-value', '…'],
      ['bad-value', '…'],
    ],
  );
  const filled = site.text
    .replace('vip: …', 'vip: 10.0.10.40')
    .replace('image: …', 'image: ocid1.image.oc1.phx.aaaaexample')
    .replace('device: …', 'device: /dev/disk/by-path/pci-0000:03:00.0-nvme-1');
  writeFileSync(join(folder, 'site.yaml'), filled);
  const after = await compile(folder);
  assert.equal(
    after.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  assert.ok(after.tree?.has('www/ipxe/10.0.10.7.ipxe'));
});

test('options say what the table does not', () => {
  const site = siteOf(OCI_DUMP, {
    ...BESIDE,
    site: 'phx_2',
    server: 'http://10.0.10.6:8080',
    harvesterVersion: parseVersion('v1.4.1'),
    subnet: parseCidr('10.0.0.0/16'),
  });
  const { harvester, server, networks, nodes } = inventoryOf(site);
  assert.equal([harvester.version, server.url], ['v1.4.1', 'http://10.0.10.6:8080']);
  assert.equal([networks.mgmt.subnet, networks.mgmt.gateway], ['10.0.0.0/16', '10.0.0.1']);
  assert.equal(Object.keys(nodes)[0], 'phx-2-10-7');
  // Another server now: what was the old one's row may be a machine.
  assert.ok(ipsOf(site).includes('10.0.10.5'));
});

test('the subnet is guessed as the smallest that OCI could give all of the addresses in', () => {
  const guessed = (...ips: string[]) => inventoryOf(siteOf(table(...ips))).networks.mgmt.subnet;
  assert.is(guessed('10.0.10.7', '10.0.10.200'), '10.0.10.0/24');
  assert.is(guessed('10.0.10.7', '10.0.11.7'), '10.0.10.0/23');
  assert.is(guessed('10.0.10.255'), '10.0.10.0/23');
  assert.is(guessed('172.16.3.1', '172.16.200.9'), '172.16.0.0/16');
  assert.equal(codesOf(imported(table('10.0.10.7', '10.1.10.7'))), ['oci-subnet /nodes.sql:1:1']);
  assert.equal(codesOf(imported(table('203.0.113.7'))), [
    'oci-stranger /nodes.sql:1:1',
    'oci-subnet /nodes.sql:1:1',
  ]);
  assert.equal(ipsOf(siteOf(table('203.0.113.7', '10.0.0.9'), { subnet: parseCidr('203.0.113.0/24') })), [
    '203.0.113.7',
  ]);
  assert.equal(codesOf(imported(table('10.0.10.7'), { subnet: parseCidr('10.2.0.0/24') })), [
    'oci-stranger /nodes.sql:1:1',
    'oci-subnet /nodes.sql:1:1',
  ]);
});

test('without anything else, the site asks for the server and says which release it takes', () => {
  const site = siteOf(table('10.0.10.7'));
  const { server, defaults } = inventoryOf(site);
  assert.is(server.url, '…');
  assert.is(defaults.oci, undefined);
  assert.equal(notesOf(site, 'open'), [
    'networks.mgmt.subnet',
    'harvester.version',
    'server.url',
    'mode',
    'names',
    'cluster.vip',
    'config.install.device',
    'cluster_token',
    'node_password',
    'defaults.oci',
    'firmware',
  ]);
});

test('the files as oci-harvester comes with them: no machine, and nothing that people replace is a value', () => {
  assert.equal(codesOf(imported("INSERT INTO `nodes` VALUES (1,'0.0.0.0',1),(2,'127.0.0.1',0);")), [
    'oci-no-node /nodes.sql:1:31',
  ]);
  const site = siteOf(table('10.0.10.7'), {
    bootPhp: new Source('/boot.php', BOOT_PHP.replaceAll('10.0.10.5', 'ip-address')),
    launch: new Source(
      '/launch.sh',
      'COMPARTMENT_UUID="ocid1.compartment.oc1..update"\nSUBNET_UUID="ocid1.subnet.oc1.phx.update"\nAD="XXXX:PHX-AD-1"\n',
    ),
  });
  const { server, defaults } = inventoryOf(site);
  assert.is(server.url, '…');
  assert.equal([...new Set(Object.values(defaults.oci))], ['…']);
});

test('what is none of oci-harvester’s files, or not whole, is an error with its place', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'not-oci-harvester 1:1'],
    ['hello world\n', 'not-oci-harvester 1:1'],
    ['a\tb\n1\t2\n', 'not-oci-harvester 1:1'],
    ['PK\u0003\u0004\0\0binary', 'not-oci-harvester 1:1'],
    ['ip\tinstall\n', 'oci-no-node 1:1'],
    ['Empty set (0.00 sec)\n', 'oci-no-node 1:1'],
    ['CREATE TABLE `users` (`id` int);', 'not-oci-harvester 1:1'],
    ["INSERT INTO nodes VALUES (1,'10.0.10.7',0", 'oci-syntax 1:1'],
    ["INSERT INTO nodes VALUES (1,'10.0.10.7',0),", 'oci-syntax 1:1'],
    ["INSERT INTO nodes VALUES (1,'10.0.10.7',0)", 'oci-syntax 1:1'],
    ["INSERT INTO nodes VALUES (1,'10.0.1", 'oci-syntax 1:29'],
    ['-- x\n/* no end', 'oci-syntax 2:1'],
    ["INSERT INTO nodes VALUES ('10.0.10.7',0);", 'oci-syntax 1:26'],
    ["INSERT INTO nodes (ip, install) VALUES (1,'10.0.10.7',0);", 'oci-syntax 1:40'],
    ['INSERT INTO nodes VALUES (1,inet_ntoa(7),0);', 'oci-syntax 1:29'],
    ["INSERT INTO nodes VALUES (1,'10.0.10.7',);", 'oci-syntax 1:41'],
    ['INSERT INTO nodes SELECT * FROM others;', 'oci-syntax 1:19'],
    ["INSERT INTO nodes VALUES (1,'10.0.10.7',0); UPDATE nodes SET install=1;", 'oci-syntax 1:45'],
    ["INSERT INTO nodes VALUES (1,'10.0.10.7',0); nonsense;", 'oci-syntax 1:45'],
    ['10.0.10.7\t0\n10.0.10.8\n', 'oci-syntax 2:1'],
    ['"10.0.10.7,0\n', 'oci-syntax 1:1'],
    ['"10.0.10.7"9,1\n', 'oci-syntax 1:12'],
    ['[{"id":1,"ip":"10.0.0.1","install":0}]', 'not-oci-harvester 1:1'],
    ['{"ip":"10.0.0.1","install":0}\n', 'not-oci-harvester 1:1'],
    ['INSERT', 'oci-syntax 1:1'],
    ['CREATE TABLE nodes (ip text, install int);\nINSE', 'oci-syntax 2:1'],
    ['CREATE TABLE nodes (ip text, install int);\nINSERT INTO', 'oci-syntax 2:1'],
    [BOOT_PHP, 'not-oci-harvester 1:1'],
    ['<?php phpinfo();', 'not-oci-harvester 1:1'],
    [LAUNCH_SH, 'not-oci-harvester 1:1'],
    ['export SHAPE="BM"\n', 'not-oci-harvester 1:1'],
    [
      "USE a; INSERT INTO nodes VALUES (1,'10.0.10.7',0); USE b; INSERT INTO nodes VALUES (1,'10.0.10.8',0);",
      'not-oci-harvester 1:1',
    ],
  ];
  for (const [text, wanted] of cases) {
    const result = imported(text);
    assert.is(result.site, undefined, text);
    assert.equal(codesOf(result), [wanted.replace(' ', ' /nodes.sql:')], text);
  }
  const other = {
    bootPhp: new Source('/boot.php', '<?php phpinfo();'),
    launch: new Source('/launch.sh', 'echo hello'),
  };
  assert.equal(codesOf(imported(table('10.0.10.7'), other)), [
    'not-oci-harvester /boot.php:1:1',
    'not-oci-harvester /launch.sh:1:1',
  ]);
});

test('a dump that was cut off between statements draws a warning', () => {
  const [head = ''] = OCI_DUMP.split('-- Dump completed');
  assert.ok(codesOf(imported(head)).some((code) => code.startsWith('oci-cut-off')));
});

test('a dump that was cut off before its rows is no empty one', () => {
  const [head = ''] = OCI_DUMP.split('INSERT');
  for (const text of [head, `${head}INSERT INTO \`other\` VALUES (1);\n`]) {
    const { line, column } = new Source('/nodes.sql', text).position(text.length);
    const result = imported(text);
    assert.equal(codesOf(result), [`oci-syntax /nodes.sql:${line}:${column}`]);
    assert.match(result.said, 'cut off before the rows of nodes');
  }
});

test('boot.php or launch.sh in place of the table: the option for it is named', () => {
  assert.match(imported(BOOT_PHP).said, 'harvgen import oci nodes.sql --boot-php FILE');
  assert.match(imported(LAUNCH_SH).said, 'harvgen import oci nodes.sql --launch FILE');
  for (const secret of [...BOOT_PHP_SECRETS, 'Hazel-by-the-gate-7'])
    for (const text of [BOOT_PHP, LAUNCH_SH]) assert.not(imported(text).said.includes(secret));
});

test('what a dump begins with is seen in time, however many empty lines there are before it', () => {
  const started = performance.now();
  assert.ok(imported(`${'\n'.repeat(1_000_000)}${OCI_DUMP}`).site);
  assert.ok(performance.now() - started < 5_000);
});

test('a table that is dropped, or dumped again, has the rows of the last time', () => {
  const again = `${OCI_DUMP}DROP TABLE IF EXISTS nodes;\nCREATE TABLE nodes (ip text, install int);\nINSERT INTO nodes VALUES ('10.0.10.77',0);`;
  assert.equal(ipsOf(siteOf(again)), ['10.0.10.77']);
});

test('values of launch.sh and boot.php that nobody could use are said, and asked for', () => {
  const result = imported(table('10.0.10.7'), {
    launch: new Source('/launch.sh', 'export SHAPE=$MY_SHAPE\nexport AD="PHX-AD-1"\n'),
    bootPhp: new Source(
      '/boot.php',
      BOOT_PHP.replaceAll('http://10.0.10.5', 'ftp://x').replaceAll('v1.2.1', 'latest'),
    ),
  });
  assert.equal(codesOf(result), [
    'oci-boot-php /boot.php:5:21',
    'oci-boot-php /boot.php:6:19',
    'oci-boot-php /boot.php:13:19',
    'oci-launch /launch.sh:1:14',
    'oci-launch /launch.sh:2:12',
  ]);
  assert.is(inventoryOf(result.site as ImportedSite).server.url, '…');
});

/** launch.sh with another call. */
const withCall = (text: string, call: string) => text.replace(/^INSTANCE_ID=.*$/m, () => call);

test('what people added to the call of launch.sh is carried or listed', () => {
  const nsg = 'ocid1.networksecuritygroup.oc1.phx.aaaaexample';
  const launch = (call: string) => {
    const source = new Source('/launch.sh', withCall(LAUNCH_SH, call));
    return siteOf(table('10.0.10.7'), { launch: source });
  };
  const own =
    '--subnet-id ${SUBNET_UUID} --shape "${SHAPE}" -c $COMPARTMENT_UUID --ipxe-script-file ${1} --raw-output';
  const site = launch(
    `FD=FAULT-DOMAIN-2\nID=$(oci --region eu-frankfurt-1 compute instance launch ${own} \\\n  --fault-domain "$FD" --nsg-ids '["${nsg}"]' --assign-public-ip=true ` +
      `--display-name Bramble-1 --metadata '{"key": "Bramble-2"}' --availability-domain 'Uocm:PHX-AD-3')`,
  );
  const { region, fault_domain, nsgs, public_ip, availability_domain } = inventoryOf(site).defaults.oci;
  assert.equal(
    [region, fault_domain, nsgs, public_ip, availability_domain],
    ['eu-frankfurt-1', 'FAULT-DOMAIN-2', [nsg], true, 'Uocm:PHX-AD-3'],
  );
  assert.equal(notesOf(site, 'left'), ['--display-name, --metadata']);
  assert.not.match(site.text, 'Bramble');
  assert.match(site.text, 'fault_domain: FAULT-DOMAIN-2 # launch.sh:9');
  const unclear = launch(
    `oci compute instance launch ${own} --fault-domain $2 --nsg-ids file://nsgs.json --assign-public-ip no; echo --shape X\n` +
      `oci compute instance launch ${own} --fault-domain FAULT-DOMAIN-1\n# oci compute instance launch --profile old\n`,
  );
  assert.equal(notesOf(unclear, 'left'), [
    '--fault-domain',
    '--nsg-ids',
    '--assign-public-ip',
    '--fault-domain',
  ]);
  assert.is(inventoryOf(unclear).defaults.oci.region, 'us-phoenix-1');
});

test('the region is that of an OCID where it names one that is known', () => {
  const regionOf = (key: string) => {
    const text = LAUNCH_SH.replace('ocid1.subnet.oc1.phx.', `ocid1.subnet.oc1.${key}.`);
    const site = siteOf(table('10.0.10.7'), { launch: new Source('/launch.sh', text) });
    return [inventoryOf(site).defaults.oci.region, notesOf(site, 'open').includes('defaults.oci.region')];
  };
  assert.equal(regionOf('iad'), ['us-ashburn-1', false]);
  assert.equal(regionOf('ap-melbourne-1'), ['ap-melbourne-1', false]);
  assert.equal(regionOf('xxx'), [undefined, true]);
  assert.match(siteOf(OCI_DUMP, BESIDE).text, 'region: us-phoenix-1 # launch.sh:3, by the OCID');
});

test('of several consoles the first is carried, as the installer runs on that, and the others are listed', () => {
  const withConsoles = (consoles: string) => {
    const bootPhp = new Source('/boot.php', BOOT_PHP.replace('console=ttyS0', consoles));
    const site = siteOf(table('10.0.10.7'), { bootPhp });
    return [
      inventoryOf(site).defaults.config.install.tty,
      notesOf(site, 'left').filter((of) => /console/.test(of)),
    ];
  };
  assert.equal(withConsoles('console=tty1 console=ttyS0,115200'), [undefined, ['console=ttyS0,115200']]);
  assert.equal(withConsoles('console=ttyS0,115200 console=tty1 console=hvc0'), [
    'ttyS0,115200',
    ['console=tty1, console=hvc0'],
  ]);
  assert.equal(withConsoles('console=tty1'), [undefined, []]);
});

test('whatever edit a dump has, it makes a site that can be read, or none and says why; and the same again', () => {
  const bases = {
    OCI_DUMP,
    ...Object.fromEntries(
      Object.entries(DIALECTS).map(([name, write]) => [
        name,
        write([
          { ip: '10.0.10.7', install: 0 },
          { ip: '10.0.10.9', install: 1 },
        ]),
      ]),
    ),
  } as Record<string, string>;
  const seen = { made: 0, refused: 0 };
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(bases)),
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (base, edits) => {
        const files = edits.reduce((all, one) => edited(all, one), {
          'nodes.sql': bases[base] ?? '',
        } as Record<string, string>);
        const text = files['nodes.sql'] ?? '';
        const { site, found } = imported(text);
        assert.is(
          site === undefined,
          found.some(({ severity }) => severity === 'error'),
          text,
        );
        seen[site ? 'made' : 'refused'] += 1;
        if (site) assert.ok(ipsOf(site).length > 0);
        assert.is(imported(text).site?.text, site?.text);
      },
    ),
    { seed: Number(process.env.HARVGEN_SEED ?? 1), numRuns: Number(process.env.HARVGEN_RUNS ?? 300) },
  );
  assert.ok(seen.made > 50 && seen.refused > 20, JSON.stringify(seen));
});

test('a hundred thousand rows of crawlers are read in time, and what is said of them is short', () => {
  const rows = Array.from(
    { length: 100_000 },
    (_, index): TableRow => ({ ip: ipv4Text(0xcb007100 + index * 7), install: 1 }),
  );
  for (const dialect of [
    'mysqldump',
    'mysqldump --skip-extended-insert',
    'mysql --batch',
    'CSV of a spreadsheet',
  ]) {
    const text = DIALECTS[dialect]?.([...rows, { ip: '10.0.10.7', install: 0 }]) ?? '';
    const started = performance.now();
    const { site, said } = imported(text);
    assert.ok(site, dialect);
    assert.equal(ipsOf(site), ['10.0.10.7']);
    assert.ok(said.length < 10_000, `${said.length}`);
    assert.ok(performance.now() - started < 20_000, dialect);
  }
  for (const text of [
    `INSERT INTO nodes VALUES ${'('.repeat(100_000)}`,
    `${"'".repeat(99_999)}`,
    `SET a ${'/* */'.repeat(100_000)}`,
  ])
    assert.is(imported(text).site, undefined);
});

test('the command writes the site, and names the file of each line', async () => {
  const home = writeFiles(scratchFolder(), {
    'nodes.sql': OCI_DUMP,
    'boot.php': BOOT_PHP,
    'launch.sh': LAUNCH_SH,
  });
  writeFileSync(join(home, 'nodes.sql.gz'), gzipSync(OCI_DUMP));
  writeFileSync(join(home, 'windows.sql'), `\ufeff${OCI_DUMP}`, 'utf16le');
  const args = ['import', 'oci', 'nodes.sql', '--boot-php', 'boot.php', '--launch', 'launch.sh'];
  const [made, printed, stray, noFile, twice, bad, packed, wide] = await runAll([
    { args: [...args, '--to', 'sites/phx'], cwd: home },
    { args: ['import', 'oci', 'nodes.sql', '--subnet', '10.0.10.0/25'], cwd: home },
    { args: ['import', 'phs', 'nodes.sql', '--launch', 'launch.sh'], cwd: home },
    { args: ['import', 'oci', 'nodes.sql', '--boot-php', 'nowhere.php'], cwd: home },
    { args: ['import', 'oci', 'nodes.sql', '--boot-php', '-'], cwd: home },
    { args: ['import', 'oci', 'nodes.sql', '--subnet', '10.0.10.7/25'], cwd: home },
    { args: ['import', 'oci', 'nodes.sql.gz'], cwd: home },
    { args: ['import', 'oci', 'windows.sql'], cwd: home },
  ]);
  assert.is(made?.code, 0, made?.stderr);
  assert.match(made?.stderr ?? '', /^ {2}launch\.sh:4 IMAGE_UUID: /m);
  assert.match(made?.stderr ?? '', /^ {2}boot\.php:18 mysqli: /m);
  assert.match(made?.stderr ?? '', /^ {2}nodes\.sql:19 0\.0\.0\.0, 127\.0\.0\.1: /m);
  assert.ok(existsSync(join(home, 'sites/phx/site.yaml')));
  assert.match(readFileSync(join(home, 'sites/phx/site.yaml'), 'utf8'), 'phx-7:');
  assert.match(printed?.stdout ?? '', 'subnet: 10.0.10.0/25\n');
  assert.equal([stray?.code, noFile?.code, twice?.code, bad?.code], [2, 1, 2, 2]);
  assert.match(stray?.stderr ?? '', '--launch is for other kinds than phs');
  assert.match(bad?.stderr ?? '', '--subnet takes a subnet');
  assert.match(
    packed?.stderr ?? '',
    'nodes.sql.gz cannot be read: it is packed by gzip: unpack it with gunzip',
  );
  assert.match(wide?.stderr ?? '', 'windows.sql cannot be read: it is UTF-16');
});

test.run();
