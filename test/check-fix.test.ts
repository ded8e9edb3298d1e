import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgenWarm as harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT, plantCalled } from './support/plant.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('harvgen check --fix');

const WITHOUT_DEFAULTS = (text: string) => text.replace(/^defaults:\n(?: .*\n)+/m, '');
const DEFAULTS = PLANT.slice(PLANT.indexOf('defaults:'), PLANT.indexOf('nodes:'));

test('corrects the files, prints the changes and what remains, and changes nothing the second time', () => {
  const site = edited(
    PLANT,
    ['  version: v1.4.1', '  version: 1.4.1 # the release'],
    ['    dns:', '    "dsn" :'],
    ['vip: 192.168.178.40', 'vip: 192.168.178.240'],
  );
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site });
  const first = harvgen(['check', '--fix', 'plant'], home);
  assert.is(
    first.stdout,
    'plant/site.yaml:3:12 change 1.4.1 to v1.4.1 (bad-value)\nplant/site.yaml:10:5 rename "dsn" to dns (unknown-key)\n',
  );
  assert.is(
    first.stderr,
    `plant/site.yaml:14:8 error vip-in-dhcp-pool
  The VIP 192.168.178.240 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to another machine.
  13 | cluster:
  14 |   vip: 192.168.178.240
     |        ^^^^^^^^^^^^^^^
  the pool is set at plant/site.yaml:12:13
  help: end the pool at 192.168.178.239, or move the VIP
        can be fixed: change 192.168.178.200-192.168.178.250 to 192.168.178.200-192.168.178.239

1 error
`,
  );
  assert.is(first.code, 1);
  const fixed = readFileSync(join(home, 'plant/site.yaml'), 'utf8');
  assert.is(
    fixed,
    edited(
      PLANT,
      ['  version: v1.4.1', '  version: v1.4.1 # the release'],
      ['    dns:', '    dns :'],
      ['vip: 192.168.178.40', 'vip: 192.168.178.240'],
    ),
  );
  const second = harvgen(['check', '--fix', 'plant'], home);
  assert.equal([second.stdout, second.code], ['', 1]);
  assert.is(second.stderr, first.stderr);
  assert.equal(readTree(home), { 'plant/site.yaml': fixed });
});

test('the exit code is that of what remains, and other formats have the changes on standard error', () => {
  const site = edited(PLANT, ['mode: create', 'mode: craete']);
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site });
  const { code, stdout, stderr } = harvgen(['check', '--fix', '--format', 'json', 'plant'], home);
  assert.equal([code, JSON.parse(stdout)], [0, { diagnostics: [] }]);
  assert.is(stderr, 'plant/site.yaml:23:63 change craete to create (bad-value)\n');
  assert.is(readFileSync(join(home, 'plant/site.yaml'), 'utf8'), PLANT);
});

test('a file of several sites is corrected once; one that is elsewhere is not, with the reason', () => {
  const include = (text: string, path: string) =>
    WITHOUT_DEFAULTS(text).replace('\n', `\ninclude: [${path}]\n`);
  const shared = DEFAULTS.replace('  config:', '  firmwre: uefi\n  config:');
  const home = scratchFolder();
  writeFiles(home, {
    'sites/a/site.yaml': include(plantCalled('a', 1), '../_shared/base.yaml'),
    'sites/b/site.yaml': include(plantCalled('b', 2), '../_shared/base.yaml'),
    'sites/_shared/base.yaml': shared,
    'other/base.yaml': shared,
    'here/c/site.yaml': include(plantCalled('c', 3), '../../other/base.yaml'),
  });
  const both = harvgen(['check', '--fix', 'sites/*'], home);
  assert.is(both.stdout, 'sites/_shared/base.yaml:2:3 rename firmwre to firmware (unknown-key)\n');
  assert.equal([both.stderr, both.code], ['no errors or warnings in 2 sites\n', 0]);
  const before = readTree(home);
  const elsewhere = harvgen(['check', '--fix', 'c'], join(home, 'here'));
  assert.equal([elsewhere.stdout, elsewhere.code], ['', 1]);
  assert.match(
    elsewhere.stderr,
    '        can be fixed: rename firmwre to firmware (not applied: the file is outside of this directory and of those of the sites: other sites may need it as it is)\n',
  );
  assert.equal(readTree(home), before);
});

test('an edit of a profile is not applied if it is wrong for another node', () => {
  const DEVICE = '/dev/disk/by-path/pci-0000:00:17.0-ata-1';
  const site = (newest: string) =>
    edited(
      PLANT,
      ['cluster:\n  vip: 192.168.178.40\n', 'clusters:\n  old:\n    vip: 192.168.178.40\n'],
      [
        '  token: ${secret:cluster_token}\n',
        `    token: \${secret:cluster_token}\n    harvester: { version: ${newest} }\n  new: { vip: 192.168.178.39, token: "\${secret:new_token}" }\n`,
      ],
      [`      device: ${DEVICE}\n`, `      device: ${DEVICE}\n      silent: true\n`],
      ['mode: create', 'mode: create, cluster: old'],
      ['ip: 192.168.178.42', 'ip: 192.168.178.42, cluster: new, mode: create'],
      ['  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n', ''],
    );
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site('v1.2.1') });
  const { stdout, stderr } = harvgen(['check', '--fix', 'plant'], home);
  assert.is(stdout, '');
  assert.match(
    stderr,
    '  help: remove install.silent\n        can be fixed: remove defaults.config.install.silent\n',
  );
  assert.is(readFileSync(join(home, 'plant/site.yaml'), 'utf8'), site('v1.2.1'));
  // It is right if it is for all nodes with the profile.
  writeFiles(home, { 'plant/site.yaml': site('v1.4.2') });
  assert.is(
    harvgen(['check', '--fix', 'plant'], home).stdout,
    'plant/site.yaml:25:7 remove defaults.config.install.silent (key-without-effect)\n',
  );
});

test('a value that may be a secret is not shown', () => {
  const site = edited(PLANT, [
    'token: ${secret:cluster_token}',
    'token: ${secret:cluster_token}\n  toke_n: 4711',
  ]);
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': site });
  const { stdout, stderr } = harvgen(['check', '--fix', '--format', 'json', 'plant'], home);
  assert.not.match(
    JSON.stringify(JSON.parse(stdout).diagnostics.map(({ fix }: { fix: unknown }) => fix)),
    '4711',
  );
  assert.is(stderr, '');
});

test.run();
