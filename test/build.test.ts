import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { compareTree } from '../src/tree/compare.ts';
import { writeTrees } from '../src/tree/write.ts';
import { addressOf, bigPlant, macOf } from './support/big-plant.ts';
import { BIN, harvgenWarm as harvgen, harvgen as start } from './support/cli.ts';
import { runs } from './support/effort.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT, plantCalled } from './support/plant.ts';
import { Running } from './support/running.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* Builds over an existing output tree: they write changes, lose nothing, and lock the tree. */

const test = suite('building over an output tree');

const MOVED = edited(PLANT, ['192.168.178.43', '192.168.178.44']);

test('an edit of one of 200 nodes writes only its files, those that list nodes, and the manifest', () => {
  const site = makeSite(bigPlant(200));
  const home = dirname(site);
  const out = join(home, 'out/plant');
  start(['build', 'plant'], home);
  const paths = Object.keys(readTree(out));
  assert.is(paths.filter((path) => /^www\/(config|ipxe)\//.test(path)).length, 400);
  const written = (text: string) => {
    for (const path of paths) if (existsSync(join(out, path))) utimesSync(join(out, path), 1, 1);
    const inodes = new Map(paths.map((path) => [path, inode(join(out, path))]));
    writeFileSync(join(site, 'site.yaml'), text);
    assert.is(harvgen(['build', 'plant'], home).code, 0);
    const now = Object.keys(readTree(out));
    for (const path of now)
      if (statSync(join(out, path)).mtimeMs === 1000)
        assert.is(inode(join(out, path)), inodes.get(path), path);
    return now.filter((path) => statSync(join(out, path)).mtimeMs !== 1000);
  };
  const lists = [
    'README.md',
    'dnsmasq/plant.conf',
    'manifest.json',
    'nginx/plant.conf',
    'www/inventory.json',
  ];
  const ofCluster = ['cluster/kustomization.yaml', 'scripts/apply-cluster.sh'];
  const line = `node-77: { mac: ${macOf(77).mac}, ip: ${addressOf(77)} }`;
  const config = `www/config/${macOf(77).key}.yaml`;
  const script = `www/ipxe/${macOf(77).key}.ipxe`;
  const wanted = (to: string) => edited(bigPlant(200), [line, to]);
  assert.equal(written(wanted(line.replace(' }', ', hardware: { threads: 32 } }'))), [
    'manifest.json',
    'www/inventory.json',
  ]);
  assert.equal(
    written(wanted(line.replace(addressOf(77), '10.1.100.1'))),
    [...lists],
    'the IP address is in the reservation',
  );
  assert.equal(
    written(wanted(line.replace(' }', ', config: { os: { modules: [kvm] } } }'))),
    [...lists, config, ...ofCluster, 'cluster/os/cloud-init-harvgen-node-node-77.yaml'].sort(),
    'and is restored',
  );
  assert.equal(
    written(wanted(line.replace('node-77', 'machine-77'))),
    [...lists, ...ofCluster, 'embed/plant.ipxe', config, script].sort(),
  );
  assert.equal(written(wanted(line.replace('node-77', 'machine-77'))), []);
});

test('a manual edit is reported and not overwritten; --force overwrites it', () => {
  const { home, site, out } = built();
  writeFileSync(join(out, 'README.md'), 'my notes');
  writeFileSync(join(out, 'www/boot.ipxe'), '#!ipxe\nshell\n');
  const before = readTree(out);
  for (const text of [PLANT, MOVED]) {
    writeFileSync(join(site, 'site.yaml'), text);
    assert.equal(harvgen(['build', 'plant'], home), {
      code: 1,
      stdout: '',
      stderr: `harvgen: 2 files were edited since the last build; this build would lose the edits:
  out/plant/README.md
  out/plant/www/boot.ipxe
Run \`harvgen diff\` to see them. Move edits to keep into the inventory, or into the
site's templates/ or files/; then build with --force.
`,
    });
    assert.equal(readTree(out), before);
  }
  assert.equal(harvgen(['build', '--force', 'plant'], home), {
    code: 0,
    stdout: 'out/plant: 6 written, 16 unchanged, 0 removed\n',
    stderr: `harvgen: --force overwrote or removed manual edits in:
  out/plant/README.md
  out/plant/www/boot.ipxe
`,
  });
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
});

test('a manual edit stays if its node is removed, and so does an unmanaged file at a new path', () => {
  const { home, site, out } = built();
  const script = join(out, 'www/ipxe/52-54-00-aa-01-03.ipxe');
  writeFileSync(script, '#!ipxe\nshell\n');
  writeFileSync(join(out, 'www/ipxe/52-54-00-aa-01-09.ipxe'), 'mine');
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ['52:54:00:aa:01:03', '52:54:00:aa:01:09']));
  const { code, stderr } = harvgen(['build', 'plant'], home);
  assert.is(code, 1);
  assert.match(
    stderr,
    /^ {2}out\/plant\/www\/ipxe\/52-54-00-aa-01-03\.ipxe\n {2}out\/plant\/www\/ipxe\/52-54-00-aa-01-09\.ipxe$/m,
  );
  assert.is(readFileSync(script, 'utf8'), '#!ipxe\nshell\n');
  assert.is(harvgen(['build', '--force', 'plant'], home).code, 0);
  assert.not(existsSync(script));
});

