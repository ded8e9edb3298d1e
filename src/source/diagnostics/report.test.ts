import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Source, type SourceLocation } from '../source.ts';
import { Report } from './report.ts';

const test = suite('the report');

function location(file: string, start: number): SourceLocation {
  return { source: new Source(file, 'x'.repeat(100)), start, end: start + 1 };
}

test('is initially empty, and has not failed', () => {
  const report = new Report();
  assert.equal(report.sorted(), []);
  assert.not(report.failed);
});

test('an error makes it fail, a warning does not', () => {
  const report = new Report();
  report.warning({ code: 'a', message: 'A.', at: location('/a', 0) });
  assert.not(report.failed);
  report.error({ code: 'b', message: 'B.', at: location('/a', 0) });
  assert.ok(report.failed);
  report.warning({ code: 'c', message: 'C.', at: location('/a', 0) });
  assert.ok(report.failed);
  assert.equal(
    report.sorted().map(({ code, severity }) => [code, severity]),
    [
      ['a', 'warning'],
      ['b', 'error'],
      ['c', 'warning'],
    ],
  );
});

test('is sorted by file, location, code and message, whatever the order of reporting', () => {
  const wanted = [
    ['/B.yaml', 5, 'z', 'Z.'],
    ['/a.yaml', 2, 'b', 'B.'],
    ['/a.yaml', 10, 'a', 'A.'],
    ['/a.yaml', 10, 'a', 'B.'],
    ['/a.yaml', 10, 'b', 'A.'],
    ['/ä.yaml', 0, 'a', 'A.'],
  ] as const;
  for (const order of [wanted, wanted.toReversed(), wanted.toSorted(() => Math.random() - 0.5)]) {
    const report = new Report();
    for (const [file, start, code, message] of order)
      report.error({ code, message, at: location(file, start) });
    assert.equal(
      report.sorted().map(({ at, code, message }) => [at.source.file, at.start, code, message]),
      wanted,
    );
  }
});

test('adds the diagnostics of another report once, and fails if one is an error', () => {
  const [report, other] = [new Report(), new Report()];
  const at = { source: new Source('a', 'x'), start: 0, end: 1 };
  report.warning({ code: 'w', message: 'w', at });
  other.warning({ code: 'w', message: 'w', at });
  other.error({ code: 'e', message: 'e', at });
  assert.equal(
    report
      .with(other)
      .sorted()
      .map(({ code }) => code),
    ['e', 'w'],
  );
  assert.ok(report.failed);
});

test('returns a new list each time', () => {
  const report = new Report();
  report.error({ code: 'a', message: 'A.', at: location('/a', 0) });
  report.sorted().pop();
  assert.is(report.sorted().length, 1);
});

test.run();
