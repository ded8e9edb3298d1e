// needs: bash
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgenWarm as harvgen, runOf, harvgen as start } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT, plantCalled } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('the command line');

/** The files of a site with three nodes and DHCP by dnsmasq. */
const TREE = [
  'README.md',
  'cluster/kustomization.yaml',
  'cluster/os/cloud-init-harvgen-os.yaml',
  'cluster/settings/setting-ntp-servers.yaml',
  'dnsmasq/plant.conf',
  'embed/plant.ipxe',
  'manifest.json',
  'nginx/fills-5d91ed5027140c14',
  'nginx/plant.conf',
  'scripts/apply-cluster.sh',
  'scripts/build-ipxe-iso.sh',
  'scripts/dump-cluster.sh',
  'scripts/fetch-media.sh',
  'www/boot.ipxe',
  'www/config/52-54-00-aa-01-01.yaml',
  'www/config/52-54-00-aa-01-02.yaml',
  'www/config/52-54-00-aa-01-03.yaml',
  'www/index.html',
  'www/inventory.json',
  'www/ipxe/52-54-00-aa-01-01.ipxe',
  'www/ipxe/52-54-00-aa-01-02.ipxe',
  'www/ipxe/52-54-00-aa-01-03.ipxe',
];

test('build writes the output tree, prints a summary, and makes scripts executable', () => {
  const home = dirname(makeSite(PLANT));
  assert.equal(start(['build', 'plant'], home), {
    code: 0,
    stdout: 'out/plant: 22 written, 0 unchanged, 0 removed\n',
    stderr: '',
  });
  assert.equal(Object.keys(readTree(join(home, 'out/plant'))), TREE);
  assert.is(statSync(join(home, 'out/plant/scripts/fetch-media.sh')).mode & 0o777, 0o755);
  assert.is(statSync(join(home, 'out/plant/www/boot.ipxe')).mode & 0o777, 0o644);
});

test('build --out DIR writes to DIR/<site>', () => {
  const home = dirname(makeSite(PLANT));
  assert.is(harvgen(['build', '--out', 'elsewhere/trees', 'plant'], home).code, 0);
  assert.equal(Object.keys(readTree(join(home, 'elsewhere/trees/plant'))), TREE);
  assert.not(existsSync(join(home, 'out')));
});

test('a second build writes nothing; after an edit, a build writes only the changes', () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const out = join(home, 'out/plant');
  harvgen(['build', 'plant'], home);
  for (const path of TREE) utimesSync(join(out, path), 1, 1);
  assert.is(harvgen(['build', 'plant'], home).stdout, 'out/plant: 0 written, 22 unchanged, 0 removed\n');
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ['192.168.178.43', '192.168.178.44']));
  harvgen(['build', 'plant'], home);
  assert.equal(
    TREE.filter((path) => statSync(join(out, path)).mtimeMs > 1000),
    ['README.md', 'dnsmasq/plant.conf', 'manifest.json', 'nginx/plant.conf', 'www/inventory.json'],
  );
});

test('the files of a removed node are removed, and unmanaged files stay', () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  harvgen(['build', 'plant'], home);
  writeFileSync(join(home, 'out/plant/www/notes.txt'), 'mine');
  writeFileSync(
    join(site, 'site.yaml'),
    edited(PLANT, ['  harv-3: { mac: 52:54:00:aa:01:03, ip: 192.168.178.43 }\n', '']),
  );
  assert.match(harvgen(['build', 'plant'], home).stdout, ', 2 removed\n');
  assert.equal(
    Object.keys(readTree(join(home, 'out/plant'))),
    [...TREE, 'www/notes.txt'].filter((path) => !path.includes('01-03')).sort(),
  );
});

