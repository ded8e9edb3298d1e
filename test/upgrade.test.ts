// needs: git
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { VERSION } from '../src/values/package.ts';
import { harvgenWarm as harvgen } from './support/cli.ts';
import { readPage } from './support/docs.ts';
import { blocksOf } from './support/markdown.ts';
import { buildAs, type FileEdits } from './support/older-tree.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

/* The changes of a new version of harvgen, apart from those of the inventory. */

const test = suite('the changes of another version of harvgen');

const schema = fileURLToPath(new URL('../schema/diff.schema.json', import.meta.url));
const isPlan = new Ajv2020({ allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));

function assertPlan(plan: unknown): void {
  assert.ok(isPlan(plan), JSON.stringify(isPlan.errors));
}

/** The templates of version 0.0.9: another entry script and script, another value of a configuration. */
const OLDER: FileEdits = {
  'www/boot.ipxe': ['#!ipxe\n', '#!ipxe\necho older\n'],
  'www/ipxe/52-54-00-aa-01-01.ipxe': ['#!ipxe\n', '#!ipxe\necho older\n'],
  'www/config/52-54-00-aa-01-02.yaml': ['scheme_version: 1', 'scheme_version: 0'],
};

function git(cwd: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' });
}

/** Commits the common site with the tree of an earlier version, and edits the inventory only in the work tree. Returns the directory of both. */
async function committed(edits: readonly Edit[] = [], older = OLDER, version = '0.0.9'): Promise<string> {
  const site = makeSite(PLANT);
  const home = dirname(site);
  await buildAs(version, home, 'plant', older);
  git(home, 'init', '-q');
  git(home, 'add', '-A');
  git(home, 'commit', '-qm', 'as before');
  writeFileSync(join(site, 'site.yaml'), edited(PLANT, ...edits));
  return home;
}

function summary(home: string, ...args: readonly string[]): string {
  const { code, stdout, stderr } = harvgen(['diff', '--no-patch', ...args, 'plant'], home);
  assert.equal([code, stderr], [0, '']);
  return stdout;
}

/** An edit of the inventory, and the lines about it. */
const NEW_TOKEN: Edit = ['token: ${secret:cluster_token}', 'token: ${secret:plant_token}'];
const MOVED: Edit = ['ip: 192.168.178.43 }', 'ip: 192.168.178.53 }'];

const BY_HARVGEN = `by harvgen ${VERSION} instead of 0.0.9`;

const OF_HARVGEN = `    harv-1: its script changes in a way that the inventory does not explain: see the patch
    harv-2: when it is reinstalled, which this update does not require:
      scheme_version: 0 → 1
    the entry script of every machine changes
`;

test('an update alone is reported as such, and advises no reinstallation', async () => {
  const home = await committed();
  assert.is(
    summary(home),
    `out/plant: 2 nodes change; 4 files written, 18 unchanged\n  ${BY_HARVGEN}: 2 nodes change; 4 files\n${OF_HARVGEN}`,
  );
});

test('the changes of an update are apart from those of the inventory', async () => {
  const home = await committed([MOVED]);
  const text = summary(home);
  const [head, own, ...rest] = text.split(/^(?= {2}\S)/m);
  assert.is(head, 'out/plant: 3 nodes change; 8 files written, 14 unchanged\n');
  assert.match(own ?? '', /^ {2}harv-3: .*192\.168\.178\.53/);
  assert.not.match(own ?? '', /scheme_version|harv-[12]/);
  assert.is(rest[0], `  ${BY_HARVGEN}: 2 nodes change; 3 files\n${OF_HARVGEN}`);
  const [shown] = blocksOf(readPage('docs/how-to/change-and-review.md'), 'text update');
  assert.is(shown, text.replace(BY_HARVGEN, 'by harvgen 1.1.0 instead of 1.0.0'));
  // The steps are those of the whole deployment.
  assert.equal(rest.slice(1), ['  on the boot server, after deploying: restart dnsmasq; reload nginx\n']);
});

test('the update does not contain an inventory that was committed without a build', async () => {
  const home = await committed([MOVED]);
  const before = summary(home);
  git(home, 'commit', '-qam', 'moved, but not built');
  assert.is(summary(home), before);
  // A shallow clone has no commit in which the tree changes.
  const clone = join(home, 'clone');
  git(home, 'clone', '-q', '--depth=1', `file://${home}`, clone);
  assert.match(
    summary(clone),
    `  some changes may be ${BY_HARVGEN}: git has no inventory of the earlier tree in HEAD\n`,
  );
});

test('JSON has the cause of each change and file, which its schema describes', async () => {
  const home = await committed([MOVED, NEW_TOKEN]);
  const { stdout } = harvgen(['diff', '--format', 'json', '--no-patch', 'plant'], home);
  const plan = JSON.parse(stdout);
  assertPlan(plan);
  const [{ upgrade, nodes, changes, files }] = plan.sites;
  assert.equal(upgrade, { from: '0.0.9', to: VERSION });
  const causes = (list: readonly { what?: string; path?: string; by?: string }[]) =>
    Object.fromEntries(list.map(({ what, path, by }) => [what ?? path, by]));
  const ofNode = (name: string) => causes(nodes.find(({ node }: { node: string }) => node === name).changes);
  assert.equal(ofNode('harv-1'), { script: 'harvgen', config: 'inventory' });
  assert.is(ofNode('harv-3').ip, 'inventory');
  assert.is(causes(changes)['boot-script'], 'harvgen');
  const consequences = nodes.map((one: Record<string, string>) => `${one.node}: ${one.consequence}`);
  assert.equal(consequences.sort(), [
    'harv-1: when-installed',
    'harv-2: when-installed',
    'harv-3: boots-otherwise',
  ]);
  assert.is(causes(changes)['secret-needed'], 'inventory');
  const byPath = causes(files);
  assert.is(byPath['www/boot.ipxe'], 'harvgen');
  assert.is(byPath['www/inventory.json'], 'inventory');
  assert.is(byPath['manifest.json'], 'both');
});

