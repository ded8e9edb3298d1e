import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kubernetesName } from './identifiers.ts';

const test = suite('kubernetesName');

test('is the name of the site, with - for _', () => {
  assert.is(kubernetesName('location_x'), 'harvgen-location-x');
  assert.is(kubernetesName('a'.repeat(55)), `harvgen-${'a'.repeat(55)}`);
});

test('of names that are too long, and begin alike, it makes different ones that are not', () => {
  const names = ['a'.repeat(56), 'a'.repeat(63), `${'a'.repeat(45)}_${'-'.repeat(10)}b`].map(kubernetesName);
  assert.is(new Set(names).size, 3);
  for (const name of names) assert.match(name, /^harvgen-[a-z0-9-]*[a-z0-9]-[0-9a-f]{8}$/);
  for (const name of names) assert.ok(name.length <= 63);
});

test.run();