test('build --check lists the files that differ, and writes nothing', () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  harvgen(['build', 'plant'], home);
  assert.equal(harvgen(['build', '--check', 'plant'], home), {
    code: 0,
    stdout: 'out/plant matches the inventory\n',
    stderr: '',
  });
  writeFileSync(join(home, 'out/plant/www/boot.ipxe'), '#!ipxe\n');
  rmSync(join(home, 'out/plant/README.md'));
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ['52:54:00:aa:01:03', '52:54:00:aa:01:04']));
  const before = readTree(home);
  const { code, stdout } = harvgen(['build', '--check', 'plant'], home);
  assert.is(code, 1);
  assert.is(
    stdout,
    [
      'out/plant differs from the inventory: 11 files',
      '  missing    README.md',
      '  missing    www/config/52-54-00-aa-01-04.yaml',
      '  missing    www/ipxe/52-54-00-aa-01-04.ipxe',
      '  differs    dnsmasq/plant.conf',
      '  differs    embed/plant.ipxe',
      '  differs    manifest.json',
      '  differs    nginx/plant.conf',
      '  differs    www/boot.ipxe (edited since the last build)',
      '  differs    www/inventory.json',
      '  obsolete   www/config/52-54-00-aa-01-03.yaml',
      '  obsolete   www/ipxe/52-54-00-aa-01-03.ipxe',
      '',
    ].join('\n'),
  );
  assert.equal(readTree(home), before);
});

test('build --check --format lists the diagnostics and the files that differ for programs', () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  harvgen(['build', 'plant'], home);
  const checked = (format: string, ...more: string[]) =>
    harvgen(['build', '--check', '--format', format, ...more, 'plant'], home);
  assert.equal(checked('json'), { code: 0, stdout: '{\n  "diagnostics": []\n}\n', stderr: '' });
  assert.equal(checked('github'), { code: 0, stdout: '', stderr: '' });
  writeFileSync(join(home, 'out/plant/www/boot.ipxe'), '#!ipxe\n');
  writeFileSync(join(home, 'out/plant/notes.txt'), 'mine');
  rmSync(join(home, 'out/plant/README.md'));
  const behind = 'run `harvgen diff` to see the lines, then build without --check and commit the result';
  const expected = [
    ['output-differs', 'README.md', 'is missing: the deployed tree would lack it.', behind],
    [
      'output-differs',
      'www/boot.ipxe',
      'differs from a build of the inventory: machines would not get what the inventory sets (edited since the last build).',
      behind,
    ],
    [
      'output-unmanaged',
      'notes.txt',
      'was not written by harvgen: it would be deployed with the tree.',
      "unmanaged files are deployed too: remove them or move them into the site's files/",
    ],
  ];
  const { code, stdout, stderr } = checked('json');
  assert.equal([code, stderr], [1, '']);
  assert.equal(
    JSON.parse(stdout).diagnostics,
    expected.map(([code, path, fact, help]) => ({
      code,
      severity: 'error',
      message: `${path} ${fact}`,
      help,
      file: `out/plant/${path}`,
      line: 1,
      column: 1,
      end_line: 1,
      end_column: 1,
      related: [],
      url: `harvgen:/docs/reference/rules.md#${code}`,
    })),
  );
  assert.match(
    checked('github').stdout,
    '::error file=out/plant/README.md,line=1,endLine=1,col=1,endColumn=1,title=output-differs::README.md is missing: the deployed tree would lack it.%0Ahelp: run',
  );
  const [run] = JSON.parse(checked('sarif').stdout).runs;
  assert.equal(
    run.results.map(({ ruleId }: { ruleId: string }) => ruleId),
    expected.map(([code]) => code),
  );
  assert.is(
    run.tool.driver.rules[0].shortDescription.text,
    'An output tree must match a build of its inventory.',
  );
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ['v1.4.1', '1.4.1']));
  const broken = checked('json');
  assert.is(broken.code, 1);
  assert.equal(
    JSON.parse(broken.stdout).diagnostics.map(({ code }: { code: string }) => code),
    ['bad-value'],
  );
});

