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
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { asNobody, onBadDisk } from '../../test/support/bad-disk.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { outputFault, treeOf } from '../../test/support/write-tree.ts';
import { type Journal, knownFiles, readJournal, writeJournal } from './earlier-builds.ts';
import { digest, MANIFEST } from './manifest.ts';

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
  return Object.fromEntries([...knownFiles(folder)].sort());
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
  assert.equal([...knownFiles(folder)].sort(), [
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
    assert.is(await outputFault(() => knownFiles(folder)), notOurs(folder));
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
      assert.is(await outputFault(() => knownFiles(folder)), notOurs(folder));
    }
    if (spawnSync('mkfifo', [join(home, MANIFEST)]).status !== 0) return;
    assert.is(await outputFault(() => knownFiles(home)), notOurs(home));
  },
);

earlier('a file in place of the folder is an error that says so', async () => {
  const folder = join(writeFiles(scratchFolder(), { plant: 'mine' }), 'plant');
  assert.is(
    await outputFault(() => knownFiles(folder)),
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
    await outputFault(() => asNobody(() => knownFiles(folder))),
    `${manifest} cannot be read: EACCES. Check its permissions.`,
  );
  chmodSync(folder, 0o000);
  assert.is(
    await outputFault(() => asNobody(() => knownFiles(folder))),
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
      const found = knownFiles(folder);
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
