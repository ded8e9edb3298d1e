import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { harvgen } from './support/cli.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT, plantCalled } from './support/plant.ts';
import { Running } from './support/running.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* `build --watch`, as a real process: every change is built once, and the last build is correct. */

const test = suite('build --watch');

const BUILT = /out\/plant: \d+ written, \d+ unchanged, \d+ removed in \d+ ms.*\n/;
const MOVED = edited(PLANT, ['192.168.178.43', '192.168.178.44']);

let running: Running | undefined;

test.after.each(async () => {
  await running?.stop('SIGKILL');
});

/** Starts to watch sites (default: `plant`); resolves when it waits for changes. */
async function start(home: string, sites: readonly string[] = ['plant']): Promise<Running> {
  running = new Running(['build', '--watch', ...sites], home);
  await running.until(/watching .*\n/);
  return running;
}

/** Asserts that out/plant matches a fresh build. */
function assertCurrent(home: string): void {
  const { code, stdout } = harvgen(['build', '--check', 'plant'], home);
  assert.is(code, 0, stdout);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`builds at the start and at a change, with one line per build; ${signal} ends it cleanly`, async () => {
    const site = makeSite(PLANT);
    const watching = await start(dirname(site));
    assert.match(watching.output, /^out\/plant: 22 written, 0 unchanged, 0 removed in \d+ ms: /);
    writeFileSync(join(site, 'site.yaml'), MOVED);
    assert.match(
      await watching.until(BUILT),
      /^out\/plant: 5 written, 17 unchanged, 0 removed in \d+ ms: ~ README\.md, ~ dnsmasq\/plant\.conf, ~ nginx\/plant\.conf and 1 more\n$/,
    );
    assert.is(watching.output.split('\n').length, 4, watching.output);
    assertCurrent(dirname(site));
    assert.is(await watching.stop(signal), 0);
    assert.equal(
      Object.keys(readTree(join(dirname(site), 'out/plant'))).filter((path) => path.startsWith('.')),
      [],
    );
  });
}

test('detects saves of an editor by rename, in both ways', async () => {
  const site = makeSite(PLANT);
  const file = join(site, 'site.yaml');
  const watching = await start(dirname(site));
  for (const [index, text] of [MOVED, PLANT, MOVED, PLANT].entries()) {
    if (index % 2 === 0) {
      writeFileSync(`${file}.new`, text); // a new file replaces it
    } else {
      renameSync(file, `${file}~`); // the old file is moved away, then a new one is created
      writeFileSync(`${file}.new`, text);
    }
    renameSync(`${file}.new`, file);
    await watching.until(BUILT);
    assertCurrent(dirname(site));
  }
});

test('at a syntax error, the last good output tree stays until the repair', async () => {
  const site = makeSite(PLANT);
  const file = join(site, 'site.yaml');
  const watching = await start(dirname(site));
  const before = readTree(join(dirname(site), 'out'));
  writeFileSync(file, `${MOVED}  : [}\n`);
  await watching.until(/error yaml-syntax[\s\S]*1 error: the last good output stays\n/);
  writeFileSync(file, `${MOVED}  : [}\n\n`);
  await watching.until(/^still 1 error: the last good output stays\n/m);
  assert.equal(readTree(join(dirname(site), 'out')), before);
  writeFileSync(file, MOVED);
  assert.match(await watching.until(BUILT), '5 written');
  assertCurrent(dirname(site));
});

test('detects a fragment that is deleted and created again, also with its directory', async () => {
  const home = writeFiles(scratchFolder(), {
    'shared/ntp.yaml': 'networks: { mgmt: { ntp: [10.9.9.9] } }\n',
    'plant/site.yaml': edited(PLANT, ['site: plant\n', 'site: plant\ninclude: [../shared/ntp.yaml]\n']),
  });
  const fragment = join(home, 'shared/ntp.yaml');
  const watching = await start(home);
  for (const address of ['10.9.9.8', '10.9.9.7']) {
    unlinkSync(fragment);
    await watching.until(/error include-missing[\s\S]*last good output stays\n/);
    writeFileSync(fragment, `networks: { mgmt: { ntp: [${address}] } }\n`);
    await watching.until(BUILT);
    assert.match(readFileSync(join(home, 'out/plant/www/inventory.json'), 'utf8'), address);
  }
  rmSync(join(home, 'shared'), { recursive: true });
  await watching.until(/error include-missing[\s\S]*last good output stays\n/);
  mkdirSync(join(home, 'shared'));
  writeFileSync(fragment, 'networks: { mgmt: { ntp: [10.9.9.6] } }\n');
  await watching.until(BUILT);
  writeFileSync(fragment, 'networks: { mgmt: { ntp: [10.9.9.5] } }\n');
  await watching.until(BUILT);
  assert.match(readFileSync(join(home, 'out/plant/www/inventory.json'), 'utf8'), '10.9.9.5');
});

