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
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import { selfLocation } from '../source/origin.ts';
import { Disk } from './disk.ts';
import { filesBelow, homesOf, readSiteFiles, readSiteTemplates } from './own-files.ts';

const testOwnFiles = suite("a site's own files and templates");

function said(report: Report) {
  return report.sorted().map((diagnostic) => {
    const { code, line, column, message } = plainDiagnostic(diagnostic, '/');
    return [code, `${line}:${column}`, message];
  });
}

testOwnFiles(
  'files are read to the byte, with the bit that makes them programs, and know their place',
  () => {
    const site = makeSite({ 'files/bin': '', 'files/scripts/a.sh': 'true\r\n' });
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x0d, 0x0a]);
    writeFileSync(join(site, 'files/bin'), bytes);
    chmodSync(join(site, 'files/scripts/a.sh'), 0o755);
    const report = new Report();
    const [bin, script] = readSiteFiles(site, report, new Disk());
    assert.ok(bin && script);
    assert.equal(Buffer.from(bin.content), bytes);
    assert.equal(
      [bin.path, bin.executable, script.path, script.executable],
      ['bin', false, 'scripts/a.sh', true],
    );
    assert.is(selfLocation(script).source.file, join(site, 'files/scripts/a.sh'));
    assert.equal(said(report), []);
  },
);

testOwnFiles("litter and git's own are no files of the site, but other dotfiles are", () => {
  const files = ['.gitignore', '.htaccess', 'C#', 'd.swp', 'list.tmp', 'node_modules/x.js'];
  const others = ['.gitkeep', '.DS_Store', 'a~', '.b.swp', 'e/.gitkeep', '#f#', '.git/config', 'module/.git'];
  const site = makeSite(Object.fromEntries([...files, ...others].map((name) => [`files/${name}`, 'x'])));
  // Emacs' lock, while somebody types.
  symlinkSync('somebody@host.4711:1700000000', join(site, 'files/.#notes.txt'));
  const report = new Report();
  const paths = readSiteFiles(site, report, new Disk()).map(({ path }) => path);
  assert.equal(paths, files);
  assert.equal(said(report), []);
});

testOwnFiles('what goes away before it is read is passed over', () => {
  const site = makeSite({ 'files/a': '', 'files/b': 'b', 'templates/c.eta': '', 'templates/d.eta': '' });
  class Vanishing extends Disk {
    override bytes(path: string): Uint8Array {
      if (/\/[ac](\.eta)?$/.test(path)) rmSync(path);
      return super.bytes(path);
    }
  }
  const report = new Report();
  const [files, templates] = [readSiteFiles, readSiteTemplates].map((read) =>
    read(site, report, new Vanishing()),
  );
  assert.equal(
    [files, templates].map((list) => list?.map(({ path }) => path)),
    [['b'], ['d.eta']],
  );
  assert.equal(said(report), []);
});

testOwnFiles('what has grown too large to be read is refused', () => {
  const site = makeSite({ 'files/a': '' });
  class Growing extends Disk {
    override bytes(path: string): Uint8Array {
      truncateSync(path, 3 * 1024 ** 3);
      return super.bytes(path);
    }
  }
  const report = new Report();
  assert.equal(readSiteFiles(site, report, new Growing()), []);
  assert.equal(said(report), [['unreadable-file', '1:1', 'The file is too large to be read.']]);
});

testOwnFiles('a file that refers to a secret is refused, at the line', () => {
  const site = makeSite({
    'files/a.conf': 'ok\nkey = @@secret:token@@\n',
    'files/b.conf': '${secret:token}',
    'files/c.conf': '${secrets} @@ secret: $' + '{secret}',
    'files/d.bin': '',
  });
  const bytes = Buffer.from([0xff, 0xe4, 0x0a, 0x00, 0xff]);
  writeFileSync(join(site, 'files/d.bin'), Buffer.concat([bytes, Buffer.from('@@secret:token@@')]));
  const report = new Report();
  assert.equal(
    readSiteFiles(site, report, new Disk()).map(({ path }) => path),
    ['c.conf'],
  );
  const message =
    'This refers to a secret, and nothing fills it in here: files of your own are served as they are.';
  assert.equal(said(report), [
    ['file-secret', '2:7', message],
    ['file-secret', '1:1', message],
    ['file-secret', '2:3', message],
  ]);
});

testOwnFiles('an edit that is not saved yet counts', () => {
  const site = makeSite({ 'files/a': 'old', 'templates/b.eta': 'old' });
  const edits = new Map([
    [join(site, 'files/a'), 'new'],
    [join(site, 'templates/b.eta'), 'newer'],
  ]);
  const [file] = readSiteFiles(site, new Report(), new Disk(edits));
  assert.is(Buffer.from(file?.content ?? []).toString(), 'new');
  assert.is(readSiteTemplates(site, new Report(), new Disk(edits))[0]?.source.text, 'newer');
});

