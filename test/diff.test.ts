import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { NESTED } from './support/nested-plant.ts';
import { type Edit, edited, PLANT, plantCalled } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen diff');
const HARV_3 = '  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n';

const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../schema/diff.schema.json', import.meta.url)), 'utf8'),
);
const isPlan = new Ajv2020({ allErrors: true }).compile(schema);

function assertPlan(plan: unknown): void {
  assert.ok(isPlan(plan), JSON.stringify(isPlan.errors));
}

/** Builds the common site, edits it, and returns the directory of the site and its output tree. */
function builtAndEdited(...edits: readonly Edit[]): string {
  const site = makeSite(PLANT);
  const home = dirname(site);
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ...edits));
  return home;
}

test('reports that nothing changes', () => {
  assert.equal(harvgen(['diff', 'plant'], builtAndEdited()), {
    code: 0,
    stdout: 'out/plant: nothing changes\n',
    stderr: '',
  });
});

test('a node after the site, as explain and set accept it, differs from a missing site', () => {
  const home = builtAndEdited();
  const { code, stdout, stderr } = harvgen(['diff', 'plant', 'harv-2'], home);
  assert.equal([code, stdout], [2, '']);
  assert.match(
    stderr,
    'diff takes sites, but harv-2 is a node of plant: omit it; the output lists every node that changes\n',
  );
  assert.match(
    harvgen(['diff', 'plant', 'harv-9'], home).stderr,
    'This directory does not exist: a site is a directory',
  );
});

test('prints the effects on nodes, then the patch, and writes nothing', () => {
  const home = builtAndEdited(['token: ${secret:cluster_token}', 'token: ${secret:plant_token}']);
  const before = readTree(home);
  const { code, stdout, stderr } = harvgen(['diff', 'plant'], home);
  assert.equal([code, stderr], [0, '']);
  const [words, ...diffs] = stdout.split(/^(?=diff --git )/m);
  assert.is(
    words,
    `out/plant: 3 nodes change; 8 files written, 1 removed, 14 unchanged
  harv-1 to harv-3 (3 nodes), each: never, while it is installed:
    token changes; it encrypts the data of RKE2: install a new cluster
  the boot server needs the new secret plant_token
  the boot server no longer needs the secret cluster_token
  before deploying: install the secrets again
  on the boot server, after deploying: reload nginx

`,
  );
  assert.is(
    diffs.find((diff) => diff.includes('01-01.yaml')),
    `diff --git a/out/plant/www/config/52-54-00-aa-01-01.yaml b/out/plant/www/config/52-54-00-aa-01-01.yaml
--- a/out/plant/www/config/52-54-00-aa-01-01.yaml
+++ b/out/plant/www/config/52-54-00-aa-01-01.yaml
@@ -1,6 +1,6 @@
 # harv-1: create node of plant
 scheme_version: 1
-token: "@@secret:cluster_token@@"
+token: "@@secret:plant_token@@"
 os:
   hostname: "harv-1"
   ntp_servers:
`,
  );
  assert.match(diffs.at(-1) ?? '', /^diff --git a\/out\/plant\/manifest\.json /);
  assert.equal(readTree(home), before);
});

test('each node has its most serious consequence', () => {
  const home = builtAndEdited(
    ['192.168.178.42 }', '192.168.178.42, install: always }'],
    [HARV_3, '  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n'],
  );
  assert.match(
    harvgen(['diff', 'plant'], home).stdout,
    `out/plant: 1 node changes, 1 is new, 1 is gone; 10 files written, 2 removed, 12 unchanged
  harv-2: will be wiped and reinstalled at its next and every later boot from the network (install: once → always)
  harv-4: new: will install Harvester v1.4.1 and join cluster plant at its first boot, if its disk has no Harvester
  harv-3: gone: a machine with its MAC address is now unknown
  on the boot server, after deploying: restart dnsmasq; reload nginx

diff --git `,
  );
});

