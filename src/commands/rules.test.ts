import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EVERY_CODE } from '../rules/every-code.ts';
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
  assert.is(new Set(EVERY_CODE.map(({ code }) => code)).size, EVERY_CODE.length);
  for (const { code, what, why } of EVERY_CODE) {
    assert.match(code, /^[a-z0-9]+(-[a-z0-9]+)*$/);
    assert.match(what, /^\W?[A-Z`][\s\S]*\.$/, code);
    assert.match(why, /^[A-Z`][\s\S]*\.$/, code);
  }
});

test.run();
