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
import { allowedRoots, filesBelow, readSiteFiles, readSiteTemplates } from './own-files.ts';

const testOwnFiles = suite("a site's own files and templates");

function diagnosticsOf(report: Report) {
  return report.sorted().map((diagnostic) => {
    const { code, line, column, message } = plainDiagnostic(diagnostic, '/');
    return [code, `${line}:${column}`, message];
  });
}

testOwnFiles('files are read to the byte, with their executable bit, and record their location', () => {
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
  assert.equal(diagnosticsOf(report), []);
});

testOwnFiles('a script that begins with #! is executable, unless clients fetch it', () => {
  const script = '#!/bin/sh\ntrue\n';
  const site = makeSite({
    'files/scripts/a.sh': script,
    'files/scripts/b.sh': script,
    'files/www/c.sh': script,
    'files/d.ipxe': '#!ipxe\n',
  });
  chmodSync(join(site, 'files/scripts/b.sh'), 0o755);
  const report = new Report();
  readSiteFiles(site, report, new Disk());
  const found = report.sorted().map((one) => plainDiagnostic(one, site));
  assert.equal(
    found.map(({ code, severity, file, message, help }) => [code, severity, file, message, help]),
    [
      [
        'file-not-executable',
        'warning',
        'files/scripts/a.sh',
        'This script begins with #!, but is not executable: neither is its copy in the output tree.',
        'run chmod +x on it, and commit that: git stores it',
      ],
    ],
  );
});

testOwnFiles("ignored files and git's own are not files of the site, but other dotfiles are", () => {
  const files = ['.gitignore', '.htaccess', 'C#', 'd.swp', 'list.tmp', 'node_modules/x.js'];
  const others = ['.gitkeep', '.DS_Store', 'a~', '.b.swp', 'e/.gitkeep', '#f#', '.git/config', 'module/.git'];
  const site = makeSite(Object.fromEntries([...files, ...others].map((name) => [`files/${name}`, 'x'])));
  // Emacs' lock during an edit.
  symlinkSync('user@host.4711:1700000000', join(site, 'files/.#notes.txt'));
  const report = new Report();
  const paths = readSiteFiles(site, report, new Disk()).map(({ path }) => path);
  assert.equal(paths, files);
  assert.equal(diagnosticsOf(report), []);
});

testOwnFiles('a file that is removed before it is read is skipped', () => {
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
  assert.equal(diagnosticsOf(report), []);
});

testOwnFiles('a file that has grown too large is rejected', () => {
  const site = makeSite({ 'files/a': '' });
  class Growing extends Disk {
    override bytes(path: string): Uint8Array {
      truncateSync(path, 3 * 1024 ** 3);
      return super.bytes(path);
    }
  }
  const report = new Report();
  assert.equal(readSiteFiles(site, report, new Growing()), []);
  assert.equal(diagnosticsOf(report), [['unreadable-file', '1:1', 'The file is too large to be read.']]);
});

testOwnFiles('a file that refers to a secret is rejected, at the line', () => {
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
    'This refers to a secret, but secrets are not substituted here: files below `files/` are served unchanged.';
  assert.equal(diagnosticsOf(report), [
    ['file-secret', '2:7', message],
    ['file-secret', '1:1', message],
    ['file-secret', '2:3', message],
  ]);
});

testOwnFiles('an unsaved edit takes precedence', () => {
  const site = makeSite({ 'files/a': 'old', 'templates/b.eta': 'old' });
  const edits = new Map([
    [join(site, 'files/a'), 'new'],
    [join(site, 'templates/b.eta'), 'newer'],
  ]);
  const [file] = readSiteFiles(site, new Report(), new Disk(edits));
  assert.is(Buffer.from(file?.content ?? []).toString(), 'new');
  assert.is(readSiteTemplates(site, new Report(), new Disk(edits))[0]?.source.text, 'newer');
});

testOwnFiles('templates are read as text, without a BOM, except dotfiles and ignored files', () => {
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
    [...disk.requested].sort(),
    ['templates', 'templates/a', 'templates/a/b.eta', 'templates/f'].map((path) => join(site, path)),
  );
});

testOwnFiles('a template that is not UTF-8 is rejected', () => {
  const site = makeSite({ 'templates/a.eta': '' });
  writeFileSync(join(site, 'templates/a.eta'), Buffer.from([0xe4]));
  const report = new Report();
  assert.equal(readSiteTemplates(site, report, new Disk()), []);
  assert.equal(diagnosticsOf(report), [['unreadable-file', '1:1', 'The file is not UTF-8.']]);
});

testOwnFiles.run();

const testWalk = suite('the files below a directory of a site');

/**
 * Lists `files/` of a site: returns what is found and reported, and the requested paths, relative to the site. `meanwhile`
 * takes each listed name before the file is read.
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
    errors: report.sorted().map(({ code, message, at }) => [relative(site, at.source.file), code, message]),
    requested: disk.requested.map((path) => relative(site, path)),
  };
}

/** A disk that calls a function when a path is requested. */
class ChangingDisk extends Disk {
  readonly #happens: (path: string) => void;

