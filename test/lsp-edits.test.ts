import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DiagnosticSeverity } from 'vscode-languageserver-protocol/node';
import { type Compilation, compile } from '../src/compile.ts';
import { judgeSites } from '../src/compile-sites.ts';
import { type PlainDiagnostic, plainDiagnostic } from '../src/source/diagnostics/formats.ts';
import { harvgenWarm } from './support/cli.ts';
import { runs, SEED } from './support/effort.ts';
import { endServers, LspClient } from './support/lsp-client.ts';
import { scratchFolder } from './support/scratch.ts';

const test = suite('the language server during edits');

test.after.each(endServers);

const EDITS = runs(2000);
/** After as many edits, all sites are compiled again, and after as many, `harvgen check` runs. */
const ALL_AGAIN = 200;
const BY_CHECK = 400;
/** One edit of as many may be of the sites that take several times as long as the others. */
const LARGE_EVERY = 16;

/** Copies the samples. Returns their directory. */
function samples(): string {
  const folder = join(scratchFolder(), 'sites');
  cpSync(fileURLToPath(new URL('../sites', import.meta.url)), folder, { recursive: true });
  return folder;
}

/** The diagnostics of `check` for the texts of an editor. */
class Oracle {
  readonly edits = new Map<string, string>();
  readonly #folders: readonly string[];
  readonly #compiled = new Map<string, Compilation>();

  constructor(folder: string) {
    this.#folders = readdirSync(folder)
      .filter((name) => !name.startsWith('_'))
      .sort()
      .map((name) => join(folder, name));
  }

  /** Returns the diagnostics after a change of a file, or without one of all sites, compiled again. */
  async of(path?: string): Promise<PlainDiagnostic[]> {
    for (const folder of this.#folders) {
      const files = this.#compiled.get(folder)?.files;
      if (path === undefined || !files || path.startsWith(`${folder}/`) || files.includes(path))
        this.#compiled.set(folder, await compile(folder, { edits: this.edits }));
    }
    const { diagnostics } = judgeSites(
      this.#folders.map((folder) => this.#compiled.get(folder) as Compilation),
    );
    return diagnostics.map((one) => plainDiagnostic(one, '/'));
  }
}

type Compared = Omit<PlainDiagnostic, 'url'>;

/** Returns the diagnostics of an editor in the form of `check --format json`. */
function publishedBy(client: LspClient): Compared[] {
  return [...client.published].flatMap(([uri, diagnostics]) =>
    diagnostics.map(({ code, severity, message, range: { start, end }, relatedInformation = [] }) => {
      const [text = '', help] = String(message).split(/\nhelp: ([\s\S]*)/);
      return {
        code: String(code),
        severity: severity === DiagnosticSeverity.Error ? ('error' as const) : ('warning' as const),
        message: text,
        ...(help === undefined ? {} : { help }),
        file: fileURLToPath(uri).slice(1),
        line: start.line + 1,
        column: start.character + 1,
        end_line: end.line + 1,
        end_column: end.character + 1,
        related: relatedInformation.map(({ message, location }) => ({
          message,
          file: fileURLToPath(location.uri).slice(1),
          line: location.range.start.line + 1,
          column: location.range.start.character + 1,
        })),
      };
    }),
  );
}

/** Sorts diagnostics, and removes what the editor shows as a link or requests: the page, the word before a related location, and the fix. */
function comparable(diagnostics: readonly Compared[]): string[] {
  return diagnostics
    .map((one) => ({
      ...one,
      url: undefined,
      fix: undefined,
      related: one.related.map((other) => ({ ...other, message: other.message.replace(/ at$/, '') })),
    }))
    .map((one) => JSON.stringify(one))
    .sort();
}

const PIECES = [
  'x',
  ' ',
  '\n',
  ':',
  '- ',
  '"',
  '[',
  '}',
  '#',
  '&a ',
  '*a',
  '${secret:',
  'é💾',
  '0',
  '\n  ',
  '\t',
  '|\n',
];

/** Returns a random edit of a text: its start, its end and the new text between. */
function someEdit(text: string, pick: (count: number) => number): [start: number, end: number, by: string] {
  const lines = text.split('\n');
  const line = pick(lines.length);
  const begin = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  const end = begin + (lines[line] ?? '').length;
  const words = Array.from((lines[line] ?? '').matchAll(/[\w./-]+/g));
  const word = words[pick(Math.max(1, words.length))];
  const at = begin + pick(end - begin + 1);
  const edits: (() => [number, number, string])[] = [
    () => [at, at, PIECES[pick(PIECES.length)] as string],
    () => [at, Math.min(text.length, at + 1 + pick(3)), ''],
    () => [begin, Math.min(text.length, end + 1), ''],
    () => [begin, begin, `${lines[pick(lines.length)]}\n`],
    () =>
      word ? [begin + word.index, begin + word.index + word[0].length, otherWord(text, pick)] : [at, at, 'y'],
    () =>
      word
        ? [begin + word.index + word[0].length - 1, begin + word.index + word[0].length, String(pick(10))]
        : [at, at, 'z'],
  ];
  return (edits[pick(edits.length)] as () => [number, number, string])();
}

