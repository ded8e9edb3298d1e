import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { define } from '../../src/cli/main.ts';
import { compile } from '../../src/compile.ts';
import { DIAGNOSTICS } from '../../src/rules/index.ts';
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

/** Returns the facts of a release that the present code breaks, by list. */
export function broken({ promises }: RecordedRelease, now: Promises): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [what, facts] of Object.entries(promises)) {
    const [old, current] = what === TEMPLATES ? templatePaths(facts, now[what] ?? []) : [facts, now[what]];
    const [past, present] = [new Set(old), new Set(current)];
    const lost = old.filter((fact) => !present.has(fact) && !isLooser(what, fact) && !isGone(fact));
    const more = [...present].filter((fact) => !past.has(fact) && isStricter(what, fact, past));
    if (lost.length + more.length > 0)
      found[what] = [...lost.map((fact) => `not any more: ${fact}`), ...more.map((fact) => `new: ${fact}`)];
  }
  return found;
}

/** The facts that a later release breaks on purpose, by their beginnings, and what replaces them. */
const GONE: Readonly<Record<string, string>> = {
  '.server.iscsi.driver: value iet': 'tgt or lio',
  'iscsi/initiators.iet.eta ': 'iscsi/target.tgt.eta',
  'iscsi/targets.iet.eta ': 'iscsi/target.tgt.eta',
  'readme/README.md.eta iscsi.service: text; optional': 'a text that is always there',
  'ochami/www/boot/v1/dumpstate': 'www/boot/v1/hosts and www/boot/v1/bootparameters',
  'ochami/www/cloud-init/ochami/admin/': 'the inventory, and the data of each node at the impersonation URLs',
  'ochami/www/hsm/v2/by-id/ComponentEndpoints/type.': 'the whole list',
  'ochami/www/hsm/v2/by-id/Components/group.': 'the whole list',
  'ochami/www/hsm/v2/by-id/Components/type.': 'the whole list',
  'ochami/www/hsm/v2/by-id/EthernetInterfaces/network.': 'the whole list',
  'ochami/www/hsm/v2/by-id/EthernetInterfaces/of.': 'the whole list',
  'ochami/www/hsm/v2/by-id/EthernetInterfaces/type.': 'the whole list',
  'ochami/www/hsm/v2/by-id/memberships/group.': 'the whole list',
  'ochami/www/hsm/v2/by-id/memberships/type.': 'the whole list',
  'ochami/tables.nginx.eta filters': 'none: no filter is answered',
  'ochami/tables.nginx.eta groups': 'none: no filter is answered',
  'ochami/tables.nginx.eta hexPrefix': 'none: no filter is answered',
  'ochami/tables.nginx.eta interfaces': 'none: no filter is answered',
  'ochami/tables.nginx.eta keys': 'none: no filter is answered',
  'ochami/tables.nginx.eta otherKeys': 'none: no filter is answered',
  'ochami/tables.nginx.eta otherTypes': 'none: no filter is answered',
  'ochami/tables.nginx.eta several': 'none: no filter is answered',
};

function isGone(fact: string): boolean {
  return Object.keys(GONE).some((beginning) => fact.startsWith(beginning));
}

/** Whether the loss of a fact accepts more: an inventory may omit a key that an earlier release required. */
function isLooser(what: string, fact: string): boolean {
  return what === INVENTORY && fact.endsWith(ALWAYS);
}

/** Whether an added fact accepts less, or surprises a reader: a required key of a map that was there, a type of a key that was there. */
function isStricter(what: string, fact: string, past: ReadonlySet<string>): boolean {
  if (what === INVENTORY)
    return fact.endsWith(ALWAYS) && past.has(`${fact.slice(0, fact.lastIndexOf('.'))}: object`);
  const key = /^\S*(?=: )/.exec(fact)?.[0];
  return (
    what.startsWith('keys of schema/') &&
    key !== undefined &&
    [...past].some((one) => one.startsWith(`${key}: `))
  );
}

const TEMPLATES = 'data of templates';

/**
 * Returns the values of templates of two releases as paths, `host/check.sh.eta domains[].name: text`: the name of a type is no promise, so
 * the properties of a type that only one of the releases names are in its place.
 */
function templatePaths(...releases: readonly (readonly string[])[]): string[][] {
  const types = releases.map((facts) => {
    const sections = new Map<string, [key: string, words: string][]>();
    for (const [, section = '', key = '', words = ''] of facts.map(
      (fact) => /^(\S+) (\S+): (.*)$/.exec(fact) ?? [],
    ))
      sections.set(section, [...(sections.get(section) ?? []), [key, words]]);
    return sections;
  });
  const [past, present] = types.map((sections) => new Set(sections.keys()));
  const inBoth = new Set([...(past ?? [])].filter((section) => present?.has(section)));
  return types.map((sections) => {
    const expand = (section: string, prefix: string): string[] =>
      (sections.get(section) ?? []).flatMap(([key, words]) => {
        const path = `${prefix}${key}${words.startsWith('list of ') ? '[]' : ''}`;
        const inner = (words.match(/\b[A-Z]\w+/g) ?? []).filter(
          (name) => sections.has(name) && !inBoth.has(name),
        );
        // The kinds of values count, not which texts are possible.
        const kinds = words
          .replace(/map with .*?(?=$|;)/, 'map')
          .replace(/\b[A-Z]\w+/g, 'map')
          .replace(/`[^`]*`(?:(?:, | or )`[^`]*`)*/g, 'text')
          .replace(/(text|map)s\b/g, '$1')
          .replace(/(\w+) or (\w+)/, (_, ...kinds) => kinds.slice(0, 2).sort().join(' or '));
        return [`${prefix}${key}: ${kinds}`, ...inner.flatMap((name) => expand(name, `${path}.`))];
      });
    return [...sections.keys()]
      .filter((name) => inBoth.has(name))
      .flatMap((name) => expand(name, `${name} `));
  });
}

