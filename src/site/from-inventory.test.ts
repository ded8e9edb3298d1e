import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { located, locationOf, setLocation } from '../source/origin.ts';
import { Source } from '../source/source.ts';
import { withOrigins } from './from-inventory.ts';

const test = suite('site objects');

test('each value has the location of its key in the inventory, even of a key that every object has', () => {
  const source = new Source('site.yaml', 'log_server: a\nconstructor: b\nport: c\n');
  const at = (start: number) => ({ source, start, end: start + 1 });
  const inventory = located({}, at(0));
  for (const [key, start] of Object.entries({ log_server: 12, constructor: 27, port: 35 }))
    setLocation(inventory, key, at(start));
  const values: Record<string, string> = { logServer: 'a', constructor: 'b', number: 'c' };
  const made = withOrigins(values, inventory, { number: 'port' });
  const starts = Object.keys(values).map((key) => locationOf(made, key).start);
  assert.equal(starts, [12, 27, 35]);
});

test.run();
