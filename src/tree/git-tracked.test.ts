import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { scratchFolder, writeFiles } from '../../test/support/scratch.ts';
import { gitTracked } from './git-tracked.ts';

const test = suite('files that git tracks or would add');
const ME = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
const PATHS = ['manifest.json', 'www/config/a.yaml'];

function git(folder: string, ...args: string[]): void {
  const { status, stderr } = spawnSync('git', ['-c', 'protocol.file.allow=always', '-C', folder, ...args], {
    encoding: 'utf8',
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.org',
    },
  });
  assert.is(status, 0, stderr);
}

/** Returns a directory that is in no work tree, with all links in its path resolved. */
function home(): string {
  return realpathSync(scratchFolder());
}

function repository(files: Readonly<Record<string, string>> = {}): string {
  const folder = home();
  git(folder, 'init', '-q');
  return writeFiles(folder, files);
}

/** Runs a function with environment variables set. */
function withEnv<T>(env: Readonly<Record<string, string>>, work: () => T): T {
  const before = { ...process.env };
  Object.assign(process.env, env);
  try {
    return work();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

test('returns nothing outside of all work trees, without running git', () => {
  const folder = join(home(), 'deep', 'out');
  assert.equal(
    withEnv({ PATH: '/nonexistent' }, () => gitTracked(folder, PATHS)),
    [],
  );
});

test('returns all files in a work tree, whether the directory exists or not', () => {
  const workTree = repository();
  const folder = join(workTree, 'out', 'plant');
  assert.equal(gitTracked(folder, PATHS), [{ workTree, paths: PATHS }]);
  mkdirSync(join(folder, 'www', 'config'), { recursive: true });
  assert.equal(gitTracked(folder, PATHS), [{ workTree, paths: PATHS }]);
  assert.equal(gitTracked(folder, []), []);
});

test('omits ignored files: the whole directory or some files', () => {
  assert.equal(gitTracked(join(repository({ '.gitignore': '/out\n' }), 'out', 'plant'), PATHS), []);
  const workTree = repository({ '.gitignore': '*.yaml\n' });
  assert.equal(gitTracked(join(workTree, 'out', 'plant'), PATHS), [{ workTree, paths: ['manifest.json'] }]);
});

test('returns tracked files in an ignored directory', () => {
  const workTree = repository({ '.gitignore': '/out\n', 'out/plant/www/config/a.yaml': '' });
  git(workTree, 'add', '-f', 'out/plant/www/config/a.yaml');
  const taken = [{ workTree, paths: ['www/config/a.yaml'] }];
  assert.equal(gitTracked(join(workTree, 'out', 'plant'), PATHS), taken);
  rmSync(join(workTree, 'out'), { recursive: true });
  assert.equal(gitTracked(join(workTree, 'out', 'plant'), PATHS), taken, 'and deleted from disk');
});

test('of nested repositories, uses the innermost one of each file', () => {
  const outer = repository({ '.gitignore': '/inner\n' });
  const inner = join(outer, 'inner');
  mkdirSync(inner);
  git(inner, 'init', '-q');
  assert.equal(gitTracked(join(inner, 'out'), PATHS), [{ workTree: inner, paths: PATHS }]);
  writeFileSync(join(inner, '.gitignore'), 'out\n');
  assert.equal(gitTracked(join(inner, 'out'), PATHS), []);
  const own = join(inner, 'out', 'www');
  mkdirSync(own, { recursive: true });
  git(own, 'init', '-q');
  assert.equal(gitTracked(join(inner, 'out'), PATHS), [{ workTree: own, paths: ['www/config/a.yaml'] }]);
});

test('supports a submodule and a linked work tree, whose .git is a file', () => {
  const workTree = repository({ a: '' });
  git(workTree, 'add', 'a');
  git(workTree, 'commit', '-qm', 'a');
  const other = join(home(), 'other');
  git(workTree, 'worktree', 'add', '-q', other);
  assert.equal(gitTracked(join(other, 'out'), PATHS), [{ workTree: other, paths: PATHS }]);
  writeFileSync(join(other, '.gitignore'), 'out\n');
  assert.equal(gitTracked(join(other, 'out'), PATHS), []);
  const whole = repository({ '.gitignore': 'out\n' });
  git(whole, 'submodule', 'add', '-q', workTree, 'sub');
  const sub = join(whole, 'sub');
  assert.equal(gitTracked(join(sub, 'out'), PATHS), [{ workTree: sub, paths: PATHS }]);
});

test('follows links in the path into a work tree and out of it', () => {
  const workTree = repository();
  const outside = home();
  symlinkSync(workTree, join(outside, 'in'));
  assert.equal(gitTracked(join(outside, 'in', 'out'), PATHS), [{ workTree, paths: PATHS }]);
  symlinkSync(outside, join(workTree, 'out'));
  assert.equal(gitTracked(join(workTree, 'out', 'plant'), PATHS), []);
});

test('ignores the variables that a hook sets', () => {
  const other = repository({ '.gitignore': '*\n' });
  const workTree = repository();
  const env = {
    GIT_DIR: join(other, '.git'),
    GIT_WORK_TREE: other,
    GIT_INDEX_FILE: join(other, '.git', 'index'),
    GIT_PREFIX: 'sub/',
    GIT_CEILING_DIRECTORIES: workTree,
  };
  assert.equal(
    withEnv(env, () => gitTracked(join(workTree, 'out'), PATHS)),
    [{ workTree, paths: PATHS }],
  );
});

test('uses a work tree without .git if the environment names its repository', () => {
  const workTree = home();
  const bare = home();
  git(bare, 'init', '-q', '--bare');
  const out = join(workTree, 'deep', 'out');
  const named = { GIT_DIR: bare, GIT_WORK_TREE: workTree };
  const asked = (env: Readonly<Record<string, string>>) => withEnv(env, () => gitTracked(out, PATHS));
  assert.equal(asked(named), [{ workTree, paths: PATHS }]);
  assert.equal(asked({ GIT_DIR: bare }), [], 'without a work tree');
  git(bare, 'config', 'core.bare', 'false');
  git(bare, 'config', 'core.worktree', workTree);
  assert.equal(asked({ GIT_DIR: bare }), [{ workTree, paths: PATHS }]);
  assert.equal(asked({ GIT_DIR: relative(process.cwd(), bare) }), [{ workTree, paths: PATHS }]);
  writeFiles(workTree, { '.gitignore': 'out\n', 'deep/out/manifest.json': '' });
  assert.equal(asked(named), []);
  git(bare, `--work-tree=${workTree}`, 'add', '-f', join(workTree, 'deep/out/manifest.json'));
  assert.equal(asked(named), [{ workTree, paths: ['manifest.json'] }]);
  git(join(workTree, 'deep'), 'init', '-q');
  assert.equal(asked(named), [{ workTree: join(workTree, 'deep'), paths: PATHS }], 'the innermost applies');
});

test('works in a hook of the same repository, however git runs it', () => {
  const workTree = repository({ '.gitignore': '/ignored\n/added\n', a: '', 'sub/b': '' });
  const linked = join(home(), 'linked');
  const program = `import { gitTracked } from ${JSON.stringify(new URL('git-tracked.ts', import.meta.url).href)};
    const of = (folder) => gitTracked(process.env.TOP + folder, ['a', 'b']);
    console.error('result ' + JSON.stringify(['/out', '/ignored', '/added'].map(of)));`;
  const tsx = import.meta.resolve('tsx');
  const asking = join(writeFiles(home(), { 'ask.mts': program }), 'ask.mts');
  const hook = `#!/bin/sh\nexport TOP="$PWD"\nexec node --import ${tsx} ${asking}\n`;
  writeFiles(workTree, { '.git/hooks/pre-commit': hook });
  chmodSync(join(workTree, '.git/hooks/pre-commit'), 0o755);
  writeFiles(workTree, { 'added/a': '' });
  git(workTree, 'add', 'a', '.gitignore');
  git(workTree, 'add', '-f', 'added/a');
  const resultOf = (folder: string, ...args: string[]) => {
    const { stderr } = spawnSync('git', ['-C', folder, ...ME, 'commit', '-m', 'a', ...args], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: folder },
    });
    const line = /^result (.*)$/m.exec(stderr)?.[1];
    assert.ok(line, stderr);
    return JSON.parse(line);
  };
  const expected = (workTree: string) => [
    [{ workTree, paths: ['a', 'b'] }],
    [],
    [{ workTree, paths: ['a'] }],
  ];
  assert.equal(resultOf(workTree), expected(workTree), 'git commit');
  writeFileSync(join(workTree, 'a'), '1');
  assert.equal(resultOf(workTree, '-a'), expected(workTree), 'git commit -a');
  writeFileSync(join(workTree, 'a'), '2');
  assert.equal(resultOf(workTree, '--', 'a'), expected(workTree), 'git commit -- a');
  git(workTree, 'worktree', 'add', '-q', linked);
  writeFileSync(join(linked, 'a'), '3');
  assert.equal(resultOf(linked, '-a'), expected(linked), 'of another work tree, for which GIT_DIR is set');
});

