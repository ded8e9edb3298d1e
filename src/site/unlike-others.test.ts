import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Place, Source } from '../source/source.ts';
import type { Draft } from '../values/draft.ts';
import { unlikeOthers } from './clusters.ts';
import type { Node, Site } from './model.ts';

const test = suite('unlikeOthers');
const at: Place = { source: new Source('site.yaml', ''), start: 0, end: 0 };

/** Who is unlike whom among members with these values, the one at `create` being the create node. */
function among(values: readonly (number | undefined)[], create = 0): string[] {
  const members = values.map((ip, index) => ({
    name: `n${index}`,
    ip,
    mode: index === create ? 'create' : 'join',
  }));
  const site = { clusters: [{ members }] } as unknown as Draft<Site>;
  const read = ({ ip }: Draft<Node>) => (ip === undefined ? undefined : { value: ip, at: () => at });
  return Array.from(unlikeOthers(site, read), ({ node, usual }) => `${node.name} ${usual.node.name}`);
}

test('nobody where all have the same, or none is known', () => {
  assert.equal(among([1, 1, 1]), []);
  assert.equal(among([undefined, undefined]), []);
  assert.equal(among([]), []);
});

test('what most have is usual', () => {
  assert.equal(among([1, 2, 2]), ['n0 n1']);
  assert.equal(among([1, 1, 2]), ['n2 n0']);
  assert.equal(among([3, 2, 1, 2, 1, 2]), ['n0 n1', 'n2 n1', 'n4 n1']);
});

test('with as many of either, what the create node has', () => {
  assert.equal(among([1, 2]), ['n1 n0']);
  assert.equal(among([1, 2], 1), ['n0 n1']);
});

test('who is not to be compared is passed over', () => {
  assert.equal(among([undefined, 1, 2, 2]), ['n1 n2']);
});

test.run();
