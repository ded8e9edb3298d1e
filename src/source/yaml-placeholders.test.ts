import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { encodeSecret, placeholdersIn } from './placeholders.ts';
import { strayReferences, yamlWithPlaceholders } from './yaml-placeholders.ts';

const test = suite('placeholders in YAML files');

const VALUE = 'one: "1"\n  two\nkey: three # four\n';

/** Returns the content of a file after substitution, once the string that contains it is parsed. */
function read(text: string): unknown[] {
  let filled = yamlWithPlaceholders(text);
  for (const { name, format, start, end } of placeholdersIn(filled).reverse())
    filled =
      filled.slice(0, start) +
      JSON.parse(`"${encodeSecret(name === 'm' ? VALUE : '', format).replace(/\\x/g, '\\u00')}"`) +
      filled.slice(end);
  return parseAllDocuments(filled).map((document) => document.toJS());
}

for (const [text, expected] of [
  ['key: |\n  ${secret:m}\nb: c\n', [{ key: `${VALUE}\n`, b: 'c' }]],
  ['key: |-\n  ${secret:m}\nb: c\n', [{ key: VALUE, b: 'c' }]],
  ['key: |+\n  a\n  ${secret:m}\n\n', [{ key: `a\n${VALUE}\n\n` }]],
  ['key: >- # x\n  a\n  ${secret:m}', [{ key: `a ${VALUE}` }]],
  ['- |\n  x ${secret:m}\n- b\n', [[`x ${VALUE}\n`, 'b']]],
  ['a: ${secret:m} # x\nb: "y"\n', [{ a: VALUE, b: 'y' }]],
  ["a: '${secret:m}'\n---\nb: |\n  ${secret:m}\n", [{ a: VALUE }, { b: `${VALUE}\n` }]],
] as const)
  test(`a value of several lines stays one value: ${JSON.stringify(text)}`, () => {
    assert.equal(read(text), expected);
    assert.equal(strayReferences(text), []);
  });

test('references in comments and keys are found; invalid YAML is text', () => {
  assert.equal(strayReferences('a: b # ${secret:m}\n${secret:m}: c\nd: ${secret:m}\n'), [0, 1]);
  assert.equal(strayReferences('a: [ # ${secret:m}\n'), []);
  assert.is(yamlWithPlaceholders('a: [${secret:m}\n'), 'a: [@@secret:m@@\n');
});

test.run();