test('a node that installs at every boot is not reinstalled by an update', async () => {
  const site = makeSite(edited(PLANT, ['178.42 }', '178.42, install: always }']));
  const home = dirname(site);
  await buildAs('0.0.9', home, 'plant', {
    'www/config/52-54-00-aa-01-02.yaml': ['# harv-2', '# node harv-2'],
  });
  git(home, 'init', '-q');
  git(home, 'add', '-A');
  git(home, 'commit', '-qm', 'as before');
  const { stdout } = harvgen(['diff', '--no-patch', 'plant'], home);
  assert.match(stdout, `  ${BY_HARVGEN}: no node changes; 2 files\n`);
  assert.not.match(stdout, 'reinstalled');
  const json = harvgen(['diff', '--no-patch', '--format', 'json', 'plant'], home).stdout;
  assert.equal(
    JSON.parse(json).sites[0].nodes.map(({ consequence }: { consequence: string }) => consequence),
    ['none'],
  );
});

test('trees of this version have no causes, and git is not run', async () => {
  const home = await committed([MOVED], {}, VERSION);
  const env = { PATH: '/nowhere', TMPDIR: '/nowhere' };
  const { code, stdout } = harvgen(['diff', '--format', 'json', 'plant'], home, env);
  assert.is(code, 0);
  assert.not.match(stdout, /"(by|upgrade)"/);
});

test('a tree is compared with a git revision of it, also if the work tree is built', async () => {
  const home = await committed([MOVED]);
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  git(home, 'commit', '-qam', 'moved');
  assert.is(summary(home), 'out/plant: nothing changes\n');
  const text = summary(home, '--against', 'HEAD~1');
  assert.match(text, 'out/plant: 3 nodes change; 8 files written');
  assert.match(text, `  ${BY_HARVGEN}: 2 nodes change; 3 files\n${OF_HARVGEN}`);
  // A directory of trees is accepted as well, as by the report.
  git(home, 'worktree', 'add', '-q', 'before', 'HEAD~1');
  assert.match(summary(home, '--against', 'before/out'), 'before/out/plant: 3 nodes change');
  const { code, stderr } = harvgen(['diff', '--against', 'v9', 'plant'], home);
  assert.equal([code, stderr], [1, `harvgen: v9 is neither a directory nor a git revision of ${home}\n`]);
});

test('a site that a revision lacks is new', async () => {
  const home = await committed();
  git(home, 'commit', '-q', '--allow-empty', '-m', 'one');
  git(home, 'checkout', '-q', '--orphan', 'empty');
  git(home, 'rm', '-rq', '--cached', '.');
  git(home, 'commit', '-q', '--allow-empty', '-m', 'nothing');
  assert.match(summary(home, '--against', 'empty'), /^out\/plant: 3 nodes are new; 22 files written\n/);
});

/** Situations in which the causes are unknown, each with the reason that is printed. */
const UNKNOWN: Readonly<Record<string, readonly [why: string, change: (home: string) => unknown]>> = {
  'git is not there': [
    'git has no inventory of the earlier tree in HEAD',
    (home) => rmSync(join(home, '.git'), { recursive: true }),
  ],
  'the tree is not committed': [
    'git has no inventory of the earlier tree in HEAD',
    (home) => [git(home, 'rm', '-rq', '--cached', 'out'), git(home, 'commit', '-qm', 'without')],
  ],
  'the tree has manual edits': [
    'the earlier tree has manual edits',
    (home) => appendFileSync(join(home, 'out/plant/www/boot.ipxe'), '# edited\n'),
  ],
  'the earlier inventory has errors for this version': [
    'this version finds 1 error in the inventory of ',
    (home) => {
      const path = join(home, 'plant/site.yaml');
      const now = readFileSync(path, 'utf8');
      writeFileSync(path, now.replace('gateway:', 'gatewey:'));
      git(home, 'commit', '-qa', '--amend', '-m', 'as an older version accepts it');
      writeFileSync(path, now);
    },
  ],
};

for (const [situation, [why, change]] of Object.entries(UNKNOWN))
  test(`causes are unknown if ${situation}: the summary has the reason`, async () => {
    const home = await committed();
    change(home);
    const reason = why.endsWith(' ') ? why + git(home, 'rev-parse', 'HEAD').slice(0, 12) : why;
    const lines = summary(home).split('\n');
    assert.ok(lines.includes(`  some changes may be ${BY_HARVGEN}: ${reason}`), lines.join('\n'));
    assert.ok(lines.includes('    scheme_version: 0 → 1'), 'the changes themselves are there');
    const { code, stdout } = harvgen(['diff', '--format', 'json', '--no-patch', 'plant'], home);
    const plan = JSON.parse(stdout);
    assert.is(code, 0);
    assertPlan(plan);
    assert.equal(plan.sites[0].upgrade, { from: '0.0.9', to: VERSION, unknown: reason });
    assert.not.match(stdout, '"by"');
  });

test.run();