test('build --check --format reports a tree with the values of secrets, if it gets none', () => {
  const home = writeFiles(dirname(makeSite(PLANT)), {
    'secrets.yaml': 'cluster_token: a-token-that-nobody-guesses-42\n',
  });
  assert.is(harvgen(['build', '--secrets', 'secrets.yaml', 'plant'], home).code, 0);
  const { code, stdout } = harvgen(['build', '--check', '--format', 'json', 'plant'], home);
  assert.is(code, 1);
  const [found] = JSON.parse(stdout).diagnostics;
  assert.equal(
    [found.code, found.file, found.message, found.help],
    [
      'output-filled',
      'out/plant',
      'out/plant contains the values of secrets, so a build without them cannot be compared.',
      'add --secrets',
    ],
  );
});

test('a current directory that was removed is reported', () => {
  const home = dirname(makeSite(PLANT));
  const gone = join(home, 'gone');
  mkdirSync(gone);
  for (const args of [
    ['check', '../plant'],
    ['build', '../plant'],
    ['init', 'plant_a'],
  ]) {
    const { status, stderr } = spawnSync(
      'bash',
      [
        '-c',
        'mkdir -p "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"',
        '-',
        gone,
        process.execPath,
        BIN,
        ...args,
      ],
      { encoding: 'utf8', env: { PATH: process.env.PATH, HOME: home } },
    );
    assert.is(stderr, 'harvgen: the current directory was removed: change to another directory\n', args[0]);
    assert.is(status, 1);
  }
});

test('a glob matches several sites, without names that begin with _', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/_shared/defaults.yaml': 'defaults: {config: {os: {password: "${secret:root}"}}}\n',
    'sites/a/site.yaml': edited(PLANT, ['site: plant', 'site: a\ninclude: [../_shared/defaults.yaml]']),
    'sites/b/site.yaml': plantCalled('b', 2),
  });
  const expected = 'out/a: 23 written, 0 unchanged, 0 removed\nout/b: 22 written, 0 unchanged, 0 removed\n';
  assert.is(harvgen(['build', 'sites/*'], home).stdout, expected);
  assert.is(harvgen(['build', '--check', 'sites/_shared', 'sites/a', 'sites/b'], home).code, 0);
  assert.match(
    readFileSync(join(home, 'out/a/www/config/52-54-00-aa-01-01.yaml'), 'utf8'),
    '@@secret:root@@',
  );
});

test('with an error in one of several sites, nothing is written for any', () => {
  const home = writeFiles(scratchFolder(), {
    'a/site.yaml': edited(PLANT, ['site: plant', 'site: a']),
    'b/site.yaml': edited(PLANT, ['site: plant', 'site: b'], ['v1.4.1', '1.4.1']),
  });
  const { code, stdout } = harvgen(['build', 'a', 'b'], home);
  assert.is(code, 1);
  assert.is(stdout, '');
  assert.not(existsSync(join(home, 'out')));
});

test('two sites with one name are rejected as an invalid command line', () => {
  const home = writeFiles(scratchFolder(), {
    'a/plant/site.yaml': PLANT,
    'b/plant/site.yaml': plantCalled('plant', 2),
  });
  const { code, stderr } = harvgen(['build', 'a/plant', 'b/plant'], home);
  assert.is(code, 2);
  assert.match(stderr, 'two sites have the name plant: both would be written to out/plant');
});

test('a directory with unmanaged files is refused, for all sites at once', () => {
  const home = writeFiles(scratchFolder(), {
    'a/site.yaml': edited(PLANT, ['site: plant', 'site: a']),
    'b/site.yaml': plantCalled('b', 2),
    'out/b/thesis.txt': 'precious',
  });
  const { code, stderr } = harvgen(['build', 'a', 'b'], home);
  assert.is(code, 1);
  assert.match(stderr, /out\/b is not empty and has no harvgen manifest.*--out/);
  assert.equal(readTree(join(home, 'out')), { 'b/thesis.txt': 'precious' });
});