test('runs git without the values of secrets in its environment', () => {
  const bin = writeFiles(home(), { git: '#!/bin/sh\nenv >> "$(dirname "$0")/env"; exit 128\n' });
  chmodSync(join(bin, 'git'), 0o755);
  const workTree = repository();
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HARVGEN_SECRET_TOKEN: 'S3cret',
    GIT_DIR: join(workTree, '.git'),
  };
  const [taken] = withEnv(env, () => gitTracked(workTree, PATHS));
  assert.is(taken?.fault, 'git exited with 128');
  const seen = readFileSync(join(bin, 'env'), 'utf8');
  assert.match(seen, /^LC_ALL=C$/m);
  assert.not.match(seen, 'S3cret');
});

test('returns files that a pattern with ! includes again, and supports names that begin with !', () => {
  const workTree = repository({ '.gitignore': '/out/*\n!/out/manifest.json\n\\!x\n' });
  assert.equal(gitTracked(join(workTree, 'out'), ['manifest.json', 'b', '!x']), [
    { workTree, paths: ['manifest.json'] },
  ]);
});

test('supports names with a special meaning to git', () => {
  const workTree = repository({ '.gitignore': '/:(top)x/\n' });
  assert.equal(gitTracked(join(workTree, ':(top)x'), ['a\nb', ':/c', '*']), []);
  assert.equal(gitTracked(join(workTree, ':!y'), ['a\nb', ':/c', '*']), [
    { workTree, paths: ['a\nb', ':/c', '*'] },
  ]);
});

