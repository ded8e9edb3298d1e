import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parse, parseDocument, visit } from 'yaml';
import type { HarvesterConfig } from '../../knowledge/harvester-config.gen.ts';
import { renderConfig } from '../www.ts';

const test = suite("rendering Harvester's configuration");

/** Strings that a YAML, template, shell or JSON reader could misread. */
const STRINGS = [
  '',
  ' ',
  'plain',
  'yes',
  'no',
  'on',
  'off',
  'y',
  'n',
  'Yes',
  'NO',
  'true',
  'False',
  'null',
  'Null',
  '~',
  '0',
  '0123',
  '0o17',
  '0x1F',
  '0b11',
  '1e3',
  '1_000',
  '1.5',
  '.5',
  '.inf',
  '.NaN',
  '-1',
  '12:30:45',
  '2026-01-31',
  '2026-01-31T12:00:00Z',
  '52:54:00:12:34:56',
  '- item',
  '? key',
  'key: value',
  ': x',
  '# comment',
  'text # comment',
  '&anchor',
  '*alias',
  '!tag',
  '!!str x',
  '| x',
  '> x',
  '%YAML 1.1',
  '@x',
  '`x`',
  '---',
  '...',
  '{{ .Values.x }}',
  '{a: 1}',
  '[1]',
  '<<',
  '=',
  "it's",
  'say "x"',
  '\\',
  '\\n',
  'ends with \\',
  'C:\\temp\\x',
  '$(reboot)',
  '${net0/ip}',
  '$$',
  'two\nlines',
  'line\n',
  '\n',
  '\n\nline\n\n',
  '  indented\n    more\n',
  'trailing blank \n x',
  'cr\rlf\r\nx',
  '\ttab\t',
  'nul\u0000 bell\u0007 esc\u001b del\u007f',
  'c1 \u0080\u009fx',
  'nel\u0085x',
  'ls\u2028x ps\u2029x',
  '\u0085',
  '\ufeffbom',
  'nbsp\u00a0x',
  'Zürich 東京',
  'emoji 🙂 👩‍🚀',
  'x'.repeat(500),
  `${'word '.repeat(100)}`,
  '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
];

function config(value: unknown): HarvesterConfig {
  return value as HarvesterConfig;
}

/** Asserts that YAML 1.1, which releases up to v1.2.1 use, and YAML 1.2 parse a text alike. */
function assertReadAs(text: string, expected: unknown): void {
  for (const version of ['1.1', '1.2'] as const) {
    const document = parseDocument(text, { version });
    assert.equal([...document.errors, ...document.warnings], []);
    assert.equal(document.toJS(), expected, `YAML ${version}`);
  }
}

for (const value of STRINGS) {
  test(`the text ${JSON.stringify(value.slice(0, 40))} is parsed unchanged as a value, in a list and in a map`, () => {
    const whole = { token: value, os: { modules: [value, value], sysctls: { a: value } } };
    assertReadAs(renderConfig(config(whole)), whole);
  });
}

test('all texts in one list are parsed unchanged', () => {
  const whole = { os: { modules: STRINGS } };
  assertReadAs(renderConfig(config(whole)), whole);
});

test('every text is in double quotes on one line', () => {
  const text = renderConfig(config({ os: { modules: STRINGS } }));
  assert.is(text.trimEnd().split('\n').length, STRINGS.length + 2);
  visit(parseDocument(text), {
    Scalar(key, node) {
      if (key !== 'key') assert.is(node.type, 'QUOTE_DOUBLE');
    },
  });
});

test('the file contains only printable characters', () => {
  const text = renderConfig(config({ os: { modules: STRINGS } }));
  assert.not.match(text.replaceAll('\n', ''), /[\p{Cc}\u2028\u2029\ufeff]/u);
});

test('booleans and whole numbers have no quotes', () => {
  const whole = {
    scheme_version: 1,
    install: { automatic: true, debug: false, management_interface: { vlan_id: 100, mtu: 9000 } },
  };
  const text = renderConfig(config(whole));
  assert.is(
    text,
    `scheme_version: 1
install:
  automatic: true
  debug: false
  management_interface:
    vlan_id: 100
    mtu: 9000
`,
  );
  assertReadAs(text, whole);
});

