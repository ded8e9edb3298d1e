import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../source.ts';
import { formatGithub, formatJson, formatSarif } from './formats.ts';
import type { Diagnostic } from './report.ts';

const testGithub = suite('diagnostics as workflow commands');

const sourceGithub = new Source('/repo/sites/x/site.yaml', 'a: 1\nb:\n  c: two\n');

function diagnosticGithub(more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: 'some-code',
    severity: 'error',
    message: 'Something is wrong.',
    at: { source: sourceGithub, start: 13, end: 16 },
    ...more,
  };
}

testGithub('a location within one line has columns', () => {
  assert.is(
    formatGithub([diagnosticGithub({ help: 'do this' })], '/repo'),
    '::error file=sites/x/site.yaml,line=3,endLine=3,col=6,endColumn=9,title=some-code::Something is wrong.%0Ahelp: do this\n',
  );
});

testGithub('a location over several lines has no columns', () => {
  assert.is(
    formatGithub(
      [diagnosticGithub({ severity: 'warning', at: { source: sourceGithub, start: 0, end: 10 } })],
      '/repo',
    ),
    '::warning file=sites/x/site.yaml,line=1,endLine=3,title=some-code::Something is wrong.\n',
  );
});

testGithub('each diagnostic is one line, and no message can begin another command', () => {
  const text = formatGithub(
    [diagnosticGithub({ message: '100 %\r\n::error::x, y' }), diagnosticGithub()],
    '/repo',
  );
  assert.is(
    text,
    '::error file=sites/x/site.yaml,line=3,endLine=3,col=6,endColumn=9,title=some-code::100 %25%0D%0A::error::x, y\n' +
      '::error file=sites/x/site.yaml,line=3,endLine=3,col=6,endColumn=9,title=some-code::Something is wrong.\n',
  );
});

testGithub('control characters are escapes', () => {
  const line = formatGithub(
    [diagnosticGithub({ message: 'a\u001b[2Jb\u0007\u202e', help: 'c\u009b' })],
    '/repo',
  );
  assert.match(line, '::a\\u{1b}[2Jb\\u{7}\\u{202e}%0Ahelp: c\\u{9b}\n');
});

testGithub('separators of properties are escaped in paths', () => {
  const odd = new Source('/repo/a,b:c%d\n/site.yaml', 'a');
  assert.is(
    formatGithub([diagnosticGithub({ at: { source: odd, start: 0, end: 1 } })], '/repo'),
    '::error file=a%2Cb%3Ac%25d%0A/site.yaml,line=1,endLine=1,col=1,endColumn=2,title=some-code::Something is wrong.\n',
  );
});

testGithub('no diagnostics are no text', () => {
  assert.is(formatGithub([], '/repo'), '');
});

testGithub.run();

const testJson = suite('diagnostics as JSON');

const sourceJson = new Source('/repo/sites/x/site.yaml', 'a: 1\nb:\n  c: two\n');

const diagnosticJson: Diagnostic = {
  code: 'some-code',
  severity: 'error',
  message: 'Something "is" wrong.\nReally.',
  help: 'do this',
  at: { source: sourceJson, start: 13, end: 16 },
  related: [{ message: 'the other is at', at: { source: sourceJson, start: 0, end: 1 } }],
};

testJson('the document has every field, counted from 1', () => {
  const text = formatJson([diagnosticJson], '/repo');
  assert.ok(text.endsWith('}\n'));
  assert.equal(JSON.parse(text), {
    diagnostics: [
      {
        code: 'some-code',
        severity: 'error',
        message: 'Something "is" wrong.\nReally.',
        help: 'do this',
        file: 'sites/x/site.yaml',
        line: 3,
        column: 6,
        end_line: 3,
        end_column: 9,
        related: [{ message: 'the other is at', file: 'sites/x/site.yaml', line: 1, column: 1 }],
        url: 'harvgen:/docs/reference/rules.md#some-code',
      },
    ],
  });
});

testJson('missing fields are omitted, except the list of related locations', () => {
  const { help, related, ...bare } = diagnosticJson;
  assert.ok(help && related);
  const [plain] = JSON.parse(formatJson([{ ...bare, severity: 'warning' }], '/')).diagnostics;
  assert.equal(Object.keys(plain), [
    'code',
    'severity',
    'message',
    'file',
    'line',
    'column',
    'end_line',
    'end_column',
    'related',
    'url',
  ]);
  assert.equal(plain.related, []);
  assert.is(plain.severity, 'warning');
  assert.is(plain.file, 'repo/sites/x/site.yaml');
});

testJson('a location over several lines ends on another line', () => {
  const [plain] = JSON.parse(
    formatJson([{ ...diagnosticJson, at: { source: sourceJson, start: 0, end: 10 } }], '/repo'),
  ).diagnostics;
  assert.equal([plain.line, plain.column, plain.end_line, plain.end_column], [1, 1, 3, 3]);
});

