// needs: git npm pre-commit
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BIN, harvgenWarm as harvgen } from './support/cli.ts';
import { readPage as read } from './support/docs.ts';
import { blocksOf } from './support/markdown.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

const test = suite('the hooks for pre-commit');

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim();
}

/** Makes a repository with the hooks and a package of the same name, which runs the built command line. Returns its path. */
function hooks(): string {
  const folder = writeFiles(scratchFolder(), {
    '.pre-commit-hooks.yaml': read('.pre-commit-hooks.yaml'),
    'package.json': JSON.stringify({ name: 'harvgen', version: '1.0.0', type: 'module', bin: 'harvgen.js' }),
    'harvgen.js': `#!/usr/bin/env node\nawait import(${JSON.stringify(pathToFileURL(BIN))});\n`,
  });
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'the hooks');
  git(folder, 'tag', 'v1.0.0');
  return folder;
}

test('the hooks of the page pass for a built site, and fail for others, also if files are only removed', () => {
  const folder = dirname(dirname(makeSite(PLANT, 'sites/plant')));
  const site = join(folder, 'sites/plant/site.yaml');
  const [config = ''] = blocksOf(read('docs/how-to/ci.md'), 'yaml pre-commit');
  const repository = 'https://github.com/your-org/harvgen';
  assert.match(config, `repo: ${repository}\n    rev: v1.0.0\n`);
  writeFileSync(join(folder, '.pre-commit-config.yaml'), config.replace(repository, hooks()));
  assert.is(harvgen(['build', 'sites/plant'], folder).code, 0);
  git(folder, 'init', '-q');
  git(folder, 'add', '-A');
  const env = { ...process.env, PRE_COMMIT_HOME: scratchFolder(), NO_COLOR: '1' };
  const run = () => {
    git(folder, 'add', '-A');
    const { status, stdout } = spawnSync('pre-commit', ['run'], { cwd: folder, env, encoding: 'utf8' });
    const results = stdout.match(/^harvgen .*?(?=\.)|Passed$|Failed$|Skipped$/gm);
    return { status, results, stdout };
  };
  const all = (check: string, build: string) => ['harvgen check', check, 'harvgen build --check', build];
  const right = run();
  assert.equal([right.status, right.results], [0, all('Passed', 'Passed')], right.stdout);
  git(folder, 'commit', '-qm', 'a site');

  writeFileSync(site, edited(PLANT, ['52:54:00:aa:01:03', '52:54:00:aa:01:33']));
  const stale = run();
  assert.equal([stale.status, stale.results], [1, all('Passed', 'Failed')], stale.stdout);
  assert.match(stale.stdout, 'out/plant differs from the inventory');

  writeFileSync(site, edited(PLANT, ['gateway:', 'gatewey:']));
  const wrong = run();
  assert.equal([wrong.status, wrong.results], [1, all('Failed', 'Failed')], wrong.stdout);
  assert.match(wrong.stdout, 'sites/plant/site.yaml:9:5 error unknown-key');

  git(folder, 'reset', '-q', '--hard');
  writeFileSync(join(folder, 'note.md'), 'unrelated\n');
  const other = run();
  assert.equal([other.status, other.results], [0, all('Passed', 'Passed')], other.stdout);

  // pre-commit does not count a removed file as a changed file.
  git(folder, 'commit', '-qam', 'a note');
  rmSync(join(folder, 'out/plant/www/boot.ipxe'));
  const removed = run();
  assert.equal([removed.status, removed.results], [1, all('Passed', 'Failed')], removed.stdout);
});

test.run();