testOwnFiles('templates are read as text, without a BOM, but for dotfiles and litter', () => {
  const site = makeSite({
    'templates/a/b.eta': '\ufeffx\r\n',
    'templates/.c.eta.swp': '',
    'templates/d.eta~': '',
    'templates/#d.eta#': '',
    'templates/.git/e': '',
    'templates/f': '',
  });
  const disk = new Disk();
  const found = readSiteTemplates(site, new Report(), disk);
  assert.equal(
    found.map(({ path, source }) => [path, source.text]),
    [
      ['a/b.eta', 'x\r\n'],
      ['f', ''],
    ],
  );
  assert.equal(
    [...disk.asked].sort(),
    ['templates', 'templates/a', 'templates/a/b.eta', 'templates/f'].map((path) => join(site, path)),
  );
});

testOwnFiles('a template that is not UTF-8 is refused', () => {
  const site = makeSite({ 'templates/a.eta': '' });
  writeFileSync(join(site, 'templates/a.eta'), Buffer.from([0xe4]));
  const report = new Report();
  assert.equal(readSiteTemplates(site, report, new Disk()), []);
  assert.equal(said(report), [['unreadable-file', '1:1', 'The file is not UTF-8.']]);
});

testOwnFiles.run();

const testWalk = suite('the files below a folder of a site');

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

testWalk('none where there is no such folder, which is looked for all the same', () => {
  const site = makeSite('');
  assert.equal(walk(site), { paths: [], executable: [], faults: [], asked: ['files'] });
  assert.equal(walk(join(site, 'site.yaml')).faults, []);
});

testWalk('all of them, sorted by path, but for what is passed over', () => {
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

testWalk(
  'links to what lies within the folder that holds the site are followed, and both ends asked for',
  () => {
    const site = siteWith({
      'files/file': '../../_shared/b',
      'files/folder': '../../_shared/deep',
      'files/own': 'a',
    });
    const { paths, faults, asked } = walk(site);
    assert.equal(paths, ['a', 'file', 'folder/c', 'own']);
    assert.equal(faults, []);
    for (const path of ['../_shared/b', '../_shared/deep', 'files/a']) assert.ok(asked.includes(path), path);
  },
);

testWalk('what goes away after its folder was listed is passed over: a file, a folder, a link', () => {
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
  testWalk(`a folder that ${what} before it is listed is passed over, as is the outermost one`, () => {
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

testWalk('a link whose target goes away is refused, and passed over where it goes away itself', () => {
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

testWalk('nothing is found, and nothing said here, where the site itself has gone', () => {
  const site = siteWith({});
  const disk = new ChangingDisk(() => rmSync(site, { recursive: true, force: true }));
  const { paths, faults } = walk(site, disk);
  assert.equal([paths, faults], [[], []]);
  assert.not(existsSync(site));
  assert.equal(homesOf(site), []);
});

testWalk('links may lead anywhere within what holds the site, unless that is the root of a disk', () => {
  const site = realpathSync(siteWith({}));
  assert.equal(homesOf(site), [site, dirname(site)]);
  const { root } = parse(site);
  const atRoot = join(root, site.slice(root.length).split(sep)[0] ?? '');
  assert.equal(homesOf(atRoot), [atRoot]);
});

testWalk('a file of up to 100 MiB is found, and a larger one refused before it is read', () => {
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

testWalk('the folder itself may be a link', () => {
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
  testWalk(`a link to ${target} is refused`, () => {
    const { paths, faults } = walk(siteWith({ 'files/link': target }));
    assert.equal(faults, [['files/link', 'file-link', `This link leads to ${target}, ${why}.`]]);
    assert.equal(paths, ['a']);
  });
}

testWalk('a link out of the folder by way of another link is refused', () => {
  const site = siteWith({ 'files/link': '../../_shared/out' });
  symlinkSync('../../secret', join(site, '../_shared/out'));
  assert.is(walk(site).faults[0]?.[1], 'file-link');
});

testWalk('two folders that link to each other are no endless walk', () => {
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

testWalk('what is neither a file nor a folder is refused, and a file in the place of the folder', () => {
  const site = makeSite({ 'files/a': '' });
  execFileSync('mkfifo', [join(site, 'files/pipe')]);
  assert.equal(walk(site).faults, [['files/pipe', 'file-kind', 'This is neither a file nor a folder.']]);
  assert.equal(walk(makeSite({ files: '' })).faults, [['files', 'file-kind', 'This should be a folder.']]);
});

testWalk('names that others would read differently are refused, and nothing below them is looked at', () => {
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

testWalk.run();