test('check reports that a valid site has no errors, and writes nothing', () => {
  const home = dirname(makeSite(PLANT));
  assert.equal(harvgen(['check', 'plant'], home), {
    code: 0,
    stdout: '',
    stderr: 'no errors or warnings in plant\n',
  });
  writeFiles(home, { 'b/site.yaml': plantCalled('b', 2) });
  assert.equal(harvgen(['check', 'plant', 'b'], home), {
    code: 0,
    stdout: '',
    stderr: 'no errors or warnings in 2 sites\n',
  });
  for (const format of ['json', 'sarif', 'github'])
    assert.is(harvgen(['check', '--format', format, 'plant'], home).stderr, '');
  assert.not(existsSync(join(home, 'out')));
});

test('check prints the line, the error, and the help', () => {
  const home = dirname(makeSite(edited(PLANT, ['vip: 192.168.178.40', 'vip: 192.168.178.240'])));
  assert.equal(harvgen(['check', 'plant'], home), {
    code: 1,
    stdout: '',
    stderr: `plant/site.yaml:14:8 error vip-in-dhcp-pool
  The VIP 192.168.178.240 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to another machine.
  13 | cluster:
  14 |   vip: 192.168.178.240
     |        ^^^^^^^^^^^^^^^
  the pool is set at plant/site.yaml:12:13
  help: end the pool at 192.168.178.239, or move the VIP

1 error
`,
  });
});

test('check --format json, sarif and github contain the same data', () => {
  const site = makeSite(edited(PLANT, ['vip: 192.168.178.40', 'vip: 192.168.178.240']));
  const run = (format: string) => harvgen(['check', '--format', format, 'plant'], dirname(site));
  const message =
    'The VIP 192.168.178.240 is inside the DHCP pool 192.168.178.200-192.168.178.250: DHCP can lease it to another machine.';
  const help = 'end the pool at 192.168.178.239, or move the VIP';
  const json = run('json');
  assert.is(json.code, 1);
  assert.is(json.stderr, '');
  assert.equal(JSON.parse(json.stdout), {
    diagnostics: [
      {
        code: 'vip-in-dhcp-pool',
        severity: 'error',
        message,
        help,
        file: 'plant/site.yaml',
        line: 14,
        column: 8,
        end_line: 14,
        end_column: 23,
        related: [{ message: 'the pool is set at', file: 'plant/site.yaml', line: 12, column: 13 }],
        url: 'harvgen:/docs/reference/rules.md#vip-in-dhcp-pool',
        fix: {
          title: 'change 192.168.178.200-192.168.178.250 to 192.168.178.200-192.168.178.239',
          safe: false,
          edits: [
            {
              file: 'plant/site.yaml',
              line: 12,
              column: 13,
              end_line: 12,
              end_column: 44,
              text: '192.168.178.200-192.168.178.239',
            },
          ],
        },
      },
    ],
  });
  const [result] = JSON.parse(run('sarif').stdout).runs[0].results;
  assert.is(result.ruleId, 'vip-in-dhcp-pool');
  assert.is(result.message.text, `${message}\nhelp: ${help}`);
  assert.equal(result.locations[0].physicalLocation, {
    artifactLocation: { uri: 'plant/site.yaml', uriBaseId: '%SRCROOT%' },
    region: { startLine: 14, startColumn: 8, endLine: 14, endColumn: 23 },
  });
  assert.is(
    run('github').stdout,
    `::error file=plant/site.yaml,line=14,endLine=14,col=8,endColumn=23,title=vip-in-dhcp-pool::${message}%0Ahelp: ${help}\n`,
  );
});

test('check of a valid site is an empty list in formats for programs', () => {
  const home = dirname(makeSite(PLANT));
  assert.equal(JSON.parse(harvgen(['check', '--format', 'json', 'plant'], home).stdout), { diagnostics: [] });
  assert.equal(JSON.parse(harvgen(['check', '--format', 'sarif', 'plant'], home).stdout).runs[0].results, []);
  assert.is(harvgen(['check', '--format', 'github', 'plant'], home).stdout, '');
});

