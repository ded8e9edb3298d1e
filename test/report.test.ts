// needs: git
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { parseCidr } from '../src/values/addresses.ts';
import { harvgenWarm as harvgen } from './support/cli.ts';
import { everySite } from './support/every-site.ts';
import { edited, PLANT, plantCalled } from './support/plant.ts';
import { detailsOf, partOf, plainText, rowsOf } from './support/report-page.ts';
import { Running } from './support/running.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('report');

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SAMPLES = [
  'bmi',
  'harvester_cloud',
  'harvester_cloud_single',
  'location_x',
  'location_y',
  'location_z',
  'ochami',
  'oci',
];

/** Returns the report of sites, which must have no errors. */
function reportOf(sites: readonly string[], cwd = scratchFolder(), ...options: readonly string[]): string {
  const { code, stdout, stderr } = harvgen(['report', '--out', '-', ...options, ...sites], cwd);
  assert.is(code, 0, stderr);
  return stdout;
}

/** Runs git in a directory, and returns its output. */
function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], { cwd, encoding: 'utf8' });
  assert.is(status, 0, stderr);
  return stdout;
}

type Plain = Record<string, never>;

/** Returns `www/inventory.json` of a site, as other programs read it. */
async function inventoryOf(folder: string): Promise<Plain> {
  const { tree } = await compile(folder);
  return JSON.parse(String(tree?.get('www/inventory.json')?.content));
}

const listOf = (value: unknown) => (Array.isArray(value) ? (value as Plain[]) : []);
const textOf = (value: unknown) => (value === undefined ? '' : String(value));

for (const name of SAMPLES)
  test(`${name}: names and numbers are those of inventory.json`, async () => {
    const folder = join(ROOT, 'sites', name);
    const page = reportOf([folder]);
    const inventory = await inventoryOf(folder);
    const nodes = listOf(inventory.nodes);
    const clusters = listOf(inventory.clusters);
    const networks = listOf(inventory.networks);
    const modes: Readonly<Record<string, string>> = {
      linux: 'Linux',
      iscsi: 'iSCSI disk',
      local: 'local disk',
    };
    assert.equal(
      rowsOf(partOf(page, name, 'nodes'))
        .filter((cells) => cells.length === 8 && cells[0] !== 'Name')
        .map(([node, macs, ips, mode, role, release, , firmware]) => [
          node,
          macs,
          ips,
          mode,
          role,
          release,
          firmware,
        ]),
      nodes.map(({ name, nics, os, mode, role, smd_role, cluster, firmware }) => [
        name,
        listOf(nics)
          .flatMap(({ mac }) => mac ?? [])
          .join(' '),
        listOf(nics)
          .flatMap(({ ip }) => ip ?? [])
          .join(' '),
        mode ?? modes[textOf(os)],
        textOf(role ?? smd_role),
        textOf(clusters.find((one) => one.name === cluster)?.version),
        firmware,
      ]),
    );
    assert.equal(
      rowsOf(partOf(page, name, 'network'))
        .slice(1)
        .map((cells) => cells.slice(0, 6)),
      networks.map(({ name, subnet, vlan, mtu, gateway, dns }) => [
        name,
        subnet,
        textOf(vlan),
        textOf(mtu),
        textOf(gateway),
        listOf(dns).join(' '),
      ]),
    );
    const overview = plainText(partOf(page, name, 'overview'));
    for (const { name, version, arch, vip, nodes } of clusters)
      assert.match(
        overview,
        `Cluster ${name} Harvester ${version} ${arch} VIP ${vip} Members ${listOf(nodes).length}`,
      );
    assert.match(overview, `${nodes.length} machines`);
    const addresses = partOf(page, name, 'addresses');
    const owners = new Map(
      rowsOf(addresses).map(([address = '', , use, owner = '']) => [address, `${use} ${owner}`]),
    );
    for (const { name, nics, bmc } of nodes) {
      for (const { ip } of listOf(nics))
        if (ip) assert.match(owners.get(ip) ?? '', new RegExp(`^used .*\\b${name}\\b`));
      const bmcAddress = textOf((bmc as Plain | undefined)?.address);
      if (owners.has(bmcAddress)) assert.match(owners.get(bmcAddress) ?? '', `BMC of ${name}`);
    }
    for (const { name, vip } of clusters) if (vip) assert.is(owners.get(vip), `used VIP of ${name}`);
    const counts = [
      ...plainText(addresses).matchAll(/(\d+) used, (\d+) reserved, (\d+) in the pool, (\d+) free/g),
    ];
    assert.equal(
      counts.map(([, ...numbers]) => numbers.map(Number).reduce((sum, number) => sum + number)),
      networks.map(({ subnet }) => 2 ** (32 - (parseCidr(textOf(subnet))?.prefix ?? 0))),
    );
    // Every address on the page is one of the inventory, besides the grids, the bounds of a subnet and masks.
    const known = JSON.stringify(inventory) + readFileSync(join(folder, 'site.yaml'), 'utf8');
    const [main = ''] = page.replace(addresses, '').split('<script>');
    for (const [mac] of main.matchAll(/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g)) assert.match(known, mac);
    for (const [ip] of main.matchAll(/(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g))
      if (!/^255\.|\.0$/.test(ip)) assert.ok(known.includes(ip), ip);
    for (const node of nodes) {
      const details = plainText(detailsOf(page, `${inventory.site}/${node.name}`));
      for (const [path, value] of leavesOf(node))
        for (const piece of value.split('…')) assert.ok(details.includes(piece), `${path}: ${piece}`);
    }
  });

/** Returns the values of a node in inventory.json, except those that harvgen derives for libvirt, and the mark of the boot NIC. */
function leavesOf(value: unknown, path = ''): [path: string, value: string][] {
  if (/^\.domain\.|\.boot$/.test(path)) return [];
  if (typeof value !== 'object' || value === null) return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => leavesOf(one, `${path}.${key}`));
}

