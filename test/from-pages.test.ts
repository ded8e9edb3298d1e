import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compile } from '../src/compile.ts';
import { rules } from '../src/rules/index.ts';
import { harvgen } from './support/cli.ts';
import { edited, PLANT } from './support/plant.ts';
import { makeSite } from './support/scratch.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const test = suite('the pages for users of other systems');

/** A page with a table of all features of another system, and one of its defects. */
interface Page {
  readonly path: string;
  /** The numbers of the rows: their prefix, the last number, and the first if it is not 1. */
  readonly rows: readonly (readonly [prefix: string, last: number, first?: number])[];
  /** Minimum number of names of harvgen in the tables; fewer mean that the test does not find them. */
  readonly names: number;
  /** The sites whose output trees contain the paths in it. */
  sites(): readonly string[];
}

const PAGES: readonly Page[] = [
  {
    path: 'docs/migrate/harvester-cloud.md',
    rows: [
      ['HC-', 44],
      ['D', 21],
    ],
    names: 60,
    sites: () => {
      const airGapped = edited(read('sites/harvester_cloud/site.yaml'), [
        '\nhost:\n',
        '\nair_gapped: true\n\nhost:\n',
      ]);
      const files = {
        'site.yaml': airGapped,
        'manifests/networks.yaml': read('sites/harvester_cloud/manifests/networks.yaml'),
      };
      return [sample('harvester_cloud'), makeSite(files, 'harvester_cloud')];
    },
  },
  {
    path: 'docs/migrate/phs.md',
    rows: [
      ['PHS-', 21],
      ['D', 18],
    ],
    names: 40,
    sites: () => {
      const whole = edited(PLANT, [
        'server:\n',
        'server:\n  media: https://releases.rancher.com/harvester\n  compat: [phs, phs-all]\n  kubernetes: { image: registry.example.org/plant }\n',
      ]);
      return [sample('location_x'), sample('location_y'), sample('location_z'), makeSite(whole, 'plant')];
    },
  },
  {
    path: 'docs/migrate/oci-harvester.md',
    rows: [
      ['OH-', 16],
      ['D', 12],
    ],
    names: 25,
    sites: () => {
      const compat = edited(PLANT, ['server:\n', 'server:\n  compat: [oci]\n']);
      return [sample('oci'), makeSite(compat, 'plant')];
    },
  },
  {
    path: 'docs/migrate/openchami.md',
    rows: [
      ['OC-', 36],
      ['OC-', 43, 40],
      ['OC-', 56, 50],
      ['OC-', 66, 60],
      ['OC-', 77, 70],
      ['OC-', 86, 80],
      ['D', 43],
    ],
    names: 60,
    sites: () => [sample('ochami')],
  },
  {
    path: 'docs/migrate/bmi.md',
    rows: [
      ['BM-', 21],
      ['D', 20],
    ],
    names: 40,
    sites: () => [sample('bmi')],
  },
];

const sample = (name: string) => join(root, 'sites', name);

/** Returns the rows of the tables: number, feature of the other system, feature of harvgen. */
function rowsOf({ path, rows }: Page) {
  const prefixes = rows.map(([prefix]) => prefix).join('|');
  const form = new RegExp(`^\\| ((?:${prefixes})\\d+) \\| (.*?) \\| (.*) \\|$`, 'gm');
  return Array.from(read(path).matchAll(form), ([, number = '', , text = '']) => ({ number, text }));
}

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}

type Document = Readonly<Record<string, unknown>> & Schema;

const site: Document & { $defs: { node: Schema } } = JSON.parse(read('src/knowledge/site.schema.json'));
const config: Document = JSON.parse(read('src/knowledge/harvester/config.schema.json'));

for (const page of PAGES) {
  test(`${page.path} goes through every capability and every defect once, in their order`, () => {
    assert.equal(
      rowsOf(page).map(({ number }) => number),
      page.rows.flatMap(([prefix, last, first = 1]) =>
        Array.from({ length: last - first + 1 }, (_, index) => `${prefix}${first + index}`),
      ),
    );
  });

  test(`every path, key, rule and command that ${page.path} names is there`, async () => {
    const paths = await treePaths(page);
    const spans = rowsOf(page).flatMap(({ number, text }) =>
      Array.from(text.matchAll(/`([^`]+)`/g), ([, span = '']) => ({ number, span })),
    );
    assert.ok(spans.length > page.names);
    assert.equal(
      spans.flatMap(({ number, span }) => (isKnown(span, paths) ? [] : `${number}: ${span}`)),
      [],
    );
  });
}

test('an unknown name is detected', async () => {
  const nowhere = [
    'libvirt/domains/nobody.xml',
    'host.disk',
    'vm.vnc.password',
    'no-such-rule',
    'harvgen deploy',
  ];
  for (const page of PAGES) {
    const paths = await treePaths(page);
    for (const span of nowhere) assert.not(isKnown(span, paths), span);
  }
});

test.run();

/** Returns the paths in the output trees of a page's sites. */
async function treePaths({ sites }: Page): Promise<Set<string>> {
  const trees = await Promise.all(sites().map((folder) => compile(folder)));
  for (const { tree, site } of trees) assert.ok(tree, site?.name);
  return new Set(trees.flatMap(({ tree }) => [...(tree?.keys() ?? []), 'manifest.json']));
}

function isKnown(span: string, paths: ReadonlySet<string>): boolean {
  return paths.has(span) || existsSync(join(root, span)) || isRule(span) || isKey(span) || isCommand(span);
}

function isRule(name: string): boolean {
  return rules.some(({ code }) => code === name);
}

/** Whether a command line is valid, as far as the page contains it. */
function isCommand(line: string): boolean {
  const [program, command = '', ...options] = line.split(' ');
  if (program !== 'harvgen') return false;
  const { stdout } = harvgen([command, '--help'], root);
  return stdout.includes(`$ harvgen ${command} `) && options.every((option) => stdout.includes(option));
}

/** Whether a key can be in an inventory: from its root, or from a node. */
function isKey(key: string): boolean {
  const parts = key.replaceAll('[]', '.[]').split('.');
  return [site, site.$defs.node].some((schema) => has(schema, parts, site));
}

/** Whether a schema, of a document that its references are relative to, has a key. */
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

/** Returns the target of a JSON pointer without escapes. */
function at(document: Document, pointer: string): Schema {
  return pointer
    .split('/')
    .slice(1)
    .reduce((found, key) => found[key] as Document, document) as Schema;
}