test('the first build, to another directory, of several sites', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/_shared/defaults.yaml': '',
    'sites/a/site.yaml': edited(PLANT, ['site: plant', 'site: a']),
    'sites/b/site.yaml': plantCalled('b', 2),
  });
  harvgen(['build', '--out', 'trees', 'sites/b'], home);
  const { code, stdout } = harvgen(['diff', '--out', 'trees', 'sites/*'], home);
  assert.is(code, 0);
  assert.match(stdout, /^trees\/a: 3 nodes are new; 22 files written\n {2}harv-1: new: /);
  assert.match(stdout, /^--- \/dev\/null\n\+\+\+ b\/trees\/a\/www\/boot\.ipxe$/m);
  // The summaries of both come before the patches.
  assert.match(stdout, /\ntrees\/b: nothing changes\n\ndiff --git a\/trees\/a\//);
  assert.not(existsSync(join(home, 'trees/a')));
});

test('a directory outside of the current one has the path of --out, and the patch starts below it', () => {
  const home = dirname(makeSite(PLANT));
  const { stdout } = harvgen(['diff', '--out', '../elsewhere', 'plant'], home);
  assert.match(stdout, '../elsewhere/plant: 3 nodes are new');
  assert.match(stdout, 'diff --git a/plant/README.md b/plant/README.md\n');
});

test('an unreadable inventory of the earlier build is not an error', () => {
  const home = builtAndEdited();
  writeFileSync(join(home, 'out/plant/www/inventory.json'), 'gone wrong');
  const { code, stdout } = harvgen(['diff', 'plant'], home);
  assert.is(code, 0);
  assert.match(
    stdout,
    `out/plant: 1 file written, 21 unchanged
  node changes are unknown: www/inventory.json of the earlier build is not JSON
  www/inventory.json was edited since the last build: a build discards the edit only with --force

diff --git a/out/plant/www/inventory.json`,
  );
});

test('--format json matches its schema, and its patches equal those of the text', () => {
  const home = builtAndEdited(
    ['192.168.178.41, mode: create }', '192.168.178.51, mode: create, labels: { zone: a } }'],
    ['192.168.178.42 }', '192.168.178.42, install: always, bmc: { address: 10.0.0.2 } }'],
    [HARV_3, '  harv-4: { mac: 52:54:00:aa:01:04, ip: 192.168.178.44 }\n'],
    ['192.168.178.200-', '192.168.178.210-'],
    ['token: ${secret:cluster_token}', 'token: ${secret:plant_token}'],
  );
  const { code, stdout, stderr } = harvgen(['diff', '--format', 'json', 'plant'], home);
  assert.equal([code, stderr.includes('install-always')], [0, true]);
  const plan = JSON.parse(stdout);
  assertPlan(plan);
  const [site] = plan.sites;
  assert.equal(
    site.nodes.map((node: { node: string; change: string; consequence: string }) => [
      node.node,
      node.change,
      node.consequence,
    ]),
    [
      ['harv-1', 'changed', 'boots-otherwise'],
      ['harv-2', 'changed', 'reinstalls'],
      ['harv-4', 'new', 'installs'],
      ['harv-3', 'gone', 'stranger'],
    ],
  );
  assert.equal(site.nodes[0].changes.slice(1), [
    {
      what: 'config',
      key: 'token',
      effect: 'installation',
      installed: 'never',
      text: 'token changes; it encrypts the data of RKE2: install a new cluster',
    },
    {
      what: 'config',
      key: 'os.labels.zone',
      after: 'a',
      effect: 'installation',
      installed: 'cluster',
      text: 'os.labels.zone: not set → a; the kubelet itself sets labels only when a node registers',
    },
  ]);
  assert.equal(site.nodes[1].changes.at(-1), {
    what: 'bmc',
    key: 'bmc.address',
    after: '10.0.0.2',
    effect: 'inventory',
    text: 'bmc.address: not set → 10.0.0.2',
  });
  assert.equal(site.changes, [
    {
      what: 'network',
      name: 'mgmt',
      key: 'dhcp.pool',
      before: '192.168.178.200-192.168.178.250',
      after: '192.168.178.210-192.168.178.250',
      text: 'network mgmt: DHCP pool 192.168.178.200-192.168.178.250 → 192.168.178.210-192.168.178.250',
    },
    { what: 'secret-needed', name: 'plant_token', text: 'the boot server needs the new secret plant_token' },
    {
      what: 'secret-unused',
      name: 'cluster_token',
      text: 'the boot server no longer needs the secret cluster_token',
    },
    { what: 'secrets', when: 'before', text: 'install the secrets again' },
    { what: 'dnsmasq', text: 'restart dnsmasq' },
    { what: 'nginx', text: 'reload nginx' },
    { what: 'ops', text: 'where powerman runs, install ops/powerman.conf and restart it' },
    {
      what: 'ops',
      text: 'where conman runs, install ops/conman.conf after its credentials and restart it',
    },
  ]);
  const diffs = site.files.map(({ diff }: { diff: string }) => diff).join('');
  assert.ok(harvgen(['diff', 'plant'], home).stdout.endsWith(`\n\n${diffs}`));
});