test('detects a missing fragment in a missing directory as soon as both exist', async () => {
  const home = writeFiles(scratchFolder(), {
    'plant/site.yaml': edited(PLANT, ['site: plant\n', 'site: plant\ninclude: [../a/b/ntp.yaml]\n']),
  });
  const watching = await start(home);
  mkdirSync(join(home, 'a'));
  mkdirSync(join(home, 'a/b'));
  writeFileSync(join(home, 'a/b/ntp.yaml'), 'networks: { mgmt: { ntp: [10.9.9.9] } }\n');
  await watching.until(BUILT);
  assertCurrent(home);
});

test('checks again when only a directory above a missing fragment appears', async () => {
  const home = writeFiles(scratchFolder(), {
    'plant/site.yaml': edited(PLANT, ['site: plant\n', 'site: plant\ninclude: [../a/b/ntp.yaml]\n']),
  });
  const watching = await start(home);
  for (const folder of ['a', 'a/b']) {
    mkdirSync(join(home, folder));
    await watching.until(/^still 1 error: the last good output stays\n/m, 60_000);
  }
  writeFileSync(join(home, 'a/b/ntp.yaml'), 'networks: { mgmt: { ntp: [10.9.9.9] } }\n');
  await watching.until(BUILT, 60_000);
});

test('a hundred saves in a second cause a few builds, and the last one is correct', async () => {
  const site = makeSite(PLANT);
  const watching = await start(dirname(site));
  for (let count = 0; count < 100; count += 1) {
    writeFileSync(join(site, 'site.yaml'), edited(PLANT, ['192.168.178.43', `192.168.178.${50 + count}`]));
    await sleep(10);
  }
  const inventory = join(dirname(site), 'out/plant/www/inventory.json');
  do await watching.until(BUILT);
  while (!readFileSync(inventory, 'utf8').includes('192.168.178.149'));
  assertCurrent(dirname(site));
  const builds = watching.output.split('\n').filter((line) => line.startsWith('out/plant: ')).length - 1;
  assert.ok(builds <= 10, `${builds} builds`);
});

test('detects new and removed files of the site', async () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const watching = await start(home);
  const node = (n: number) => `nodes:\n  harv-${n}: { mac: 52:54:00:aa:01:0${n}, ip: 192.168.178.4${n} }\n`;
  writeFileSync(join(site, 'more.yaml'), node(4));
  await watching.until(BUILT);
  mkdirSync(join(site, 'racks/b'), { recursive: true });
  writeFileSync(join(site, 'racks/b/nodes.yaml'), node(5));
  do await watching.until(BUILT);
  while (!('www/ipxe/52-54-00-aa-01-05.ipxe' in readTree(join(home, 'out/plant'))));
  assertCurrent(home);
  rmSync(join(site, 'racks'), { recursive: true });
  unlinkSync(join(site, 'more.yaml'));
  do await watching.until(BUILT);
  while (Object.keys(readTree(join(home, 'out/plant'))).some((path) => /01-0[45]/.test(path)));
  assertCurrent(home);
});

test('detects changes of site templates and files, also through a symbolic link', async () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const builtIn = readFileSync(new URL('../src/targets/ipxe/boot.ipxe.eta', import.meta.url), 'utf8');
  const first = (word: string) => ({ 'ipxe/boot.ipxe.eta': builtIn.replace('#!ipxe', `#!ipxe\n# ${word}`) });
  const boot = () => readFileSync(join(home, 'out/plant/www/boot.ipxe'), 'utf8');
  const watching = await start(home);
  const builtWith = async (word: string) => {
    do await watching.until(BUILT);
    while (!boot().includes(`# ${word}\n`));
    assertCurrent(home);
  };
  writeFiles(join(site, 'templates'), first('own'));
  await builtWith('own');
  writeFiles(join(site, 'templates'), first('edited'));
  await builtWith('edited');
  writeFiles(join(site, 'templates'), { 'ipxe/boot.ipxe.eta': '#!ipxe\n<%= it.nothing %>\n' });
  await watching.until(/1 error: the last good output stays\n/);
  assert.match(boot(), '# edited\n');
  rmSync(join(site, 'templates'), { recursive: true });
  await watching.until(BUILT);
  assert.is.not(boot().includes('# edited'), true);

  writeFiles(join(home, 'shared/templates'), first('shared'));
  symlinkSync('../shared/templates', join(site, 'templates'));
  await builtWith('shared');
  writeFiles(join(home, 'shared/templates'), first('shared twice'));
  await builtWith('shared twice');

  writeFiles(join(site, 'files'), { 'www/notes.txt': 'one' });
  do await watching.until(BUILT);
  while (!existsSync(join(home, 'out/plant/www/notes.txt')));
  writeFiles(join(home, 'shared/files'), { 'www/notes.txt': 'two' });
  rmSync(join(site, 'files'), { recursive: true });
  symlinkSync('../shared/files', join(site, 'files'));
  do await watching.until(BUILT);
  while (readTree(join(home, 'out/plant'))['www/notes.txt'] !== 'two'); // also removed, for a moment
  writeFiles(join(home, 'shared/files'), { 'scripts/more.sh': '#!/bin/sh\n' });
  do await watching.until(BUILT);
  while (!existsSync(join(home, 'out/plant/scripts/more.sh')));
  assertCurrent(home);
});

