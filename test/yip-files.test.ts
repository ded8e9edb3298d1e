import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { yipErrors } from './support/yip-schema.ts';

/**
 * yip-files.json has the results of yip's own parser, `schema.Load`: of mudler/yip v1.4.0, which is in elemental-toolkit 1.1, and
 * of rancher/yip v1.9.6 where that differs. One file with an error disables all files of /oem.
 */

interface Result {
  readonly error?: string;
  /** What yip understood, without the fields of files that are empty or zero. */
  readonly config?: unknown;
}

const test = suite("yip's files");

const cases: readonly Readonly<{ text: string; 'v1.4.0': Result; 'v1.9.6'?: Result }>[] = JSON.parse(
  readFileSync(new URL('data/yip-files.json', import.meta.url), 'utf8'),
);

test('the schema accepts only what each yip understands as it is written', () => {
  const accepted = cases.filter(({ text }) => yipErrors(text).length === 0);
  for (const { text, ...results } of accepted)
    for (const { error, config } of Object.values(results)) {
      assert.is(error, undefined, text);
      assert.equal(config, withoutZeros(parse(text)), text);
    }
  assert.ok(accepted.length > 10 && accepted.length < cases.length / 3, `${accepted.length} are accepted`);
});

test.run();

/** Returns a value without empty texts and zeros, as in the recorded results. */
function withoutZeros(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (one === '' || one === 0 ? undefined : one)));
}
