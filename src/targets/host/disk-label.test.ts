import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { diskLabel } from './disk-label.ts';

const test = suite('the label of a data disk');

test('is the same each time, and another one for each disk and each site', () => {
  assert.is(diskLabel('plant', 'data1'), diskLabel('plant', 'data1'));
  const labels = [diskLabel('plant', 'data1'), diskLabel('plant', 'data2'), diskLabel('plant_a', 'data1')];
  assert.is(new Set(labels).size, 3);
});

test('is short enough for xfs, however long the names are', () => {
  assert.match(diskLabel('p'.repeat(63), 'd'.repeat(63)), /^[a-z0-9-]{12}$/);
});

test.run();
