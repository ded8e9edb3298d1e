import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asNobody, onBadDisk } from '../../test/support/bad-disk.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { outputFault, treeOf } from '../../test/support/write-tree.ts';
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

test('names the generator, the site, and every file with its digest', () => {
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

test('what is rendered is read back', () => {
  const text = renderManifest(new Map([['a', { content: '' }]]), 'plant', 'harvgen 0.1.0');
  assert.equal(parseManifest(text), {
    generator: 'harvgen 0.1.0',
    site: 'plant',
    files: { a: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
  });
});

test('the same tree gives the same manifest', () => {
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
  test(`${text || 'nothing'} is no manifest of harvgen's`, () => {
    assert.is(parseManifest(text), undefined);
  });
}

test('where secrets are filled in is said of each such file, and read back', () => {
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

test('a manifest without secrets, as older ones are, fills nothing in', () => {
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
  test(`${secrets} says nothing of secrets`, () => {
    const text = `{"generator": "harvgen 1", "files": {"a": "0"}, "secrets": ${secrets}}`;
    assert.equal([...filledIn(parseManifest(text) as Manifest)], []);
  });
}

test('a digest is that of the bytes of UTF-8', () => {
  assert.is(digest('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.is(digest('é'), digest(Buffer.from([0xc3, 0xa9])));
});

const A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';

test('a digest is of the bytes, be it of text or not', () => {
  assert.is(digest('a'), A);
  assert.is(digest(Buffer.from('a')), A);
  assert.is(digest('é'), digest(Buffer.from('é', 'utf8')));
  assert.is(digest('\ud800'), digest('\ufffd'));
});

test('digests of the files of a tree are made once, and of content that is at hand where there is some', () => {
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

test('a digest is that of the file that stands in the tree now', () => {
  const tree = new Map<string, File>([['a', { content: 'x' }]]);
  assert.is(digestOf(tree, tree.get('a') as File), digest('x'));
  tree.set('a', { content: 'a' });
  assert.is(digestOf(tree, tree.get('a') as File), A);
});

test('a manifest in the tree is none of its files', () => {
  const tree = new Map([['a', { content: 'x' }]]);
  const text = renderManifest(tree, 's', 'harvgen 1');
  assert.is(renderManifest(new Map(tree).set(MANIFEST, { content: text }), 's', 'harvgen 1'), text);
});

test('a manifest is what JSON makes of it, whatever the files are called', () => {
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
  );
});

test.run();

const journal = suite('the journal of a build');

/** A folder in which a build is at work. */
function folderAtWork(): string {
  const folder = scratchFolder();
  mkdirSync(join(folder, '.harvgen', 'new'), { recursive: true });
  return folder;
}

journal('what is written is read back', () => {
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

journal('an empty one is none, and needs nothing to be there', () => {
  const folder = folderAtWork();
  writeJournal(folder, new Map([['a', ['1']]]));
  writeJournal(folder, new Map());
  assert.not(existsSync(join(folder, '.harvgen', 'journal.json')));
  assert.is(readJournal(folder).size, 0);
  writeJournal(scratchFolder(), new Map());
});

journal('there is none where no build was cut short', () => {
  assert.is(readJournal(scratchFolder()).size, 0);
  assert.is(readJournal(join(scratchFolder(), 'none')).size, 0);
});

for (const text of ['', '{', 'null', '5', '"text"', '[]', '{"a": 5}', '{"a": null}', '{"a": "text"}']) {
  journal(`${text || 'nothing'} in its place says nothing`, () => {
    const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': text });
    assert.equal(readJournal(folder), new Map());
  });
}

journal('entries that are none are left out', () => {
  const text = '{"a": [null, 5, {}, {"filled": 5}, "1", {"filled": "2"}]}';
  const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': text });
  assert.equal(readJournal(folder), new Map([['a', ['1', { filled: '2' }]]]));
});

journal('a folder in its place says nothing', () => {
  assert.is(readJournal(writeFiles(scratchFolder(), { '.harvgen/journal.json/x': '' })).size, 0);
});

journal('one that cannot be written leaves the one that is there', () => {
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

journal('half of one that a full disk has cut off lies where the next build clears up', () => {
  const folder = folderAtWork();
  assert.throws(() =>
    onBadDisk(
      (_, name) => name === 'renameSync',
      () => writeJournal(folder, new Map([['b', ['2']]])),
    ),
  );
  assert.equal(readdirSync(join(folder, '.harvgen')), ['new']);
});

journal('it is JSON, for whoever looks into what a build has left', () => {
  const folder = folderAtWork();
  writeJournal(folder, new Map([['a', ['1', '2']]]));
  const path = join(folder, '.harvgen', 'journal.json');
  assert.equal(JSON.parse(readFileSync(path, 'utf8')), { a: ['1', '2'] });
  writeFileSync(path, ' {"b": ["3"]} ');
  assert.equal(readJournal(folder), new Map([['b', ['3']]]));
});

journal.run();

const earlier = suite('which files are of earlier builds');

const HAS_GIT = spawnSync('git', ['--version']).status === 0;

/** The manifest of files, as a build writes it. */
function manifestOf(files: Readonly<Record<string, string>>): string {
  return String(treeOf(files).get(MANIFEST)?.content);
}

function known(folder: string): Record<string, readonly string[]> {
  return Object.fromEntries([...managedFiles(folder)].sort());
}

/** What is said of a folder with files of somebody else. */
function notOurs(folder: string): string {
  return (
    `${folder} is not empty and has no manifest of harvgen's: it may hold files of somebody else. ` +
    'Choose another folder with --out, or empty this one; if manifest.json was lost or broken, get it back from git.'
  );
}

earlier('none in a folder that is not there, is empty, or is being built for the first time', () => {
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

earlier('those that the manifest names', () => {
  const folder = writeFiles(scratchFolder(), { [MANIFEST]: manifestOf({ a: '1', 'b/c': '2' }) });
  assert.equal(known(folder), { a: [digest('1')], 'b/c': [digest('2')] });
});

earlier('a path that is a word of the language is one like any other', () => {
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

earlier('those of the manifest, and those that builds that were cut short may have put there', () => {
  const folder = writeFiles(scratchFolder(), {
    [MANIFEST]: manifestOf({ a: '1' }),
    '.harvgen/journal.json': JSON.stringify({ a: ['2', { filled: '3' }], b: ['4'] }),
  });
  assert.equal(known(folder), { a: ['2', '3', digest('1')], b: ['4'] });
});

earlier('those of a first build that was killed: it has left a journal and no manifest', () => {
  const folder = writeFiles(scratchFolder(), { a: '1', '.harvgen/journal.json': '{"a": ["1"], "b": ["2"]}' });
  assert.equal(known(folder), { a: ['1'], b: ['2'] });
});

for (const [what, files] of [
  ['files and no manifest', { 'README.md': 'mine' }],
  ['files, no manifest and a journal that says nothing', { a: '1', '.harvgen/journal.json': '{}' }],
  ['a manifest of something else', { [MANIFEST]: '{"name": "my app", "files": {}}' }],
  ['half a manifest', { [MANIFEST]: manifestOf({ a: '1' }).slice(0, -20) }],
  ['an empty manifest', { [MANIFEST]: '' }],
  [
    'half a manifest and a journal',
    { [MANIFEST]: manifestOf({ a: '1' }).slice(0, -20), '.harvgen/journal.json': '{"a": ["1"]}' },
  ],
  ['a folder as manifest', { [`${MANIFEST}/mine`]: '' }],
  [
    'a manifest of which one side of a conflict is none',
    { [MANIFEST]: `<<<<<<< HEAD\n${manifestOf({ a: '1' })}=======\nnothing of the kind\n>>>>>>> other\n` },
  ],
  ['a manifest with half a conflict', { [MANIFEST]: `<<<<<<< HEAD\n${manifestOf({ a: '1' })}` }],
] as const) {
  earlier(`a folder with ${what} is refused`, async () => {
    const folder = writeFiles(scratchFolder(), files);
    assert.is(await outputFault(() => managedFiles(folder)), notOurs(folder));
  });
}

earlier(
  'a link as manifest is none, wherever it leads, and nor is a pipe: nobody waits for what comes out of it',
  async () => {
    const home = writeFiles(scratchFolder(), { mine: manifestOf({ a: '1' }) });
    for (const [index, target] of [join(home, 'mine'), '/nonexistent', MANIFEST].entries()) {
      const folder = join(home, String(index));
      mkdirSync(folder);
      symlinkSync(target, join(folder, MANIFEST));
      assert.is(await outputFault(() => managedFiles(folder)), notOurs(folder));
    }
    if (spawnSync('mkfifo', [join(home, MANIFEST)]).status !== 0) return;
    assert.is(await outputFault(() => managedFiles(home)), notOurs(home));
  },
);

earlier('a file in place of the folder is an error that says so', async () => {
  const folder = join(writeFiles(scratchFolder(), { plant: 'mine' }), 'plant');
  assert.is(
    await outputFault(() => managedFiles(folder)),
    `${folder} is a file, and should be the folder of the output. Choose another with --out, or move the file.`,
  );
});

earlier('what cannot be read is an error that says so', async () => {
  const home = scratchFolder();
  chmodSync(home, 0o755);
  const folder = join(home, 'plant');
  const manifest = join(writeFiles(folder, { [MANIFEST]: manifestOf({ a: '1' }) }), MANIFEST);
  chmodSync(manifest, 0o000);
  assert.is(
    await outputFault(() => asNobody(() => managedFiles(folder))),
    `${manifest} cannot be read: EACCES. Check its permissions.`,
  );
  chmodSync(folder, 0o000);
  assert.is(
    await outputFault(() => asNobody(() => managedFiles(folder))),
    `${folder} cannot be read: EACCES. Check its permissions.`,
  );
  chmodSync(folder, 0o755);
});

/** Two branches of one manifest, in a repository with a conflict between them; gives its folder. */
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
  (HAS_GIT ? earlier : earlier.skip)(`both sides of a conflict of git in style ${style} count`, () => {
    for (const crlf of [false, true]) {
      const folder = conflict(crlf);
      const conflicts = readFileSync(join(folder, MANIFEST), 'utf8').match(/^<{7} /gm)?.length ?? 0;
      assert.ok(conflicts > 1, 'there are several');
      const found = managedFiles(folder);
      for (const files of [OURS, THEIRS]) {
        for (const [path, content] of Object.entries(files)) {
          if (path === 'c' || path === 'x' || path === 'z') continue;
          assert.ok(found.get(path)?.includes(digest(content)), `${path} of ${content}`);
        }
      }
      assert.not(found.get('b')?.includes(digest(BASE.b)), 'what was before is of neither');
      assert.equal(new Set(found.get('d')), new Set([digest('as before')]));
    }
  });
}

earlier('nothing that only looks like a conflict is one', () => {
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