test('racks, positions and heights are those of inventory.json', async () => {
  const folder = makeSite(
    PLANT.replace('defaults:', 'defaults:\n  rack: "A1 <x>"\n  height: 2')
      .replace('mode: create }', 'mode: create, position: 10 }')
      .replace('178.42 }', '178.42, position: 12, height: 4 }'),
  );
  const racks = partOf(reportOf([folder]), 'plant', 'racks');
  const places = listOf((await inventoryOf(folder)).nodes).map(({ rack, position, height }) => [
    rack,
    position,
    height,
  ]);
  assert.equal(places, [
    ['A1 <x>', 10, 2],
    ['A1 <x>', 12, 4],
    ['A1 <x>', undefined, 2],
  ]);
  assert.match(racks, 'aria-label="Front of rack A1 &lt;x&gt;, 42 units"');
  const drawn = /<title>(\S+), unit (\d+)<\/title>.*? y="(\d+)" width="198" height="(\d+)"/g;
  assert.equal(
    Array.from(racks.matchAll(drawn), ([, name, unit, y, height]) => [name, unit, y, height]),
    // Unit 1 is the lowest of 42, and each has 16 pixels.
    [
      ['harv-1', '10', String((42 - 11) * 16 + 5), '30'],
      ['harv-2', '12', String((42 - 15) * 16 + 5), '62'],
    ],
  );
  assert.match(plainText(racks), /harv-3$/);
});

test('every link of a page leads to one element, whatever the names of its sites', () => {
  const cwd = scratchFolder();
  const names = ['lab', 'lab-nodes', 'lab-network-title', 'fleet', 'failed', 'dots', 'hatch'];
  for (const [index, name] of names.entries())
    writeFiles(cwd, { [`${name}/site.yaml`]: plantCalled(name, index) });
  const page = reportOf(names, cwd);
  const ids = Array.from(page.matchAll(/\bid="([^"]*)"/g), ([, id]) => id);
  assert.equal(
    ids.filter((id, index) => ids.indexOf(id) < index),
    [],
  );
  for (const [, id] of page.matchAll(/(?:\bhref="#|aria-labelledby="|aria-controls="|url\(#)([^")]*)/g))
    assert.ok(ids.includes(id), id);
});

test('every kind of site has a report, which is the same each time', () => {
  for (const folder of everySite()) assert.is(reportOf([folder]), reportOf([folder]));
});

