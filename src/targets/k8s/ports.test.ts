import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { containerPorts } from './ports.ts';

const test = suite('containerPorts');

test('gives ports that need no privileges, and leaves the others', () => {
  assert.equal(
    [...containerPorts([80, 443, 10000, 80])],
    [
      [80, 8080],
      [443, 8443],
      [10000, 10000],
    ],
  );
});

test('gives no port twice', () => {
  assert.equal(
    [...containerPorts([80, 8080, 9104])],
    [
      [80, 10128],
      [8080, 8080],
      [9104, 9104],
    ],
  );
});

test.run();