test('--no-patch prints only the summary, in both formats', () => {
  const home = builtAndEdited(['192.168.178.42 }', '192.168.178.42, install: always }']);
  const words = `out/plant: 1 node changes; 3 files written, 19 unchanged
  harv-2: will be wiped and reinstalled at its next and every later boot from the network (install: once → always)
`;
  assert.is(harvgen(['diff', '--no-patch', 'plant'], home).stdout, words);
  assert.ok(harvgen(['diff', 'plant'], home).stdout.startsWith(`${words}\ndiff --git `));
  const plan = JSON.parse(harvgen(['diff', '--no-patch', '--format', 'json', 'plant'], home).stdout);
  assertPlan(plan);
  assert.equal(
    plan.sites[0].files.map((file: object) => Object.keys(file)),
    Array(3).fill(['path', 'change', 'edited', 'binary']),
  );
});

test('both sites report a moved machine', () => {
  const b = plantCalled('b', 2);
  const a = edited(PLANT, ['site: plant', 'site: a']);
  const home = writeFiles(scratchFolder(), { 'a/site.yaml': a, 'b/site.yaml': b });
  harvgen(['build', 'a', 'b'], home);
  writeFiles(home, {
    'a/site.yaml': edited(a, [HARV_3, '']),
    'b/site.yaml': `${b}  harv-4: { mac: 52:54:00:aa:01:03, ip: 192.168.2.44 }\n`,
  });
  const { stdout } = harvgen(['diff', '--no-patch', 'a', 'b'], home);
  assert.match(stdout, /^out\/a: .*1 is moved; .*\n(?: .*\n)* {2}harv-3: moved to b, as harv-4\n/);
  assert.match(stdout, "\n  harv-4: moved from a (its disk has that site's system: ");
  const json = JSON.parse(harvgen(['diff', '--format', 'json', 'a', 'b'], home).stdout);
  assertPlan(json);
  assert.is(json.sites[1].nodes.at(-1).change, 'moved');
  // One site alone cannot detect the move.
  assert.match(harvgen(['diff', 'a'], home).stdout, 'harv-3: gone: ');
});

test('a script from a site template has the consequence unexplained', () => {
  const home = builtAndEdited();
  writeFiles(home, { 'plant/templates/ipxe/node.ipxe.eta': '#!ipxe\nchain http://192.168.178.9/install\n' });
  const { stdout } = harvgen(['diff', '--format', 'json', 'plant'], home);
  const plan = JSON.parse(stdout);
  assertPlan(plan);
  assert.equal(
    plan.sites[0].nodes.map((node: { consequence: string }) => node.consequence),
    Array(3).fill('unexplained'),
  );
});

test('the schema covers every step, and the server, the directory and the release', () => {
  const home = builtAndEdited(
    ['url: http://192.168.178.7', 'url: http://192.168.178.8\n  root: /srv/other'],
    ['v1.4.1', 'v1.4.2'],
  );
  const plan = JSON.parse(harvgen(['diff', '--format', 'json', 'plant'], home).stdout);
  assertPlan(plan);
  assert.equal(
    plan.sites[0].changes.map(({ what, before, after }: Record<string, unknown>) => [what, before, after]),
    [
      ['url', 'http://192.168.178.7', 'http://192.168.178.8'],
      ['image', undefined, undefined],
      ['server', '192.168.178.7', '192.168.178.8'],
      ['root', '/srv/harvgen/plant', '/srv/other'],
      ['media', undefined, ['v1.4.2 amd64']],
      ['dnsmasq', undefined, undefined],
      ['nginx', undefined, undefined],
    ],
  );
});

