import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DIAGNOSTICS } from '../src/rules/index.ts';
import {
  formatGithub,
  formatJson,
  formatSarif,
  type PlainDiagnostic,
} from '../src/source/diagnostics/formats.ts';
import { urlOfCode } from '../src/values/package.ts';
import { harvgen, type Run } from './support/cli.ts';
import { type Edit, edited, PLANT } from './support/plant.ts';
import { scratchFolder, writeFiles } from './support/scratch.ts';

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
const test = suite('the formats of diagnostics');

/** The parts of a diagnostic that every format contains; the column only if the format has one. */
type CommonParts = readonly [
  code: string,
  severity: string,
  file: string,
  line: number,
  column: number | undefined,
  message: string,
];

/** The parts of a SARIF log that harvgen writes. */
interface Sarif {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly SarifResult[];
    },
  ];
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly [SarifLocation];
  readonly relatedLocations?: readonly SarifLocation[];
  readonly fixes?: readonly [
    {
      readonly description: { readonly text: string };
      readonly artifactChanges: readonly {
        readonly artifactLocation: { readonly uri: string };
        readonly replacements: readonly {
          readonly deletedRegion: SarifLocation['physicalLocation']['region'];
          readonly insertedContent: { readonly text: string };
        }[];
      }[];
    },
  ];
}

interface SarifLocation {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: Readonly<Record<'startLine' | 'startColumn' | 'endLine' | 'endColumn', number>>;
  };
  readonly message?: { readonly text: string };
}

test('the URL of each code is an anchor of the reference', () => {
  for (const { code } of DIAGNOSTICS) {
    const [, page = '', anchor = ''] = /^harvgen:\/(docs\/.*)#(.*)$/.exec(urlOfCode(code)) ?? [];
    assert.ok(read(`../${page}`).includes(`<a id="${anchor}"></a>`), code);
    assert.is(anchor, code);
  }
});

const ownSchema = JSON.parse(read('../schema/diagnostics.schema.json'));
const isDiagnostics = new Ajv2020({ allErrors: true }).compile(ownSchema);
const isSarif = sarifSchema();

/**
 * OASIS's schema of SARIF 2.1.0, from the npm package @microsoft/jest-sarif 1.0.0-beta.0. ajv reads it as draft-07 without the
 * two keys that declare draft-04.
 */
function sarifSchema(): ValidateFunction {
  const { $schema, id, ...schema } = JSON.parse(read('data/sarif-2.1.0.schema.json'));
  assert.match($schema, 'draft-04');
  assert.match(id, 'sarif-2.1.0');
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  ajv.addFormat('uri', (text: string) => URL.canParse(text));
  ajv.addFormat('uri-reference', (text: string) => /^[!-~]*$/.test(text) && URL.canParse(text, 'http://x/'));
  ajv.addFormat('date-time', () => false); // harvgen writes no times
  return ajv.compile(schema);
}

/** A file outside of the site that includes it, with a text that begins with a workflow command. */
const SHARED = 'defaults:\n  config:\n    os:\n      hostnam: "größe, 100 %: ::error::"\n';

/** All types of errors that a format must represent. */
const ERRORS: readonly Edit[] = [
  ['site: plant\n', 'site: plant\ninclude: ["../../a, b: c/mit Ümlaut 100%.yaml"]\n'],
  ['version: v1.4.1', 'version: v2.0.0'],
  ['dns: [192.168.178.1]', 'dns:\n      first: 192.168.178.1\n      second: 192.168.178.2'],
  [
    '    gateway: 192.168.178.1\n',
    '    gateway: 192.168.178.1\n    domain: "größe 🙂, {0} [x](1): 100 %25"\n',
  ],
  ['vip: 192.168.178.40', 'vip: 192.168.178.240'],
  ['aa:01:02, ip: 192.168.178.42 }', 'aa:01:01, ip: 192.168.178.42 }'],
  ['{ mac: 52:54:00:aa:01:03', '{ labels: { "a/🙂🙂": "x" }, ipp: 1, mac: 52:54:00:aa:01:03'],
];

