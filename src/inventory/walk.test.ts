import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, parse, relative, sep } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSite, scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { Report } from '../source/diagnostics/report.ts';
import { Disk } from './disk.ts';
import { filesBelow, homesOf } from './own-files.ts';

const test = suite('the files below a folder of a site');

/**
 * Walks `files/` of a site; what is found and reported, and which paths were asked for, relative to the site. `meanwhile`
 * takes each name that has been listed, before it is looked at.
 */
function walk(site: string, disk = new Disk(), meanwhile: (name: string) => void = () => {}) {
  const report = new Report();
  const isPassedOver = (name: string) => {
    meanwhile(name);
    return name.endsWith('~');
  };
  const found = filesBelow(site, 'files', isPassedOver, report, disk);
  return {
    paths: found.map(({ path }) => path),
    executable: found.filter(({ executable }) => executable).map(({ path }) => path),
    faults: report.sorted().map(({ code, message, at }) => [relative(site, at.source.file), code, message]),
    asked: disk.asked.map((path) => relative(site, path)),
  };
}

/** A disk on which something happens when a path is asked for. */
class ChangingDisk extends Disk {
  readonly #happens: (path: string) => void;

  constructor(happens: (path: string) => void) {
    super();
    this.#happens = happens;
  }

  override ask(path: string): void {
    super.ask(path);
    this.#happens(path);
  }
}

/** A site with links, as path and target, and what it shares with its neighbours. */
function siteWith(links: Readonly<Record<string, string>>): string {
  const home = writeFiles(join(scratchFolder(), 'sites'), {
    'plant/site.yaml': '',
    'plant/files/a': '',
    '_shared/b': '',
    '_shared/deep/c': '',
    '.git/config': '',
    '../secret': '',
  });
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(home, 'plant', path));
  return join(home, 'plant');
}

test('none where there is no such folder, which is looked for all the same', () => {
  const site = makeSite('');
  assert.equal(walk(site), { paths: [], executable: [], faults: [], asked: ['files'] });
  assert.equal(walk(join(site, 'site.yaml')).faults, []);
});

test('all of them, sorted by path, but for what is passed over', () => {
  const site = makeSite({
    'files/b/z': '',
    'files/b/a': '',
    'files/b.c': '',
    'files/.d': '',
    'files/e~': '',
    'files/f~/g': '',
    'files/B': '',
  });
  mkdirSync(join(site, 'files/empty'));
  chmodSync(join(site, 'files/b/z'), 0o755);
  const { paths, executable, faults, asked } = walk(site);
  assert.equal(paths, ['.d', 'B', 'b.c', 'b/a', 'b/z']);
  assert.equal(executable, ['b/z']);
  assert.equal(faults, []);
  assert.equal([...asked].sort(), ['files', 'files/b', 'files/empty']);
});

test('links to what lies within the folder that holds the site are followed, and both ends asked for', () => {
  const site = siteWith({
    'files/file': '../../_shared/b',
    'files/folder': '../../_shared/deep',
    'files/own': 'a',
  });
  const { paths, faults, asked } = walk(site);
  assert.equal(paths, ['a', 'file', 'folder/c', 'own']);
  assert.equal(faults, []);
  for (const path of ['../_shared/b', '../_shared/deep', 'files/a']) assert.ok(asked.includes(path), path);
});

test('what goes away after its folder was listed is passed over: a file, a folder, a link', () => {
  const site = siteWith({ 'files/link': '../../_shared/b', 'files/nowhere': 'nothing' });
  writeFiles(site, { 'files/folder/x': '', 'files/z': '' });
  const going = ['a', 'link', 'folder', 'nowhere'];
  const { paths, faults } = walk(site, new Disk(), (name) => {
    if (going.includes(name)) rmSync(join(site, 'files', name), { recursive: true });
  });
  assert.equal(paths, ['z']);
  assert.equal(faults, []);
});

for (const [what, become] of [
  ['goes away', (_folder: string) => {}],
  ['becomes a file', (folder: string) => writeFileSync(folder, '')],
] as const) {
  test(`a folder that ${what} before it is listed is passed over, as is the outermost one`, () => {
    for (const [going, left] of [
      ['files/folder', ['a']],
      ['files', []],
    ] as const) {
      const site = writeFiles(siteWith({}), { 'files/folder/x': '' });
      let asked = 0;
      const disk = new ChangingDisk((path) => {
        if (path !== join(site, going)) return;
        asked += 1;
        // The outermost one is asked for before it is looked at, too.
        if (asked !== (going === 'files' ? 2 : 1)) return;
        rmSync(path, { recursive: true });
        become(path);
      });
      const { paths, faults } = walk(site, disk);
      assert.equal(paths, left);
      assert.equal(faults, []);
    }
  });
}

test('a link whose target goes away is refused, and passed over where it goes away itself', () => {
  for (const [isLinkGone, said] of [
    [false, [['files/link', 'file-link', 'This link leads to ../../_shared/b, where nothing is.']]],
    [true, []],
  ] as const) {
    const site = siteWith({ 'files/link': '../../_shared/b' });
    const target = realpathSync(join(site, 'files/link'));
    const disk = new ChangingDisk((path) => {
      if (path !== target) return;
      rmSync(target);
      if (isLinkGone) rmSync(join(site, 'files/link'));
    });
    const { paths, faults } = walk(site, disk);
    assert.equal(paths, ['a']);
    assert.equal(faults, said);
  }
});