test('warnings are printed; they are errors only with --strict', () => {
  const home = dirname(makeSite(edited(PLANT, ['version: v1.4.1', 'version: v2.0.0'])));
  const lax = harvgen(['check', 'plant'], home);
  assert.is(lax.code, 0);
  assert.match(lax.stderr, 'plant/site.yaml:3:12 warning release-unknown');
  assert.match(lax.stderr, '\n1 warning\n');
  const strict = harvgen(['check', '--strict', 'plant'], home);
  assert.is(strict.code, 1);
  assert.match(strict.stderr, 'plant/site.yaml:3:12 error release-unknown');
});

test('no colors without a terminal', () => {
  const home = dirname(makeSite('site: [\n'));
  assert.not.match(start(['check', 'plant'], home, { FORCE_COLOR: '1' }).stderr, '\u001b');
});

test('a directory that is not a site is reported', () => {
  const home = scratchFolder();
  mkdirSync(join(home, 'empty'));
  assert.match(
    harvgen(['check', 'empty'], home).stderr,
    'This directory is not a site: it has no site.yaml.',
  );
  assert.match(harvgen(['check', 'nowhere'], home).stderr, 'This directory does not exist');
  assert.is(start(['check', 'nowhere'], home).code, 1);
});

test('init creates a site that is valid and can be built', () => {
  const home = scratchFolder();
  const { code, stdout } = harvgen(['init', 'sites/plant_a'], home);
  assert.is(code, 0);
  assert.is(
    stdout,
    'sites/plant_a/site.yaml created: replace its machines with your own, then run\n  npx harvgen check sites/plant_a\n  npx harvgen secrets sites/plant_a\n',
  );
  assert.equal(harvgen(['check', '--strict', 'sites/plant_a'], home), {
    code: 0,
    stdout: '',
    stderr: 'no errors or warnings in sites/plant_a\n',
  });
  assert.is(harvgen(['build', 'sites/plant_a'], home).code, 0);
});

test('init names the schema of the harvgen that is above the site, as a package or a checkout, or elsewhere', () => {
  const root = new URL('..', import.meta.url);
  const firstLine = (home: string, site: string, bin = BIN) => {
    assert.is(runOf(bin, ['init', site], home).code, 0);
    return readFileSync(join(home, site, 'site.yaml'), 'utf8').split('\n', 1)[0];
  };
  const named = (schema: string) => `# yaml-language-server: $schema=${schema}`;
  const home = scratchFolder();
  // As installed for all directories.
  assert.is(firstLine(home, 'sites/plant_a'), named(new URL('schema/site.schema.json', root).href));
  mkdirSync(join(home, 'node_modules'));
  symlinkSync(fileURLToPath(root), join(home, 'node_modules/harvgen'));
  assert.is(firstLine(home, 'sites/plant_b'), named('../../node_modules/harvgen/schema/site.schema.json'));
  const checkout = realpathSync(scratchFolder());
  for (const path of ['bin', 'dist', 'schema', 'package.json'])
    cpSync(new URL(path, root), join(checkout, path), { recursive: true });
  assert.is(
    firstLine(checkout, 'sites/plant_c', join(checkout, 'bin/harvgen.js')),
    named('../../schema/site.schema.json'),
  );
});

test('init names no schema in the cache of npx, which is emptied', () => {
  const home = scratchFolder();
  const installed = join(home, '.npm/_npx/1a2b/node_modules/harvgen');
  for (const path of ['bin', 'dist', 'schema', 'package.json'])
    cpSync(new URL(path, new URL('..', import.meta.url)), join(installed, path), { recursive: true });
  const run = runOf(join(installed, 'bin/harvgen.js'), ['init', 'sites/plant_a'], home);
  assert.is(run.code, 0, run.stderr);
  assert.ok(readFileSync(join(home, 'sites/plant_a/site.yaml'), 'utf8').startsWith('# The site plant_a.'));
});

test('init does not change existing files, and rejects an invalid name', () => {
  const home = writeFiles(scratchFolder(), { 'sites/plant_a/site.yaml': 'mine' });
  const there = harvgen(['init', 'sites/plant_a'], home);
  assert.is(there.code, 1);
  assert.match(there.stderr, 'sites/plant_a is not empty');
  assert.is(readFileSync(join(home, 'sites/plant_a/site.yaml'), 'utf8'), 'mine');
  assert.is(harvgen(['init', 'sites/Plant A'], home).code, 2);
  assert.not(existsSync(join(home, 'sites/Plant A')));
});

