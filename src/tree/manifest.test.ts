import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asNobody, onBadDisk } from '../../test/support/bad-disk.ts';
import { SEED } from '../../test/support/effort.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { outputError, treeOf } from '../../test/support/write-tree.ts';
import {
  digest,
  digestOf,
  filledIn,
  type Journal,
  MANIFEST,
  type Manifest,
  managedFiles,
  parseManifest,
  readJournal,
  renderManifest,
  writeJournal,
} from './manifest.ts';
import { type File, LazyFile } from './tree.ts';

const test = suite('the manifest');

test('contains the generator, the site, and every file with its digest', () => {
  const tree = new Map([
    ['b.txt', { content: 'b' }],
    ['a/é.txt', { content: 'é\n', executable: true }],
  ]);
  assert.is(
    renderManifest(tree, 'plant', 'harvgen 1.2.3'),
    `{
  "generator": "harvgen 1.2.3",
  "site": "plant",
  "files": {
    "b.txt": "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
    "a/é.txt": "${digest(Buffer.from('é\n', 'utf8'))}"
  }
}
`,
  );
});

test('a rendered manifest can be parsed', () => {
  const text = renderManifest(new Map([['a', { content: '' }]]), 'plant', 'harvgen 0.1.0');
  assert.equal(parseManifest(text), {
    generator: 'harvgen 0.1.0',
    site: 'plant',
    files: { a: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  });
});

test('the same tree has the same manifest', () => {
  const tree = new Map([['a', { content: 'x' }]]);
  assert.is(renderManifest(tree, 's', 'harvgen 1'), renderManifest(tree, 's', 'harvgen 1'));
});

for (const text of [
  '',
  'text',
  'null',
  '[]',
  '5',
  '{}',
  '{"files": {}}',
  '{"generator": "harvgen 1"}',
  '{"generator": "harvgen 1", "files": null}',
  '{"generator": "harvgen 1", "files": "a"}',
  '{"generator": "harvgen 1", "files": ["a"]}',
  '{"generator": "other 1", "files": {}}',
  '{"generator": "harvgenerator 1", "files": {}}',
  '{"generator": 5, "files": {}}',
  '{"generator": "harvgen 1", "files": {}',
]) {
  test(`${text || 'nothing'} is not a harvgen manifest`, () => {
    assert.is(parseManifest(text), undefined);
  });
}

test('lists the substituted secrets of each file, and can be parsed', () => {
  const secrets = [
    { start: 2, length: 3, mark: '@@secret:a@@' },
    { start: 5, length: 0, mark: '@@secret:b:json@@' },
  ];
  const tree = new Map([
    ['a', { content: '' }],
    ['b', { content: 'é123', confidential: true, secrets }],
  ]);
  const manifest = parseManifest(renderManifest(tree, 'plant', 'harvgen 0.1.0')) as Manifest;
  assert.equal(manifest.secrets, {
    b: [
      [2, 3, '@@secret:a@@'],
      [5, 0, '@@secret:b:json@@'],
    ],
  });
  assert.equal([...filledIn(manifest)], [['b', { digest: digest('é123'), secrets }]]);
});

test('a manifest without secrets, as from older versions, lists no substituted secrets', () => {
  const manifest = parseManifest('{"generator": "harvgen 0.1.0", "site": "plant", "files": {"a": "0"}}');
  assert.equal([...filledIn(manifest as Manifest)], []);
});

for (const secrets of [
  'null',
  '5',
  '[]',
  '{"a": null}',
  '{"a": {}}',
  '{"a": [null]}',
  '{"a": [[1, 2]]}',
  '{"a": [["1", 2, "@@"]]}',
  '{"a": [[1, 2.5, "@@"]]}',
  '{"a": [[1, 2, 3]]}',
  '{"unknown": [[1, 2, "@@"]]}',
]) {
  test(`${secrets} lists no substituted secrets`, () => {
    const text = `{"generator": "harvgen 1", "files": {"a": "0"}, "secrets": ${secrets}}`;
    assert.equal([...filledIn(parseManifest(text) as Manifest)], []);
  });
}

test('a digest covers the UTF-8 bytes', () => {
  assert.is(digest('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.is(digest('é'), digest(Buffer.from([0xc3, 0xa9])));
});

const A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';

test('a digest covers the bytes of text and of other content', () => {
  assert.is(digest('a'), A);
  assert.is(digest(Buffer.from('a')), A);
  assert.is(digest('é'), digest(Buffer.from('é', 'utf8')));
  assert.is(digest('\ud800'), digest('\ufffd'));
});

test('computes the digest of a file once, from the given content if there is any', () => {
  let asked = 0;
  const make = (text: string) => {
    asked += 1;
    return text;
  };
  const [a, b] = [new LazyFile('a', make, 'a'), new LazyFile('b', make, 'b')];
  const tree = new Map<string, File>([
    ['a', a],
    ['b', b],
  ]);
  assert.is(digestOf(tree, a), A);
  assert.is(digestOf(tree, a), A);
  assert.is(asked, 1);
  assert.is(digestOf(tree, b, 'b'), digest('b'));
  assert.is(digestOf(tree, b), digest('b'));
  assert.is(asked, 1);
});

test('a digest is that of the current file in the tree', () => {
  const tree = new Map<string, File>([['a', { content: 'x' }]]);
  assert.is(digestOf(tree, tree.get('a') as File), digest('x'));
  tree.set('a', { content: 'a' });
  assert.is(digestOf(tree, tree.get('a') as File), A);
});

test('does not list the manifest itself', () => {
  const tree = new Map([['a', { content: 'x' }]]);
  const text = renderManifest(tree, 's', 'harvgen 1');
  assert.is(renderManifest(new Map(tree).set(MANIFEST, { content: text }), 's', 'harvgen 1'), text);
});

test('a manifest is plain JSON for any file names', () => {
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', '10', '01', 'a/1', '__proto__', '"files": {}'),
  );
  const filled = { content: 'x', secrets: [{ start: 0, length: 1, mark: '@@secret:a@@' }] };
  const file = fc.constantFrom<File>({ content: '' }, { content: 'é' }, filled);
  fc.assert(
    fc.property(name, fc.array(fc.tuple(name, file)), (site, entries) => {
      const tree = new Map(entries.filter(([path]) => path !== MANIFEST));
      const files = Object.fromEntries([...tree].map(([path, { content }]) => [path, digest(content)]));
      const secrets = Object.fromEntries(
        [...tree].flatMap(([path, { secrets }]) => (secrets ? [[path, [[0, 1, '@@secret:a@@']]]] : [])),
      );
      const whole = {
        generator: 'harvgen 1',
        site,
        files,
        ...(Object.keys(secrets).length > 0 && { secrets }),
      };
      assert.is(renderManifest(tree, site, 'harvgen 1'), `${JSON.stringify(whole, null, 2)}\n`);
    }),
    { seed: SEED },
  );
});

test.run();

const journal = suite('the journal of a build');

/** Returns a directory in which a build is running. */
function folderAtWork(): string {
  const folder = scratchFolder();
  mkdirSync(join(folder, '.harvgen', 'new'), { recursive: true });
  return folder;
}

journal('a written journal can be read', () => {
  const folder = folderAtWork();
  const journal: Journal = new Map([
    ['www/boot.ipxe', ['1', '2']],
    ['é "x"\n', ['3']],
    ['__proto__', ['4']],
    ['10', []],
    ['www/config/a.yaml', ['5', { filled: '6' }]],
  ]);
  writeJournal(folder, journal);
  assert.equal(new Map([...readJournal(folder)].sort()), new Map([...journal].sort()));
  assert.equal(readdirSync(join(folder, '.harvgen')).sort(), ['journal.json', 'new']);
  assert.equal(readdirSync(join(folder, '.harvgen', 'new')), []);
});

journal('removes an empty journal, and needs no work directory for that', () => {
  const folder = folderAtWork();
  writeJournal(folder, new Map([['a', ['1']]]));
  writeJournal(folder, new Map());
  assert.not(existsSync(join(folder, '.harvgen', 'journal.json')));
  assert.is(readJournal(folder).size, 0);
  writeJournal(scratchFolder(), new Map());
});

journal('is empty unless a build was interrupted', () => {
  assert.is(readJournal(scratchFolder()).size, 0);
  assert.is(readJournal(join(scratchFolder(), 'none')).size, 0);
});

for (const text of ['', '{', 'null', '5', '"text"', '[]', '{"a": 5}', '{"a": null}', '{"a": "text"}']) {
  journal(`${text || 'nothing'} as a journal is ignored`, () => {
    const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': text });
    assert.equal(readJournal(folder), new Map());
  });
}

journal('omits malformed entries', () => {
  const text = '{"a": [null, 5, {}, {"filled": 5}, "1", {"filled": "2"}]}';
  const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': text });
  assert.equal(readJournal(folder), new Map([['a', ['1', { filled: '2' }]]]));
});

journal('ignores a directory at its path', () => {
  assert.is(readJournal(writeFiles(scratchFolder(), { '.harvgen/journal.json/x': '' })).size, 0);
});

journal('a journal that is not a regular file is not read: it may lead anywhere, or never end', () => {
  const home = writeFiles(scratchFolder(), { journal: '{"a":["1"]}' });
  for (const make of [
    (path: string) => symlinkSync(join(home, 'journal'), path),
    (path: string) => symlinkSync('/dev/zero', path),
    (path: string) => spawnSync('mkfifo', [path]),
  ]) {
    const folder = writeFiles(scratchFolder(), { '.harvgen/.gitignore': '*\n' });
    make(join(folder, '.harvgen/journal.json'));
    assert.is(readJournal(folder).size, 0);
  }
});

journal('a write failure keeps the current journal', () => {
  const folder = folderAtWork();
  writeJournal(folder, new Map([['a', ['1']]]));
  for (const broken of ['writeFileSync', 'renameSync']) {
    assert.throws(() =>
      onBadDisk(
        (_, name) => name === broken,
        () => writeJournal(folder, new Map([['b', ['2']]])),
      ),
    );
    assert.equal(readJournal(folder), new Map([['a', ['1']]]));
  }
});

journal('on a full disk, leaves a partial journal where the next build removes it', () => {
  const folder = folderAtWork();
  assert.throws(() =>
    onBadDisk(
      (_, name) => name === 'renameSync',
      () => writeJournal(folder, new Map([['b', ['2']]])),
    ),
  );
  assert.equal(readdirSync(join(folder, '.harvgen')), ['new']);
});

journal('is readable JSON', () => {
  const folder = folderAtWork();
  writeJournal(folder, new Map([['a', ['1', '2']]]));
  const path = join(folder, '.harvgen', 'journal.json');
  assert.equal(JSON.parse(readFileSync(path, 'utf8')), { a: ['1', '2'] });
  writeFileSync(path, ' {"b": ["3"]} ');
  assert.equal(readJournal(folder), new Map([['b', ['3']]]));
});

journal.run();

const earlier = suite('managed files');

const HAS_GIT = spawnSync('git', ['--version']).status === 0;

/** Renders the manifest of files, as a build writes it. */
function manifestOf(files: Readonly<Record<string, string>>): string {
  return String(treeOf(files).get(MANIFEST)?.content);
}

function known(folder: string): Record<string, readonly string[]> {
  return Object.fromEntries([...managedFiles(folder)].sort());
}

/** The message for a directory with unmanaged files. */
function notOurs(folder: string): string {
  return (
    `${folder} is not empty and has no harvgen manifest: it may contain unmanaged files. ` +
    'Choose another directory with --out or empty this one; if manifest.json was lost or damaged, restore it from git.'
  );
}

earlier('none in a directory that is missing, empty, or in its first build', () => {
  const folder = scratchFolder();
  assert.equal(known(join(folder, 'none')), {});
  assert.equal(known(folder), {});
  writeFiles(folder, {
    '.harvgen/lock': '1 host',
    '.harvgen/new/0': 'x',
    '.harvgen/journal.json': '{"a": ["1"]}',
  });
  assert.equal(known(folder), {});
});

earlier('the files in the manifest', () => {
  const folder = writeFiles(scratchFolder(), { [MANIFEST]: manifestOf({ a: '1', 'b/c': '2' }) });
  assert.equal(known(folder), { a: [digest('1')], 'b/c': [digest('2')] });
});

earlier('supports paths that are JavaScript property names', () => {
  const folder = writeFiles(scratchFolder(), {
    [MANIFEST]: manifestOf(JSON.parse('{"__proto__": "1", "constructor": "2"}')),
    '.harvgen/journal.json': '{"__proto__": ["3"], "toString": ["4"]}',
  });
  assert.equal([...managedFiles(folder)].sort(), [
    ['__proto__', ['3', digest('1')]],
    ['constructor', [digest('2')]],
    ['toString', ['4']],
  ]);
});

earlier('the files in the manifest, and those of interrupted builds', () => {
  const folder = writeFiles(scratchFolder(), {
    [MANIFEST]: manifestOf({ a: '1' }),
    '.harvgen/journal.json': JSON.stringify({ a: ['2', { filled: '3' }], b: ['4'] }),
  });
  assert.equal(known(folder), { a: ['2', '3', digest('1')], b: ['4'] });
});

earlier('the files of a killed first build, which left a journal and no manifest', () => {
  const folder = writeFiles(scratchFolder(), { a: '1', '.harvgen/journal.json': '{"a": ["1"], "b": ["2"]}' });
  assert.equal(known(folder), { a: ['1'], b: ['2'] });
});

for (const [what, files] of [
  ['files and no manifest', { 'README.md': 'mine' }],
  ['files, no manifest and an empty journal', { a: '1', '.harvgen/journal.json': '{}' }],
  ['a manifest of something else', { [MANIFEST]: '{"name": "my app", "files": {}}' }],
  ['half a manifest', { [MANIFEST]: manifestOf({ a: '1' }).slice(0, -20) }],
  ['an empty manifest', { [MANIFEST]: '' }],
  [
    'half a manifest and a journal',
    { [MANIFEST]: manifestOf({ a: '1' }).slice(0, -20), '.harvgen/journal.json': '{"a": ["1"]}' },
  ],
  ['a directory as manifest', { [`${MANIFEST}/mine`]: '' }],
  [
    'a manifest with a conflict of which one side is not a manifest',
    { [MANIFEST]: `<<<<<<< HEAD\n${manifestOf({ a: '1' })}=======\nother text\n>>>>>>> other\n` },
  ],
  ['a manifest with half a conflict', { [MANIFEST]: `<<<<<<< HEAD\n${manifestOf({ a: '1' })}` }],
] as const) {
  earlier(`refuses a directory with ${what}`, async () => {
    const folder = writeFiles(scratchFolder(), files);
    assert.is(await outputError(() => managedFiles(folder)), notOurs(folder));
  });
}

earlier(
  'refuses a link as manifest, wherever it leads, and a pipe, without waiting for its content',
  async () => {
    const home = writeFiles(scratchFolder(), { mine: manifestOf({ a: '1' }) });
    for (const [index, target] of [join(home, 'mine'), '/nonexistent', MANIFEST].entries()) {
      const folder = join(home, String(index));
      mkdirSync(folder);
      symlinkSync(target, join(folder, MANIFEST));
      assert.is(await outputError(() => managedFiles(folder)), notOurs(folder));
    }
    if (spawnSync('mkfifo', [join(home, MANIFEST)]).status !== 0) return;
    assert.is(await outputError(() => managedFiles(home)), notOurs(home));
  },
);

earlier('refuses a manifest of an absurd size without reading it', async () => {
  const folder = writeFiles(scratchFolder(), { [MANIFEST]: '' });
  truncateSync(join(folder, MANIFEST), 640 * 1024 * 1024);
  assert.is(await outputError(() => managedFiles(folder)), notOurs(folder));
});

earlier('reports an error for a file at the path of the directory', async () => {
  const folder = join(writeFiles(scratchFolder(), { plant: 'mine' }), 'plant');
  assert.is(
    await outputError(() => managedFiles(folder)),
    `${folder} is a file but must be the output directory. Choose another directory with --out or move the file.`,
  );
});

earlier('reports an error for an unreadable file or directory', async () => {
  const home = scratchFolder();
  chmodSync(home, 0o755);
  const folder = join(home, 'plant');
  const manifest = join(writeFiles(folder, { [MANIFEST]: manifestOf({ a: '1' }) }), MANIFEST);
  chmodSync(manifest, 0o000);
  assert.is(
    await outputError(() => asNobody(() => managedFiles(folder))),
    `${manifest} cannot be read: EACCES. Check its permissions.`,
  );
  chmodSync(folder, 0o000);
  assert.is(
    await outputError(() => asNobody(() => managedFiles(folder))),
    `${folder} cannot be read: EACCES. Check its permissions.`,
  );
  chmodSync(folder, 0o755);
});

/** Creates a repository with a conflict between two branches of one manifest; returns its directory. */
function mergeConflict(style: string, base: string, ours: string, theirs: string): string {
  const folder = scratchFolder();
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    });
  const commit = (manifest: string) => {
    writeFileSync(join(folder, MANIFEST), manifest);
    git('add', '.');
    assert.is(git('commit', '-qm', 'x').status, 0);
  };
  git('init', '-q', '-b', 'main');
  commit(base);
  git('checkout', '-qb', 'theirs');
  commit(theirs);
  git('checkout', '-q', 'main');
  commit(ours);
  assert.is(git('-c', `merge.conflictStyle=${style}`, 'merge', 'theirs').status, 1);
  return folder;
}

