import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { compile } from '../src/compile.ts';
import type { ImportedSite, ImportSettings } from '../src/import/model/import-format.ts';
import { Findings } from '../src/import/model/notes.ts';
import { oci } from '../src/import/oci/oci.ts';
import { readRows } from '../src/import/oci/table.ts';
import { NEWEST_RELEASE } from '../src/knowledge/harvester.ts';
import { CODES } from '../src/source/diagnostics/codes.ts';
import { type Diagnostic, Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { ipv4Text, parseCidr } from '../src/values/addresses.ts';
import { parseVersion } from '../src/values/version.ts';
import { runs, SEED } from './support/effort.ts';
import { assertLinear } from './support/linear.ts';
import { DIALECTS, LAUNCH_SH, OCI_TABLE, type TableRow } from './support/oci-table.ts';
import { edit, edited } from './support/random-mutation.ts';
import { runAll } from './support/runs.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen import oci');

const BESIDE = { launch: new Source('/launch.sh', LAUNCH_SH), server: 'http://10.0.10.5' };

interface Imported {
  readonly site: ImportedSite | undefined;
  readonly found: readonly Diagnostic[];
  readonly log: string;
}

function imported(text: string, options: ImportSettings = {}): Imported {
  const report = new Report();
  const [site] = oci.read(new Source('/nodes.tsv', text), options, report) ?? [];
  const found = report.sorted();
  return { site, found, log: formatText(found, { color: false, folder: '/' }) };
}

/** Returns the site of a file, which must make one. */
function siteOf(text: string, options: ImportSettings = {}): ImportedSite {
  const { site, log } = imported(text, options);
  assert.ok(site, log);
  return site;
}

// biome-ignore lint/suspicious/noExplicitAny: the inventory as plain data, of which tests look at this and that
type Plain = any;
const inventoryOf = ({ text }: ImportedSite): Plain => parse(text);

const ipsOf = (site: ImportedSite): string[] =>
  Object.values<Plain>(inventoryOf(site).nodes).map(({ ip }) => ip);

const notesOf = ({ notes }: ImportedSite, kind: string) =>
  notes.filter((note) => note.kind === kind).map(({ of }) => of);

/** Returns the codes of diagnostics, with file, line and column. */
const codesOf = ({ found }: Imported) =>
  found.map(({ code, at: { source, start } }) => {
    const { line, column } = source.position(start);
    return `${code} ${source.file}:${line}:${column}`;
  });

const table = (...ips: readonly string[]) => ips.map((ip) => `${ip}\t0\n`).join('');

test('every dialect makes the same rows, with any values', () => {
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
        const read = readRows(source, new Findings(report));
        assert.is(formatText(report.sorted(), { color: false, folder: '/' }), '', dialect);
        assert.equal(
          read?.map(({ ip, install }) => `${ip.value} ${Number(install.value)}`),
          rows.map(({ ip, install }) => `${ip} ${install}`),
          dialect,
        );
        // The location is that of the value itself.
        for (const { ip } of read ?? []) {
          const written = source.text.slice(ip.at.start, ip.at.end);
          assert.ok(written.includes(ip.value ?? '?'), `${dialect}: ${written}`);
        }
      },
    ),
    { seed: SEED, numRuns: runs(500) },
  );
});