test('an invalid command line exits with 2 and a message, without a stack trace', () => {
  const home = dirname(makeSite(PLANT));
  const wrong: Record<string, string[]> = {
    'unknown command biuld: did you mean build?': ['biuld', 'plant'],
    'unknown format constructor': ['check', '--format', 'constructor', 'plant'],
    'missing required args': ['build'],
    'unknown option --frobnicate': ['build', '--frobnicate', 'plant'],
    'unknown option --secret: did you mean --secrets?': ['build', '--secret', 'x.yaml', 'plant'],
    'unknown option --formt: did you mean --format?': ['--formt=json', 'check', 'plant'],
    'unknown option --hlep: did you mean --help?': ['--hlep'],
    '--format is the output format of --check: add --check': ['build', '--format', 'json', 'plant'],
    'unknown option --out.x': ['build', '--out.x=y', 'plant'],
    'Unknown option `--pin`': ['build', '--pin', 'plant'],
    'unknown option --force': ['--force'],
    '-v is --version, which takes no command: omit it': ['check', '-v', 'plant'],
    'takes no command: omit it\n': ['build', '--check', '--version', 'plant'],
    '-v is --version, which takes no command': ['chek', '-v', 'plant'],
    '--force takes no value': ['build', '--force=yes', 'plant'],
    '--out is given twice': ['build', '--out', 'a', '--out=b', 'plant'],
    '--secrets needs a value after it': ['build', '--secrets', '', 'plant'],
    '--from needs a value after it': ['media', '--pin', '--from', '', 'plant'],
    '-x begins with -': ['build', 'plant', '--', '-x'],
    'unknown format yaml; formats: text, json, sarif, github\n': ['check', '--format', 'yaml', 'plant'],
    'unknown format jsno; formats: text, json, sarif, github: did you mean json?': [
      ...['build', '--check', '--format', 'jsno', 'plant'],
    ],
    'no-such-* matches no directory': ['check', 'no-such-*'],
    '--out needs a value after it': ['build', '--out'],
    'unknown rule vip-in-dhcp: did you mean vip-in-dhcp-pool?': ['rules', 'vip-in-dhcp'],
    'unknown rule vip-in-dchp-pool: did you mean vip-in-dhcp-pool?': ['rules', 'vip-in-dchp-pool'],
    'unknown rule vip-in-pool: did you mean vip-in-dhcp-pool?': ['rules', 'vip-in-pool'],
    'unknown rule pool vip: did you mean vip-in-dhcp-pool?': ['rules', 'pool vip'],
    'unknown rule VIP_IN_DHCP_POOL: did you mean vip-in-dhcp-pool?': ['rules', 'VIP_IN_DHCP_POOL'],
    'unknown rule frobnicate. Run `harvgen rules` to list them': ['rules', 'frobnicate'],
    'unknown template node.ipxe: did you mean ipxe/node.ipxe.eta, pxelinux/node.ipxe.eta?': [
      'template',
      'node.ipxe',
    ],
    'unknown template ipxe/nodes.ipxe: did you mean ipxe/node.ipxe.eta?': ['template', 'ipxe/nodes.ipxe'],
    'v1.0.3 is not a supported release: use one from v1.1.0 to v1.9.0': ['schema', 'v1.0.3'],
    '1.4.1 is not a supported release: did you mean v1.4.1? Use one from v1.1.0 to v1.9.0': [
      'schema',
      '1.4.1',
    ],
    'v1.4 is not a supported release: did you mean v1.4.0? Use one from v1.1.0 to v1.9.0': ['schema', 'v1.4'],
    'V1,4,1 is not a supported release: did you mean v1.4.1?': ['schema', 'V1,4,1'],
    'such as v1.9.0: v1-4-1 is not a release: did you mean v1.4.1?': [
      ...['import', 'phs', 'data.yaml', '--harvester-version', 'v1-4-1'],
    ],
    'v1.4.9 is not a supported release: use one from v1.1.0 to v1.9.0': ['schema', 'v1.4.9'],
    'unknown mode install; modes: create, join\n': ['schema', 'v1.4.1', '--mode', 'install'],
    'unknown mode jion; modes: create, join: did you mean join?': ['schema', 'v1.4.1', '--mode', 'jion'],
  };
  for (const [message, args] of Object.entries(wrong)) {
    const { code, stderr } = harvgen(args, home);
    assert.is(code, 2, args.join(' '));
    assert.match(stderr, message);
    assert.not.match(stderr, /^ +at /m);
  }
});