  constructor(happens: (path: string) => void) {
    super();
    this.#happens = happens;
  }

  override request(path: string): void {
    super.request(path);
    this.#happens(path);
  }
}

/** Creates a site with links, by path and target, and the content that it shares with its neighbors. */
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

testWalk('none for a missing directory, which is requested nevertheless', () => {
  const site = makeSite('');
  assert.equal(walk(site), { paths: [], executable: [], errors: [], requested: ['files'] });
  assert.equal(walk(join(site, 'site.yaml')).errors, []);
});

testWalk('all files, sorted by path, except the ignored ones', () => {
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
  const { paths, executable, errors, requested } = walk(site);
  assert.equal(paths, ['.d', 'B', 'b.c', 'b/a', 'b/z']);
  assert.equal(executable, ['b/z']);
  assert.equal(errors, []);
  assert.equal([...requested].sort(), ['files', 'files/b', 'files/empty']);
});

testWalk('links within the directory that contains the site are followed, and both paths requested', () => {
  const site = siteWith({
    'files/file': '../../_shared/b',
    'files/folder': '../../_shared/deep',
    'files/own': 'a',
  });
  const { paths, errors, requested } = walk(site);
  assert.equal(paths, ['a', 'file', 'folder/c', 'own']);
  assert.equal(errors, []);
  for (const path of ['../_shared/b', '../_shared/deep', 'files/a'])
    assert.ok(requested.includes(path), path);
});

testWalk(
  'entries that are removed after their directory was listed are skipped: a file, a directory, a link',
  () => {
    const site = siteWith({ 'files/link': '../../_shared/b', 'files/nowhere': 'nothing' });
    writeFiles(site, { 'files/folder/x': '', 'files/z': '' });
    const going = ['a', 'link', 'folder', 'nowhere'];
    const { paths, errors } = walk(site, new Disk(), (name) => {
      if (going.includes(name)) rmSync(join(site, 'files', name), { recursive: true });
    });
    assert.equal(paths, ['z']);
    assert.equal(errors, []);
  },
);

for (const [what, become] of [
  ['goes away', (_folder: string) => {}],
  ['becomes a file', (folder: string) => writeFileSync(folder, '')],
] as const) {
  testWalk(`a directory that ${what} before it is listed is skipped, also the outermost one`, () => {
    for (const [going, left] of [
      ['files/folder', ['a']],
      ['files', []],
    ] as const) {
      const site = writeFiles(siteWith({}), { 'files/folder/x': '' });
      let requested = 0;
      const disk = new ChangingDisk((path) => {
        if (path !== join(site, going)) return;
        requested += 1;
        // The outermost one is also requested before it is read.
        if (requested !== (going === 'files' ? 2 : 1)) return;
        rmSync(path, { recursive: true });
        become(path);
      });
      const { paths, errors } = walk(site, disk);
      assert.equal(paths, left);
      assert.equal(errors, []);
    }
  });
}

testWalk('a link is rejected if its target is removed, and skipped if it is removed itself', () => {
  for (const [isLinkGone, expected] of [
    [false, [['files/link', 'file-link', 'This link leads to ../../_shared/b, which does not exist.']]],
    [true, []],
  ] as const) {
    const site = siteWith({ 'files/link': '../../_shared/b' });
    const target = realpathSync(join(site, 'files/link'));
    const disk = new ChangingDisk((path) => {
      if (path !== target) return;
      rmSync(target);
      if (isLinkGone) rmSync(join(site, 'files/link'));
    });
    const { paths, errors } = walk(site, disk);
    assert.equal(paths, ['a']);
    assert.equal(errors, expected);
  }
});

testWalk('a site that was removed has no files, and no errors here', () => {
  const site = siteWith({});
  const disk = new ChangingDisk(() => rmSync(site, { recursive: true, force: true }));
  const { paths, errors } = walk(site, disk);
  assert.equal([paths, errors], [[], []]);
  assert.not(existsSync(site));
  assert.equal(allowedRoots(site), []);
});

testWalk(
  'links may lead anywhere within the parent directory of the site, unless that is the root of a disk',
  () => {
    const site = realpathSync(siteWith({}));
    assert.equal(allowedRoots(site), [site, dirname(site)]);
    const { root } = parse(site);
    const atRoot = join(root, site.slice(root.length).split(sep)[0] ?? '');
    assert.equal(allowedRoots(atRoot), [atRoot]);
  },
);

testWalk('a file of up to 100 MiB is found, and a larger one is rejected before it is read', () => {
  const site = makeSite({ 'files/most': '', 'files/more': '', 'files/3GiB': '' });
  // Sparse files take no space on the disk.
  truncateSync(join(site, 'files/most'), 100 * 1024 ** 2);
  truncateSync(join(site, 'files/more'), 100 * 1024 ** 2 + 1);
  truncateSync(join(site, 'files/3GiB'), 3 * 1024 ** 3);
  symlinkSync('more', join(site, 'files/link'));
  const { paths, errors } = walk(site);
  assert.equal(paths, ['most']);
  const tooLarge = (has: string) =>
    `This file has ${has} MiB, but the limit is 100: it would be committed to git with the site.`;
  assert.equal(errors, [
    ['files/3GiB', 'file-size', tooLarge('3,072')],
    ['files/link', 'file-size', tooLarge('101')],
    ['files/more', 'file-size', tooLarge('101')],
  ]);
});

