import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { located, markBroken, setPlace } from '../source/origin.ts';
import { type Place, Source } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { effective } from './effective.ts';
import type { Node } from './model.ts';

const test = suite('effective');
const MTU = 'install.management_interface.mtu';
const SELF = place(1);
const NAME = place(2);
const VALUE = place(3);

function place(start: number): Place {
  return { source: new Source('site.yaml', ''), start, end: start };
}

function node(said: object, config: object): Draft<Node> {
  const result = located({ said, config }, SELF);
  setPlace(result, 'name', NAME);
  return result as Draft<Node>;
}

function install(management: object): object {
  return located({ install: located({ management_interface: management }, SELF) }, SELF);
}

test('a value, with its place', () => {
  const management = located({ mtu: 9000 }, SELF);
  setPlace(management, 'mtu', VALUE);
  assert.equal(effective(node({}, install(management)), MTU), { value: 9000, at: VALUE });
});

test('where there is none, the place of the node', () => {
  assert.equal(effective(node({}, install(located({}, SELF))), MTU), { value: undefined, at: NAME });
  assert.equal(effective(node({}, {}), MTU), { value: undefined, at: NAME });
});

test('nothing where a fault hides what is said', () => {
  const management = located({}, SELF);
  markBroken(management, 'mtu');
  assert.is(effective(node(install(management), install(located({}, SELF))), MTU), undefined);
});

test.run();