test('every command says which site was probably meant instead of another path', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/plant_a/site.yaml': plantCalled('plant_a', 1),
    'sites/plant_a/nodes/x.yaml': '{}',
    'sites/hall/site.yaml': plantCalled('hall', 2),
    'sites/_shared/x.yaml': '{}',
    'one/my plant/site.yaml': plantCalled('my plant', 3),
    'README.md': '',
  });
  assert.is(harvgen(['build', 'sites/plant_a'], home).code, 0);
  const [isFile, isMissing, isNone] = [
    'This is a file, but a site is a directory.',
    'This directory does not exist: a site is a directory with a site.yaml.',
    'This directory is not a site: it has no site.yaml',
  ];
  const some = "pass a site, such as sites/hall, or all: 'sites/*'";
  for (const [args, message, help, folder = '.'] of [
    [['check', 'sites/plant_a/site.yaml'], isFile, 'pass the site: sites/plant_a'],
    [['check', 'site.yaml'], isFile, 'pass the site: .', 'sites/plant_a'],
    [['explain', 'sites/plant_a/nodes/x.yaml', 'harv-1'], isFile, 'pass the site: sites/plant_a'],
    [['build', 'README.md'], isFile, some],
    [['check', 'plant_a'], isMissing, 'pass the site: sites/plant_a'],
    [['set', 'sites/plant-a', 'harv-1', 'install=never'], isMissing, 'pass the site: sites/plant_a'],
    [['secrets', 'plant_a/site.yaml'], isMissing, 'pass the site: sites/plant_a'],
    [['check', 'sites/plant_a'], isMissing, 'pass the site: ../sites/plant_a', 'one'],
    [['verify', 'sites/hangar'], isMissing, some],
    [['check', 'x'], isMissing, some.replaceAll('sites/', '../'), 'sites/_shared'],
    [['check', 'x'], isMissing, 'create one with: harvgen init DIR', 'out/plant_a/www'],
    [
      ['diff', '.'],
      `${isNone}, but contains the sites hall and plant_a.`,
      "pass a site, such as sites/hall, or all: 'sites/*'",
    ],
    [['check', 'one'], `${isNone}, but contains the site my plant.`, "pass the site: 'one/my plant'"],
    [
      ['report', 'sites'],
      `${isNone}, but contains the sites hall and plant_a.`,
      "pass a site, such as sites/hall, or all: 'sites/*'",
    ],
    [['check', 'out/plant_a'], `${isNone}.`, 'pass the site: sites/plant_a'],
    [['check', '.'], `${isNone}, but is in the site plant_a.`, 'pass the site: ..', 'sites/plant_a/nodes'],
  ] as const) {
    const { code, stderr } = harvgen([...args], join(home, folder));
    const [, text, shown] = stderr.split('\n');
    assert.equal([code, text, shown], [1, `  ${message}`, `  help: ${help}`], args.join(' '));
  }
});

test('the sites of an absolute glob have absolute paths', () => {
  const site = makeSite(PLANT);
  const { stderr } = harvgen(['check', join(dirname(site), 'pla*')], scratchFolder());
  assert.is(stderr, `no errors or warnings in ${site}\n`);
});