/** Returns a directory with two sites with many errors, in paths that some formats must escape. */
function sitesWithErrors(): string {
  return writeFiles(scratchFolder(), {
    'my sites/plant/site.yaml': edited(PLANT, ...ERRORS),
    'my sites/plant/nodes/größe, 7.yaml': 'nodes:\n  harv-4: { mac: nö, ip: 192.168.178.44, mode: crate }\n',
    'my sites/plant/old.yml': 'nodes: {}\n',
    'my sites/plant_b/site.yaml': edited(
      PLANT,
      ['site: plant\n', 'site: plant_c\n'],
      ['version: v1.4.1', 'version: v2.0.0'],
    ),
    'a, b: c/mit Ümlaut 100%.yaml': SHARED,
  });
}

/** Runs `check` in every format, asserts that all contain the same diagnostics, and returns the parsed documents. */
function checkAll(home: string, ...args: string[]): { diagnostics: PlainDiagnostic[]; sarif: Sarif } {
  const run = (format: string) => harvgen(['check', '--format', format, ...args], home);
  const [text, json, sarif, github] = ['text', 'json', 'sarif', 'github'].map(run) as [Run, Run, Run, Run];
  const { diagnostics } = valid(isDiagnostics, json.stdout) as { diagnostics: PlainDiagnostic[] };
  const log = valid(isSarif, sarif.stdout) as Sarif;
  const expected = diagnostics.map(fromJson);
  assert.equal(fromSarif(log, diagnostics), expected);
  assert.equal(fromText(text.stderr), expected);
  assert.equal(fromGithub(github.stdout, diagnostics), expected.map(withColumnOfOneLine(diagnostics)));

  const code = diagnostics.some(({ severity }) => severity === 'error') ? 1 : 0;
  for (const { code: exit } of [text, json, sarif, github]) assert.is(exit, code);
  for (const { stderr } of [json, sarif, github]) assert.is(stderr, '');
  assert.is(text.stdout, '');
  return { diagnostics, sarif: log };
}

/** Runs `check` only with JSON. */
function jsonOf(home: string, ...args: string[]): { diagnostics: PlainDiagnostic[] } {
  return JSON.parse(harvgen(['check', '--format', 'json', ...args], home).stdout);
}

/** Parses a document that a schema must accept. */
function valid(accepts: ValidateFunction, text: string): unknown {
  const document = JSON.parse(text);
  accepts(document);
  assert.equal(accepts.errors ?? [], []);
  return document;
}

function fromJson({ code, severity, file, line, column, message }: PlainDiagnostic): CommonParts {
  return [code, severity, file, line, column, message];
}

/** Returns the headline and the message of each block. Empty lines separate blocks, and the last block is the count. */
function fromText(text: string): CommonParts[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((block) => {
      const [, file, line, column, severity, code, message] =
        /^(.+):(\d+):(\d+) (\w+) (\S+)\n {2}(.+)/.exec(block) ?? [];
      assert.ok(file && severity && code && message, block);
      return [code, severity, file, Number(line), Number(column), message];
    });
}

function fromSarif({ runs: [run] }: Sarif, wanted: readonly PlainDiagnostic[]): CommonParts[] {
  const { rules } = run.tool.driver;
  const ids = rules.map(({ id }) => id);
  assert.equal(ids, [...new Set(ids)].sort());
  return run.results.map((result, index) => {
    const { ruleId, ruleIndex, level, message, locations, relatedLocations = [] } = result;
    assert.is(ids[ruleIndex], ruleId);
    assert.is(locations.length, 1);
    const { file, startLine, startColumn, endLine, endColumn } = sarifLocation(locations[0]);
    const diagnostic = wanted[index];
    assert.equal([endLine, endColumn], [diagnostic?.end_line, diagnostic?.end_column]);
    assert.equal(
      relatedLocations.map((other) => {
        const at = sarifLocation(other);
        return { message: other.message?.text, file: at.file, line: at.startLine, column: at.startColumn };
      }),
      diagnostic?.related,
    );
    assert.equal(result.fixes?.map(sarifFix), diagnostic?.fix && [withoutSafe(diagnostic.fix)]);
    return [ruleId, level, file, startLine, startColumn, withoutHelp(message.text, diagnostic)];
  });
}

function sarifFix({ description, artifactChanges }: NonNullable<SarifResult['fixes']>[0]) {
  const edits = artifactChanges.flatMap(({ artifactLocation: { uri }, replacements }) =>
    replacements.map(
      ({ deletedRegion: { startLine, startColumn, endLine, endColumn }, insertedContent }) => ({
        file: decodeURIComponent(uri),
        line: startLine,
        column: startColumn,
        end_line: endLine,
        end_column: endColumn,
        text: insertedContent.text,
      }),
    ),
  );
  return { title: description.text, edits };
}

