import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { BIN, harvgenWarm as harvgen, type Run, harvgen as start } from './support/cli.ts';
import { disk } from './support/disk-state.ts';
import { readTree } from './support/files.ts';
import { edited, PLANT, plantCalled } from './support/plant.ts';
import { Running } from './support/running.ts';
import { makeSite, scratchFolder, writeFiles } from './support/scratch.ts';

/* Builds with values of secrets: which files get them, who can read these, and where values must not be. */

const test = suite('building with secrets');
const TOKEN = 'S3cret-token $HOME "of" plant';
const OTHER = 'An0ther-token of the plant';
const CONFIG = 'out/plant/www/config/52-54-00-aa-01-02.yaml';
const WITH = ['--secrets', 'secrets.yaml'];

/** Returns a directory with the common site and its secrets. */
function plant(text = PLANT): string {
  const home = dirname(makeSite(text));
  give(home, { cluster_token: TOKEN });
  return home;
}

function give(home: string, values: Readonly<Record<string, string>>): void {
  writeFileSync(join(home, 'secrets.yaml'), JSON.stringify(values), { mode: 0o600 });
}

/** Returns the same directory after a build with the secrets. */
function built(text = PLANT): string {
  const home = plant(text);
  assert.equal(start(['build', 'plant', ...WITH], home), {
    code: 0,
    stdout: 'out/plant: 22 written, 0 unchanged, 0 removed\n',
    stderr: '',
  });
  return home;
}

function rights(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function tokenIn(home: string, path = CONFIG): unknown {
  return parse(readFileSync(join(home, path), 'utf8')).token;
}

/** Asserts that the output of a run contains no value, plain or as in the output tree. */
function assertSilent({ stdout, stderr }: Run): void {
  for (const part of ['S3cret', 'An0ther', 'of the plant', '"of\\"'])
    assert.not.ok(`${stdout}${stderr}`.includes(part), `the output contains ${part}:\n${stdout}${stderr}`);
}

function git(home: string, ...args: string[]): void {
  const { status, stderr } = spawnSync('git', args, { cwd: home, encoding: 'utf8' });
  assert.is(status, 0, stderr);
}

test('only configurations contain the values, byte for byte', () => {
  const home = built();
  for (const number of ['01', '02', '03'])
    assert.is(tokenIn(home, `out/plant/www/config/52-54-00-aa-01-${number}.yaml`), TOKEN);
  for (const [path, content] of Object.entries(readTree(join(home, 'out/plant')))) {
    assert.is(content.includes('S3cret'), path.startsWith('www/config/'), path);
    assert.not.ok(/@@secret:\w/.test(content) && path !== 'manifest.json', path);
  }
  assert.not.match(readFileSync(join(home, 'out/plant/nginx/plant.conf'), 'utf8'), /sub_filter|include/);
});

test('files with secrets, and the manifest, are not public, and the build leaves no other files', () => {
  const home = built();
  for (const path of Object.keys(readTree(join(home, 'out/plant')))) {
    const isSecret = path.startsWith('www/config/') || path === 'manifest.json';
    const expected = isSecret ? '640' : path.endsWith('.sh') ? '755' : '644';
    assert.is(rights(join(home, 'out/plant', path)), expected, path);
  }
  assert.not.ok(existsSync(join(home, 'out/plant/.harvgen')));
});

test('a second build writes nothing; a changed mode is restored', () => {
  const home = built();
  const before = disk(join(home, 'out'));
  assert.is(
    harvgen(['build', 'plant', ...WITH], home).stdout,
    'out/plant: 0 written, 22 unchanged, 0 removed\n',
  );
  assert.equal(disk(join(home, 'out')), before);
  chmodSync(join(home, CONFIG), 0o644);
  chmodSync(join(home, 'out/plant/manifest.json'), 0o644);
  const { code, stdout } = harvgen(['build', '--check', 'plant', ...WITH], home);
  assert.equal(
    [code, stdout],
    [
      1,
      'out/plant differs from the inventory: 2 files\n  differs    manifest.json\n  differs    www/config/52-54-00-aa-01-02.yaml\n',
    ],
  );
  assert.is(
    harvgen(['build', 'plant', ...WITH], home).stdout,
    'out/plant: 2 written, 20 unchanged, 0 removed\n',
  );
  assert.equal([rights(join(home, CONFIG)), rights(join(home, 'out/plant/manifest.json'))], ['640', '640']);
});

test('files inherit the group of the directory if its setgid bit is set', () => {
  const home = plant();
  const folder = join(home, 'filled');
  mkdirSync(folder);
  assert.is(spawnSync('chgrp', ['65534', folder]).status, 0);
  chmodSync(folder, 0o2750);
  assert.is(harvgen(['build', 'plant', ...WITH, '--out', 'filled'], home).code, 0);
  for (const path of Object.keys(readTree(folder))) assert.is(statSync(join(folder, path)).gid, 65534, path);
});

test('reads values from standard input, and from the environment', () => {
  const home = plant();
  const { status, stdout } = spawnSync(process.execPath, [BIN, 'build', 'plant', '--secrets', '-'], {
    cwd: home,
    input: `cluster_token: '${TOKEN}'\n`,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: home },
  });
  assert.equal([status, stdout], [0, 'out/plant: 22 written, 0 unchanged, 0 removed\n']);
  assert.is(tokenIn(home), TOKEN);
  const run = harvgen(['build', 'plant'], home, { HARVGEN_SECRET_CLUSTER_TOKEN: TOKEN });
  assert.equal(run, { code: 0, stdout: 'out/plant: 0 written, 22 unchanged, 0 removed\n', stderr: '' });
});