test('control characters of the command line do not reach the terminal', () => {
  for (const args of [
    ['check', 'a\u001b[2J\u009b\u202e'],
    ['check', '--a\u001b[2J\u009b\u202e', 'plant'],
    ['a\u001b[2J\u009b\u202e', 'plant'],
  ]) {
    const { code, stderr } = harvgen(args, scratchFolder());
    assert.is(code, 2, stderr);
    assert.match(stderr, 'a\\u{1b}[2J\\u{9b}\\u{202e}');
    assert.not.match(stderr.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
  }
});

test('options before the sites do not consume sites, and numbers are names', () => {
  const home = writeFiles(scratchFolder(), {
    'a/site.yaml': edited(PLANT, ['site: plant', 'site: a']),
    '007/site.yaml': plantCalled('"007"', 2),
    '0x10.yaml': 'cluster_token: a-token-that-nobody-guesses-42\n',
  });
  const options = ['--allow-secrets-in-git', '--secrets', '0x10.yaml', '--out', '1e3'];
  assert.match(harvgen(['build', ...options, '007', '--', 'a'], home).stdout, /^1e3\/007: .*\n1e3\/a: /);
  assert.match(harvgen(['diff', '--no-patch', '007', 'a'], home).stdout, /^out\/007: .*[\s\S]*^out\/a: /m);
});

test('rules lists every diagnostic, and describes one', () => {
  const home = scratchFolder();
  const list = harvgen(['rules'], home);
  assert.is(list.code, 0);
  const lines = list.stdout.trimEnd().split('\n');
  assert.ok(lines.length > 130);
  assert.equal([...lines].sort(), lines);
  assert.match(list.stdout, /^vip-in-dhcp-pool {2,}error {2,}The VIP must be outside every DHCP pool\.$/m);
  assert.equal(harvgen(['rules', 'vip-in-dhcp-pool'], home), {
    code: 0,
    stdout: `vip-in-dhcp-pool (error)

The VIP must be outside every DHCP pool.
DHCP can lease the VIP to an unknown machine; the cluster then loses its address (harvester/harvester#6941).

https://github.com/harvester/harvester/issues/6941

If the rule does not apply, silence it in the inventory with the reason: at the top level for the site, or on the
node or in a profile if it reports a node.

  silence:
    vip-in-dhcp-pool: the reason
`,
    stderr: '',
  });
  assert.match(harvgen(['rules', 'missing-token'], home).stdout, 'It cannot be silenced');
  assert.match(harvgen(['rules', 'unknown-key'], home).stdout, 'It does not check a site rule');
});

test('schema prints the closed schema of a release, for other tools', () => {
  const home = scratchFolder();
  const { code, stdout, stderr } = harvgen(['schema', 'v1.4.1', '--mode', 'join'], home);
  assert.equal([code, stderr], [0, '']);
  const schema = JSON.parse(stdout);
  assert.is(schema.title, 'Configuration of Harvester v1.4.1 in join mode');
  assert.ok(schema.required.includes('server_url'));
  assert.not('system_settings' in schema.properties);
  assert.ok('system_settings' in JSON.parse(harvgen(['schema', 'v1.4.1'], home).stdout).properties);
});

test('help lists every command, and each command has its own help with an example', () => {
  const home = scratchFolder();
  const { code, stdout } = harvgen(['--help'], home);
  assert.is(code, 0);
  for (const command of [
    'build',
    'check',
    'diff',
    'drift',
    'explain',
    'set',
    'secrets',
    'media',
    'rules',
    'schema',
    'init',
    'import',
  ]) {
    assert.match(stdout, command);
    const help = harvgen([command, '--help'], home);
    assert.is(help.code, 0);
    assert.match(help.stdout, `harvgen ${command} `);
    assert.match(help.stdout, 'Examples:');
  }
  assert.match(
    harvgen(['diff', '--help'], home).stdout,
    /--no-patch +Omit the patch; print the summary only *\n/,
  );
  assert.is(start([], home).code, 2);
  assert.match(start(['--version'], home).stdout, /^harvgen\/\d+\.\d+\.\d+ /);
});

test.run();