testJson('control characters are escapes of JSON, in SARIF, too', () => {
  const message = 'a\u001b[2Jb\u007f\u009b\u202ec';
  const odd = [{ ...diagnosticJson, message, help: message }];
  for (const text of [formatJson(odd, '/repo'), formatSarif(odd, '/repo', '1.2.3')]) {
    assert.not.match(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    assert.match(JSON.stringify(JSON.parse(text)), JSON.stringify(message).slice(1, -1));
  }
});

const FIX = { title: 'change two to 2', safe: true, edits: [{ at: diagnosticJson.at, text: '2' }] };

testJson(
  'a fix has its title and its edits, also in SARIF, unless it has none or would show a secret',
  () => {
    const found = [{ ...diagnosticJson, fix: FIX }];
    const [{ fix }] = JSON.parse(formatJson(found, '/repo')).diagnostics;
    const file = 'sites/x/site.yaml';
    assert.equal(fix, {
      title: 'change two to 2',
      safe: true,
      edits: [{ file, line: 3, column: 6, end_line: 3, end_column: 9, text: '2' }],
    });
    const [result] = JSON.parse(formatSarif(found, '/repo', '1.2.3')).runs[0].results;
    assert.equal(result.fixes, [
      {
        description: { text: 'change two to 2' },
        artifactChanges: [
          {
            artifactLocation: { uri: file, uriBaseId: '%SRCROOT%' },
            replacements: [
              {
                deletedRegion: { startLine: 3, startColumn: 6, endLine: 3, endColumn: 9 },
                insertedContent: { text: '2' },
              },
            ],
          },
        ],
      },
    ]);
    const secret = new Source('/repo/x.yaml', 'a: 1\nb:\n  c: two\n');
    secret.conceal({ start: 14, end: 15 });
    const hidden = { ...FIX, edits: [{ at: { source: secret, start: 13, end: 16 }, text: 'two2' }] };
    const removed = { ...hidden, edits: hidden.edits.map(({ at }) => ({ at, text: '' })) };
    for (const [fix, isShown] of [
      [{ ...FIX, edits: [] }, false],
      [hidden, false],
      [removed, true],
    ] as const) {
      const found = [{ ...diagnosticJson, fix }];
      assert.is('fix' in JSON.parse(formatJson(found, '/repo')).diagnostics[0], isShown);
      assert.is('fixes' in JSON.parse(formatSarif(found, '/repo', '1')).runs[0].results[0], isShown);
    }
  },
);

testJson('no diagnostics are an empty list', () => {
  assert.is(formatJson([], '/'), '{\n  "diagnostics": []\n}\n');
});

testJson.run();

const testSarif = suite('diagnostics as SARIF');

const sourceSarif = new Source('/repo/sites/x y/größe#1.yaml', 'a: 1\nb:\n  c: two\n');

const diagnostics: Diagnostic[] = [
  {
    code: 'two',
    severity: 'error',
    message: 'Something is wrong.',
    help: 'do this',
    at: { source: sourceSarif, start: 13, end: 16 },
    related: [{ message: 'the other is at', at: { source: sourceSarif, start: 0, end: 1 } }],
  },
  {
    code: 'one',
    severity: 'warning',
    message: 'Something is odd.',
    at: { source: sourceSarif, start: 0, end: 4 },
  },
  { code: 'two', severity: 'error', message: 'Again.', at: { source: sourceSarif, start: 0, end: 4 } },
];

const uri = 'sites/x%20y/gr%C3%B6%C3%9Fe%231.yaml';

const tool = (text: string) => JSON.parse(text).runs[0].tool;

testSarif('one run with its rules and results', () => {
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

testSarif('a rule has its explanation, or its code, in every field that a service reads', () => {
  const explain = (code: string) => (code === 'two' ? { what: 'It holds.', why: 'It breaks.' } : undefined);
  const { rules } = tool(formatSarif(diagnostics, '/repo', '1.2.3', explain)).driver;
  const rule = (id: string, level: string, what: string, why: string) => ({
    id,
    shortDescription: { text: what },
    fullDescription: { text: why },
    help: { text: why },
    helpUri: `harvgen:/docs/reference/rules.md#${id}`,
    defaultConfiguration: { level },
    properties: { precision: 'very-high', 'problem.severity': level },
  });
  assert.equal(rules, [
    rule('one', 'warning', 'one', 'one'),
    rule('two', 'error', 'It holds.', 'It breaks.'),
  ]);
});

testSarif('a rule has the severity of its worst result', () => {
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

testSarif('a result has its location, its related locations and its help', () => {
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

testSarif('a result without help or related locations has neither field', () => {
  const [, result] = JSON.parse(formatSarif(diagnostics, '/repo', '1.2.3')).runs[0].results;
  assert.equal(result.message, { text: 'Something is odd.' });
  assert.not('relatedLocations' in result);
});

testSarif('columns count UTF-16 code units, as the text does', () => {
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

testSarif('no diagnostics are a run without results', () => {
  const [run] = JSON.parse(formatSarif([], '/repo', '1.2.3')).runs;
  assert.equal(run.results, []);
  assert.equal(run.tool.driver.rules, []);
});

testSarif.run();
