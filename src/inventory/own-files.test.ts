import { chmodSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSite } from '../../test/support/scratch.ts';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import { selfPlace } from '../source/origin.ts';
import { Disk } from './disk.ts';
import { readOwnFiles, readOwnTemplates } from './own-files.ts';

const test = suite("a site's own files and templates");

function said(report: Report) {
  return report.sorted().map((diagnostic) => {
    const { code, line, column, message } = plainDiagnostic(diagnostic, '/');
    return [code, `${line}:${column}`, message];
  });
}

test('files are read to the byte, with the bit that makes them programs, and know their place', () => {
  const site = makeSite({ 'files/bin': '', 'files/scripts/a.sh': 'true\r\n' });
  const bytes = Buffer.from([0, 0xff, 0xfe, 0x0d, 0x0a]);
  writeFileSync(join(site, 'files/bin'), bytes);
  chmodSync(join(site, 'files/scripts/a.sh'), 0o755);
  const report = new Report();
  const [bin, script] = readOwnFiles(site, report, new Disk());
  assert.ok(bin && script);
  assert.equal(Buffer.from(bin.content), bytes);
  assert.equal(
    [bin.path, bin.executable, script.path, script.executable],
    ['bin', false, 'scripts/a.sh', true],
  );
  assert.is(selfPlace(script).source.file, join(site, 'files/scripts/a.sh'));
  assert.equal(said(report), []);
});

test("litter and git's own are no files of the site, but other dotfiles are", () => {
  const files = ['.gitignore', '.htaccess', 'C#', 'd.swp', 'list.tmp', 'node_modules/x.js'];
  const others = ['.gitkeep', '.DS_Store', 'a~', '.b.swp', 'e/.gitkeep', '#f#', '.git/config', 'module/.git'];
  const site = makeSite(Object.fromEntries([...files, ...others].map((name) => [`files/${name}`, 'x'])));
  // Emacs' lock, while somebody types.
  symlinkSync('somebody@host.4711:1700000000', join(site, 'files/.#notes.txt'));
  const report = new Report();
  const paths = readOwnFiles(site, report, new Disk()).map(({ path }) => path);
  assert.equal(paths, files);
  assert.equal(said(report), []);
});

test('what goes away before it is read is passed over', () => {
  const site = makeSite({ 'files/a': '', 'files/b': 'b', 'templates/c.eta': '', 'templates/d.eta': '' });
  class Vanishing extends Disk {
    override bytes(path: string): Uint8Array {
      if (/\/[ac](\.eta)?$/.test(path)) rmSync(path);
      return super.bytes(path);
    }
  }
  const report = new Report();
  const [files, templates] = [readOwnFiles, readOwnTemplates].map((read) =>
    read(site, report, new Vanishing()),
  );
  assert.equal(
    [files, templates].map((list) => list?.map(({ path }) => path)),
    [['b'], ['d.eta']],
  );
  assert.equal(said(report), []);
});

test('what has grown too large to be read is refused', () => {
  const site = makeSite({ 'files/a': '' });
  class Growing extends Disk {
    override bytes(path: string): Uint8Array {
      truncateSync(path, 3 * 1024 ** 3);
      return super.bytes(path);
    }
  }
  const report = new Report();
  assert.equal(readOwnFiles(site, report, new Growing()), []);
  assert.equal(said(report), [['unreadable-file', '1:1', 'The file is too large to be read.']]);
});

test('a file that refers to a secret is refused, at the line', () => {
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
    readOwnFiles(site, report, new Disk()).map(({ path }) => path),
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

test('an edit that is not saved yet counts', () => {
  const site = makeSite({ 'files/a': 'old', 'templates/b.eta': 'old' });
  const edits = new Map([
    [join(site, 'files/a'), 'new'],
    [join(site, 'templates/b.eta'), 'newer'],
  ]);
  const [file] = readOwnFiles(site, new Report(), new Disk(edits));
  assert.is(Buffer.from(file?.content ?? []).toString(), 'new');
  assert.is(readOwnTemplates(site, new Report(), new Disk(edits))[0]?.source.text, 'newer');
});

test('templates are read as text, without a BOM, but for dotfiles and litter', () => {
  const site = makeSite({
    'templates/a/b.eta': '\ufeffx\r\n',
    'templates/.c.eta.swp': '',
    'templates/d.eta~': '',
    'templates/#d.eta#': '',
    'templates/.git/e': '',
    'templates/f': '',
  });
  const disk = new Disk();
  const found = readOwnTemplates(site, new Report(), disk);
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

test('a template that is not UTF-8 is refused', () => {
  const site = makeSite({ 'templates/a.eta': '' });
  writeFileSync(join(site, 'templates/a.eta'), Buffer.from([0xe4]));
  const report = new Report();
  assert.equal(readOwnTemplates(site, report, new Disk()), []);
  assert.equal(said(report), [['unreadable-file', '1:1', 'The file is not UTF-8.']]);
});

test.run();
