// needs: hugo ansible-playbook time
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { makePlant } from '../../bench/plant.ts';
import { hottestOfSaves } from '../../bench/watching.ts';
import { blocksOf } from '../support/markdown.ts';
import { scratchFolder } from '../support/scratch.ts';

/* The benchmark runs, and prints what its page documents. The speed depends on the machine, and is not tested. */

const test = suite('the benchmark');
const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'contributing', 'performance.md'), 'utf8');

/** The targets. Sites of 24, 12, 6 and 3 nodes replace those of 100,000, 10,000, 1,000 and 3 nodes. */
const FIGURES: readonly (readonly [RegExp, string])[] = [
  [/^12 nodes: build ÷ Hugo$/, '≤ 1.00 ×'],
  [/^12 nodes: build ÷ cp -r of the tree$/, '≤ 4.00 ×'],
  [/^12 nodes: peak memory, compared with Hugo$/, '≤ \\d+ MiB'],
  [/^12 nodes: check ÷ build$/, '≤ 0.75 ×'],
  [/^6 nodes: build ÷ Hugo$/, '≤ 1.60 ×'],
  [/^3 nodes: build ÷ node -e 0$/, '≤ 3.00 ×'],
  [/^6 → 12 nodes, 2 times as many: time above the start$/, '≤ 2.20 ×'],
  [/^6 nodes: watch, save to last byte, 95th percentile$/, '≤ 150 ms'],
  [/^24 nodes: build$/, '≤ 12.00 s'],
  [/^24 nodes: peak memory$/, '≤ 1144 MiB'],
  [/^12 → 24 nodes, 2 times as many: time of the build$/, '≤ 2.20 ×'],
  [/^5 sites of 4 nodes in one call: build$/, '≤ 5.00 s'],
];

test('prints each figure with its target, and a time profile for a missed target', () => {
  const [command = ''] = blocksOf(page, 'sh bench');
  assert.is(command, 'npm run bench\n');
  const args =
    '--nodes 3,6,12 --rounds 1 --large-nodes 24 --sites 5 --ansible-nodes 2 --ansible-rounds 1 --saves 2'.split(
      ' ',
    );
  const text = execFileSync(process.execPath, ['--import', 'tsx', 'bench/bench.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  for (const [what, target] of FIGURES) {
    const row = rows.find(([first = '']) => what.test(first));
    assert.ok(row, `${what}:\n${text}`);
    assert.match(row[1] ?? '', /^-?[\d.]+ (×|ms|s|MiB)$/);
    assert.match(row[2] ?? '', new RegExp(`^${target}$`));
    assert.match(row[3] ?? '', /^(reached|missed by \d+ %)$/);
  }
  // With so few nodes, the start of Node alone misses the ratio to a copy of files.
  assert.match(text, /\n12 nodes, `harvgen build`: CPU profile:\n\n\|[^\n]*\n\|[^\n]*\n(\|.* ms \|\n){10}\n/);
  for (const what of [
    '3 nodes:',
    '6 nodes:',
    '12 nodes:',
    '2 nodes, for Ansible',
    '- **Hugo** writes',
    'Node v',
  ])
    assert.ok(text.includes(what), what);
});

test('prints the functions that take the time of a save', async () => {
  const plant = makePlant(3, scratchFolder());
  const functions = await hottestOfSaves(plant, 5, 3);
  // V8 samples once in a millisecond, and so few nodes take some of these.
  assert.is(functions.length, 3);
  for (const { name, ms } of functions) assert.ok(name !== '' && ms > 0 && ms < 10_000, `${name}: ${ms}`);
  assert.equal(
    functions.map(({ ms }) => ms),
    functions.map(({ ms }) => ms).sort((a, b) => b - a),
  );
});

for (const [args, message] of [
  ['--nodes 3,2,1', /^bench: --nodes takes at least three numbers in ascending order\n$/],
  ['--rounds x', /^bench: --rounds takes a whole number from 1 to \d+, not x\n$/],
  ['--folder /proc', /^bench: \/proc is not a tmpfs: the speed of the disk would affect the times\n$/],
  ['--node 3', /^bench: Unknown option '--node'/],
] as const) {
  test(`rejects ${args}`, () => {
    const { status, stdout, stderr } = bench(args.split(' '));
    assert.equal([status, stdout], [1, '']);
    assert.match(stderr, message);
  });
}

test('prints the packages to install if a compared program is missing', () => {
  const { status, stderr } = bench(['--nodes', '3,4,5'], { PATH: scratchFolder() });
  assert.is(status, 1);
  assert.match(stderr, /bench: hugo is missing: run apt-get install hugo ansible-core time\n$/);
});

function bench(args: readonly string[], variables: Record<string, string> = {}) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'bench/bench.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  });
}

test.run();