test('a manual edit equal to the new content, or of the mode, does not stop a build', () => {
  const { home, site, out } = built();
  const path = join(out, 'www/inventory.json');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('192.168.178.43', '192.168.178.44'));
  execFileSync('chmod', ['-x', join(out, 'scripts/fetch-media.sh')]);
  writeFileSync(join(site, 'site.yaml'), MOVED);
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  assert.ok(statSync(join(out, 'scripts/fetch-media.sh')).mode & 0o100);
});

test('releases and iPXE binaries in the document root, for servers without aliases, are ignored', () => {
  const { home, out } = built();
  writeFiles(out, { 'www/harvester/v1.4.1/kernel': 'x', 'www/loader/snponly.efi': 'x' });
  symlinkSync('/srv/harvgen/media/v1.5.1', join(out, 'www/harvester/v1.5.1'));
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
  writeFiles(out, { 'www/harvester/x': 'x', 'www/loaders': 'x' });
  const { code, stdout } = harvgen(['build', '--check', 'plant'], home);
  assert.equal(
    [code, stdout.split('\n').slice(1, -1)],
    [1, ['  unmanaged  www/harvester/x', '  unmanaged  www/loaders']],
  );
});

test('an unmanaged file in the output tree stays, and build, build --check and diff name it', () => {
  const { home, out } = built();
  const path = 'www/ipxe/52-54-00-de-ad-01.ipxe';
  writeFiles(out, { [path]: '#!ipxe\nshell\n' });
  const advice = "unmanaged files are deployed too: remove them or move them into the site's files/";
  assert.equal(harvgen(['build', 'plant'], home), {
    code: 0,
    stdout: 'out/plant: 0 written, 22 unchanged, 0 removed\n',
    stderr: `harvgen: out/plant has ${path}: ${advice}\n`,
  });
  assert.equal(harvgen(['diff', 'plant'], home), {
    code: 0,
    stdout: `out/plant: nothing changes\n  unmanaged: ${path}; build --check fails, and such files are deployed too\n`,
    stderr: '',
  });
  const { sites } = JSON.parse(harvgen(['diff', '--format', 'json', 'plant'], home).stdout);
  assert.equal(sites[0].unmanaged, [path]);
  assert.match(harvgen(['diff', '--format', 'markdown', 'plant'], home).stdout, `unmanaged: ${path};`);
  assert.equal(harvgen(['build', '--check', 'plant'], home), {
    code: 1,
    stdout: 'out/plant differs from the inventory: 1 file\n  unmanaged  www/ipxe/52-54-00-de-ad-01.ipxe\n',
    stderr: "harvgen: unmanaged files are deployed too: remove them or move them into the site's files/\n",
  });
});