test('ignores files that editors create next to a file', async () => {
  const site = makeSite(PLANT);
  const watching = await start(dirname(site));
  writeFiles(site, {
    '.site.yaml.swp': 'x',
    'site.yaml~': 'x',
    '4913': '',
    '#site.yaml#': 'x',
    '.#site.yaml': 'x',
  });
  await sleep(300);
  writeFileSync(join(site, 'site.yaml'), MOVED);
  assert.match(await watching.until(BUILT), '5 written');
  assert.is(watching.output.split('\n').filter((line) => line.startsWith('out/')).length, 2, watching.output);
});

test('builds only the sites that a change affects; all of them for a shared file', async () => {
  const include = (text: string) => text.replace(/^(site: \w+\n)/, '$1include: [../shared/ntp.yaml]\n');
  const home = writeFiles(scratchFolder(), {
    'shared/ntp.yaml': 'networks: { mgmt: { ntp: [10.9.9.8] } }\n',
    'shared/other.yaml': 'x: 1\n',
    'plant/site.yaml': include(PLANT),
    'b/site.yaml': include(plantCalled('b', 2)),
  });
  const watching = await start(home, ['plant', 'b']);
  writeFileSync(join(home, 'shared/other.yaml'), 'x: 2\n'); // no site includes it
  writeFileSync(join(home, 'b/site.yaml'), include(plantCalled('b', 3)));
  await watching.until(/out\/b: .*\n/);
  const length = watching.output.length;
  writeFileSync(join(home, 'shared/ntp.yaml'), 'networks: { mgmt: { ntp: [10.9.9.9] } }\n');
  await watching.until(/out\/plant: .* written.*\nout\/b: .* written.*\n/);
  assert.is(
    watching.output
      .slice(0, length)
      .split('\n')
      .filter((line) => line.startsWith('out/plant')).length,
    1,
  );
  assertCurrent(home);
});

test('an error in one site delays the others until it is fixed', async () => {
  const home = writeFiles(scratchFolder(), {
    'plant/site.yaml': PLANT,
    'b/site.yaml': plantCalled('b', 2),
  });
  const watching = await start(home, ['plant', 'b']);
  writeFileSync(join(home, 'b/site.yaml'), `${plantCalled('b', 2)}x: 1\n`);
  await watching.until(/1 error: the last good output stays\n/);
  writeFileSync(join(home, 'plant/site.yaml'), MOVED);
  await watching.until(/still 1 error: the last good output stays\n/);
  writeFileSync(join(home, 'b/site.yaml'), plantCalled('b', 2));
  await watching.until(/out\/plant: 5 written.*\n/);
  assertCurrent(home);
});

test('a manual edit in the output tree is kept, and the watch continues', async () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const watching = await start(home);
  const edit = join(home, 'out/plant/README.md');
  const made = readFileSync(edit, 'utf8');
  writeFileSync(edit, 'mine');
  writeFileSync(join(site, 'site.yaml'), MOVED);
  await watching.until(/out\/plant\/README\.md\n/);
  assert.is(readFileSync(edit, 'utf8'), 'mine');
  writeFileSync(edit, made); // restored, and the edit of the inventory is built
  assert.match(await watching.until(BUILT), '5 written');
  assertCurrent(home);
});