test('missing values are reported at their locations, for all sites, and nothing is written', () => {
  const home = plant();
  writeFiles(home, { 'annex/site.yaml': plantCalled('annex', 10).replace(':cluster_token', ':annex_token') });
  const run = harvgen(['build', 'plant', 'annex', ...WITH], home);
  assert.is(run.code, 1);
  assert.is(
    run.stderr,
    `annex/site.yaml:15:10 error secret-missing
  The secret annex_token has no value: the machine would use its placeholder as the value.
  14 |   vip: 192.168.10.40
  15 |   token: \${secret:annex_token}
     |          ^^^^^^^^^^^^^^^^^^^^^
  help: add annex_token to the --secrets file, or set HARVGEN_SECRET_ANNEX_TOKEN

1 error: nothing was written
`,
  );
  assert.not.ok(existsSync(join(home, 'out')));
});

test('errors of the secrets file stop every command in the same way', () => {
  const home = plant();
  for (const command of [['build'], ['build', '--check'], ['diff']]) {
    const run = harvgen([...command, 'plant', '--secrets', 'none.yaml'], home);
    const stderr = 'harvgen: none.yaml cannot be read: there is no such file (ENOENT)\n';
    assert.equal(run, { code: 1, stdout: '', stderr });
  }
  writeFileSync(join(home, 'plant/secrets.yaml'), 'cluster_token: x\n');
  const { code, stderr } = harvgen(['build', 'plant', '--secrets', 'plant/secrets.yaml'], home);
  assert.is(code, 1);
  assert.match(stderr, /^harvgen: plant\/secrets\.yaml is within the site plant/);
});

test('refuses directories that git does not ignore, for any of the sites', () => {
  const home = plant();
  git(home, 'init', '-q');
  writeFiles(home, { '.gitignore': 'secrets.yaml\n' });
  writeFiles(home, { 'annex/site.yaml': plantCalled('annex', 10).replace(':cluster_token', ':annex_token') });
  give(home, { cluster_token: TOKEN, annex_token: OTHER });
  const run = harvgen(['build', 'plant', 'annex', ...WITH], home);
  assert.equal(
    [run.code, run.stdout, run.stderr.replaceAll(/git work tree \S+,/g, 'git work tree HOME,')],
    [
      1,
      '',
      `harvgen: the output contains secrets, and git would keep them forever:
  out/plant is in the git work tree HOME, which does not ignore out/plant/manifest.json, out/plant/www/config/52-54-00-aa-01-01.yaml, out/plant/www/config/52-54-00-aa-01-02.yaml and 1 more
  out/annex is in the git work tree HOME, which does not ignore out/annex/manifest.json, out/annex/www/config/52-54-00-aa-0a-01.yaml, out/annex/www/config/52-54-00-aa-0a-02.yaml and 1 more
Write it outside of any repository with --out, or add the directory to .gitignore and remove tracked files from git
with \`git rm --cached\`; --allow-secrets-in-git writes it anyway.
`,
    ],
  );
  assert.not.ok(existsSync(join(home, 'out')));
  assert.is(harvgen(['build', 'plant'], home).code, 0, 'git can keep placeholders');
  const outside = join(scratchFolder(), 'filled');
  assert.is(harvgen(['build', 'plant', ...WITH, '--out', outside], home).code, 0);
  assert.is(harvgen(['build', 'plant', ...WITH, '--allow-secrets-in-git'], home).code, 0);
  assert.is(tokenIn(home), TOKEN);
});

