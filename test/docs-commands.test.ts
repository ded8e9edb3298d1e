// needs: bash git jq openssl
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ALL_TESTS, outputOf, PAGES, preparedCopy, readPage as read } from './support/docs.ts';
import { blocksOf } from './support/markdown.ts';
import { edited } from './support/plant.ts';
import { Running } from './support/running.ts';

const test = suite('the commands of the documentation');

/** Pages whose commands print what the `text` block behind them contains, each with the minimum number of such blocks. */
const SHOWN = {
  'docs/how-to/change-and-review.md': 7,
  'docs/how-to/cookbook.md': 7,
  'docs/how-to/discover.md': 3,
  'docs/how-to/drift.md': 1,
  'docs/how-to/iscsi-disks.md': 1,
  'docs/how-to/secrets.md': 1,
};

test('the commands of every page work in their order', () => {
  for (const page of PAGES) {
    const blocks = blocksOf(read(page), 'sh').filter((block) => block.trim() !== ALL_TESTS);
    if (page in SHOWN || !blocks[0] || blocks[0].startsWith('npm ci')) continue;
    outputOf(blocks.join(''), preparedCopy());
  }
});

for (const [name, least] of Object.entries(SHOWN)) {
  test(`the commands of ${name} print what the page shows`, () => {
    const copy = preparedCopy();
    const steps = read(name).matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm);
    let shown = 0;
    for (const [, commands = '', text] of steps) {
      const stdout = outputOf(commands, copy);
      if (text === undefined) continue;
      shown += 1;
      assert.ok(stdout.includes(text), stdout);
    }
    assert.ok(shown >= least);
  });
}

test('the page of cloud VMs creates all secrets that the site of each provider needs', () => {
  const blocks = blocksOf(read('docs/how-to/cloud-vm.md'), 'sh online');
  const [local = ''] = (blocks.find((block) => block.includes('harvgen secrets')) ?? '').split(' &&\n');
  const pages = PAGES.filter((page) => /how-to\/cloud-(?!vm)/.test(page));
  assert.is(pages.length, 4);
  for (const page of pages) {
    const commands = `${blocksOf(read(page), 'sh').join('')}${local}\nprintf '%s\\n' "$include"`;
    assert.match(outputOf(commands, preparedCopy()), /^set .*_fills .*;\n$/m, page);
  }
});

test('the watch prints what its page shows, and the README shows a diff of that page', async () => {
  const page = read('docs/how-to/change-and-review.md');
  const copy = preparedCopy();
  const [inReadme = 'nothing'] = blocksOf(read('README.md'), 'text diff');
  assert.ok(page.includes(inReadme), 'the README shows the same');
  const [command = ''] = blocksOf(page, 'sh watch');
  const watching = new Running(command.trim().split(' ').slice(2), copy);
  await watching.until(/watching/);
  const file = join(copy, 'sites/location_x/site.yaml');
  writeFileSync(file, edited(readFileSync(file, 'utf8'), ['192.168.178.43', '192.168.178.53']));
  const line = await watching.until(/out\/location_x: 5 written.*\n/);
  assert.ok(blocksOf(page, 'text watch').includes(line.replace(/in \d+ ms/, 'in 12 ms')), line);
  assert.is(await watching.stop('SIGINT'), 0);
});

test('an import prints what its page shows', () => {
  const copy = preparedCopy();
  const migrations = PAGES.filter((page) => page.startsWith('docs/migrate/'));
  assert.is(migrations.length, 9);
  for (const page of migrations) {
    // Notes go to standard error.
    const commands = `exec 2>&1\n${blocksOf(read(page), 'sh import').join('')}`;
    const printed = outputOf(commands, copy);
    const shown = blocksOf(read(page), 'text import');
    assert.ok(shown.length > 0, page);
    for (const block of shown) assert.ok(printed.includes(block), `${page}: ${printed}`);
  }
});

test.run();