test('the schema covers the changes of a libvirt host', () => {
  const site = makeSite(NESTED);
  const home = dirname(site);
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  writeFileSync(
    join(site, 'site.yaml'),
    edited(
      NESTED,
      ['address: lab.example.org', 'address: lab2.example.org'],
      ['lease: 7d }', 'lease: 7d }\n    libvirt: { forward: route }'],
      ['0c:01:01, ip: 192.168.150.41,', '0c:01:01, ip: 192.168.150.41, vm: { vcpus: 10 },'],
      [
        '0c:01:02, ip: 192.168.150.42',
        '0c:01:02, ip: 192.168.150.42, vm: { disks: [{ size: 300Gi, on: data1 }] }',
      ],
      ['0c:01:03, ip: 192.168.150.43', '0c:01:03, ip: 192.168.150.43, vm: { vnc: { port: 5907 } }'],
    ),
  );
  const plan = JSON.parse(harvgen(['diff', '--format', 'json', 'plant'], home).stdout);
  assertPlan(plan);
  const [{ nodes, changes }] = plan.sites;
  assert.equal(
    nodes.map(({ node, consequence }: Record<string, unknown>) => [node, consequence]),
    [
      ['harvester-1', 'when-restarted'],
      ['harvester-2', 'installs'],
      ['harvester-3', 'when-restarted'],
    ],
  );
  assert.equal(nodes[0].changes, [
    {
      what: 'domain',
      key: 'domain.vcpus',
      before: 8,
      after: 10,
      effect: 'restart',
      text: 'virtual CPUs 8 → 10',
    },
  ]);
  assert.equal(
    changes.map(({ what, key }: Record<string, unknown>) => [what, key]),
    [
      ['network', 'libvirt.forward'],
      ['server', undefined],
      ['host-setup', undefined],
    ],
  );
});

test('JSON matches its schema without changes, without a readable inventory, and for binary files', () => {
  const home = builtAndEdited();
  const plans = () => {
    const plan = JSON.parse(harvgen(['diff', '--format', 'json', 'plant'], home).stdout);
    assertPlan(plan);
    return plan.sites[0];
  };
  assert.equal(plans(), {
    site: 'plant',
    folder: 'out/plant',
    nodes: [],
    changes: [],
    files: [],
    unchanged: 22,
  });
  writeFileSync(join(home, 'out/plant/www/inventory.json'), Buffer.from([0xff]));
  const { untold, files } = plans();
  assert.match(untold, 'is not JSON');
  assert.equal(
    files.map(({ path, change, binary }: Record<string, unknown>) => [path, change, binary]),
    [['www/inventory.json', 'changed', true]],
  );
});

test('with an error in one of several sites, there is no plan for any', () => {
  const home = writeFiles(scratchFolder(), {
    'a/site.yaml': edited(PLANT, ['site: plant', 'site: a']),
    'b/site.yaml': edited(PLANT, ['site: plant', 'site: b'], ['v1.4.1', '1.4.1']),
  });
  const { code, stdout, stderr } = harvgen(['diff', 'a', 'b'], home);
  assert.equal([code, stdout], [1, '']);
  assert.match(stderr, 'b/site.yaml:3:12 error');
  assert.match(stderr, /1 error: nothing was compared\n$/);
});

test('an unmanaged directory is refused', () => {
  const home = dirname(makeSite(PLANT));
  writeFiles(home, { 'out/plant/thesis.txt': 'precious' });
  const { code, stdout, stderr } = harvgen(['diff', 'plant'], home);
  assert.equal([code, stdout], [1, '']);
  assert.match(stderr, 'has no harvgen manifest');
});

test('an invalid command line exits with 2', () => {
  const home = dirname(makeSite(PLANT));
  for (const [message, args] of [
    ['unknown format yaml; formats: text, markdown, json', ['--format', 'yaml', 'plant']],
    ['unknown format toString', ['--format', 'toString', 'plant']],
    ['is in the site plant', ['--out', 'plant', 'plant']],
  ] as const) {
    const { code, stderr } = harvgen(['diff', ...args], home);
    assert.is(code, 2);
    assert.match(stderr, message);
  }
});

test.run();