test('writes to a directory that git ignores, unless a file in it is tracked', () => {
  const home = plant();
  git(home, 'init', '-q');
  writeFiles(home, { '.gitignore': '/out/\n' });
  assert.is(harvgen(['build', 'plant', ...WITH], home).code, 0);
  git(home, 'add', '-f', CONFIG);
  give(home, { cluster_token: OTHER });
  const run = harvgen(['build', 'plant', ...WITH], home);
  assert.match(run.stderr, /which does not ignore out\/plant\/www\/config\/52-54-00-aa-01-02\.yaml\n/);
  assert.equal([run.code, tokenIn(home)], [1, TOKEN]);
});

test('placeholders replace values only with --force, and are public', () => {
  const home = built();
  const refused = harvgen(['build', 'plant'], home);
  assert.equal(refused, {
    code: 1,
    stdout: '',
    stderr:
      'harvgen: out/plant contains the values of secrets, and this build would replace them by placeholders, which machines would use as secrets. Add --secrets to keep the values, or --force to replace them.\n',
  });
  assert.is(tokenIn(home), TOKEN);
  assert.equal(harvgen(['build', '--check', 'plant'], home), {
    code: 1,
    stdout:
      'out/plant contains the values of secrets, so a build without them cannot be compared: add --secrets\n',
    stderr: '',
  });
  assert.is(harvgen(['build', '--force', 'plant'], home).code, 0);
  assert.is(tokenIn(home), '@@secret:cluster_token@@');
  assert.equal([rights(join(home, CONFIG)), rights(join(home, 'out/plant/manifest.json'))], ['644', '644']);
});

test('a site that no longer needs secrets is built without them', () => {
  const home = built();
  const clear = edited(PLANT, ['${secret:cluster_token}', 'in-the-open-in-the-open']);
  writeFileSync(join(home, 'plant/site.yaml'), clear);
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  assert.is(tokenIn(home), 'in-the-open-in-the-open');
  assert.is(rights(join(home, CONFIG)), '644');
});

test('build --check reports that a value differs, without the value', () => {
  const home = built();
  assert.equal(harvgen(['build', '--check', 'plant', ...WITH], home), {
    code: 0,
    stdout: 'out/plant matches the inventory\n',
    stderr: '',
  });
  give(home, { cluster_token: OTHER });
  const run = harvgen(['build', '--check', 'plant', ...WITH], home);
  assert.is(run.code, 1);
  assert.match(
    run.stdout,
    /^out\/plant differs from the inventory: 4 files\n {2}differs {4}manifest\.json\n/,
  );
  assert.is(
    run.stderr,
    'harvgen: run `harvgen diff` with the same --secrets to see the changes, then build with it, without --check, and deploy the result\n',
  );
  assertSilent(run);
});

const isPlan = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(fileURLToPath(new URL('../schema/diff.schema.json', import.meta.url)), 'utf8')),
);

function assertPlan(plan: unknown): void {
  assert.ok(isPlan(plan), JSON.stringify(isPlan.errors));
}

/** Returns the output of `harvgen diff` after a check against its schema, and a search for values. */
function diffOf(home: string, ...args: string[]): { text: string; json: Record<string, unknown> } {
  const text = harvgen(['diff', 'plant', ...args], home);
  const json = harvgen(['diff', '--format', 'json', 'plant', ...args], home);
  for (const run of [text, json]) {
    assert.equal([run.code, run.stderr], [0, '']);
    assertSilent(run);
  }
  const plan = JSON.parse(json.stdout);
  assertPlan(plan);
  for (const { diff } of plan.sites[0].files) assert.is(diff, undefined);
  assert.not.match(text.stdout, /^(diff|@@|[+-])/m);
  return { text: text.stdout, json: plan.sites[0] };
}

