import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { IMPORT_FORMATS, JOINED_FORMATS } from '../src/import/import-formats.ts';
import { joinedSite } from '../src/import/joined-site.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { formatText } from '../src/source/diagnostics/text.ts';
import { Source } from '../src/source/source.ts';
import { assertLinear } from './support/linear.ts';

/** Checks that apply to every import format: a format that is added to the lists is tested here automatically. */
const test = suite('every format of harvgen import');

const SECRET = 'open-sesame-7';

const MALFORMED = [
  `password: ${SECRET}\n`,
  `password="${SECRET}\n`,
  `password: "${SECRET}"\n  - [`,
  `{"password": "${SECRET}", \n`,
  `--password ${SECRET}\n`,
  `x http://a:${SECRET}@b/\n`,
];

/** Returns the diagnostics of each format for a text, by its name. */
function reported(text: string): [name: string, log: string][] {
  const logOf = (name: string, read: (source: Source, report: Report) => unknown): [string, string] => {
    const report = new Report();
    assert.is(read(new Source('/a', text), report), undefined, name);
    return [name, formatText(report.sorted(), { color: false, folder: '/' })];
  };
  return [
    ...IMPORT_FORMATS.map((kind) => logOf(kind.name, (source, report) => kind.read(source, {}, report))),
    ...JOINED_FORMATS.map((kind) =>
      logOf(kind.name, (source, report) => joinedSite([{ kind, source }], {}, report)),
    ),
  ];
}

test('no diagnostic of a malformed file shows a secret', () => {
  const masked = new Set<string>();
  for (const text of MALFORMED)
    for (const [name, log] of reported(text)) {
      assert.not.match(log, SECRET, name);
      if (log.includes('*'.repeat(SECRET.length))) masked.add(name);
    }
  // The diagnostics contain the lines themselves, masked.
  assert.is(masked.size, IMPORT_FORMATS.length + JOINED_FORMATS.length, [...masked].join());
});

test('a file of one character, or of a few repeated ones, takes linear time', async () => {
  const letters = ['"', '{', '<', ',', ';', '#', '\n', ' ', '&', 'a', '[', '-', '1', '%', '\\'];
  const pieces = [...letters, '\\\n', '<a>\n', '[a]\n', 'label a\n', '%(a)s', 'a=b\n', ' a'];
  const begins = ['', '#!ipxe\n', '[bmi]\nuid = ', '<target x>\n', 'LABEL '];
  for (const kind of JOINED_FORMATS)
    for (const piece of pieces)
      for (const begin of begins) {
        const source = (size: number) => new Source('/a', begin + piece.repeat(size));
        await assertLinear(`${kind.name} ${JSON.stringify(begin + piece)}`, 16_000, source, (read) => {
          kind.isLike(read);
          kind.read(read, new Report());
        });
      }
});

test('YAML that is nested too deeply is reported', () => {
  let found = 0;
  for (const text of [
    `k:\n- name: ${'a: '.repeat(5000)}\nb: 1\n`,
    `maclist:\n- name: ${'a: '.repeat(5000)}b\nc: 1\n`,
  ]) {
    for (const kind of [...IMPORT_FORMATS, ...JOINED_FORMATS]) {
      const source = new Source('/a', text);
      const report = new Report();
      if ('isLike' in kind) joinedSite([{ kind, source }], {}, report);
      else kind.read(source, {}, report);
      found += report.sorted().filter(({ message }) => message === 'This is nested too deeply.').length;
    }
  }
  assert.ok(found >= 15, `${found}`);
});

test('docs/reference/import-mappings.md has a row for every format', () => {
  const page = readFileSync(new URL('../docs/reference/import-mappings.md', import.meta.url), 'utf8');
  const [, table = ''] = page.split('| format | content | files | options |\n');
  const cells = table.split('\n\n', 1)[0]?.match(/^\|[^|]*/gm) ?? [];
  const names = cells.flatMap((cell) => Array.from(cell.matchAll(/`([\w-]+)`/g), ([, name]) => name));
  assert.equal(names.sort(), [...IMPORT_FORMATS, ...JOINED_FORMATS].map(({ name }) => name).sort());
});

test.run();