test('names a few of many unmanaged files, of each site, also those that git ignores', () => {
  const home = writeFiles(scratchFolder(), {
    'a/site.yaml': plantCalled('a', 1),
    'b/site.yaml': plantCalled('b', 2),
  });
  assert.is(harvgen(['build', 'a', 'b'], home).code, 0);
  writeFiles(join(home, 'out'), {
    'a/.DS_Store': '',
    'b/1': '',
    'b/2': '',
    'b/3/x': '',
    'b/4': '',
    'b/5': '',
  });
  const advice = "unmanaged files are deployed too: remove them or move them into the site's files/";
  assert.is(
    harvgen(['build', 'a', 'b'], home).stderr,
    `harvgen: out/a has .DS_Store: ${advice}\nharvgen: out/b has 1, 2, 3/x and 2 more: ${advice}\n`,
  );
});

/** Returns the directories of output trees in a directory, which sites/m, sites/n and their edits were built into. */
function treesIn(home: string): string[] {
  return ['out', 'sites/out', 'sites/m/out', 'plants/out'].filter((folder) => existsSync(join(home, folder)));
}

test('from sites/ or a site, the output trees are those beside sites/', () => {
  for (const [folder, site] of [
    ['sites', 'm'],
    ['sites', './m/'],
    ['sites', '[m]'],
    ['sites/m', '.'],
    ['sites/m/nodes', '..'],
  ] as const) {
    const home = writeFiles(scratchFolder(), {
      'sites/m/site.yaml': plantCalled('m', 1),
      'sites/m/nodes/a.yaml': '{}',
    });
    const there = join(home, folder);
    const up = folder.replaceAll(/[^/]+/g, '..');
    const { code, stdout } = harvgen(['build', site], there);
    assert.equal([code, stdout], [0, `${up}/out/m: 22 written, 0 unchanged, 0 removed\n`], folder);
    assert.equal(treesIn(home), ['out']);
    assert.is(harvgen(['build', '--check', site], there).code, 0);
    assert.match(harvgen(['diff', site], there).stdout, 'nothing changes');
    assert.is(harvgen(['build', '--check', 'sites/m'], home).code, 0);
  }
});

test('where the output trees are beside the directory of the sites, whatever its name, a build there updates them', () => {
  const home = writeFiles(scratchFolder(), { 'plants/m/site.yaml': plantCalled('m', 1) });
  assert.is(harvgen(['build', 'plants/m'], home).code, 0);
  assert.match(harvgen(['build', 'm'], join(home, 'plants')).stdout, '../out/m: 0 written');
  assert.match(harvgen(['build', '.'], join(home, 'plants/m')).stdout, '../../out/m: 0 written');
  assert.equal(treesIn(home), ['out']);
});

test('the output trees are in the current directory with --out out, for sites elsewhere, and where they were', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/m/site.yaml': plantCalled('m', 1),
    'plants/m/site.yaml': plantCalled('m', 1),
    'work/x': '',
  });
  const sites = join(home, 'sites');
  assert.match(harvgen(['build', '../sites/m'], join(home, 'work')).stdout, /^out\/m: 22 written/);
  assert.match(harvgen(['build', 'm'], join(home, 'plants')).stdout, /^out\/m: 22 written/);
  assert.match(harvgen(['build', '--out', 'out', 'm'], sites).stdout, /^out\/m: 22 written/);
  // A tree of an earlier version stays the tree of its site.
  assert.match(harvgen(['build', 'm'], sites).stdout, /^out\/m: 0 written/);
  assert.equal(treesIn(home), ['sites/out', 'plants/out']);
});

test('a build leaves no repository for its output tree', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/m/site.yaml': plantCalled('m', 1),
    'sites/.git/HEAD': '',
  });
  assert.match(harvgen(['build', 'm'], join(home, 'sites')).stdout, /^out\/m: 22 written/);
  const site = writeFiles(join(scratchFolder(), 'sites/m'), {
    'site.yaml': plantCalled('m', 1),
    '.git/HEAD': '',
  });
  const { code, stderr } = harvgen(['build', '.'], site);
  assert.is(code, 2);
  assert.match(stderr, 'out/m is in the site . and would be read as its inventory: set another directory');
});

test('a signal during the writes ends the build after the last file, with the code of the signal', async () => {
  const { home, site, out } = built(bigPlant(1000));
  writeFileSync(join(site, 'site.yaml'), bigPlant(1000, '${secret:another_token}'));
  const build = new Running(['build', 'plant'], home);
  const placing = watch(join(out, 'www/config'));
  await once(placing, 'change');
  placing.close();
  assert.is(await build.stop('SIGINT'), null, 'ended by the signal');
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0, 'the tree is complete');
  assert.not(existsSync(join(out, '.harvgen')));
});