test('a table of a year becomes a site of its machines; suspicious values are reported at their location', () => {
  const found = imported(OCI_TABLE, BESIDE);
  assert.equal(codesOf(found), [
    'oci-stranger /nodes.tsv:8:3',
    'oci-address /nodes.tsv:10:3',
    'oci-duplicate /nodes.tsv:11:4',
    'oci-install /nodes.tsv:14:15',
    'oci-reinstall /nodes.tsv:14:15',
  ]);
  const severities = new Map(CODES.map(({ code, severity }) => [code, severity]));
  for (const { code, severity } of found.found) assert.is(severities.get(code), severity);
  const site = siteOf(OCI_TABLE, BESIDE);
  const { site: name, harvester, server, networks, defaults, nodes } = inventoryOf(site);
  assert.equal([name, harvester.version, server.url], ['oci', '…', 'http://10.0.10.5']);
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
  assert.equal(nodes, {
    'oci-7': { ip: '10.0.10.7', mode: 'create' },
    'oci-8': { ip: '10.0.10.8' },
    'oci-9': { ip: '10.0.10.9' },
    'oci-12': { ip: '10.0.10.12' },
    'oci-11': { ip: '10.0.10.11' },
  });
  assert.match(site.text, 'ip: 10.0.10.9 # nodes.tsv:7, 11; install was 0 and 1');
});

