import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CODES } from '../diagnostics/codes.ts';
import { rules } from '../rules/index.ts';
import { upstreamThreads } from './rules.ts';

const test = suite('the list of rules');

test('threads are found, and a bare number belongs to the repository before it', () => {
  assert.equal(
    upstreamThreads('It stops (harvester/harvester#5675, #4737; rancher/harvester-installer#7).'),
    [
      'https://github.com/harvester/harvester/issues/5675',
      'https://github.com/harvester/harvester/issues/4737',
      'https://github.com/rancher/harvester-installer/issues/7',
    ],
  );
  assert.equal(upstreamThreads('Nothing of it, not #1 either.'), []);
});

test('every code is there once, and says in sentences what holds and why', () => {
  const all = [...rules, ...CODES];
  assert.is(new Set(all.map(({ code }) => code)).size, all.length);
  for (const { code, what, why } of all) {
    assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)+$/);
    assert.match(what, /^\W?[A-Z`][\s\S]*\.$/, code);
    assert.match(why, /^[A-Z`][\s\S]*\.$/, code);
  }
});

test.run();