test('returns all files and the reason if git cannot be run', () => {
  const workTree = repository({ '.gitignore': 'out\n' });
  const folder = join(workTree, 'out');
  assert.equal(
    withEnv({ PATH: '/nonexistent' }, () => gitTracked(folder, PATHS)),
    [{ workTree, paths: PATHS, fault: 'git is not installed' }],
  );
  writeFileSync(join(workTree, '.git', 'index'), 'broken');
  const [broken] = gitTracked(folder, PATHS);
  assert.match(broken?.fault ?? '', /^git reports: .*index/);
  rmSync(join(workTree, '.git'), { recursive: true });
  writeFileSync(join(workTree, '.git'), 'gitdir: /nonexistent\n');
  const [lost] = gitTracked(folder, PATHS);
  assert.is(lost?.fault, 'git reports: not a git repository: /nonexistent');
});

if (process.getuid?.() === 0) {
  test('reports a repository of another user, which git does not trust', () => {
    const workTree = repository({ '.gitignore': 'out\n' });
    chownSync(workTree, 65534, 65534);
    chownSync(join(workTree, '.git'), 65534, 65534);
    const [taken] = withEnv({ HOME: workTree, SUDO_UID: '0' }, () =>
      gitTracked(join(workTree, 'out'), PATHS),
    );
    assert.match(taken?.fault ?? '', /^git reports: .*dubious ownership/);
    assert.equal(taken?.paths, PATHS);
  });
}

test.run();
