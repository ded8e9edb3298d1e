import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../../source/origin.ts';
import type { Explained } from './explain-node.ts';
import { formatLeaves } from './format.ts';

const test = suite('the text of an explanation');

const source = new Source('/sites/plant/site.yaml', 'one: 1\ntwo: 2\n');
const at = { source, start: 12, end: 13 };

test('says where in one of four ways', () => {
  const leaves: Explained[] = [
    { path: ['a'], value: 1, at, layer: 'node' },
    { path: ['bb'], value: 'text', at, layer: 'profile x' },
    { path: ['c'], value: true, at, derived: 'a reason' },
    { path: ['d'], value: {}, derived: 'unless said' },
  ];
  assert.is(
    formatLeaves(leaves, '/sites'),
    `a   1     plant/site.yaml:2:6
bb  text  plant/site.yaml:2:6 in profile x
c   true  plant/site.yaml:2:6 (a reason)
d   {}    unless said
`,
  );
});

test('quotes a text that would be taken for something else', () => {
  const quoted = ['10', '0x10', '1e3', 'true', 'No', 'null', '~', '', ' ', ' a', 'a ', 'a\nb', '{}', '[]'];
  for (const value of quoted) assert.is(textOf(value), JSON.stringify(value));
  for (const value of ['10.0.0.1', '10G', 'truely', 'a b', '${secret:x}', '"a"', '/dev/sda', '10.20'])
    assert.is(textOf(value), value === '10.20' ? '"10.20"' : value);
  for (const value of [10, true, null, [], {}]) assert.is(textOf(value), JSON.stringify(value));
});

test('lets nothing drive the terminal or turn the line around', () => {
  assert.is(textOf('a\u009b31mb\u202ec'), '"a\\u{9b}31mb\\u{202e}c"');
  assert.is(
    formatLeaves([{ path: ['labels', 'a\u001b[2J'], value: 'x', at, layer: 'node' }], '/sites'),
    'labels.a\\u{1b}[2J  x  plant/site.yaml:2:6\n',
  );
});

test('a very long value does not push the others away', () => {
  const leaves: Explained[] = [
    { path: ['a'], value: 'x'.repeat(60), at },
    { path: ['b'], value: 'y', at },
  ];
  assert.is(
    formatLeaves(leaves, '/sites'),
    `a  ${'x'.repeat(60)}  plant/site.yaml:2:6\nb  y  plant/site.yaml:2:6\n`,
  );
});

function textOf(value: unknown): string {
  return formatLeaves([{ path: ['k'], value, derived: 'd' }], '/').slice(3, -4);
}

test.run();
