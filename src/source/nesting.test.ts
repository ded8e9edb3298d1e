import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { tooDeepAt } from './nesting.ts';

const test = suite('nested YAML');

test('the first collection that is nested too deep is found, in any style', () => {
  const many = 5000;
  assert.is(tooDeepAt(`${'['.repeat(100)}${']'.repeat(100)}`), undefined);
  assert.is(tooDeepAt(`${'['.repeat(101)}${']'.repeat(101)}`), 100);
  assert.is(tooDeepAt('['.repeat(1_000_000)), 100);
  assert.is(tooDeepAt('{a: '.repeat(many)), 400);
  assert.is(tooDeepAt('- '.repeat(many)), 200);
  assert.is(tooDeepAt('a: '.repeat(many)), 300);
  assert.is(tooDeepAt(`k:\n- name: ${'a: '.repeat(many)}\nb: 1\n`), 302);
  assert.is(tooDeepAt(Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')), 5350);
});

test.run();