test('nothing is found, and nothing said here, where the site itself has gone', () => {
  const site = siteWith({});
  const disk = new ChangingDisk(() => rmSync(site, { recursive: true, force: true }));
  const { paths, faults } = walk(site, disk);
  assert.equal([paths, faults], [[], []]);
  assert.not(existsSync(site));
  assert.equal(homesOf(site), []);
});

test('links may lead anywhere within what holds the site, unless that is the root of a disk', () => {
  const site = realpathSync(siteWith({}));
  assert.equal(homesOf(site), [site, dirname(site)]);
  const { root } = parse(site);
  const atRoot = join(root, site.slice(root.length).split(sep)[0] ?? '');
  assert.equal(homesOf(atRoot), [atRoot]);
});

test('a file of up to 100 MiB is found, and a larger one refused before it is read', () => {
  const site = makeSite({ 'files/most': '', 'files/more': '', 'files/3GiB': '' });
  // Files with holes: they take no room on the disk.
  truncateSync(join(site, 'files/most'), 100 * 1024 ** 2);
  truncateSync(join(site, 'files/more'), 100 * 1024 ** 2 + 1);
  truncateSync(join(site, 'files/3GiB'), 3 * 1024 ** 3);
  symlinkSync('more', join(site, 'files/link'));
  const { paths, faults } = walk(site);
  assert.equal(paths, ['most']);
  const said = (has: string) =>
    `This file has ${has} MiB, and may have 100: it would be committed to git with the site.`;
  assert.equal(faults, [
    ['files/3GiB', 'file-size', said('3,072')],
    ['files/link', 'file-size', said('101')],
    ['files/more', 'file-size', said('101')],
  ]);
});

test('the folder itself may be a link', () => {
  const site = siteWith({});
  rmSync(join(site, 'files'), { recursive: true });
  symlinkSync('../_shared', join(site, 'files'));
  assert.equal(walk(site).paths, ['b', 'deep/c']);
});

for (const [target, why] of [
  [
    '../../../secret',
    'out of the folder that holds the site: an edit of the site could publish any file of the machine that builds it',
  ],
  [
    '/etc',
    'out of the folder that holds the site: an edit of the site could publish any file of the machine that builds it',
  ],
  ['../../.git/config', "into git's own folder: an edit of the site could publish the credentials there"],
  ['../../../sites-of-others', 'where nothing is'],
  ['a/below-a-file', 'where nothing is'],
  ['nowhere', 'where nothing is'],
  ['link', 'in a circle'],
  ['.', 'to a folder that it is in itself'],
  ['..', 'to a folder that it is in itself'],
  ['../..', 'to a folder that it is in itself'],
] as const) {
  test(`a link to ${target} is refused`, () => {
    const { paths, faults } = walk(siteWith({ 'files/link': target }));
    assert.equal(faults, [['files/link', 'file-link', `This link leads to ${target}, ${why}.`]]);
    assert.equal(paths, ['a']);
  });
}

test('a link out of the folder by way of another link is refused', () => {
  const site = siteWith({ 'files/link': '../../_shared/out' });
  symlinkSync('../../secret', join(site, '../_shared/out'));
  assert.is(walk(site).faults[0]?.[1], 'file-link');
});

test('two folders that link to each other are no endless walk', () => {
  const site = siteWith({ 'files/there': '../../_shared/deep' });
  symlinkSync('../../plant/files', join(site, '../_shared/deep/back'));
  const { paths, faults } = walk(site);
  assert.equal(paths, ['a', 'there/c']);
  assert.equal(faults, [
    [
      'files/there/back',
      'file-link',
      'This link leads to ../../plant/files, to a folder that it is in itself.',
    ],
  ]);
});

test('what is neither a file nor a folder is refused, and a file in the place of the folder', () => {
  const site = makeSite({ 'files/a': '' });
  execFileSync('mkfifo', [join(site, 'files/pipe')]);
  assert.equal(walk(site).faults, [['files/pipe', 'file-kind', 'This is neither a file nor a folder.']]);
  assert.equal(walk(makeSite({ files: '' })).faults, [['files', 'file-kind', 'This should be a folder.']]);
});

test('names that others would read differently are refused, and nothing below them is looked at', () => {
  const site = makeSite({
    'files/ä b"\'$#%.txt': '',
    'files/a\\b': '',
    'files/c\nd/e': '',
    'files/f\u2028': '',
  });
  writeFileSync(Buffer.concat([Buffer.from(join(site, 'files/g')), Buffer.from([0xe4])]), '');
  const { paths, faults } = walk(site);
  assert.equal(paths, ['ä b"\'$#%.txt']);
  assert.equal(
    faults.map(([, code, message]) => [code, message]),
    [
      ['file-name', 'The name "a\\\\b" holds a backslash, which separates folders elsewhere.'],
      ['file-name', 'The name "c\\nd" holds a control character: no list of files can show it.'],
      ['file-name', 'The name "f\u2028" holds a control character: no list of files can show it.'],
      ['file-name', 'The name "g\ufffd" is not UTF-8: other machines would read another one.'],
    ],
  );
});

test.run();
