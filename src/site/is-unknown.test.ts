import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { located, markBroken, markStranger } from '../source/origin.ts';
import { type Place, Source } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { isUnknown } from './effective.ts';
import type { Node } from './model.ts';

const test = suite('isUnknown');
const PLACE: Place = { source: new Source('site.yaml', ''), start: 0, end: 0 };
const PATH = 'os.ntp_servers';

function node(said: object, ...broken: string[]): Draft<Node> {
  const result = located({ said }, PLACE);
  for (const key of broken) markBroken(result, key);
  return result as Draft<Node>;
}

/** A map with a key that is not known, nor what was meant by it. */
function strange<T extends object>(container: T): T {
  markStranger(located(container, PLACE));
  return container;
}

function broken<T extends object>(container: T, key: string): T {
  markBroken(located(container, PLACE), key);
  return container;
}

test('what is said, and what is not said anywhere, is known', () => {
  assert.not(isUnknown(node({ os: { ntp_servers: ['192.168.178.1'] } }), PATH));
  assert.not(isUnknown(node({ os: {} }), PATH));
  assert.not(isUnknown(node({}), PATH));
});

test('a fault of another key changes nothing', () => {
  assert.not(isUnknown(node({ os: broken({}, 'hostname') }), PATH));
  assert.not(isUnknown(node({ os: broken({ ntp_servers: ['192.168.178.1'] }, 'hostname') }), PATH));
});

test('of what is missing through a fault, or beside a key that nobody knows, nothing is known', () => {
  assert.ok(isUnknown(node({ os: broken({}, 'ntp_servers') }), PATH));
  assert.ok(isUnknown(node({ os: strange({}) }), PATH));
  assert.ok(isUnknown(node(broken({}, 'os')), PATH));
  assert.ok(isUnknown(node({}, 'said'), PATH));
});

test('a list with an entry at fault is not known', () => {
  assert.ok(isUnknown(node({ os: { ntp_servers: broken([undefined], '0') } }), PATH));
});

test.run();