test('no row wipes a machine without a request', () => {
  const { site, log } = imported('10.0.10.7\t1\n10.0.10.8\t1\n10.0.10.8\t0\n');
  assert.not.match(site?.text.replace(/#.*/g, '') ?? '', 'always');
  assert.match(log, 'harvgen set SITE NODE install=always');
});

test('each IP address has one message: other clients are neither wiped nor repeated', () => {
  const { found, log, site } = imported(
    '203.0.113.7\t1\n203.0.113.7\t1\n10.0.10.7\t1\n10.0.10.7\t0\n10.0.10.8\t1\n10.0.10.9\t-1\n',
  );
  assert.match(log, 'install is not 0 for 10.0.10.8, 10.0.10.9: boot.php wipes the machine');
  assert.match(log, 'Rows of 10.0.10.7 differ in install');
  assert.match(log, '203.0.113.7 is public, so it is probably not a node');
  for (const ip of ['203.0.113.7', '10.0.10.7'])
    assert.is(found.filter(({ message }) => message.includes(ip)).length, 1, ip);
  assert.equal(notesOf(site as ImportedSite, 'changed'), ['install = 0']);
});

test('a running cluster: notes require its host names, and warn about reinstalling its create node', () => {
  const { notes, text } = siteOf(table('10.0.10.7', '10.0.10.8'));
  const log = new Map(notes.map((note) => [note.of, note.text]));
  assert.match(log.get('names') ?? '', 'set the host name of each node as in the running cluster');
  assert.match(log.get('mode') ?? '', 'remove mode: create from it, and set exists: true for the cluster');
  assert.match(text, '# Names are host names: for a running cluster, use the host name of each node.\n');
});

test('a row with the IP address of the router does not make the subnet larger', () => {
  const site = siteOf(table('172.20.5.21', '172.20.5.1', '172.20.5.22'));
  assert.equal(ipsOf(site), ['172.20.5.21', '172.20.5.22']);
  assert.is(inventoryOf(site).networks.mgmt.subnet, '172.20.5.0/24');
  const log = new Map(site.notes.map(({ of, text }) => [of, text]));
  assert.match(
    log.get('networks.mgmt.subnet') ?? '',
    '172.20.5.0/24 is the smallest from /24 in which OCI can assign all IP addresses except 172.20.5.1.',
  );
  assert.match(log.get('172.20.5.1') ?? '', "OCI's router in 172.20.5.0/24");
});

test('dropped values are listed, and every row is a node or listed', () => {
  const site = siteOf(OCI_TABLE, BESIDE);
  assert.equal(notesOf(site, 'left'), ['0.0.0.0, 127.0.0.1', '10.0.10.5', '2001:db8::7']);
  assert.equal(notesOf(site, 'changed'), ['10.0.10.8', '::ffff:10.0.10.12', 'install = 0']);
  assert.equal(notesOf(site, 'open'), [
    'IMAGE_UUID',
    'networks.mgmt.subnet',
    'harvester.version',
    'mode',
    'names',
    'cluster.vip',
    'config.install.device',
    'cluster_token',
    'node_password',
    'firmware',
  ]);
});

test('passwords and other values of launch.sh are never shown', () => {
  const { site, log } = imported(OCI_TABLE, BESIDE);
  for (const text of [site?.text ?? '', log, JSON.stringify(site?.notes.map(({ of, text }) => [of, text]))])
    assert.not(text.includes('Hazel-by-the-gate-7'));
  const source = new Source('/l.sh', LAUNCH_SH);
  imported(OCI_TABLE, { launch: source });
  const shown = Array.from({ length: 30 }, (_, line) => source.line(line + 1) ?? '').join('\n');
  assert.not(shown.includes('Hazel-by-the-gate-7'));
  assert.match(shown, /BM\.DenseIO/);
});

test('errors in a table with other columns show only the known ones', () => {
  const csv = imported('ip,install,note,key\nx,0,a,Alder-on-the-hill-5\n10.0.0.2,0,Alder-on-the-hill-6');
  assert.match(csv.log, 'import-syntax');
  assert.not.match(csv.log, 'Alder-on-the-hill');
  assert.not.match(imported('password: Alder-on-the-hill').log, 'Alder');
});

test('open values are … in the site; check reports each, and accepts the site after they are filled in', async () => {
  const site = siteOf(OCI_TABLE, BESIDE);
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
      ['bad-value', '…'],
    ],
  );
  const filled = site.text
    .replace('version: …', `version: ${NEWEST_RELEASE}`)
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

test('options set the values that the table lacks', () => {
  const site = siteOf(OCI_TABLE, {
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
  // With another server, the row of the old one can be a machine.
  assert.ok(ipsOf(site).includes('10.0.10.5'));
});

test('the guessed subnet is the smallest in which OCI can assign all IP addresses', () => {
  const guessed = (...ips: string[]) => inventoryOf(siteOf(table(...ips))).networks.mgmt.subnet;
  assert.is(guessed('10.0.10.7', '10.0.10.200'), '10.0.10.0/24');
  assert.is(guessed('10.0.10.7', '10.0.11.7'), '10.0.10.0/23');
  assert.is(guessed('10.0.10.255'), '10.0.10.0/23');
  assert.is(guessed('172.16.3.1', '172.16.200.9'), '172.16.0.0/16');
  assert.equal(codesOf(imported(table('10.0.10.7', '10.1.10.7'))), ['oci-subnet /nodes.tsv:1:1']);
  assert.equal(codesOf(imported(table('203.0.113.7'))), [
    'oci-stranger /nodes.tsv:1:1',
    'oci-subnet /nodes.tsv:1:1',
  ]);
  assert.equal(ipsOf(siteOf(table('203.0.113.7', '10.0.0.9'), { subnet: parseCidr('203.0.113.0/24') })), [
    '203.0.113.7',
  ]);
  assert.equal(codesOf(imported(table('10.0.10.7'), { subnet: parseCidr('10.2.0.0/24') })), [
    'oci-stranger /nodes.tsv:1:1',
    'oci-subnet /nodes.tsv:1:1',
  ]);
});

test('without other input, a note requires the server and the release', () => {
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

test('the original files of oci-harvester contain no machine, and their placeholders are not values', () => {
  assert.equal(codesOf(imported('id\tip\tinstall\n1\t0.0.0.0\t1\n2\t127.0.0.1\t0\n')), [
    'oci-no-node /nodes.tsv:2:3',
  ]);
  const site = siteOf(table('10.0.10.7'), {
    launch: new Source(
      '/launch.sh',
      'COMPARTMENT_UUID="ocid1.compartment.oc1..update"\nSUBNET_UUID="ocid1.subnet.oc1.phx.update"\nAD="XXXX:PHX-AD-1"\n',
    ),
  });
  const { defaults } = inventoryOf(site);
  assert.equal([...new Set(Object.values(defaults.oci))], ['…']);
});

test('other files, and incomplete ones, are errors with a location', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'not-oci-harvester 1:1'],
    ['hello world\n', 'not-oci-harvester 1:1'],
    ['a\tb\n1\t2\n', 'not-oci-harvester 1:1'],
    ['PK\u0003\u0004\0\0binary', 'not-oci-harvester 1:1'],
    ['ip\tinstall\n', 'oci-no-node 1:1'],
    ['-- MySQL dump 10.13\nCREATE TABLE `nodes` (`id` int);', 'not-oci-harvester 1:1'],
    ["\n\nINSERT INTO nodes VALUES (1,'10.0.10.7',0);", 'not-oci-harvester 1:1'],
    ['+-----------+---------+\n| ip        | install |\n', 'not-oci-harvester 1:1'],
    ['10.0.10.7\t0\n10.0.10.8\n', 'import-syntax 2:1'],
    ['"10.0.10.7,0\n', 'import-syntax 1:1'],
    ['"10.0.10.7"9,1\n', 'import-syntax 1:12'],
    ['[{"id":1,"ip":"10.0.0.1","install":0}]', 'not-oci-harvester 1:1'],
    ['{"ip":"10.0.0.1","install":0}\n', 'not-oci-harvester 1:1'],
    ['<?php phpinfo();', 'not-oci-harvester 1:1'],
    [LAUNCH_SH, 'not-oci-harvester 1:1'],
    ['export SHAPE="BM"\n', 'not-oci-harvester 1:1'],
  ];
  for (const [text, wanted] of cases) {
    const result = imported(text);
    assert.is(result.site, undefined, text);
    assert.equal(codesOf(result), [wanted.replace(' ', ' /nodes.tsv:')], text);
  }
  const other = { launch: new Source('/launch.sh', 'echo hello') };
  assert.equal(codesOf(imported(table('10.0.10.7'), other)), ['not-oci-harvester /launch.sh:1:1']);
});

test('a dump, or launch.sh, instead of the table: the help contains the command', () => {
  assert.match(imported("INSERT INTO nodes VALUES (1,'10.0.10.7',0);").log, 'mysql --batch');
  assert.match(imported(LAUNCH_SH).log, 'harvgen import oci nodes.tsv --launch FILE');
  assert.not(imported(LAUNCH_SH).log.includes('Hazel-by-the-gate-7'));
  assert.not.match(imported("INSERT INTO users VALUES ('Alder-on-the-hill-5');").log, 'Alder');
});

test('the first line of a table is found in linear time after many empty lines', async () => {
  const text = (size: number) => `${'\n'.repeat(size)}${OCI_TABLE}`;
  await assertLinear('empty lines', 1_000_000, text, (table) => assert.ok(imported(table).site));
});

test('unusable values of launch.sh are reported, and open in the site', () => {
  const result = imported(table('10.0.10.7'), {
    launch: new Source('/launch.sh', 'export SHAPE=$MY_SHAPE\nexport AD="PHX-AD-1"\n'),
  });
  assert.equal(codesOf(result), ['oci-launch /launch.sh:1:14', 'oci-launch /launch.sh:2:12']);
});

/** Returns launch.sh with another call. */
const withCall = (text: string, call: string) => text.replace(/^INSTANCE_ID=.*$/m, () => call);

test('options that users added to the call of launch.sh are imported or listed', () => {
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

test('the region is derived from an OCID with a known region', () => {
  const regionOf = (key: string) => {
    const text = LAUNCH_SH.replace('ocid1.subnet.oc1.phx.', `ocid1.subnet.oc1.${key}.`);
    const site = siteOf(table('10.0.10.7'), { launch: new Source('/launch.sh', text) });
    return [inventoryOf(site).defaults.oci.region, notesOf(site, 'open').includes('defaults.oci.region')];
  };
  assert.equal(regionOf('iad'), ['us-ashburn-1', false]);
  assert.equal(regionOf('ap-melbourne-1'), ['ap-melbourne-1', false]);
  assert.equal(regionOf('xxx'), [undefined, true]);
  assert.match(siteOf(OCI_TABLE, BESIDE).text, 'region: us-phoenix-1 # launch.sh:3, from the OCID');
});

test('any edited table makes a readable site, or reports why not; a second import is equal', () => {
  const bases = {
    OCI_TABLE,
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
          'nodes.tsv': bases[base] ?? '',
        } as Record<string, string>);
        const text = files['nodes.tsv'] ?? '';
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
    { seed: SEED, numRuns: runs(300) },
  );
  assert.ok(seen.made > 50 && seen.refused > 20, JSON.stringify(seen));
});

test('a hundred thousand rows of crawlers are read in linear time, and their messages are short', async () => {
  for (const dialect of ['mysql --batch', 'CSV of a spreadsheet']) {
    const text = (length: number) => {
      const row = (index: number): TableRow => ({ ip: ipv4Text(0xcb007100 + index * 7), install: 1 });
      const rows = Array.from({ length }, (_, index) => row(index));
      return DIALECTS[dialect]?.([...rows, { ip: '10.0.10.7', install: 0 }]) ?? '';
    };
    await assertLinear(dialect, 100_000, text, (table) => {
      const { site, log } = imported(table);
      assert.ok(site, dialect);
      assert.equal(ipsOf(site), ['10.0.10.7']);
      assert.ok(log.length < 10_000, `${log.length}`);
    });
  }
  assert.is(imported(`${"'".repeat(99_999)}`).site, undefined);
});

test('the command writes the site, and reports the file of each line', async () => {
  const home = writeFiles(scratchFolder(), {
    'nodes.tsv': OCI_TABLE,
    'launch.sh': LAUNCH_SH,
  });
  writeFileSync(join(home, 'nodes.tsv.gz'), gzipSync(OCI_TABLE));
  writeFileSync(join(home, 'windows.tsv'), `\ufeff${OCI_TABLE}`, 'utf16le');
  const args = ['import', 'oci', 'nodes.tsv', '--launch', 'launch.sh'];
  const [made, printed, stray, noFile, twice, bad, packed, wide] = await runAll([
    { args: [...args, '--to', 'sites/phx'], cwd: home },
    { args: ['import', 'oci', 'nodes.tsv', '--subnet', '10.0.10.0/25'], cwd: home },
    { args: ['import', 'phs', 'nodes.tsv', '--launch', 'launch.sh'], cwd: home },
    { args: ['import', 'oci', 'nodes.tsv', '--launch', 'nowhere.sh'], cwd: home },
    { args: ['import', 'oci', 'nodes.tsv', '--launch', '-'], cwd: home },
    { args: ['import', 'oci', 'nodes.tsv', '--subnet', '10.0.10.7/25'], cwd: home },
    { args: ['import', 'oci', 'nodes.tsv.gz'], cwd: home },
    { args: ['import', 'oci', 'windows.tsv'], cwd: home },
  ]);
  assert.is(made?.code, 0, made?.stderr);
  assert.match(made?.stderr ?? '', /^ {2}launch\.sh:4 IMAGE_UUID: /m);
  assert.match(made?.stderr ?? '', /^ {2}nodes\.tsv:2 0\.0\.0\.0, 127\.0\.0\.1: /m);
  assert.ok(existsSync(join(home, 'sites/phx/site.yaml')));
  assert.match(readFileSync(join(home, 'sites/phx/site.yaml'), 'utf8'), 'phx-7:');
  assert.match(printed?.stdout ?? '', 'subnet: 10.0.10.0/25\n');
  assert.equal([stray?.code, noFile?.code, twice?.code, bad?.code], [2, 1, 2, 2]);
  assert.match(stray?.stderr ?? '', '--launch does not apply to the format phs');
  assert.match(bad?.stderr ?? '', '--subnet takes a subnet');
  assert.match(packed?.stderr ?? '', 'nodes.tsv.gz cannot be read: gzip data: run gunzip');
  assert.match(wide?.stderr ?? '', 'windows.tsv cannot be read: UTF-16 text');
});

test.run();
