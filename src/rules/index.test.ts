import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DIAGNOSTICS, rules } from './index.ts';

const test = suite('the list of rules');

test('every code is unique, and has sentences for the requirement and the consequence', () => {
  assert.is(new Set(DIAGNOSTICS.map(({ code }) => code)).size, DIAGNOSTICS.length);
  for (const { code, what, why } of DIAGNOSTICS) {
    assert.match(code, /^[a-z]+(-[a-z0-9]+)*$/);
    assert.match(what, /^\W?[A-Z`][\s\S]*\.$/, code);
    assert.match(why, /^[A-Z].*\.$/s, code);
  }
});

test('a rule has a code of several words', () => {
  for (const { code } of rules) assert.match(code, /-/);
});

test('a silence to paste has its reason in quotes, because a reason may contain a comma', () => {
  const folder = new URL('.', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.test)\.ts$/.test(name),
  );
  const silences = sources.flatMap((name) => [
    ...readFileSync(new URL(name, folder), 'utf8').matchAll(/silence: \{[a-z-]+: ?(.)/g),
  ]);
  assert.ok(silences.length > 20);
  for (const [text, first] of silences) assert.is(first, '"', text);
});

test.run();
