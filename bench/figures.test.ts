import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { figureRows } from './figures.ts';

const test = suite('the targets of the benchmark');

test('shows each value with its target, and by how much it misses the target', () => {
  const rows = figureRows([
    { what: 'a', measured: 0.8, target: 0.8, unit: 'ratio' },
    { what: 'b', measured: 1.2, target: 0.8, unit: 'ratio' },
    { what: 'c', measured: 60.2, target: 60, unit: 'ms' },
    { what: 'd', measured: 200, target: 250, unit: 'MiB' },
  ]);
  assert.equal(rows, [
    ['a', '0.80 ×', '≤ 0.80 ×', 'reached'],
    ['b', '1.20 ×', '≤ 0.80 ×', 'missed by 50 %'],
    ['c', '60 ms', '≤ 60 ms', 'missed by 1 %'],
    ['d', '200 MiB', '≤ 250 MiB', 'reached'],
  ]);
});

test.run();
