import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { renderYaml } from '../../targets/render-yaml.ts';
import { readMap, valueChanges } from './values.ts';

const test = suite('changes of a configuration');

/** Returns the changes between two configurations. */
function configChanges(before: string, after: string): ReturnType<typeof valueChanges> | undefined {
  const [old, now] = [readMap(before), readMap(after)];
  return old && now && valueChanges(old, now, 'config');
}

/** Returns each change as key, before and after; for a secret only the key. */
function diff(before: string, after: string): unknown {
  return configChanges(before, after)?.map(({ key, before, after, text }) =>
    text === `${key} changes` ? key : [key, before, after],
  );
}

test('compares by key, and lists as a whole', () => {
  assert.equal(diff('os: {hostname: a, modules: [x]}', 'os: {hostname: b, modules: [x, y]}\nnew: {}'), [
    ['os.hostname', 'a', 'b'],
    ['os.modules', ['x'], ['x', 'y']],
  ]);
});

test('an empty map changes only a setting', () => {
  assert.equal(diff('install: {device: /dev/sda}', 'install: {}'), [
    ['install.device', '/dev/sda', undefined],
  ]);
  assert.equal(diff('os: {}', 'os: {sysctls: {}, modules: []}'), [['os.modules', undefined, []]]);
  assert.equal(diff('{}', 'os: {sysctls: {a: b}}'), [['os.sysctls.a', undefined, 'b']]);
  assert.equal(diff('os: {labels: {}}', 'os: {labels: x}'), [['os.labels', {}, 'x']]);
  const setting = (value: string) => `system_settings: {http-proxy: ${value}}`;
  assert.equal(diff('system_settings: {}', setting('{}')), [['system_settings.http-proxy', undefined, {}]]);
  assert.equal(diff(setting('{}'), setting('{noProxy: a}')), [
    ['system_settings.http-proxy.noProxy', undefined, 'a'],
  ]);
});

test('the YAML style does not matter', () => {
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true }),
  );
  const { map } = fc.letrec<{ value: unknown; map: Record<string, unknown> }>((tie) => ({
    value: fc.oneof(leaf, fc.array(tie('value'), { maxLength: 3 }), tie('map')),
    map: fc.dictionary(
      fc.oneof(fc.constantFrom('os', 'install', '<<', '__proto__'), fc.string()),
      tie('value'),
      {
        maxKeys: 4,
      },
    ),
  }));
  // Because of its first line, only the package `yaml` reads the last one.
  const writers = [renderYaml, stringify, (value: unknown) => `%YAML 1.2\n---\n${stringify(value)}`];
  fc.assert(
    fc.property(map, map, (before, after) => {
      const [one, ...others] = writers.map((write) => configChanges(write(before), write(after)));
      for (const other of others) assert.equal(other, one);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('keys that are not text have the same value in every YAML style', () => {
  for (const key of [
    '1',
    '1.10',
    '-0',
    '+1',
    '0x10',
    '1e3',
    '.5',
    '.nan',
    '~',
    'Null',
    'TRUE',
    '12345678901234567890',
  ])
    for (const text of [`${key}: x\n`, `a: [{ ${key}: x }]\n`, `a:\n  b: 1\n  ${key}: { c: 2 }\n`])
      assert.equal(configChanges(text, `%YAML 1.2\n---\n${text}`), [], text);
  assert.equal(diff('os: { labels: { 1.10: x } }', 'os: { labels: { "1.1": x } }'), []);
});

test('returns nothing for equal values in another style', () => {
  assert.equal(diff('# a\na: 1\nb: "x"', 'b: x\na: 0x1'), []);
});

test('keys with dots differ from nested keys', () => {
  assert.equal(diff('labels: {a.b: 1}', 'labels: {a: {b: 1}}'), [
    ['labels.a.b', undefined, 1],
    ['labels.a.b', 1, undefined],
  ]);
});

test('hides secrets: by their key, by their placeholder, in a list, a URL or a JSON text', () => {
  for (const [before, after, key] of [
    ['token: one', 'token: two', 'token'],
    ['token: ""', 'token: two', 'token'],
    ['token: "@@secret:a@@"', 'token: "@@secret:b@@"', 'token'],
    ['os: {password: x}', '{}', 'os.password'],
    ['os: {write_files: [{content: "@@secret:a@@"}]}', 'os: {write_files: []}', 'os.write_files'],
    ['os: {wifi: [{name: w, passphrase: x}]}', 'os: {wifi: [{name: w, passphrase: y}]}', 'os.wifi'],
    [
      'os: {environment: {http_proxy: "http://u:old@p"}}',
      'os: {environment: {http_proxy: "http://p"}}',
      'os.environment.http_proxy',
    ],
  ] as const) {
    assert.ok(JSON.stringify(diff(before, after)).includes(JSON.stringify(key)), key);
    assert.not.match(JSON.stringify(configChanges(before, after)), /old|two|secret:|"x"|"y"/);
  }
});

test('invalid YAML and excessive configurations are unreadable', () => {
  const deep = '['.repeat(5000) + ']'.repeat(5000);
  const laughs = [
    'a: &a [x]',
    ...Array.from('bcdefghijkl', (key, index) => {
      const last = 'abcdefghijkl'[index];
      return `${key}: &${key} [*${last},*${last},*${last},*${last},*${last},*${last},*${last},*${last},*${last}]`;
    }),
  ].join('\n');
  for (const text of ['a: [', 'a: 1\na: 2', '\u0000: %', 'a: *b', 'a: 1\n---\nb: 1', deep, laughs]) {
    assert.is(configChanges(text, 'a: 1'), undefined, text.slice(0, 20));
    assert.is(configChanges('a: 1', text), undefined);
  }
});

test.run();
