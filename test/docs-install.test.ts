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
  const [[first = '', ...others] = [], ...more] = commands.map((text) => text.trimEnd().split('\n'));
  assert.match(first, /^npm ci && npx harvgen build /);
  assert.ok(others.length > 1 && more.length > 0);
  const copy = copyOfSources();
  outputOf(first, copy, process.env.PATH);
  // They continue in the copy of the first: installing once is enough, and starting harvgen once by npx.
  outputOf(others.join('\n'), copy);
  for (const [install, ...rest] of more) {
    assert.is(install, 'npm ci');
    // `npm test` itself begins with it, and with it the format of all files is checked.
    const [format, lint, ...own] = rest;
    assert.equal([format, lint], ['npm run format', 'npm run lint']);
    outputOf([...own, 'rm -r src test', format].join('\n'), copy, process.env.PATH);
  }
});

test.run();
