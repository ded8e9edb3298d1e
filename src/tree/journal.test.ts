import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { onBadDisk } from '../../test/support/bad-disk.ts';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { type Journal, readJournal, writeJournal } from './journal.ts';

const test = suite('the journal of a build');

/** A folder in which a build is at work. */
function folderAtWork(): string {
  const folder = scratchFolder();
  mkdirSync(join(folder, '.harvgen', 'new'), { recursive: true });
  return folder;
}

test('what is written is read back', () => {
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

test('an empty one is none, and needs nothing to be there', () => {
  const folder = folderAtWork();
  writeJournal(folder, new Map([['a', ['1']]]));
  writeJournal(folder, new Map());
  assert.not(existsSync(join(folder, '.harvgen', 'journal.json')));
  assert.is(readJournal(folder).size, 0);
  writeJournal(scratchFolder(), new Map());
});

test('there is none where no build was cut short', () => {
  assert.is(readJournal(scratchFolder()).size, 0);
  assert.is(readJournal(join(scratchFolder(), 'none')).size, 0);
});

for (const text of ['', '{', 'null', '5', '"text"', '[]', '{"a": 5}', '{"a": null}', '{"a": "text"}']) {
  test(`${text || 'nothing'} in its place says nothing`, () => {
    const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': text });
    assert.equal(readJournal(folder), new Map());
  });
}

test('entries that are none are left out', () => {
  const text = '{"a": [null, 5, {}, {"filled": 5}, "1", {"filled": "2"}]}';
  const folder = writeFiles(scratchFolder(), { '.harvgen/journal.json': text });
  assert.equal(readJournal(folder), new Map([['a', ['1', { filled: '2' }]]]));
});

test('a folder in its place says nothing', () => {
  assert.is(readJournal(writeFiles(scratchFolder(), { '.harvgen/journal.json/x': '' })).size, 0);
});

test('one that cannot be written leaves the one that is there', () => {
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

test('half of one that a full disk has cut off lies where the next build clears up', () => {
  const folder = folderAtWork();
  assert.throws(() =>
    onBadDisk(
      (_, name) => name === 'renameSync',
      () => writeJournal(folder, new Map([['b', ['2']]])),
    ),
  );
  assert.equal(readdirSync(join(folder, '.harvgen')), ['new']);
});

test('it is JSON, for whoever looks into what a build has left', () => {
  const folder = folderAtWork();
  writeJournal(folder, new Map([['a', ['1', '2']]]));
  const path = join(folder, '.harvgen', 'journal.json');
  assert.equal(JSON.parse(readFileSync(path, 'utf8')), { a: ['1', '2'] });
  writeFileSync(path, ' {"b": ["3"]} ');
  assert.equal(readJournal(folder), new Map([['b', ['3']]]));
});

test.run();
