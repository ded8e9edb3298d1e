import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ENDLESS, leaseSeconds } from './dhcp.ts';

const test = suite('lease times in seconds');

for (const [lease, seconds] of [
  ['300s', 300],
  ['45m', 2700],
  ['12h', 43_200],
  ['7d', 604_800],
  ['2w', 1_209_600],
  ['infinite', ENDLESS],
  // The limit of 32 bits.
  ['99999999w', ENDLESS],
] as const) {
  test(lease, () => {
    assert.is(leaseSeconds(lease), seconds);
  });
}

test.run();
