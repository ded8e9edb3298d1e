import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../source.ts';
import { formatSarif } from './formats.ts';
import type { Diagnostic } from './report.ts';

const test = suite('diagnostics as SARIF');

const source = new Source('/repo/sites/x y/größe#1.yaml', 'a: 1\nb:\n  c: two\n');

const diagnostics: Diagnostic[] = [
  {
    code: 'two',
    severity: 'error',
    message: 'Something is wrong.',
    help: 'do this',
    at: { source, start: 13, end: 16 },
    related: [{ message: 'the other is at', at: { source, start: 0, end: 1 } }],
  },
  { code: 'one', severity: 'warning', message: 'Something is odd.', at: { source, start: 0, end: 4 } },
  { code: 'two', severity: 'error', message: 'Again.', at: { source, start: 0, end: 4 } },
];

const uri = 'sites/x%20y/gr%C3%B6%C3%9Fe%231.yaml';

const tool = (text: string) => JSON.parse(text).runs[0].tool;

test('one run with its rules and results', () => {
  const text = formatSarif(diagnostics, '/repo', '1.2.3');
  assert.ok(text.endsWith('}\n'));
  const { $schema, version, runs } = JSON.parse(text);
  assert.is($schema, 'https://json.schemastore.org/sarif-2.1.0.json');
  assert.is(version, '2.1.0');
  assert.is(runs.length, 1);
  const { rules, ...driver } = tool(text).driver;
  assert.equal(driver, { name: 'harvgen', version: '1.2.3' });
  assert.equal(
    rules.map(({ id }: { id: string }) => id),
    ['one', 'two'],
  );
  assert.equal(
    runs[0].results.map(({ ruleId, ruleIndex, level }: Record<string, unknown>) => [
      ruleId,
      ruleIndex,
      level,
    ]),
    [
      ['two', 1, 'error'],
      ['one', 0, 'warning'],
      ['two', 1, 'error'],
    ],
  );
});

test('a rule has the sentences that explain it, or its code, wherever a service looks for a text', () => {
  const explain = (code: string) => (code === 'two' ? { what: 'It holds.', why: 'It breaks.' } : undefined);
  const { rules } = tool(formatSarif(diagnostics, '/repo', '1.2.3', explain)).driver;
  const rule = (id: string, level: string, what: string, why: string) => ({
    id,
    shortDescription: { text: what },
    fullDescription: { text: why },
    help: { text: why },
    defaultConfiguration: { level },
    properties: { precision: 'very-high', 'problem.severity': level },
  });
  assert.equal(rules, [
    rule('one', 'warning', 'one', 'one'),
    rule('two', 'error', 'It holds.', 'It breaks.'),
  ]);
});

test('a rule is as bad as the worst of its results', () => {
  const [two, one] = diagnostics as [Diagnostic, Diagnostic];
  const both: Diagnostic[] = [
    { ...two, severity: 'warning' },
    { ...two, severity: 'error' },
    { ...one, severity: 'error' },
    { ...one, severity: 'warning' },
  ];
  const { rules } = tool(formatSarif(both, '/repo', '1.2.3')).driver;
  for (const { defaultConfiguration } of rules) assert.equal(defaultConfiguration, { level: 'error' });
});

test('a result has its place, its related places and its help', () => {
  const [result] = JSON.parse(formatSarif(diagnostics, '/repo', '1.2.3')).runs[0].results;
  assert.equal(result.message, { text: 'Something is wrong.\nhelp: do this' });
  assert.equal(result.locations, [
    {
      physicalLocation: {
        artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
        region: { startLine: 3, startColumn: 6, endLine: 3, endColumn: 9 },
      },
    },
  ]);
  assert.equal(result.relatedLocations, [
    {
      physicalLocation: {
        artifactLocation: { uri, uriBaseId: '%SRCROOT%' },
        region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 2 },
      },
      message: { text: 'the other is at' },
    },
  ]);
});

test('a result without help or related places has neither', () => {
  const [, result] = JSON.parse(formatSarif(diagnostics, '/repo', '1.2.3')).runs[0].results;
  assert.equal(result.message, { text: 'Something is odd.' });
  assert.not('relatedLocations' in result);
});

test('columns are counted as the text is: in UTF-16 code units', () => {
  const wide = new Source('/repo/a.yaml', 'a: "🙂", b: 1');
  const [only] = diagnostics;
  assert.ok(only);
  const start = wide.text.indexOf('b');
  const [run] = JSON.parse(
    formatSarif([{ ...only, at: { source: wide, start, end: start + 1 } }], '/repo', '1'),
  ).runs;
  assert.is(run.columnKind, 'utf16CodeUnits');
  assert.is(run.results[0].locations[0].physicalLocation.region.startColumn, 10);
});

test('none is a run without results', () => {
  const [run] = JSON.parse(formatSarif([], '/repo', '1.2.3')).runs;
  assert.equal(run.results, []);
  assert.equal(run.tool.driver.rules, []);
});

test.run();