test('detects other changes of the output tree at the next save', async () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const watching = await start(home);
  const script = join(home, 'out/plant/www/boot.ipxe');
  const made = readFileSync(script, 'utf8');
  const save = async (address: string) => {
    await sleep(200); // time to read the current state
    writeFileSync(join(site, 'site.yaml'), edited(PLANT, ['192.168.178.43', address]));
  };
  await sleep(2000); // new files can change without a visible difference, and are read each time
  await save('192.168.178.44');
  await watching.until(/out\/plant: 5 written.*\n/);
  rmSync(script);
  await save('192.168.178.45');
  await watching.until(/\+ www\/boot\.ipxe/);
  assert.is(readFileSync(script, 'utf8'), made);
  assertCurrent(home);
  await sleep(2000);
  await save('192.168.178.46');
  await watching.until(/out\/plant: 5 written.*\n/);
  writeFileSync(script, 'mine');
  await save('192.168.178.47');
  await watching.until(/edited since the last build.*\n.*out\/plant\/www\/boot\.ipxe\n/);
  assert.is(readFileSync(script, 'utf8'), 'mine');
  writeFileSync(script, made);
  await save('192.168.178.48');
  await watching.until(/out\/plant: 5 written.*\n/);
  assertCurrent(home);
});

test('files of another build are not manual edits, whichever site is saved first', async () => {
  const b = (address: string) => edited(plantCalled('b', 2), ['192.168.2.43', address]);
  const home = writeFiles(scratchFolder(), {
    'plant/site.yaml': PLANT,
    'b/site.yaml': b('192.168.2.44'),
    'other/b/site.yaml': b('192.168.2.50').replace('0.suse.pool', '1.suse.pool'),
  });
  const watching = await start(home, ['plant', 'b']);
  await sleep(2000); // new files can change without a visible difference, and are read each time
  for (const address of ['192.168.2.45', '192.168.2.46']) {
    await sleep(200);
    writeFileSync(join(home, 'b/site.yaml'), b(address));
    await watching.until(/out\/b: 5 written.*\n/);
  }
  await sleep(2000);
  writeFileSync(join(home, 'b/site.yaml'), b('192.168.2.47'));
  await watching.until(/out\/b: 5 written.*\n/);
  await sleep(200);
  assert.is(harvgen(['build', 'other/b', '--out', 'out'], home).code, 0);
  writeFileSync(join(home, 'plant/site.yaml'), MOVED);
  await watching.until(/out\/plant: 5 written.*\n/);
  await sleep(200);
  writeFileSync(join(home, 'b/site.yaml'), b('192.168.2.48'));
  await watching.until(/out\/b: 9 written.*\n/);
  await sleep(200);
  assert.is(watching.output.includes('edited since'), false, watching.output);
  assert.is(harvgen(['build', '--check', 'plant', 'b'], home).code, 0);
});

test('detects sites that appear and disappear in a glob', async () => {
  const home = writeFiles(scratchFolder(), { 'sites/plant/site.yaml': PLANT });
  const watching = await start(home, ['sites/*']);
  mkdirSync(join(home, 'sites/b'));
  writeFileSync(join(home, 'sites/b/site.yaml'), plantCalled('b', 2));
  await watching.until(/out\/b: 22 written.*\n/);
  writeFileSync(
    join(home, 'sites/b/site.yaml'),
    edited(plantCalled('b', 2), ['192.168.2.43', '192.168.2.44']),
  );
  await watching.until(/out\/b: 5 written.*\n/);
  rmSync(join(home, 'sites/b'), { recursive: true });
  await watching.until(/watching sites\/plant; .*\n/);
  writeFileSync(join(home, 'sites/plant/site.yaml'), MOVED);
  await watching.until(/out\/plant: 5 written.*\n/);
});

test('a signal ends it while it waits for another build', async () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const watching = await start(home);
  mkdirSync(join(home, 'out/plant/.harvgen'));
  writeFileSync(join(home, 'out/plant/.harvgen/lock'), `${process.pid} ${hostname()}\n`);
  writeFileSync(join(site, 'site.yaml'), MOVED);
  await watching.until(/waiting for it\n/);
  assert.is(await watching.stop('SIGTERM'), 0);
});

test('the site itself can disappear and return, as at the checkout of another branch', async () => {
  const site = makeSite(PLANT);
  const home = dirname(site);
  const watching = await start(home);
  renameSync(site, join(home, 'away'));
  await watching.until(/error no-site[\s\S]*last good output stays\n/);
  renameSync(join(home, 'away'), site);
  await watching.until(BUILT);
  writeFileSync(join(site, 'site.yaml'), MOVED);
  assert.match(await watching.until(BUILT), '5 written');
  assertCurrent(home);
});

test('--check, or nothing to watch, is an invalid command line', () => {
  const home = dirname(makeSite(PLANT));
  assert.is(harvgen(['build', '--watch', '--check', 'plant'], home).code, 2);
  assert.is(harvgen(['build', '--watch', 'none*'], home).code, 2);
});

test.run();
