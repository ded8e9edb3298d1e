import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plainDiagnostic } from '../source/diagnostics/formats.ts';
import { Report } from '../source/diagnostics/report.ts';
import { secretNames } from '../source/placeholders.ts';
import { Source } from '../source/source.ts';
import { parseYaml } from './parse.ts';
import { checkSecrets, isFileOfSecrets, unknownKeyValues } from './secrets.ts';

const testSecrets = suite('secrets');

const NO_NAME = 'This reference to a secret contains no valid name: the machine would receive it as text.';
const PLACEHOLDER =
  'This contains @@secret:, which marks a placeholder in the output: the boot server would substitute it.';

/** Returns the diagnostics of an inventory: location, code and message. */
function found(text: string): string[] {
  const report = new Report();
  const value = parseYaml(new Source('/site.yaml', text), report);
  if (value) checkSecrets(value, report);
  return report.sorted().map((diagnostic) => {
    const { line, column, code, message } = plainDiagnostic(diagnostic, '/');
    return `${line}:${column} ${code} ${message}`;
  });
}

testSecrets('names are found in order, anywhere in a text', () => {
  assert.equal(secretNames('${secret:a}'), ['a']);
  assert.equal(secretNames('user:${secret:b}@${secret:a}/${secret:b}'), ['b', 'a', 'b']);
  assert.equal(secretNames('no secret: ${net0/ip} $secret:a ${ secret:a}'), []);
});

testSecrets('well-formed references are valid anywhere: in maps, in lists, within longer text', () => {
  assert.equal(
    found(
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
  testSecrets(`${reference} has no valid name`, () => {
    assert.equal(found(`a:\n  - "${reference}"\n`), [`2:5 secret-name ${NO_NAME}`]);
  });
}

testSecrets('control characters are rejected, except in contents of files', () => {
  const control = (character: string) =>
    `control-character This contains the control character \\u{${character}}: programs and terminals that show it would obey it.`;
  assert.equal(
    found(
      [
        'a: "\\e[2J"',
        'b: ["x", "\\a", { c: "\\x7f", "d\\N": 1 }]',
        'e: "\\u202e"',
        'f: "a\\rb"',
        'g: "a\\r\\nb\\tc"',
        'h: "ü 👩\\u200d💻"',
        'i: { write_files: [{ path: /a, content: "\\e[1m" }] }',
        'j: { cloud_init: { user_data: "\\e" } }',
        '',
      ].join('\n'),
    ),
    [
      `1:4 ${control('1b')}`,
      `2:10 ${control('7')}`,
      `2:21 ${control('7f')}`,
      `2:36 ${control('85')}`,
      `3:4 ${control('202e')}`,
      `4:4 ${control('d')}`,
    ],
  );
});

testSecrets('an invalid name is hidden in the lines that errors show: it may be the secret itself', () => {
  for (const [value, shown] of [
    ['${secret:My-Real-Value}', '${secret:*************}'],
    ['"x ${secrets:Real} ${secret:name} y"', '"x ${secrets:****} ${secret:name} y"'],
    ['${secret:Real', '${secret:****'],
  ]) {
    const report = new Report();
    const source = new Source('/site.txt', `a:\n  b: ${value}\n`);
    const map = parseYaml(source, report);
    assert.ok(map);
    checkSecrets(map, report);
    assert.is(source.line(2), `  b: ${shown}`);
    assert.not.match(JSON.stringify(report.sorted().map(({ message, help }) => [message, help])), 'Real');
  }
});

testSecrets('placeholders are rejected, at each of their locations', () => {
  assert.equal(found('a: "@@secret:token@@"\nb: { c: "x@@secret:" }\n'), [
    `1:4 secret-mark ${PLACEHOLDER}`,
    `2:9 secret-mark ${PLACEHOLDER}`,
  ]);
});

testSecrets('a placeholder does not hide an invalid reference', () => {
  assert.equal(found('a: "@@secret:x@@${secret:X}"\n'), [
    `1:4 secret-mark ${PLACEHOLDER}`,
    `1:4 secret-name ${NO_NAME}`,
  ]);
});

testSecrets('text that was probably intended as a reference is rejected', () => {
  for (const text of ['${SECRET:token}', '${secrets:token}', '${ secret:token }', '${secret.token}'])
    assert.equal(found(`a: "${text}"\n`), [
      `1:4 secret-name ${text} is not a reference to a secret: the machine would receive it as text.`,
    ]);
  assert.equal(found('a: "${HOME}/secret: ${net0/ip}"\n'), []);
});

testSecrets('values that are not text are skipped', () => {
  assert.equal(found('a: 1\nb: null\nc: true\nd: {}\ne: []\nf:\n'), []);
});

testSecrets.run();

const testUnknown = suite('values of unknown keys');

const valuesOf = (text: string) =>
  unknownKeyValues(text).map(({ start, end }) => text.slice(start, end).trimEnd());

testUnknown('are found even if the file does not parse', () => {
  const text =
    'foo: a1\nsite: x\n"b c": |\n  a2\n\n  a3\nnodes:\n  foo: b\nbad: [\nlist:\n- a4\nd: ${secret:e}\n';
  assert.equal(valuesOf(text), ['a1', '|\n  a2\n\n  a3', '[', '\n- a4']);
});

testUnknown('a key similar to one of an inventory is a typo if its value is not a text', () => {
  assert.equal(valuesOf('nodez:\n  harv-1: {}\nsit: a1\n'), ['a1']);
});

testUnknown('a file of secrets is recognized by its name, or because it contains only texts', () => {
  assert.is(isFileOfSecrets('sites/x/secrets.yaml', 'site: x\n'), true);
  assert.is(isFileOfSecrets('sites/x/more.yaml', 'a: b\nc: "d"\n'), true);
  for (const text of ['a: b\nsite: x\n', 'a:\n  b: c\n', 'nodez: { harv-1: {} }\n', ''])
    assert.is(isFileOfSecrets('sites/secrets/more.yaml', text), false, text);
});

testUnknown.run();