testWalk('the directory itself may be a link', () => {
  const site = siteWith({});
  rmSync(join(site, 'files'), { recursive: true });
  symlinkSync('../_shared', join(site, 'files'));
  assert.equal(walk(site).paths, ['b', 'deep/c']);
});

for (const [target, why] of [
  [
    '../../../secret',
    'out of the directory that contains the site: an edit of the site could publish any file of the machine that builds it',
  ],
  [
    '/etc',
    'out of the directory that contains the site: an edit of the site could publish any file of the machine that builds it',
  ],
  ['../../.git/config', "into git's own directory: an edit of the site could publish the credentials there"],
  ['../../../sites-of-others', 'which does not exist'],
  ['a/below-a-file', 'which does not exist'],
  ['nowhere', 'which does not exist'],
  ['link', 'in a loop'],
  ['.', 'which contains the link'],
  ['..', 'which contains the link'],
  ['../..', 'which contains the link'],
] as const) {
  testWalk(`a link to ${target} is rejected`, () => {
    const { paths, errors } = walk(siteWith({ 'files/link': target }));
    assert.equal(errors, [['files/link', 'file-link', `This link leads to ${target}, ${why}.`]]);
    assert.equal(paths, ['a']);
  });
}

testWalk('a link out of the directory through another link is rejected', () => {
  const site = siteWith({ 'files/link': '../../_shared/out' });
  symlinkSync('../../secret', join(site, '../_shared/out'));
  assert.is(walk(site).errors[0]?.[1], 'file-link');
});

testWalk('two directories that link to each other end the search', () => {
  const site = siteWith({ 'files/there': '../../_shared/deep' });
  symlinkSync('../../plant/files', join(site, '../_shared/deep/back'));
  const { paths, errors } = walk(site);
  assert.equal(paths, ['a', 'there/c']);
  assert.equal(errors, [
    ['files/there/back', 'file-link', 'This link leads to ../../plant/files, which contains the link.'],
  ]);
});

testWalk('each link of a loop of many directories is reported at most once', () => {
  const site = siteWith({});
  const names = ['b', 'c', 'd', 'e', 'f', 'g', 'h'];
  for (const name of names) writeFiles(site, { [`files/${name}/file`]: '' });
  for (const name of names)
    for (const other of names) symlinkSync(`../${other}`, join(site, 'files', name, `to-${other}`));
  const { errors } = walk(site);
  assert.ok(errors.length >= names.length && errors.length <= names.length ** 2, `${errors.length}`);
  assert.equal(errors[0], ['files/b/to-b', 'file-link', 'This link leads to ../b, which contains the link.']);
  assert.not.ok(errors.some(([, code]) => code === 'too-many-files'));
});

testWalk('two links to one directory both count, and two loops are both reported', () => {
  const site = siteWith({ 'files/one': '../../_shared/deep', 'files/two': '../../_shared/deep' });
  symlinkSync('.', join(site, 'files/back'));
  symlinkSync('..', join(site, 'files/back2'));
  const { paths, errors } = walk(site);
  assert.equal(paths, ['a', 'one/c', 'two/c']);
  assert.equal(errors, [
    ['files/back', 'file-link', 'This link leads to ., which contains the link.'],
    ['files/back2', 'file-link', 'This link leads to .., which contains the link.'],
  ]);
});

testWalk(
  'an entry that is neither a file nor a directory is rejected, and a file instead of the directory',
  () => {
    const site = makeSite({ 'files/a': '' });
    execFileSync('mkfifo', [join(site, 'files/pipe')]);
    assert.equal(walk(site).errors, [
      ['files/pipe', 'file-kind', 'This is neither a file nor a directory: it cannot be copied.'],
    ]);
    assert.equal(walk(makeSite({ files: '' })).errors, [
      ['files', 'file-kind', 'This is not a directory: it contains no files of the site.'],
    ]);
  },
);

testWalk('names that other systems would misread are rejected, without their content', () => {
  const site = makeSite({
    'files/ä b"\'$#%.txt': '',
    'files/a\\b': '',
    'files/c\nd/e': '',
    'files/f\u2028': '',
  });
  writeFileSync(Buffer.concat([Buffer.from(join(site, 'files/g')), Buffer.from([0xe4])]), '');
  const { paths, errors } = walk(site);
  assert.equal(paths, ['ä b"\'$#%.txt']);
  assert.equal(
    errors.map(([, code, message]) => [code, message]),
    [
      ['file-name', 'The name "a\\\\b" contains a backslash, which separates directories on other systems.'],
      ['file-name', 'The name "c\\nd" contains a control character: file lists cannot show it.'],
      ['file-name', 'The name "f\u2028" contains a control character: file lists cannot show it.'],
      ['file-name', 'The name "g\ufffd" is not UTF-8: other machines would misread it.'],
    ],
  );
});

testWalk.run();