function otherWord(text: string, pick: (count: number) => number): string {
  const words = text.match(/[\w./-]+/g) ?? ['w'];
  return words[pick(words.length)] as string;
}

test(`its diagnostics equal those of check after each of ${EDITS} random edits, without a leak`, async () => {
  const folder = samples();
  const oracle = new Oracle(folder);
  const client = new LspClient(folder);
  await client.initialize(folder);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .sort()
    .map((name) => join(folder, name));
  const small = paths.filter((path) => !/\/(ochami|harvester_cloud)\//.test(path));
  const originals = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
  for (const path of paths) {
    oracle.edits.set(path, originals.get(path) as string);
    await client.open(path);
  }
  await oracle.of();
  let heap = 0;
  let reported = 0;
  const random = fc.sample(fc.nat(2 ** 31 - 1), { numRuns: EDITS * 12, seed: SEED });
  let next = 0;
  const pick = (count: number) => (random[next++ % random.length] as number) % count;
  for (let index = 0; index < EDITS; index += 1) {
    const of = pick(LARGE_EVERY) === 0 ? paths : small;
    const path = of[pick(of.length)] as string;
    const before = oracle.edits.get(path) as string;
    // After a few edits, most texts are not YAML any more: begins again with the original.
    const isReset = before !== originals.get(path) && pick(2) === 0;
    const [start, end, by] = isReset
      ? [0, before.length, originals.get(path) as string]
      : someEdit(before, pick);
    const after = before.slice(0, start) + by + before.slice(end);
    oracle.edits.set(path, after);
    await client.change(path, { range: rangeIn(before, start, end), text: by });
    const expected = comparable(await oracle.of(index % ALL_AGAIN === 0 ? undefined : path));
    assert.equal(comparable(publishedBy(client)), expected, `edit ${index} of ${path}:\n${after}`);
    reported += expected.length;
    if (index % BY_CHECK === BY_CHECK - 1)
      assert.equal(comparable(publishedBy(client)), checked(oracle.edits, folder));
    if (index === Math.floor(EDITS / 10)) heap = await client.heap();
  }
  assert.ok(reported > EDITS, String(reported));
  assert.ok((await client.heap()) <= 2 * heap, `${heap} bytes became ${await client.heap()}`);
  assert.equal(client.messages, []);
  assert.is(await client.end(), 0);
});

/** Returns the diagnostics of the real command line for texts that are saved. */
function checked(edits: ReadonlyMap<string, string>, folder: string): string[] {
  const saved = samples();
  for (const [path, text] of edits) writeFileSync(join(saved, path.slice(folder.length)), text);
  const { stdout } = harvgenWarm(['check', '--format', 'json', 'sites/*'], dirname(saved));
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: PlainDiagnostic[] };
  const isAt = (file: string) => join(dirname(folder), file).slice(1);
  return comparable(
    diagnostics.map((one) => ({
      ...one,
      file: isAt(one.file),
      related: one.related.map((other) => ({ ...other, file: isAt(other.file) })),
    })),
  );
}

function rangeIn(text: string, start: number, end: number) {
  const at = (offset: number) => {
    const line = text.slice(0, offset).split('\n').length - 1;
    return { line, character: offset - (text.lastIndexOf('\n', offset - 1) + 1) };
  };
  return { start: at(start), end: at(end) };
}

test('each publication is of the version that it names, and versions never go back', async () => {
  const folder = samples();
  const path = join(folder, 'location_x', 'site.yaml');
  const text = readFileSync(path, 'utf8');
  const client = new LspClient(folder);
  await client.initialize(folder);
  await client.open(path);
  const texts = ['', text];
  for (let round = 0; round < 20; round += 1) {
    const all = Array.from(
      { length: 10 },
      (_, index) => `${'#\n'.repeat(round)}${text}x_${round}_${index}: 1\n`,
    );
    const changes = all.map((one) => client.change(path, { text: one }));
    texts.push(...all);
    await changes.at(-1);
  }
  const uri = pathToFileURL(path).href;
  const publications = client.publications.filter((one) => one.uri === uri);
  const versions = publications.map(({ version }) => version as number);
  assert.equal(
    versions,
    [...new Set(versions)].sort((a, b) => a - b),
  );
  assert.is(versions.at(-1), texts.length - 1);
  for (const { version, diagnostics } of publications.slice(1)) {
    const name = /^x\w+/m.exec(texts[version as number] as string)?.[0];
    assert.equal(
      diagnostics.map(({ message }) => String(message).split('\n')[0]),
      [`The inventory has no key ${name}.`],
    );
    assert.is(diagnostics[0]?.range.start.line, (texts[version as number] as string).split('\n').length - 2);
  }
  assert.is(await client.end(), 0);
});

test.run();