/** SARIF has no field for whether a fix is safe. */
function withoutSafe({ title, edits }: NonNullable<PlainDiagnostic['fix']>) {
  return { title, edits };
}

function sarifLocation({ physicalLocation: { artifactLocation, region } }: SarifLocation) {
  assert.equal({ ...artifactLocation, uri: '' }, { uri: '', uriBaseId: '%SRCROOT%' });
  const { host, search, hash } = new URL(artifactLocation.uri, 'http://base/');
  assert.equal([host, search, hash], ['base', '', ''], 'only a path');
  return { file: decodeURIComponent(artifactLocation.uri), ...region };
}

/** Parses workflow commands as GitHub does: one for each line, `%25` decoded last. */
function fromGithub(text: string, wanted: readonly PlainDiagnostic[]): CommonParts[] {
  assert.ok(text === '' || text.endsWith('\n'));
  return text
    .split('\n')
    .slice(0, -1)
    .map((command, index) => {
      const [, severity = '', list = '', data = ''] = /^::(\w+) (.*?)::(.*)$/.exec(command) ?? [];
      const pairs = list.split(',').map((pair) => pair.split('=', 2) as [string, string]);
      const { file, line, endLine, col, endColumn, title } = Object.fromEntries(
        pairs.map(([key, value]) => [key, decoded(value.replaceAll('%3A', ':').replaceAll('%2C', ','))]),
      );
      assert.ok(file && title, command);
      const diagnostic = wanted[index];
      assert.is(Number(endLine), diagnostic?.end_line);
      if (col) assert.is(Number(endColumn), diagnostic?.end_column);
      const message = withoutHelp(decoded(data), diagnostic);
      return [title, severity, file, Number(line), col ? Number(col) : undefined, message];
    });
}

