import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source } from '../source.ts';
import { formatGithub } from './formats.ts';
import type { Diagnostic } from './report.ts';

const test = suite('diagnostics as workflow commands');

const source = new Source('/repo/sites/x/site.yaml', 'a: 1\nb:\n  c: two\n');

function diagnostic(more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    code: 'some-code',
    severity: 'error',
    message: 'Something is wrong.',
    at: { source, start: 13, end: 16 },
    ...more,
  };
}

test('a fault within a line has columns', () => {
  assert.is(
    formatGithub([diagnostic({ help: 'do this' })], '/repo'),
    '::error file=sites/x/site.yaml,line=3,endLine=3,col=6,endColumn=9,title=some-code::Something is wrong.%0Ahelp: do this\n',
  );
});

test('a fault over several lines has none', () => {
  assert.is(
    formatGithub([diagnostic({ severity: 'warning', at: { source, start: 0, end: 10 } })], '/repo'),
    '::warning file=sites/x/site.yaml,line=1,endLine=3,title=some-code::Something is wrong.\n',
  );
});

test('each is one line, and nothing in a message begins another command', () => {
  const text = formatGithub([diagnostic({ message: '100 %\r\n::error::x, y' }), diagnostic()], '/repo');
  assert.is(
    text,
    '::error file=sites/x/site.yaml,line=3,endLine=3,col=6,endColumn=9,title=some-code::100 %25%0D%0A::error::x, y\n' +
      '::error file=sites/x/site.yaml,line=3,endLine=3,col=6,endColumn=9,title=some-code::Something is wrong.\n',
  );
});

test('what parts properties is escaped in a path', () => {
  const odd = new Source('/repo/a,b:c%d\n/site.yaml', 'a');
  assert.is(
    formatGithub([diagnostic({ at: { source: odd, start: 0, end: 1 } })], '/repo'),
    '::error file=a%2Cb%3Ac%25d%0A/site.yaml,line=1,endLine=1,col=1,endColumn=2,title=some-code::Something is wrong.\n',
  );
});

test('none is no text', () => {
  assert.is(formatGithub([], '/repo'), '');
});

test.run();
