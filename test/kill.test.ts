import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { compareTree } from '../src/tree/compare.ts';
import { type Tree, textOf } from '../src/tree/tree.ts';
import { bigPlant } from './support/big-plant.ts';
import { BIN, harvgen } from './support/cli.ts';
import { runs } from './support/effort.ts';
import { readTree } from './support/files.ts';
import { makeSite } from './support/scratch.ts';
import { writeTree } from './support/write-tree.ts';

/* kill -9 at random moments of a build over an existing output tree, and of a first build. */

const test = suite('a killed build');

const NODES = 200;
const KILLS = runs(60);
const FIRST_KILLS = runs(12);

/** Two inventories of one site: every configuration differs, and the second lacks the last fifty nodes. */
const OLD = bigPlant(NODES);
const NEW = bigPlant(NODES - 50, '${secret:another_token}');

test(`at ${KILLS} random moments leaves every file completely old or new; the next build is correct`, async () => {
  // Two sites concurrently, on two processors.
  const results = await Promise.all([killed(KILLS / 2), killed(KILLS / 2)]);
  const sum = results.reduce((a, b) => ({ mixed: a.mixed + b.mixed, left: a.left + b.left }));
  // Otherwise the test proves little: builds must die during their work, and between two files.
  assert.ok(sum.left >= 10, `${sum.left} left their work behind`);
  assert.ok(sum.mixed >= 5, `${sum.mixed} left some files old and some new`);
});

test(`at ${FIRST_KILLS} random moments of a first build leaves only complete files, and the next is correct`, async () => {
  const site = makeSite(OLD);
  const home = join(site, '..');
  const out = join(home, 'out/plant');
  const tree = await treeOf(site, OLD);
  let left = 0;
  mkdirSync(join(home, 'out'));
  for (let kill = 0; kill < FIRST_KILLS; kill += 1) {
    rmSync(out, { recursive: true, force: true });
    const child = spawn(process.execPath, [BIN, 'build', 'plant'], { cwd: home, stdio: 'ignore' });
    const exit = once(child, 'exit');
    const moment = Math.random() * 40;
    const watcher = watch(join(home, 'out'), () => setTimeout(() => child.kill('SIGKILL'), moment));
    await exit;
    watcher.close();
    if (existsSync(join(out, '.harvgen'))) left += 1;
    assert.is(assertWhole(out, { old: new Map(), new: tree }), 'new');
    if (kill % 10 === 1) assert.is(harvgen(['build', 'plant'], home).code, 0);
    else assert.equal((await writeTree(out, tree)).edited, [], 'no manual edits');
    assertIs(out, tree);
  }
  assert.ok(left >= 5, `${left} left their work behind`);
});

test.run();

/** Kills builds of one site. Returns how many died during their work, and how many of those between two files. */
async function killed(kills: number): Promise<{ left: number; mixed: number }> {
  const site = makeSite(OLD);
  const home = join(site, '..');
  const out = join(home, 'out/plant');
  const trees = { old: await treeOf(site, OLD), new: await treeOf(site, NEW) };
  assert.is(harvgen(['build', 'plant'], home).code, 0);
  const took = await timed(() => run(home));
  const counts = { left: 0, mixed: 0 };
  let there: keyof typeof trees = 'old';
  for (let kill = 0; kill < kills; kill += 1) {
    const next: keyof typeof trees = there === 'old' ? 'new' : 'old';
    writeFileSync(join(site, 'site.yaml'), next === 'old' ? OLD : NEW);
    // Any moment of the build, or one of the few moments during the writes.
    const moments = [
      { after: Math.random() * took },
      { begun: Math.random() * 40 },
      { placing: Math.random() * 5 },
    ];
    await run(home, moments[kill % 3]);
    if (existsSync(join(out, '.harvgen'))) counts.left += 1;
    if (assertWhole(out, trees) === 'mixed') counts.mixed += 1;
    // The next build is killed too, or runs in this process, or occasionally is the real command.
    if (Math.random() < 0.3) continue;
    assert.equal(compareTree(out, trees[next]).edited, [], 'no manual edits');
    if (kill % 20 === 1) assert.is(harvgen(['build', 'plant'], home).code, 0);
    else await writeTree(out, trees[next]);
    assertIs(out, trees[next]);
    there = next;
  }
  return counts;
}

async function treeOf(site: string, text: string): Promise<Tree> {
  const { tree } = await compile(site, { edits: new Map([[join(site, 'site.yaml'), text]]) });
  assert.ok(tree);
  return tree;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** When to kill a build, in milliseconds: after its start, after its work began, or after the first file is in place. */
interface Moment {
  readonly after?: number;
  readonly begun?: number;
  readonly placing?: number;
}

async function run(home: string, { after, begun, placing }: Moment = {}): Promise<void> {
  const configs = join(home, 'out/plant/www/config');
  mkdirSync(configs, { recursive: true });
  const child = spawn(process.execPath, [BIN, 'build', 'plant'], { cwd: home, stdio: 'ignore' });
  const exit = once(child, 'exit');
  const shoot = (time: number) => setTimeout(() => child.kill('SIGKILL'), time);
  if (after !== undefined) shoot(after);
  const watchers = [
    watch(join(home, 'out/plant'), (_, name) => begun !== undefined && name === '.harvgen' && shoot(begun)),
    watch(configs, () => placing !== undefined && shoot(placing)),
  ];
  await exit;
  for (const watcher of watchers) watcher.close();
}

/** Asserts that each file is from one of the two output trees. Returns from which ones. */
function assertWhole(
  out: string,
  trees: { readonly old: Tree; readonly new: Tree },
): 'old' | 'new' | 'mixed' {
  let old = 0;
  let young = 0;
  for (const [path, text] of Object.entries(readTree(out))) {
    if (path.startsWith('.harvgen/')) continue;
    const [was, is] = [trees.old.get(path), trees.new.get(path)].map((file) => file && textOf(file));
    assert.ok(text === was || text === is, `${path} is neither old nor new`);
    if (was !== is && text === was) old += 1;
    if (was !== is && text === is) young += 1;
  }
  return old === 0 ? 'new' : young === 0 ? 'old' : 'mixed';
}

/** Asserts that a directory contains exactly the files of an output tree. */
function assertIs(out: string, tree: Tree): void {
  const expected = [...tree].map(([path, file]): [string, string] => [path, textOf(file)]);
  assert.equal(Object.keys(readTree(out)), expected.map(([path]) => path).sort());
  for (const [path, text] of expected) {
    if (readFileSync(join(out, path), 'utf8') !== text)
      assert.unreachable(`${path} is not what it should be`);
  }
}