test('the page refers to nothing outside, and contains no mark', () => {
  for (const folder of [join(ROOT, 'sites/ochami'), join(ROOT, 'sites/harvester_cloud')]) {
    const page = reportOf([folder]);
    assert.not.match(page, /@@secret|\$\{secret/);
    assert.not.match(
      page,
      /<(?:link|img|iframe|object)(?! rel="icon" href="data:,")|\bsrc=|@import|url\((?!#)/,
    );
    assert.not.match(page, /<a href="(?!#)/);
  }
});

test('the stations of a node lead from power-on to its system', () => {
  const page = reportOf([makeSite(PLANT)]);
  const stations = Array.from(
    detailsOf(page, 'plant/harv-2').matchAll(/<li><b>(.*?)<\/b>(.*?)<\/li>/gs),
    ([, what = '', rest = '']) => [what, plainText(rest)],
  );
  assert.equal(stations, [
    [
      'Power-on: UEFI boots from the network',
      'dnsmasq on 192.168.178.7 192.168.178.42 snponly.efi If not: The firmware tries its next boot device.',
    ],
    [
      'iPXE loads the entry script',
      'dnsmasq on 192.168.178.7, then nginx on 192.168.178.7 http://192.168.178.7/boot.ipxe If not: iPXE prints the error and returns to the firmware.',
    ],
    [
      'The entry script finds the node',
      'nginx on 192.168.178.7 http://192.168.178.7/ipxe/52-54-00-aa-01-02.ipxe If not: It shows the identifiers of the machine and retries every 30 seconds.',
    ],
    [
      'The script looks for an installed system',
      'the machine itself A disk with Harvester boots. Then nothing is installed. If not: The installation starts.',
    ],
    [
      'The installer of Harvester v1.4.1 starts',
      '192.168.178.7 http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1-vmlinuz-amd64 http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1-initrd-amd64 http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1-rootfs-amd64.squashfs If not: It prints the error and retries every 30 seconds.',
    ],
    [
      'The installer fetches its configuration',
      'nginx on 192.168.178.7, with the secrets substituted http://192.168.178.7/config/52-54-00-aa-01-02.yaml If not: The installer waits for it. Its console shows the error.',
    ],
    [
      'The installer wipes /dev/disk/by-path/pci-0000:00:17.0-ata-1',
      '192.168.178.7 http://192.168.178.7/harvester/v1.4.1/harvester-v1.4.1-amd64.iso If not: The installer stops with a message. The next boot installs again.',
    ],
    [
      'Harvester joins the cluster plant',
      'VIP 192.168.178.40 Its place in the cluster. If not: The node waits for the VIP.',
    ],
  ]);
});

test('the values of a node have their source, and a secret only its name', () => {
  const details = plainText(detailsOf(reportOf(['plant'], join(makeSite(PLANT), '..')), 'plant/harv-2'));
  assert.match(details, ' mac 52:54:00:aa:01:02 plant/site.yaml:24:18 ');
  assert.match(details, " config.token ‹secret cluster_token› plant/site.yaml:15:10 (the cluster's token) ");
  assert.match(
    details,
    ' config.install.device /dev/disk/by-path/pci-0000:00:17.0-ata-1 plant/site.yaml:21:15 in defaults ',
  );
});

test('racks are drawn by key or label, machines without one by group', () => {
  const site = edited(
    PLANT,
    ['mode: create }', 'mode: create, rack: A1, position: 40, height: 4 }'],
    ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, labels: { example.org/rack: B2 } }'],
  );
  const racks = partOf(reportOf([makeSite(site)]), 'plant', 'racks');
  assert.match(racks, 'aria-label="Front of rack A1, 43 units"');
  assert.equal(
    Array.from(racks.matchAll(/<h3>(.*?)<\/h3>/g), ([, name]) => name),
    ['A1', 'B2', 'no rack'],
  );
  assert.match(
    racks,
    /<title>harv-1, unit 40<\/title><rect class="machine" x="32" y="5" width="198" height="62"/,
  );
  assert.match(partOf(reportOf([makeSite(PLANT)]), 'plant', 'racks'), '<h3>plant</h3>');
});

test('hostile names stay text', () => {
  const hostile = '</script><img src=x onerror=alert(1)>&"\'${secret:x}'.replace('${secret:x}', '');
  const site = edited(PLANT, [
    'ip: 192.168.178.42 }',
    `ip: 192.168.178.42, rack: ${JSON.stringify(hostile)} }`,
  ]);
  const page = reportOf([makeSite(site)]);
  assert.not.match(page, '<img');
  assert.match(plainText(partOf(page, 'plant', 'racks')), hostile);
});

test('several sites have a first page, and their common findings', () => {
  const cwd = scratchFolder();
  writeFiles(cwd, { 'a/site.yaml': plantCalled('a', 1), 'b/site.yaml': plantCalled('b', 1) });
  const { code, stderr } = harvgen(['report', 'a', 'b'], cwd);
  assert.is(code, 1);
  assert.match(stderr, /: nothing was written\n$/);
  assert.not.ok(existsSync(join(cwd, 'report.html')));
  writeFiles(cwd, { 'b/site.yaml': plantCalled('b', 2) });
  assert.equal(harvgen(['report', 'a', 'b'], cwd), {
    code: 0,
    stdout: 'report.html: 2 sites, 6 machines\n',
    stderr: '',
  });
  const page = readFileSync(join(cwd, 'report.html'), 'utf8');
  const [fleet = ''] = page.split('</main>');
  assert.equal(rowsOf(fleet).slice(1), [
    ['a', 'a', 'v1.4.1', '192.168.1.40', '3', '0', '2'],
    ['b', 'b', 'v1.4.1', '192.168.2.40', '3', '0', '2'],
  ]);
  const twice = harvgen(['report', 'a', 'c/a'], writeFiles(cwd, { 'c/a/site.yaml': plantCalled('a', 3) }));
  assert.match(twice.stderr, 'two sites have the name a: one page cannot show both');
});

test('findings have their code frames', () => {
  const site = edited(PLANT, ['ip: 192.168.178.42 }', 'ip: 192.168.178.42, install: always }']);
  const { stdout } = harvgen(['report', '--out', '-', 'plant'], join(makeSite(site), '..'));
  const findings = partOf(stdout, 'plant', 'findings');
  assert.match(plainText(findings), 'warning install-always plant/site.yaml:24:66 harv-2 is reinstalled');
  assert.match(findings, /24 \| {3}harv-2: .*install: always }\n.*\^{6}\n/);
  assert.match(plainText(partOf(stdout, 'plant', 'overview')), 'errors 0 warnings 1');
});

test('changes since a revision and since a tree are marked', () => {
  const cwd = join(makeSite({ 'site.yaml': PLANT }), '..');
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-qm', 'x'],
  ])
    git(cwd, ...args);
  assert.is(harvgen(['build', 'plant'], cwd).code, 0);
  const now = edited(
    PLANT,
    ['192.168.178.43 }\n', '192.168.178.46 }\n  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n'],
    ['  harv-2: { mac: 52:54:00:aa:01:02, ip: 192.168.178.42 }\n', ''],
  );
  writeFileSync(join(cwd, 'plant/site.yaml'), now);
  for (const against of ['HEAD', 'out']) {
    const page = reportOf(['plant'], cwd, '--against', against);
    const marks = rowsOf(partOf(page, 'plant', 'nodes')).map(([name]) => name);
    assert.equal(marks.filter(Boolean).slice(1), ['harv-1', 'harv-3 changed', 'harv-4 new']);
    const changes = plainText(partOf(page, 'plant', 'changes'));
    assert.match(
      changes,
      `Changes since ${against} ${against === 'out' ? 'out/plant' : 'plant'}: 1 node changes, 1 is new, 1 is gone; `,
    );
    assert.match(changes, ' harv-3: IP address 192.168.178.43 → 192.168.178.46 ');
    assert.match(changes, ' removed www/config/52-54-00-aa-01-02.yaml');
    assert.match(plainText(detailsOf(page, 'plant/harv-3')), /^Changes of harv-3 IP address 192/);
    assert.match(partOf(page, 'plant', 'network'), 'class="box changed"');
  }
  assert.is(git(cwd, 'status', '--porcelain'), ' M plant/site.yaml\n?? out/\n');
  const fail = (...args: string[]) => harvgen(['report', ...args, 'plant'], cwd);
  assert.match(
    fail('--against', 'nowhere').stderr,
    `nowhere is neither a directory nor a git revision of ${cwd}`,
  );
  assert.match(fail('--against', '--help').stderr, '--against needs a value after it');
  writeFileSync(join(cwd, 'plant/site.yaml'), 'site: [');
  git(cwd, 'commit', '-qam', 'broken');
  writeFileSync(join(cwd, 'plant/site.yaml'), PLANT);
  assert.match(fail('--against', 'HEAD').stderr, 'the sites of HEAD have 1 error: choose another revision');
  const outside = harvgen(['report', '--against', 'HEAD', 'plant'], join(makeSite(PLANT), '..'));
  assert.match(outside.stderr, 'HEAD is not a directory, and plant is not in a git work tree');
});

