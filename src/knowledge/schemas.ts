import type { Path } from '../source/leaf.ts';
import { dataBesideCode, textBesideCode } from '../values/package.ts';

const read = new Map<string, object>();

let textOf = dataBesideCode;

/** Makes all schemas have their descriptions and examples, which the package has apart: most commands show none. */
export function readDescriptions(): void {
  if (textOf !== textBesideCode) read.clear();
  textOf = textBesideCode;
}

/** Returns a schema by its path in this directory, such as `harvester/config.schema.json`. Reads each schema once. */
export function schemaOf(path: string): object {
  let schema = read.get(path);
  if (!schema) {
    schema = JSON.parse(textOf(`knowledge/${path}`)) as object;
    read.set(path, schema);
  }
  return schema;
}

/** Returns the part of a schema at a pointer such as `/$defs/node`. */
function schemaPart(path: string, pointer: string): object {
  return pointer
    .split('/')
    .slice(1)
    .reduce<object>((at, key) => (at as Record<string, object>)[key] as object, schemaOf(path));
}

/** A part of harvester/config.schema.json: JSON Schema with harvgen's annotations on releases. */
export interface ConfigSchema {
  /** Only after readDescriptions(), like its examples. */
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, ConfigSchema>>;
  readonly additionalProperties?: boolean | ConfigSchema;
  readonly patternProperties?: Readonly<Record<string, ConfigSchema>>;
  readonly propertyNames?: ConfigSchema;
  readonly anyOf?: readonly ConfigSchema[];
  readonly items?: ConfigSchema;
  readonly required?: readonly string[];
  readonly $ref?: string;
  /** The requirement for a value, in words. */
  readonly 'x-expects'?: string;
  /** The first release that has the key. */
  readonly 'x-since'?: string;
  /** The last release that has the key. */
  readonly 'x-until'?: string;
  /** Releases between the two that lack the key. */
  readonly 'x-absent'?: readonly string[];
  /** JSON types and values that only later releases accept. */
  readonly 'x-since-types'?: Readonly<Record<string, string>>;
  readonly 'x-since-values'?: Readonly<Record<string, string>>;
  /** The sibling key that replaces this key in releases without it. */
  readonly 'x-instead'?: string;
  /** How that other key differs, as a clause. */
  readonly 'x-instead-how'?: string;
  /** Why the key has no effect, and since which release if it once had one. */
  readonly 'x-no-effect'?: string;
  readonly 'x-no-effect-since'?: string;
  /** Why the key is internal to the installer. */
  readonly 'x-internal'?: string;
  /** The modes in which the installer reads the key, and the modes in which it requires the key. */
  readonly 'x-modes'?: readonly string[];
  readonly 'x-required'?: readonly string[];
  /** The types to which harvgen converts the others that the installer's loader takes. */
  readonly 'x-canonical'?: string | readonly string[];
  /** The case of the values, which the installer takes in any. */
  readonly 'x-case'?: 'lower' | 'upper';
  /** The keys that users probably mean by other names. */
  readonly 'x-renamed'?: Readonly<Record<string, string>>;
  /** Whether the value is a secret. */
  readonly 'x-secret'?: boolean;
  /** The map of the site whose keys the value names, such as networks or host.disks. */
  readonly 'x-refers'?: string;
}

/** A part of a schema with resolved references, and the file to which references in it are relative. */
export interface Part {
  readonly schema: ConfigSchema;
  readonly file: string;
}

/** A part on the path of a key, with its step. */
export interface KeyPart extends Part {
  readonly step: Path[number];
}

/** Returns the schema of a site. */
export function siteSchema(): Part {
  return followIn('site.schema.json', schemaOf('site.schema.json'));
}

/** Returns the schema of a node. */
export function nodeSchema(): Part {
  return followIn('site.schema.json', { $ref: '#/$defs/node' });
}

/** Returns the part for a key, or for an entry of a list. */
export function partAt({ schema, file }: Part, step: Path[number]): Part | undefined {
  const { items, properties = {}, additionalProperties: others } = schema;
  const named = typeof others === 'object' ? others : undefined;
  const part = typeof step === 'number' ? items : Object.hasOwn(properties, step) ? properties[step] : named;
  return part && followIn(file, part);
}

/** Returns the part of a site's schema at a path whose indices may be text. */
export function sitePart(path: readonly string[]): Part | undefined {
  return path.reduce<Part | undefined>(
    (above, step) => above && (partAt(above, step) ?? partAt(above, Number(step))),
    siteSchema(),
  );
}

/** Returns the parts on the path of a key, outermost first; undefined for an unknown key. */
export function partsOf(key: string, part: Part = nodeSchema()): KeyPart[] | undefined {
  const { properties = {}, additionalProperties: others } = part.schema;
  const [index, number] = /^\[(\d+)\]\.?/.exec(key) ?? [];
  const free = typeof others === 'object' && !key.startsWith('.') ? freeNames(key, part, others) : [];
  const steps: [Path[number], string][] = index
    ? [[Number(number), key.slice(index.length)]]
    : [...Object.keys(properties), ...free].flatMap((name): [string, string][] => {
        if (key !== name && !(key.startsWith(name) && '.['.includes(key.charAt(name.length)))) return [];
        return [[name, key.slice(name.length).replace(/^\.(?=.)/, '')]];
      });
  for (const [step, rest] of steps) {
    const next = partAt(part, step);
    const inner = next && (rest === '' ? [] : partsOf(rest, next));
    if (next && inner) return [{ ...next, step }, ...inner];
  }
  return undefined;
}

/** Returns the paths of all named keys without child keys; for a list, those of its first entry. */
export function namedKeys(part: Part = nodeSchema(), path: Path = []): { readonly path: Path }[] {
  const { properties = {}, items } = part.schema;
  const inner = [...Object.keys(properties), ...(items ? [0] : [])].flatMap((step) => {
    const next = partAt(part, step);
    return next ? namedKeys(next, [...path, step]) : [];
  });
  return inner.length > 0 ? inner : [{ path }];
}

/**
 * Returns the names that a key may begin with in a map with free names, which may contain dots. The longest is first; in a map
 * of maps, the shortest, because a key of the inner map follows it.
 */
function freeNames(key: string, { schema, file }: Part, others: ConfigSchema): string[] {
  const names = beginnings(key);
  if (!followIn(file, others).schema.properties) return names;
  const { pattern = '' } = followIn(file, schema.propertyNames ?? {}).schema;
  return names.filter((name) => new RegExp(pattern, 'u').test(name)).reverse();
}

function beginnings(key: string): string[] {
  const ends = [...key].flatMap((character, at) => ('.['.includes(character) && at > 0 ? [at] : []));
  return [key.length, ...ends.reverse()].map((end) => key.slice(0, end));
}

/**
 * Returns a part of the schema in a file with its reference resolved, and with its canonical types; its own keywords override
 * those of the target.
 */
export function followIn(file: string, part: ConfigSchema): Part {
  const target = followed.get(part) ?? follow(file, part);
  followed.set(part, target);
  return target;
}

const followed = new WeakMap<ConfigSchema, Part>();

function follow(file: string, part: ConfigSchema): Part {
  const { $ref, 'x-canonical': type, ...own } = part;
  if ($ref === undefined) return { schema: type === undefined ? part : { ...part, type }, file };
  const [other, pointer = ''] = $ref.split('#');
  const path = other || file;
  const target = followIn(path, schemaPart(path, pointer));
  return { schema: { ...target.schema, ...own }, file: target.file };
}
