import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { define } from '../../src/cli/main.ts';
import { compile } from '../../src/compile.ts';
import { EVERY_CODE } from '../../src/rules/index.ts';
import { textOf } from '../../src/tree/tree.ts';
import type { Run } from './cli.ts';
import { readTree } from './files.ts';
import { scratchFolder, writeFiles } from './scratch.ts';

/* Facts that docs/reference/compatibility.md promises, of the present code. A release records its own in test/data/releases/. */

/** Lists of facts by name. A later release has every fact of a list, and may have more. */
export type Promises = Readonly<Record<string, readonly string[]>>;

/** A recorded release: the inventories of its samples, by path, and its facts about them. */
export interface RecordedRelease {
  readonly sites: Readonly<Record<string, string>>;
  readonly promises: Promises;
}

const ALWAYS = ' is always there';

/** A part of a JSON Schema. */
type Schema = { readonly [key: string]: unknown };

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Command lines, whose exit codes are facts. */
const COMMANDS = [
  'check sites/location_x',
  'check sites/missing',
  'check',
  'check --unknown sites/location_x',
  'build --check sites/location_x',
  'diff sites/location_x',
  'explain sites/location_x missing',
  'rules vip-in-dhcp-pool',
  'rules missing',
  'secrets --format text sites/location_x',
  'media --format missing sites/location_x',
];

/** Returns the text files below a directory of the sources, by their paths in the sources. */
export function textsBelow(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(readTree(join(root, folder))).map(([path, text]) => [`${folder}/${path}`, text]),
  );
}

/** Returns the facts of the present code about inventories. Throws if one has an error. */
export async function promisesFor(
  sites: RecordedRelease['sites'],
  run: (args: readonly string[], cwd: string) => Run,
): Promise<Promises> {
  const home = writeFiles(scratchFolder(), sites);
  const paths: string[] = [];
  const inventories: string[] = [];
  for (const name of readdirSync(join(home, 'sites')).sort()) {
    if (name.startsWith('_')) continue;
    const { tree, diagnostics } = await compile(join(home, 'sites', name));
    if (!tree) throw new Error(`${name}: ${diagnostics.map(({ message }) => message).join('\n')}`);
    // The names of these files contain digests.
    paths.push(
      ...[...tree.keys()].filter((path) => !path.includes('fills-')).map((path) => `${name}/${path}`),
    );
    const file = tree.get('www/inventory.json');
    if (file) inventories.push(...keysOf(JSON.parse(textOf(file)), name));
  }
  const explained = JSON.parse(
    run(['explain', '--format', 'json', 'sites/location_x', 'harv-1'], home).stdout,
  );
  return {
    'output paths': paths,
    'keys of www/inventory.json': [...new Set(inventories)],
    'keys of explain --format json': [...new Set(keysOf(explained, ''))],
    ...schemaFacts(),
    'exit codes': COMMANDS.map((line) => `${line}: ${run(line.split(' '), home).code}`),
    'commands and options': define().commands.flatMap(({ name, options }) => [
      name,
      ...options.map(({ names }) => `${name} --${names.at(-1)}`),
    ]),
    'exports of the library': Array.from(
      readFileSync(join(root, 'src/index.ts'), 'utf8').matchAll(/^export (?:type )?\{([^}]*)\}/gm),
      ([, names = '']) => names.split(',').map((name) => name.replace('type ', '').trim()),
    )
      .flat()
      .filter(Boolean),
    'codes of diagnostics': EVERY_CODE.map(({ code }) => code),
    'environment variables': variables(),
  };
}

/** Returns the keys of a JSON value at any depth, each with its type. */
function keysOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null)
    return [`${path}: ${value === null ? 'null' : typeof value}`];
  return Object.entries(value).flatMap(([key, item]) => keysOf(item, `${path}.${key}`));
}

/** Returns the keys and types of each JSON Schema: of the inventory, and of every output. */
function schemaFacts(): Promises {
  const outputs = readdirSync(join(root, 'schema')).filter((name) =>
    /^(?!site|harvester|sarif)\w+\.schema\.json$/.test(name),
  );
  const files = ['src/knowledge/site.schema.json', ...outputs.sort().map((name) => `schema/${name}`)];
  return Object.fromEntries(
    files.map((file) => {
      const schema: Schema = JSON.parse(readFileSync(join(root, file), 'utf8'));
      const found = new Set<string>();
      addKeys(schema, schema, '', found, []);
      // An inventory may omit a key that an earlier release required.
      if (file.startsWith('src/')) for (const fact of found) if (fact.endsWith(ALWAYS)) found.delete(fact);
      return [`keys of ${file}`, [...found].sort()];
    }),
  );
}

function addKeys(
  whole: Schema,
  part: unknown,
  path: string,
  found: Set<string>,
  within: readonly string[],
): void {
  if (typeof part !== 'object' || part === null) return;
  const {
    $ref,
    type,
    enum: values,
    properties,
    patternProperties,
    additionalProperties,
    items,
  } = part as Schema;
  for (const one of [type ?? []].flat()) found.add(`${path}: ${one}`);
  for (const one of Array.isArray(values) ? values : []) found.add(`${path}: ${typeof one}`);
  const name = typeof $ref === 'string' ? /^#\/\$defs\/(\w+)$/.exec($ref)?.[1] : undefined;
  if (name && !within.includes(name))
    addKeys(whole, (whole.$defs as Schema)[name], path, found, [...within, name]);
  const required = new Set(part && 'required' in part ? (part.required as string[]) : []);
  for (const [key, inner] of Object.entries((properties ?? {}) as Schema)) {
    if (required.has(key)) found.add(`${path}.${key}${ALWAYS}`);
    addKeys(whole, inner, `${path}.${key}`, found, within);
  }
  for (const inner of [...Object.values((patternProperties ?? {}) as Schema), additionalProperties])
    addKeys(whole, inner, `${path}.*`, found, within);
  addKeys(whole, items, `${path}[]`, found, within);
  for (const key of ['oneOf', 'anyOf', 'allOf'])
    for (const inner of ((part as Schema)[key] ?? []) as Schema[]) addKeys(whole, inner, path, found, within);
}

/** Returns the names of environment variables that the sources contain. */
function variables(): string[] {
  const texts = Object.entries(textsBelow('src')).filter(
    ([path]) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );
  const names = texts.flatMap(([, text]) => text.match(/\b(?:HARVGEN_[A-Z]+_?|NO_COLOR)\b/g) ?? []);
  return [...new Set(names)].sort();
}