test('--force rejects a directory without a manifest, and --check', () => {
  const { home, out } = built();
  rmSync(join(out, 'manifest.json'));
  assert.match(harvgen(['build', '--force', 'plant'], home).stderr, 'no harvgen manifest');
  assert.is(harvgen(['build', '--force', '--check', 'plant'], home).code, 2);
});

test('a conflict in the manifest of two merged branches does not stop a build', () => {
  const { home, site } = built();
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'init.defaultBranch=main', ...args],
      {
        cwd: home,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
  const commit = (text: string) => {
    writeFileSync(join(site, 'site.yaml'), text);
    assert.is(harvgen(['build', 'plant'], home).code, 0);
    git('add', '-A');
    git('commit', '-qm', 'x');
  };
  git('init', '-q');
  commit(PLANT);
  git('checkout', '-qb', 'other');
  const other: [string, string] = ['mode: create', 'mode: create, labels: { rack: a }'];
  commit(edited(PLANT, other));
  git('checkout', '-q', 'main');
  const ours: [string, string] = ['52:54:00:aa:01:03', '52:54:00:aa:01:04'];
  commit(edited(PLANT, ours));
  assert.throws(() => git('merge', 'other'), 'there is a conflict');
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ours, other));
  assert.match(readFileSync(join(home, 'out/plant/manifest.json'), 'utf8'), '<<<<<<<');
  // No build wrote the files that git merged line by line.
  const { code, stderr } = harvgen(['build', 'plant'], home);
  assert.ok(code === 0 || stderr.includes('--force'), stderr);
  assert.is(harvgen(['build', '--force', 'plant'], home).code, 0);
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
});

test('eight concurrent builds all succeed, and the output tree is complete', async () => {
  const { home } = built(bigPlant(100));
  for (const [index, token] of ['a', 'b', 'c', 'd'].slice(0, runs(2)).entries()) {
    writeFileSync(join(home, 'plant/site.yaml'), bigPlant(100 - index, `\${secret:${token}}`));
    const builds = Array.from({ length: 8 }, () => new Running(['build', 'plant'], home));
    for (const build of builds) assert.is(await build.end(), 0, build.output);
    const { code, stdout } = harvgen(['build', '--check', 'plant'], home);
    assert.is(code, 0, stdout);
  }
  assert.not(existsSync(join(home, 'out/plant/.harvgen')));
});

test('a second build waits for the first, and reports that', async () => {
  const { home, site, out } = built();
  writeFileSync(join(site, 'site.yaml'), MOVED);
  hold(out);
  const build = new Running(['build', 'plant'], home);
  await build.until(
    new RegExp(`out/plant is being written by another build \\(process ${process.pid} on .*\\): waiting`),
  );
  assert.not.match(readFileSync(join(out, 'dnsmasq/plant.conf'), 'utf8'), '192.168.178.44');
  rmSync(join(out, '.harvgen'), { recursive: true });
  await build.until(/5 written/);
  assert.is(await build.end(), 0);
});

test('a build that waited compiles again: the newer inventory applies', async () => {
  const { home, site, out } = built();
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ['192.168.178.43', '192.168.178.45']));
  hold(out);
  const build = new Running(['build', 'plant'], home);
  await build.until(/waiting for it\n/);
  // The other build has the lock, and read the inventory later.
  writeFileSync(join(site, 'site.yaml'), MOVED);
  const { tree } = await compile(site);
  assert.ok(tree);
  writeTrees([{ folder: out, tree, difference: compareTree(out, tree) }]);
  rmSync(join(out, '.harvgen'), { recursive: true });
  assert.is(await build.end(), 0, build.output);
  assert.is(harvgen(['build', '--check', 'plant'], home).code, 0);
  assert.match(readFileSync(join(out, 'dnsmasq/plant.conf'), 'utf8'), '192.168.178.44');
});

test('a build removes the lock of a killed build', () => {
  const { home, site, out } = built();
  writeFileSync(join(site, 'site.yaml'), MOVED);
  hold(out, 2 ** 22 + 1);
  assert.match(start(['build', 'plant'], home).stdout, '5 written');
  assert.not(existsSync(join(out, '.harvgen')));
});

