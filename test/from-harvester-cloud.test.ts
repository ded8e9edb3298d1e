import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { rules } from '../src/rules/index.ts';
import { harvgen } from './support/cli.ts';
import { edited } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = read('docs/from-harvester-cloud.md');
const test = suite('docs/from-harvester-cloud.md');

/** The rows of the tables: number, what harvester-cloud has, what harvgen has. */
const rows = Array.from(
  page.matchAll(/^\| ((?:HC-|D)\d+) \| (.*?) \| (.*) \|$/gm),
  ([, number = '', , text = '']) => ({
    number,
    text,
  }),
);

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

type Document = Readonly<Record<string, unknown>> & Schema;

const site: Document & { $defs: { node: Schema } } = JSON.parse(read('schema/site.schema.json'));
const config: Document = JSON.parse(read('schema/harvester/config.schema.json'));

test('goes through every capability and every defect once, in their order', () => {
  const count = (prefix: string, last: number) =>
    Array.from({ length: last }, (_, index) => `${prefix}${index + 1}`);
  assert.equal(
    rows.map(({ number }) => number),
    [...count('HC-', 36), ...count('D', 21)],
  );
});

test('every path, key, rule and command that it names is there', async () => {
  const paths = await treePaths();
  const spans = rows.flatMap(({ number, text }) =>
    Array.from(text.matchAll(/`([^`]+)`/g), ([, span = '']) => ({ number, span })),
  );
  assert.ok(spans.length > 60);
  for (const { number, span } of spans) assert.ok(isKnown(span, paths), `${number}: ${span}`);
});

test('a name that is nowhere is found out', async () => {
  const paths = await treePaths();
  const nowhere = [
    'libvirt/domains/nobody.xml',
    'host.disk',
    'vm.vnc.password',
    'no-such-rule',
    'harvgen deploy',
  ];
  for (const span of nowhere) assert.not(isKnown(span, paths), span);
});

test.run();

/** The paths of the sample's tree, and of the same site without a way to the internet. */
async function treePaths(): Promise<Set<string>> {
  const sample = read('sites/harvester_cloud/site.yaml');
  const airGapped = makeSite(
    { 'site.yaml': edited(sample, ['\nhost:\n', '\nair_gapped: true\n\nhost:\n']) },
    'harvester_cloud',
  );
  const trees = await Promise.all(
    [join(root, 'sites/harvester_cloud'), airGapped].map((folder) => compile(folder)),
  );
  return new Set(trees.flatMap(({ tree }) => [...(tree?.keys() ?? []), 'manifest.json']));
}

function isKnown(span: string, paths: ReadonlySet<string>): boolean {
  return paths.has(span) || existsSync(join(root, span)) || isRule(span) || isKey(span) || isCommand(span);
}

function isRule(name: string): boolean {
  return rules.some(({ code }) => code === name);
}

/** Says whether a command line is one that the command line takes as far as the page says it. */
function isCommand(line: string): boolean {
  const [program, command = '', ...options] = line.split(' ');
  if (program !== 'harvgen') return false;
  const { stdout } = harvgen([command, '--help'], root);
  return stdout.includes(`$ harvgen ${command} `) && options.every((option) => stdout.includes(option));
}

/** Says whether a key can stand in an inventory: from its root, or from a node. */
function isKey(key: string): boolean {
  const parts = key.replaceAll('[]', '.[]').split('.');
  return [site, site.$defs.node].some((schema) => has(schema, parts, site));
}

/** Says whether a schema, of a document that its references are relative to, has a key. */
function has(schema: Schema, parts: readonly string[], document: Document): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return true;
  if (schema.$ref) {
    const [file, pointer = ''] = schema.$ref.split('#');
    const other = file ? config : document;
    return has(at(other, pointer), parts, other);
  }
  if (part === '[]') return schema.items !== undefined && has(schema.items, rest, document);
  const named = schema.properties?.[part];
  if (named) return has(named, rest, document);
  const any = schema.additionalProperties;
  return /^<\w+>$/.test(part) && typeof any === 'object' && has(any, rest, document);
}

/** Follows a JSON pointer without escapes. */
function at(document: Document, pointer: string): Schema {
  return pointer
    .split('/')
    .slice(1)
    .reduce((found, key) => found[key] as Document, document) as Schema;
}