for (const key of [
  'on',
  'off',
  'yes',
  'no',
  'y',
  'n',
  'Yes',
  'true',
  'null',
  '~',
  '123',
  '0123',
  '0o17',
  '0x1F',
  '1e3',
  '1_000',
  '1.5',
  '12:30:45',
  '2026-01-31',
  '<<',
  '=',
  '',
  ' ',
  'a: b',
  'a #b',
  '- a',
  '*a',
  '&a',
  '!a',
  '{a}',
  '[a]',
  '"a"',
  "'a'",
  'a\nb',
  'a\tb',
  'a\u0085b',
  'a\u2028b',
  '\ufeffa',
  'net.ipv4.ip_forward',
  'example.org/gpu',
  'Zürich 🙂',
  'k'.repeat(200),
]) {
  test(`the key ${JSON.stringify(key.slice(0, 40))} is parsed unchanged`, () => {
    const whole = { os: { sysctls: { [key]: '1', after: '2' } } };
    assertReadAs(renderConfig(config(whole)), whole);
  });
}

test('only keys that YAML 1.1 would misread are in quotes', () => {
  const whole = { os: { sysctls: { on: '1', yes: '2', '123': '3', 'net.core.x': '4' } } };
  const text = renderConfig(config(whole));
  assert.match(text, /^ {4}"on": "1"$/m);
  assert.match(text, /^ {4}"yes": "2"$/m);
  assert.match(text, /^ {4}"123": "3"$/m);
  assert.match(text, /^ {4}net\.core\.x: "4"$/m);
});

test('a map as the value of a system setting becomes JSON', () => {
  const setting = { httpProxy: 'http://proxy:3128', noProxy: 'a,"b"\\', nested: { on: [true, 1, null] } };
  const text = renderConfig(
    config({ system_settings: { 'http-proxy': setting, 'vip-pools': {}, 'ui-source': 'bundled' } }),
  );
  const { system_settings: settings } = parse(text);
  assert.equal(JSON.parse(settings['http-proxy']), setting);
  assert.is(settings['vip-pools'], '{}');
  assert.is(settings['ui-source'], 'bundled');
});

test('the JSON of a setting has its keys in the order of the inventory', () => {
  const text = renderConfig(
    config({ system_settings: { 'overcommit-config': { storage: 1, cpu: 2, memory: 3 } } }),
  );
  assert.is(parse(text).system_settings['overcommit-config'], '{"storage":1,"cpu":2,"memory":3}');
});

test('secrets become placeholders: alone, inside longer text, in lists, and in the JSON of a setting', () => {
  const text = renderConfig(
    config({
      token: '${secret:token}',
      os: { password: 'x${secret:a}y${secret:b_1}z', modules: ['${secret:a}'] },
      system_settings: {
        'http-proxy': { httpProxy: 'http://u:${secret:proxy}@p' },
        'ui-source': '${secret:a}',
      },
    }),
  );
  assertReadAs(text, {
    token: '@@secret:token@@',
    os: { password: 'x@@secret:a@@y@@secret:b_1@@z', modules: ['@@secret:a@@'] },
    system_settings: {
      'http-proxy': '{"httpProxy":"http://u:@@secret:proxy:json@@@p"}',
      'ui-source': '@@secret:a@@',
    },
  });
  assert.not(text.includes('${secret:'));
});

test('keeps variables that are not references to secrets', () => {
  assertReadAs(renderConfig(config({ os: { password: '${net0/ip} ${secret' } })), {
    os: { password: '${net0/ip} ${secret' },
  });
});

test('a shared object is written at each use, without anchors', () => {
  const shared = { path: '/etc/x', content: 'y' };
  const text = renderConfig(config({ os: { write_files: [shared, shared] } }));
  assert.not.match(text, /[&*]\w/);
  assertReadAs(text, { os: { write_files: [shared, shared] } });
});

test('empty maps and lists are kept', () => {
  const whole = { os: { sysctls: {}, modules: [] } };
  assertReadAs(renderConfig(config(whole)), whole);
});

test('keys that every object has, such as constructor, are written like others', () => {
  const sysctls = Object.assign(Object.create(null), JSON.parse('{"constructor": "1", "toString": "3"}'));
  Object.defineProperty(sysctls, '__proto__', { value: '2', enumerable: true });
  const text = renderConfig(config({ os: { sysctls } }));
  assert.match(text, /^ {4}constructor: "1"$/m);
  assert.match(text, /^ {4}toString: "3"$/m);
  assert.match(text, /^ {4}__proto__: "2"$/m);
});

test('does not change its argument', () => {
  const whole = { token: '${secret:a}', system_settings: { 'http-proxy': { httpProxy: 'x' } } };
  const before = JSON.stringify(whole);
  renderConfig(config(whole));
  assert.is(JSON.stringify(whole), before);
});

test('returns the same text for the same configuration', () => {
  const whole = config({ os: { modules: STRINGS } });
  assert.is(renderConfig(whole), renderConfig(whole));
});

test.run();
