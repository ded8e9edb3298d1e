import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../source.ts';
import { formatJson } from './formats.ts';
import type { Diagnostic } from './report.ts';

const test = suite('diagnostics as JSON');

const source = new Source('/repo/sites/x/site.yaml', 'a: 1\nb:\n  c: two\n');

const diagnostic: Diagnostic = {
  code: 'some-code',
  severity: 'error',
  message: 'Something "is" wrong.\nReally.',
  help: 'do this',
  at: { source, start: 13, end: 16 },
  related: [{ message: 'the other is at', at: { source, start: 0, end: 1 } }],
};

test('one document with every field, counted from 1', () => {
  const text = formatJson([diagnostic], '/repo');
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
      },
    ],
  });
});

test('what is not there is left out, but for the list of related places', () => {
  const { help, related, ...bare } = diagnostic;
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
  ]);
  assert.equal(plain.related, []);
  assert.is(plain.severity, 'warning');
  assert.is(plain.file, 'repo/sites/x/site.yaml');
});

test('a place over several lines ends in another line', () => {
  const [plain] = JSON.parse(
    formatJson([{ ...diagnostic, at: { source, start: 0, end: 10 } }], '/repo'),
  ).diagnostics;
  assert.equal([plain.line, plain.column, plain.end_line, plain.end_column], [1, 1, 3, 3]);
});

test('none is an empty list', () => {
  assert.is(formatJson([], '/'), '{\n  "diagnostics": []\n}\n');
});

test.run();
