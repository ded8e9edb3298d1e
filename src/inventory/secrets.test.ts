import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import { secretNames } from '../source/marks.ts';
import { Source } from '../source/source.ts';
import { parseYaml } from './parse.ts';
import { checkSecrets, isFileOfSecrets, unknownKeyValues } from './secrets.ts';

const testSecrets = suite('secrets');

const NO_NAME = 'This refers to a secret by something that is not a name.';
const MARK = '@@secret: marks a secret in the output; in the inventory it would be filled in unseen.';

/** What is said of an inventory: place, code and message. */
function said(text: string): string[] {
  const report = new Report();
  const value = parseYaml(new Source('/site.yaml', text), report);
  if (value) checkSecrets(value, report);
  return report.sorted().map((diagnostic) => {
    const { line, column, code, message } = plainDiagnostic(diagnostic, '/');
    return `${line}:${column} ${code} ${message}`;
  });
}

testSecrets('names are found in their order, wherever they stand in a text', () => {
  assert.equal(secretNames('${secret:a}'), ['a']);
  assert.equal(secretNames('user:${secret:b}@${secret:a}/${secret:b}'), ['b', 'a', 'b']);
  assert.equal(secretNames('no secret: ${net0/ip} $secret:a ${ secret:a}'), []);
});

testSecrets('well-formed references are right anywhere: in maps, in lists, inside of longer text', () => {
  assert.equal(
    said(
      'a: ${secret:one}\nb: ["x-${secret:two_2}-y", { c: "${secret:a}${secret:b}" }]\nd: |\n  ${secret:x}\n',
    ),
    [],
  );
});

for (const reference of [
  '${secret:}',
  '${secret:Name}',
  '${secret:1st}',
  '${secret:a-b}',
  '${secret: a}',
  '${secret:a b}',
  '${secret:_a}',
  '${secret:a',
  '${secret:ä}',
  '${secret:a}${secret:B}',
  '${secret:a} and ${secret:',
]) {
  testSecrets(`${reference} is said to be no name`, () => {
    assert.equal(said(`a:\n  - "${reference}"\n`), [`2:5 secret-name ${NO_NAME}`]);
  });
}

testSecrets("the output's own mark is refused, at each of its places", () => {
  assert.equal(said('a: "@@secret:token@@"\nb: { c: "x@@secret:" }\n'), [
    `1:4 secret-mark ${MARK}`,
    `2:9 secret-mark ${MARK}`,
  ]);
});

testSecrets('a mark does not hide a reference that is none', () => {
  assert.equal(said('a: "@@secret:x@@${secret:X}"\n'), [
    `1:4 secret-mark ${MARK}`,
    `1:4 secret-name ${NO_NAME}`,
  ]);
});

testSecrets('what was meant for a reference is refused', () => {
  for (const text of ['${SECRET:token}', '${secrets:token}', '${ secret:token }', '${secret.token}'])
    assert.equal(said(`a: "${text}"\n`), [
      `1:4 secret-name ${text} is no reference to a secret: it would reach the machine as it stands.`,
    ]);
  assert.equal(said('a: "${HOME}/secret: ${net0/ip}"\n'), []);
});

testSecrets('values that are not text are passed over', () => {
  assert.equal(said('a: 1\nb: null\nc: true\nd: {}\ne: []\nf:\n'), []);
});

testSecrets.run();

const testStrangers = suite('what an inventory does not know');

const valuesOf = (text: string) =>
  unknownKeyValues(text).map(({ start, end }) => text.slice(start, end).trimEnd());

testStrangers('is found whether the file can be read or not', () => {
  const text =
    'foo: a1\nsite: x\n"b c": |\n  a2\n\n  a3\nnodes:\n  foo: b\nbad: [\nlist:\n- a4\nd: ${secret:e}\n';
  assert.equal(valuesOf(text), ['a1', '|\n  a2\n\n  a3', '[', '\n- a4']);
});

testStrangers(
  'what is nearly a key of an inventory is one with a slip, where it holds more than a text',
  () => {
    assert.equal(valuesOf('nodez:\n  harv-1: {}\nsit: a1\n'), ['a1']);
  },
);

testStrangers('a file of secrets is told by its name, or since it holds nothing but texts', () => {
  assert.is(isFileOfSecrets('sites/x/secrets.yaml', 'site: x\n'), true);
  assert.is(isFileOfSecrets('sites/x/more.yaml', 'a: b\nc: "d"\n'), true);
  for (const text of ['a: b\nsite: x\n', 'a:\n  b: c\n', 'nodez: { harv-1: {} }\n', ''])
    assert.is(isFileOfSecrets('sites/secrets/more.yaml', text), false, text);
});

testStrangers.run();
