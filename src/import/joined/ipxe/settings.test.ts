import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Settings } from './settings.ts';

const test = suite('what a script of iPXE sets');

test('takes in what was set, innermost first, and leaves what only the machine knows', () => {
  const settings = new Settings();
  settings.set('name:string', 'which');
  settings.set('which', 'a b');
  settings.set('net0/next-server', '10.0.0.1');
  assert.is(settings.expand('${${name}} at ${next-server}, ${mac:hexhyp}'), 'a b at 10.0.0.1, ${mac:hexhyp}');
});

test('what goes round, or grows beyond any use, ends', () => {
  const settings = new Settings();
  settings.set('round', '${round}');
  assert.is(settings.expand('${round}'), '${round}');
  settings.set('long', 'x'.repeat(4000));
  settings.set('longer', '${long}'.repeat(500));
  assert.ok(settings.expand('${longer}'.repeat(400)).length < 20_000);
});

test.run();