const quiet = Object.fromEntries([...'defghijklmnopq'].map((path) => [path, 'as before']));
const BASE = { ...quiet, b: 'base', c: 'gone here', r: 'base', x: 'gone there', z: 'last' };
const OURS = { ...quiet, a: 'new here', b: 'ours', r: 'ours', x: 'gone there', y: 'at the end', z: 'last' };
const THEIRS = { ...quiet, b: 'theirs', c: 'gone here', r: 'theirs', z: 'last, and other' };

for (const style of ['merge', 'diff3', 'zdiff3']) {
  const conflict = (crlf: boolean) => {
    const text = (files: Readonly<Record<string, string>>) => {
      const sorted = Object.fromEntries(Object.entries(files).sort());
      return crlf ? manifestOf(sorted).replaceAll('\n', '\r\n') : manifestOf(sorted);
    };
    return mergeConflict(style, text(BASE), text(OURS), text(THEIRS));
  };
  (HAS_GIT ? earlier : earlier.skip)(`reads both sides of a git conflict in style ${style}`, () => {
    for (const crlf of [false, true]) {
      const folder = conflict(crlf);
      const conflicts = readFileSync(join(folder, MANIFEST), 'utf8').match(/^<{7} /gm)?.length ?? 0;
      assert.ok(conflicts > 1, 'several conflicts');
      const found = managedFiles(folder);
      for (const files of [OURS, THEIRS]) {
        for (const [path, content] of Object.entries(files)) {
          if (path === 'c' || path === 'x' || path === 'z') continue;
          assert.ok(found.get(path)?.includes(digest(content)), `${path} of ${content}`);
        }
      }
      assert.not(found.get('b')?.includes(digest(BASE.b)), 'the common base is on neither side');
      assert.equal(new Set(found.get('d')), new Set([digest('as before')]));
    }
  });
}

earlier('does not mistake similar text for a conflict', () => {
  const files = { '<<<<<<< HEAD': '1', '=======': '2', '>>>>>>> other': '3', 'a\n=======\nb': '4' };
  const folder = writeFiles(scratchFolder(), { [MANIFEST]: manifestOf(files) });
  assert.equal(
    known(folder),
    Object.fromEntries(
      Object.entries(files)
        .map(([path, content]) => [path, [digest(content)]] as const)
        .sort(),
    ),
  );
});

earlier.run();