test('a site that is new has only new machines', () => {
  const cwd = join(makeSite({ 'site.yaml': PLANT }), '..');
  for (const args of [
    ['init', '-q'],
    ['commit', '-q', '--allow-empty', '-m', 'x'],
  ])
    git(cwd, ...args);
  const page = reportOf(['plant'], cwd, '--against', 'HEAD');
  assert.equal(
    rowsOf(partOf(page, 'plant', 'nodes'))
      .map(([name]) => name)
      .filter(Boolean)
      .slice(1),
    ['harv-1 new', 'harv-2 new', 'harv-3 new'],
  );
});

test('a new report in a repository that does not ignore it is named, once', () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const report = (out: string) => harvgen(['report', 'plant', '--out', out], home).stderr;
  assert.is(report('outside.html'), '');
  spawnSync('git', ['init', '-q'], { cwd: home });
  assert.is(
    report('report.html'),
    'harvgen: git does not ignore report.html: unless you want to commit it, add report.html to .gitignore\n',
  );
  assert.is(report('report.html'), '');
  writeFiles(home, { '.gitignore': '*.htm\n' });
  assert.is(report('report.htm'), '');
});

test('only a report is overwritten', () => {
  const cwd = join(makeSite(PLANT), '..');
  const write = (out: string) => harvgen(['report', '--out', out, 'plant'], cwd);
  assert.is(write('page.html').code, 0);
  assert.is(write('page.html').code, 0);
  assert.equal(write('plant/site.yaml'), {
    code: 1,
    stdout: '',
    stderr: 'harvgen: plant/site.yaml exists and is not a report: choose another file with --out\n',
  });
  assert.is(readFileSync(join(cwd, 'plant/site.yaml'), 'utf8'), PLANT);
  assert.match(write('nowhere/page.html').stderr, /^harvgen: nowhere\/page.html cannot be written: .*ENOENT/);
  // `mktemp` makes an empty file.
  writeFileSync(join(cwd, 'empty.html'), '');
  assert.is(write('empty.html').code, 0);
  assert.match(write('plant').stderr, /^harvgen: plant cannot be written: .*EISDIR/);
});