const NO_PATCH = '  there is no patch: it would need the values of secrets, which are never shown\n';

test('diff reports that a value differs, without the value', () => {
  const home = built();
  assert.is(diffOf(home, ...WITH).text, 'out/plant: nothing changes\n');
  give(home, { cluster_token: OTHER });
  const { text, json } = diffOf(home, ...WITH);
  assert.is(
    text,
    `out/plant: 4 files written, 18 unchanged
${NO_PATCH}  the secret cluster_token has another value: machines get it when they are reinstalled; an installed system keeps the old value
`,
  );
  assert.equal([json.secrets, json.nodes], ['filled', []]);
  assert.equal(
    (json.changes as { what: string; name: string }[]).map(({ what, name }) => [what, name]),
    [['secret-value', 'cluster_token']],
  );
});

test('diff describes changes of secrets and other changes', () => {
  const home = built();
  const text = edited(
    PLANT,
    ['${secret:cluster_token}', 'x-${secret:plant_token}-y'],
    ['[0.suse.pool.ntp.org]', '[1.suse.pool.ntp.org]'],
  );
  writeFileSync(join(home, 'plant/site.yaml'), text);
  give(home, { plant_token: OTHER });
  assert.is(
    diffOf(home, ...WITH).text,
    `out/plant: 3 nodes change; 6 files written, 16 unchanged
${NO_PATCH}  harv-1 to harv-3 (3 nodes), each: at once, when cluster/ is applied:
    os.ntp_servers: 1.suse.pool.ntp.org instead of 0.suse.pool.ntp.org
    never, while it is installed:
      token changes; it encrypts the data of RKE2: install a new cluster
  the tree contains the new secret plant_token
  the tree no longer contains the secret cluster_token
`,
  );
});

test('diff without secrets compares no values, and reports that', () => {
  const home = built();
  const { text, json } = diffOf(home);
  assert.is(
    text,
    `out/plant: 7 files written, 1 removed, 15 unchanged
  the tree contains secret values, but this build does not: a build replaces them with placeholders only with --force
  use --secrets to compare the values too
${NO_PATCH}  before deploying: install the secrets again
  on the boot server, after deploying: reload nginx
`,
  );
  assert.is(json.secrets, 'to-mark');
});

test('diff of placeholders with a build with values shows no lines either', () => {
  const home = plant();
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  const { text, json } = diffOf(home, ...WITH);
  assert.match(text, /^ {2}the values of secrets replace their placeholders$/m);
  assert.is(json.secrets, 'to-fill');
});

test('a manual edit of a file with secrets is reported, but not shown', () => {
  const home = built();
  const path = join(home, CONFIG);
  writeFileSync(path, `# ${TOKEN}\n${readFileSync(path, 'utf8')}`);
  const { text, json } = diffOf(home, ...WITH);
  assert.match(text, /^ {2}www\/config\/52-54-00-aa-01-02\.yaml was edited since the last build/m);
  assert.equal(
    (json.files as { path: string; edited: boolean }[]).map(({ path, edited }) => [path, edited]),
    [['www/config/52-54-00-aa-01-02.yaml', true]],
  );
  const refused = harvgen(['build', 'plant', ...WITH], home);
  assert.is(refused.code, 1);
  assertSilent(refused);
});

test('diff shows no values after git restored the manifest', () => {
  const home = plant();
  git(home, 'init', '-q');
  writeFiles(home, { '.gitignore': 'secrets.yaml\n' });
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  git(home, 'add', '.');
  assert.is(harvgen(['build', 'plant', ...WITH, '--allow-secrets-in-git'], home).code, 0);
  git(home, 'checkout', 'out/plant/manifest.json');
  spawnSync('chmod', ['-R', 'a+r', join(home, 'out')]);
  const text = harvgen(['diff', 'plant'], home);
  assertSilent(text);
  assert.match(
    text.stdout,
    '01-02.yaml was edited since the last build: a build discards the edit only with --force; its lines are hidden, because they may contain the values of secrets\n',
  );
  assert.match(text.stdout, /^diff --git a\/out\/plant\/nginx\/plant.conf /m);
  assert.not.match(text.stdout, /^diff --git .*\.yaml$/m);
  const json = harvgen(['diff', '--format', 'json', 'plant'], home);
  assertSilent(json);
  const plan = JSON.parse(json.stdout);
  assertPlan(plan);
  type Listed = { path: string; edited: boolean; diff?: string };
  const configs = (plan.sites[0].files as Listed[]).filter(({ path }) => path.endsWith('.yaml'));
  assert.equal(
    configs.map(({ edited, diff }) => [edited, diff]),
    [1, 2, 3].map(() => [true, undefined]),
  );
  for (const run of [harvgen(['diff', 'plant', ...WITH], home), harvgen(['build', 'plant'], home)])
    assertSilent(run);
  assert.is(tokenIn(home), TOKEN, 'and a build without values refuses to write');
});