const ALWAYS = ' is always there';

/** The list of the inventory's keys, which users write. Programs read those of the other lists. */
const INVENTORY = 'keys of src/knowledge/site.schema.json';

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
      ...options.map(({ rawName, isBoolean, config: { default: value } }) =>
        [
          `${name} ${/--[\w-]+/.exec(rawName)}`,
          isBoolean ? '' : ' VALUE',
          value === undefined || isBoolean ? '' : `, by default ${value}`,
        ].join(''),
      ),
    ]),
    'recipes for CI': recipeFacts(),
    [TEMPLATES]: templateFacts(),
    'exports of the library': Array.from(
      readFileSync(join(root, 'src/index.ts'), 'utf8').matchAll(/^export (?:type )?\{([^}]*)\}/gm),
      ([, names = '']) => names.split(',').map((name) => name.replace('type ', '').trim()),
    )
      .flat()
      .filter(Boolean),
    'codes of diagnostics': DIAGNOSTICS.map(({ code }) => code),
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
      const found = new Set<string>();
      addKeys(file, schemaOf(file), '', found, [], `keys of ${file}` === INVENTORY);
      return [`keys of ${file}`, [...found].sort()];
    }),
  );
}

const schemas = new Map<string, Schema>();

/** Returns the schema in a file of the sources. */
export function schemaOf(file: string): Schema {
  const schema = schemas.get(file) ?? JSON.parse(readFileSync(join(root, file), 'utf8'));
  schemas.set(file, schema);
  return schema;
}

/** Adds the facts of a part of a schema in a file. `within` has the references that led to it. */
function addKeys(
  file: string,
  part: unknown,
  path: string,
  found: Set<string>,
  within: readonly string[],
  isInput: boolean,
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
  for (const one of Array.isArray(values) ? values : [])
    found.add(`${path}: ${isInput ? `value ${one}` : typeof one}`);
  if (typeof $ref === 'string') {
    const [other = '', pointer = ''] = $ref.split('#');
    const target = other ? join(dirname(file), other) : file;
    const id = `${target}#${pointer}`;
    const steps = pointer.split('/').slice(1);
    const inner = steps.reduce<unknown>((at, step) => (at as Schema)[step], schemaOf(target));
    if (inner === undefined) throw new Error(`${file} has no ${$ref}`);
    if (!within.includes(id)) addKeys(target, inner, path, found, [...within, id], isInput);
  }
  const required = new Set(part && 'required' in part ? (part.required as string[]) : []);
  for (const [key, inner] of Object.entries((properties ?? {}) as Schema)) {
    if (required.has(key)) found.add(`${path}.${key}${ALWAYS}`);
    addKeys(file, inner, `${path}.${key}`, found, within, isInput);
  }
  for (const inner of [...Object.values((patternProperties ?? {}) as Schema), additionalProperties])
    addKeys(file, inner, `${path}.*`, found, within, isInput);
  addKeys(file, items, `${path}[]`, found, within, isInput);
  for (const key of ['oneOf', 'anyOf', 'allOf'])
    for (const inner of ((part as Schema)[key] ?? []) as Schema[])
      addKeys(file, inner, path, found, within, isInput);
}

/** Returns the inputs and outputs of the action, the ids of the hooks, and the variables of the GitLab job. */
function recipeFacts(): string[] {
  const [action, hooks, gitlab] = ['action.yml', '.pre-commit-hooks.yaml', 'ci/gitlab-ci.yml'].map((file) =>
    parse(readFileSync(join(root, file), 'utf8')),
  );
  return [
    ...Object.keys(action.inputs).map((name) => `input ${name}`),
    ...Object.keys(action.outputs).map((name) => `output ${name}`),
    ...hooks.map(({ id }: { id: string }) => `hook ${id}`),
    ...Object.keys(gitlab).map((name) => `job ${name}`),
    ...Object.keys(gitlab.harvgen.variables).map((name) => `variable ${name}`),
  ];
}

/** Returns the names and types of the values of each template and each type, from the generated page. */
function templateFacts(): string[] {
  const sections = readFileSync(join(root, 'docs/reference/template-data.md'), 'utf8')
    .split(/^### /m)
    .slice(1);
  return sections.flatMap((section) => {
    const name = section.split('\n', 1)[0]?.replaceAll('`', '');
    return Array.from(
      section.matchAll(/^\| `(\S+)` \| (.*?) \|/gm),
      ([, key, type = '']) => `${name} ${key}: ${type.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')}`,
    );
  });
}

/** Returns the names of environment variables that the sources contain. */
function variables(): string[] {
  const texts = Object.entries(textsBelow('src')).filter(
    ([path]) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );
  const names = texts.flatMap(([, text]) => text.match(/\b(?:HARVGEN_[A-Z]+_?|NO_COLOR)\b/g) ?? []);
  return [...new Set(names)].sort();
}
