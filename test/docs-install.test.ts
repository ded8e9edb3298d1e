// needs: bash git npm openssl
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ALL_TESTS, copyOfSources, outputOf, PAGES, readPage } from './support/docs.ts';
import { blocksOf } from './support/markdown.ts';

const test = suite('the commands of the documentation, from a fresh clone');

test('CI runs the command of the README', () => {
  assert.ok(blocksOf(readPage('README.md'), 'sh').includes(`${ALL_TESTS}\n`));
  assert.match(readPage('.ci/run'), `\n${ALL_TESTS}\n`);
});

test('the pages that begin with npm ci work without node_modules, build and ignored files', () => {
  const commands = PAGES.flatMap((page) => {
    const blocks = blocksOf(readPage(page), 'sh').filter((block) => block.trim() !== ALL_TESTS);
    return blocks[0]?.startsWith('npm ci') ? [blocks.join('')] : [];
  });
  assert.ok(commands.length > 1);
  // They continue in the copy of the first: installing once is enough.
  const once = commands.map((text, index) => (index === 0 ? text : text.replace('npm ci\n', '')));
  // `npm test` itself begins with it.
  outputOf(once.join('').replace('npm run lint\n', ''), copyOfSources(), process.env.PATH);
});

test.run();
