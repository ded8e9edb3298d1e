// needs: root nginx dnsmasq kea-dhcp4 dhcpd ip nsenter setpriv unshare
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { blocksOf } from '../support/markdown.ts';
import { scratchFolder } from '../support/scratch.ts';

/* The benchmark runs with few nodes, and writes what its page contains. The speed depends on the machine, and is not tested. */

const test = suite('the benchmark of boot servers');
const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs', 'scale.md'), 'utf8');

/** More than the leases of dnsmasq by default. */
const NODES = 1100;

test('writes every row of the page, and every request and lease succeeds', () => {
  assert.equal(blocksOf(page, 'sh bench'), ['npm run bench:boot -- --into docs/scale.md\n']);
  const folder = scratchFolder();
  const path = join(folder, 'scale.md');
  mkdirSync(join(folder, 'pictures'));
  writeFileSync(path, page);
  const small = '--rounds 1 --seconds 0.2 --media 16 --downloads 200'.split(' ');
  const { status, stderr } = bench(['--nodes', String(NODES), ...small, '--into', path]);
  assert.is(status, 0, stderr);
  const text = readFileSync(path, 'utf8');
  const rows = rowsOf(text);
  // Numbers of nodes are different in the page, which has two sites.
  const labels = (all: readonly (readonly string[])[]) => [
    ...new Set(
      all.map(([first = '']) => first.replace(/[\d,]+ (?=reservations|downloads at|processors)/, 'N ')),
    ),
  ];
  assert.equal(labels(rows), labels(rowsOf(page)));
  assert.equal(
    rows.filter((cells) => cells.some((cell) => /NaN|Infinity|undefined/.test(cell))),
    [],
  );
  const valuesOf = (label: RegExp) =>
    rows.filter(([first = '']) => label.test(first)).map(([, ...rest]) => rest);
  for (const label of [/^failed requests$/, /^failed of the requests/, /^`nginx -t`: warnings$/])
    assert.equal(valuesOf(label), [['0', '']], `${label}`);
  assert.equal(valuesOf(/^of 200 downloads at once, accepted with those/), [['200', '1.00 ×']]);
  // The file has 16 MiB, and the DHCP servers lease each machine its reserved address.
  for (const cells of valuesOf(/ 1,100 reservations$/)) assert.equal(cells.slice(2, 4), ['1,100', '0']);
  assert.is(valuesOf(/ 1,100 reservations$/).length, 3);
  const picture = readFileSync(join(folder, 'pictures', 'scale.svg'), 'utf8');
  assert.match(picture, /^<svg [\s\S]*(?:<path class="curve c\d" d="M[\d. L]+"\/>\n){3}[\s\S]*<\/svg>\n$/);
});

for (const [args, message] of [
  ['--nodes 1', /^bench:boot: --nodes takes a whole number from 2 to 200000, not 1\n$/],
  ['--seconds x', /^bench:boot: --seconds takes a positive number, not x\n$/],
] as const) {
  test(`rejects ${args}`, () => {
    const { status, stderr } = bench(args.split(' '));
    assert.is(status, 1);
    assert.match(stderr, message);
  });
}

/** Returns the rows of the tables between the markers of the results. */
function rowsOf(text: string): string[][] {
  const [, results = ''] = /<!-- results of `npm run bench:boot` -->\n([\s\S]*?)<!-- end/.exec(text) ?? [];
  const lines = results.split('\n').filter((line) => /^\| *[^ |-]/.test(line));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function bench(args: readonly string[]) {
  const argv = ['--import', 'tsx', 'bench/boot.ts', ...args];
  return spawnSync(process.execPath, argv, { cwd: root, encoding: 'utf8' });
}

test.run();