function decoded(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

/** SARIF and GitHub have one text for message and help. */
function withoutHelp(text: string, diagnostic: PlainDiagnostic | undefined): string {
  const help = diagnostic?.help ? `\nhelp: ${diagnostic.help}` : '';
  assert.ok(text.endsWith(help));
  return text.slice(0, text.length - help.length);
}

/** GitHub accepts a column only for an error within one line. */
function withColumnOfOneLine(diagnostics: readonly PlainDiagnostic[]) {
  return ([code, severity, file, line, column, message]: CommonParts, index: number): CommonParts => {
    const oneLine = diagnostics[index]?.end_line === line;
    return [code, severity, file, line, oneLine ? column : undefined, message];
  };
}

test('all contain the same diagnostics of a site with many errors, and their documents are valid', () => {
  const { diagnostics } = checkAll(sitesWithErrors(), 'my sites/plant');
  const has = (wanted: (diagnostic: PlainDiagnostic) => boolean) => assert.ok(diagnostics.some(wanted));
  // The site contains each case in which formats differ; without them this test proves little.
  has(({ severity }) => severity === 'error');
  has(({ severity }) => severity === 'warning');
  has(({ line, end_line }) => end_line > line);
  has(({ line, column, end_line, end_column }) => line === end_line && column === end_column);
  has(({ related }) => related.length > 0);
  has(({ message }) => /\P{ASCII}/u.test(message));
  has(({ file, column }) => file === 'my sites/plant/site.yaml' && column > 30);
  for (const file of ['my sites/plant/nodes/größe, 7.yaml', 'a, b: c/mit Ümlaut 100%.yaml'])
    has((diagnostic) => diagnostic.file === file);
});

test('all contain the same diagnostics of two sites, one after the other', () => {
  const home = sitesWithErrors();
  const alone = (site: string) => jsonOf(home, site).diagnostics;
  const wanted = [...alone('my sites/plant'), ...alone('my sites/plant_b')];
  const { diagnostics, sarif } = checkAll(home, 'my sites/plant', 'my sites/plant_b');
  assert.equal(diagnostics, wanted);
  assert.is(sarif.runs.length, 1);
  assert.equal(
    checkAll(home, '--strict', 'my sites/*').diagnostics,
    wanted.map((diagnostic) => ({ ...diagnostic, severity: 'error' })),
  );
});

test('the same input has the same output, byte for byte', () => {
  const home = sitesWithErrors();
  for (const format of ['json', 'sarif', 'github']) {
    const run = () => harvgen(['check', '--format', format, 'my sites/plant'], home).stdout;
    assert.is(run(), run());
  }
});

test('all contain the same diagnostics of every broken inventory', () => {
  const folder = fileURLToPath(new URL('./broken/', import.meta.url));
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const home = writeFiles(
    scratchFolder(),
    Object.fromEntries(
      names.map((name) => [`${name}/plant/site.yaml`, readFileSync(join(folder, name), 'utf8')]),
    ),
  );
  const { diagnostics } = checkAll(home, ...names.map((name) => `${name}/plant`));
  assert.equal([...new Set(diagnostics.map(({ file }) => file.split('/')[0]))], names);
});

test('all report a directory that is not a site', () => {
  const { diagnostics } = checkAll(scratchFolder(), 'no where', '.');
  assert.equal(
    diagnostics.map(({ code, file }) => [code, file]),
    [
      ['no-site', '.'],
      ['no-site', 'no where'],
    ],
  );
});

test('without diagnostics, each document is valid and empty', () => {
  const home = writeFiles(scratchFolder(), { 'plant/site.yaml': PLANT });
  const { diagnostics, sarif } = checkAll(home, 'plant');
  assert.equal(diagnostics, []);
  assert.equal([sarif.runs[0].results, sarif.runs[0].tool.driver.rules], [[], []]);
  valid(isDiagnostics, formatJson([], home));
  valid(
    isSarif,
    formatSarif([], home, '1.2.3', () => ({ what: 'It holds.', why: 'It breaks.' })),
  );
  assert.is(formatGithub([], home), '');
});

test('the schemas reject documents of another form', () => {
  const home = sitesWithErrors();
  const { diagnostics } = jsonOf(home, 'my sites/plant');
  const assertRejected = (accepts: ValidateFunction, document: unknown) => assert.not(accepts(document));
  const [first] = diagnostics;
  const { related, ...unrelated } = first as PlainDiagnostic;
  assert.ok(related);
  for (const wrong of [
    unrelated,
    { ...first, severity: 'note' },
    { ...first, line: 0 },
    { ...first, column: 1.5 },
    { ...first, help: '' },
    { ...first, more: 1 },
    { ...first, related: [{ message: 'at', file: 'a', line: 1, column: 1, end_line: 1 }] },
  ]) {
    assertRejected(isDiagnostics, { diagnostics: [wrong] });
  }
  assertRejected(isDiagnostics, { diagnostics, more: 1 });
  assertRejected(isDiagnostics, diagnostics);

  const sarif = JSON.parse(harvgen(['check', '--format', 'sarif', 'my sites/plant'], home).stdout) as Sarif;
  const [run] = sarif.runs;
  const [result] = run.results as [SarifResult];
  const withUri = (uri: string) => ({ locations: [{ physicalLocation: { artifactLocation: { uri } } }] });
  for (const wrong of [
    { level: 'fatal' },
    { ruleIndex: -2 },
    { message: {} },
    { more: 1 },
    { locations: [{ physicalLocation: { region: { startLine: 0 } } }] },
    withUri('my sites/größe.yaml'),
  ]) {
    assertRejected(isSarif, { ...sarif, runs: [{ ...run, results: [{ ...result, ...wrong }] }] });
  }
  assertRejected(isSarif, { ...sarif, version: '2.0.0' });
});

test('every key of the schema has a description, and a valid example', () => {
  const ajv = new Ajv2020({ allErrors: true });
  ajv.addSchema(ownSchema, 'own');
  const keys = Object.entries({ '': ownSchema, ...prefixed(ownSchema.$defs) }).flatMap(([path, node]) =>
    Object.entries(node.properties ?? {}).map(
      ([key, value]) => [`${path}/properties/${key}`, value] as const,
    ),
  );
  assert.ok(keys.length >= 14);
  for (const [path, value] of keys) {
    const { description, examples } = value as { description?: string; examples?: unknown[] };
    assert.match(description ?? '', /^[A-Z`].*\.$/s, path);
    assert.ok(examples && examples.length > 0, path);
    for (const example of examples) assert.ok(ajv.validate({ $ref: `own#${path}` }, example), path);
  }
});

/** Returns definitions by their JSON pointers. */
function prefixed(defs: Readonly<Record<string, { properties?: object }>>) {
  return Object.fromEntries(Object.entries(defs).map(([name, node]) => [`/$defs/${name}`, node]));
}

test.run();