test('--open opens the page with the program of the system', async () => {
  const cwd = join(makeSite(PLANT), '..');
  const bin = writeFiles(scratchFolder(), {
    'xdg-open': '#!/bin/sh\necho "$1" > "$(dirname "$0")/opened"\n',
  });
  chmodSync(join(bin, 'xdg-open'), 0o755);
  const opened = harvgen(['report', '--open', 'plant'], cwd, { PATH: `${bin}:${process.env.PATH}` });
  assert.equal(opened, { code: 0, stdout: 'report.html: 1 site, 3 machines\n', stderr: '' });
  for (let tries = 0; tries < 500 && !existsSync(join(bin, 'opened')); tries += 1) await sleep(20);
  assert.is(readFileSync(join(bin, 'opened'), 'utf8').trim(), join(cwd, 'report.html'));
  const { code, stderr } = harvgen(['report', '--open', 'plant'], cwd, { PATH: '/nowhere' });
  assert.is(code, 1);
  assert.is(stderr, 'harvgen: xdg-open cannot be run: open report.html in a browser\n');
});

test('the live page answers this machine only, by its own names, and has no value of a secret', async () => {
  const cwd = writeFiles(join(makeSite(PLANT), '..'), {
    'secrets.yaml': 'cluster_token: open-sesame-0815\n',
  });
  const args = ['build', '--watch', '--report', '--secrets', 'secrets.yaml', 'plant'];
  const running = new Running(args, cwd);
  const [url = ''] = /http:\S+/.exec(await running.until(/the report is at \S+/)) ?? [];
  try {
    const { port } = new URL(url);
    const statusOf = async (host: string, path = '/', method = 'GET') => {
      const sent = request(url, { path, method, headers: { host, connection: 'close' } }).end();
      const [{ statusCode }] = await once(sent, 'response');
      sent.destroy();
      return statusCode;
    };
    const page = await (await fetch(url)).text();
    assert.match(plainText(detailsOf(page, 'plant/harv-1')), 'config.token ‹secret cluster_token›');
    // Not even the digest of a file with values is there.
    assert.is(detailsOf(page, 'plant/harv-1'), detailsOf(reportOf(['plant'], cwd), 'plant/harv-1'));
    assert.not.match(page, /open-sesame/);
    assert.is(await statusOf(`127.0.0.1:${port}`), 200);
    assert.is(await statusOf(`localhost:${port}`), 200);
    assert.is(await statusOf(`localhost:${port}`, '/events'), 200);
    assert.is(await statusOf(`localhost:${port}`, '/site.yaml'), 404);
    assert.is(await statusOf(`localhost:${port}`, '/', 'POST'), 405);
    for (const host of [`attacker.example:${port}`, '127.0.0.1', 'localhost:1'])
      assert.is(await statusOf(host), 403);
  } finally {
    assert.is(await running.stop('SIGINT'), 0);
  }
});

test.run();