for (const first of [true, false]) {
  test(`${first ? 'a first' : 'a'} killed build with values is not half undone by one without`, () => {
    const home = plant();
    if (!first) assert.is(harvgen(['build', 'plant'], home).code, 0);
    const preload = fileURLToPath(new URL('support/kill-at-rename.mjs', import.meta.url));
    // The journal is renamed first, then files by path; in a first build whole directories, `www` last.
    const killing = { NODE_OPTIONS: `--import ${preload}`, KILL_AT_RENAME: first ? '9' : '6' };
    assert.is(start(['build', 'plant', ...WITH], home, killing).code, null);
    const config = 'out/plant/www/config/52-54-00-aa-01-01.yaml';
    assert.is(tokenIn(home, config), TOKEN, 'one is filled in');
    spawnSync('chmod', ['-R', 'a+r', join(home, 'out')]);
    for (const args of [
      ['diff', 'plant'],
      ['diff', '--format', 'json', 'plant'],
      ['diff', 'plant', ...WITH],
      ['build', '--check', 'plant'],
    ])
      assertSilent(harvgen(args, home));
    assert.is(
      JSON.parse(harvgen(['diff', '--format', 'json', 'plant'], home).stdout).sites[0].secrets,
      'to-mark',
    );
    const refused = harvgen(['build', 'plant'], home);
    assert.is(refused.code, 1);
    assert.match(
      refused.stderr,
      'out/plant contains the values of secrets, and this build would replace them by placeholders',
    );
    assert.is(tokenIn(home, config), TOKEN);
    assert.is(harvgen(['build', 'plant', ...WITH], home).code, 0);
    assert.is(tokenIn(home), TOKEN);
    assert.not.ok(existsSync(join(home, 'out/plant/.harvgen')));
  });
}

test('a build killed before the first value was in place does not block others', () => {
  const home = plant();
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  const preload = fileURLToPath(new URL('support/kill-at-rename.mjs', import.meta.url));
  const killing = { NODE_OPTIONS: `--import ${preload}`, KILL_AT_RENAME: '2' };
  assert.is(start(['build', 'plant', ...WITH], home, killing).code, null);
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  assert.is(tokenIn(home), '@@secret:cluster_token@@');
});

test('--watch reads a changed secrets file again, and keeps the last good output tree', async () => {
  const home = plant();
  const running = new Running(['build', '--watch', 'plant', ...WITH], home);
  try {
    await running.until(/out\/plant: 22 written.*\n[\s\S]*watching plant.*\n/);
    give(home, { cluster_token: OTHER });
    await running.until(/out\/plant: 4 written, 18 unchanged, 0 removed in .*\n/);
    assert.equal([tokenIn(home), rights(join(home, CONFIG))], [OTHER, '640']);
    writeFileSync(join(home, 'secrets.yaml'), 'cluster_token: [\n');
    await running.until(/harvgen: secrets\.yaml[^\n]*\n(.*\n)*?harvgen: the last good output stays\n/);
    rmSync(join(home, 'secrets.yaml'));
    await running.until(/there is no such file[\s\S]*the last good output stays\n/);
    assert.is(tokenIn(home), OTHER);
    give(home, { cluster_token: TOKEN });
    await running.until(/out\/plant: 4 written, 18 unchanged, 0 removed in .*\n/);
    assert.is(tokenIn(home), TOKEN);
    writeFileSync(join(home, 'plant/site.yaml'), edited(PLANT, ['178.43 }', '178.44 }']));
    await running.until(/out\/plant: .* in .*\n/);
    assert.is(tokenIn(home), TOKEN);
    assertSilent({ code: 0, stdout: running.output, stderr: '' });
  } finally {
    await running.stop('SIGINT');
  }
});

test.run();
