import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { isIgnoredFile } from './disk.ts';

const test = suite('ignored files');

for (const [whose, names] of Object.entries({
  "vim's": ['.x.swp', '.site.yaml.swo', '.x.swa', '.swp', '.a\nb.swp', 'x~', '.x~', '4913'],
  "Emacs'": ['.#x', '.#site.yaml', '#x#', '#site.yaml#', 'x~', '.~'],
  "desktops'": ['.DS_Store', 'Thumbs.db'],
  "git's": ['.gitkeep'],
})) {
  for (const name of names)
    test(`${JSON.stringify(name)} is ${whose}`, () => {
      assert.ok(isIgnoredFile(name));
    });
}

for (const name of [
  'list.tmp',
  'C#',
  '#1',
  '#',
  'node_modules',
  'x.swp',
  '.swan',
  '.x.swq',
  '.logo.svg',
  '49130',
  'x~y',
  '.git',
  '.gitignore',
  '.htaccess',
  'DS_Store',
  'site.yaml',
]) {
  test(`${name} is an ordinary name`, () => {
    assert.not(isIgnoredFile(name));
  });
}

test.run();