test('several sites in one call: one line each; a machine in two of them stops all', () => {
  const home = writeFiles(scratchFolder(), {
    'sites/a/site.yaml': plantCalled('a', 1),
    'sites/b/site.yaml': plantCalled('b', 2),
    'sites/c/site.yaml': plantCalled('c', 3),
  });
  assert.is(
    harvgen(['build', 'sites/*'], home).stdout,
    ['a', 'b', 'c'].map((name) => `out/${name}: 22 written, 0 unchanged, 0 removed\n`).join(''),
  );
  writeFiles(home, {
    'sites/b/site.yaml': edited(
      plantCalled('b', 2),
      ['52:54:00:aa:02:03', '52:54:00:aa:01:03'],
      ['v1.4.1', 'v1.4.2'],
    ),
  });
  for (const command of [['build'], ['check'], ['build', '--check']]) {
    const { code, stdout, stderr } = harvgen([...command, 'sites/*'], home);
    assert.is(code, 1);
    assert.is(stdout, '');
    assert.match(stderr, /^sites\/b\/site\.yaml:25:\d+ error mac-in-two-sites$/m);
    assert.match(stderr, 'sites/a/site.yaml:25:');
  }
  assert.is(harvgen(['build', '--check', 'sites/a'], home).code, 0, 'nothing was written');
  assert.is(harvgen(['build', 'sites/b'], home).code, 0, 'valid alone');
});

test('an error in a file that several sites include is reported once', () => {
  const include = (text: string) => text.replace(/^(site: \w+\n)/, '$1include: [../shared.yaml]\n');
  const home = writeFiles(scratchFolder(), {
    'shared.yaml': 'defaults: { mods: 1 }\n',
    'a/site.yaml': include(plantCalled('a', 1)),
    'b/site.yaml': include(plantCalled('b', 2)),
  });
  const { stderr } = harvgen(['check', 'a', 'b'], home);
  assert.is(stderr.split('error unknown-key').length, 2, stderr);
  assert.match(stderr, '1 error\n');
});

test('reports progress on a terminal after one second', () => {
  const sites = Array.from({ length: 12 }, (_, index) => `site-${index}`);
  const home = writeFiles(scratchFolder(), {
    ...Object.fromEntries(
      sites.map((name, index) => [`sites/${name}/site.yaml`, plantCalled(name, index + 1)]),
    ),
    // Independent of the machine's speed: the clock is stopped, or advances 0.2 s with each reading.
    'still.cjs': 'const begun = Date.now(); Date.now = () => begun;',
    'moving.cjs': 'const begun = Date.now(); let looks = 0; Date.now = () => begun + 200 * looks++;',
  });
  const by = (clock: string) => `${process.execPath} --require ./${clock}.cjs ${BIN} check 'sites/*'`;
  const outputOf = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const onTerminal = (clock: string) => outputOf('script', '-qec', by(clock), '/dev/null');
  const result = 'no errors or warnings in 12 sites';
  assert.is(outputOf('sh', '-c', `${by('moving')} 2>&1`), `${result}\n`, 'no progress without a terminal');
  assert.is(onTerminal('still'), `${result}\r\n`, 'nothing in the first second');
  const lines = onTerminal('moving').split('\r\u001b[K');
  assert.is(lines[0], '', 'nothing in the first second');
  assert.is(lines.at(-2), '12 of 12: making files: sites/site-9', 'sites are in the order of their names');
  assert.is(lines.at(-1), `${result}\r\n`, 'and the line is removed at the end');
});

test.run();

/** Returns the common site, built. */
function built(text = PLANT): { home: string; site: string; out: string } {
  const site = makeSite(text);
  const home = dirname(site);
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  return { home, site, out: join(home, 'out/plant') };
}

/** Takes the lock of an output tree as a running process does (default: this one). */
function hold(out: string, pid = process.pid): void {
  mkdirSync(join(out, '.harvgen'));
  writeFileSync(join(out, '.harvgen/lock'), `${pid} ${hostname()}\n`);
}

function inode(path: string): number {
  return statSync(path).ino;
}
