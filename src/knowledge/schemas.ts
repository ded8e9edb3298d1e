import { readFileSync } from 'node:fs';
import type { Path } from '../source/leaf.ts';
import { fileOfPackage } from '../values/package.ts';

const read = new Map<string, object>();

/** Gives a schema of `schema/` by its path there, such as `harvester/config.schema.json`. Read once. */
export function schemaOf(path: string): object {
  let schema = read.get(path);
  if (!schema) {
    schema = JSON.parse(readFileSync(fileOfPackage(`schema/${path}`), 'utf8')) as object;
    read.set(path, schema);
  }
  return schema;
}

/** Gives the part of a schema that a pointer such as `/$defs/node` leads to. */
function schemaPart(path: string, pointer: string): object {
  return pointer
    .split('/')
    .slice(1)
    .reduce<object>((at, key) => (at as Record<string, object>)[key] as object, schemaOf(path));
}

/** A part of schema/harvester/config.schema.json: JSON Schema, and what harvgen knows of the releases beside it. */
export interface ConfigSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, ConfigSchema>>;
  readonly additionalProperties?: boolean | ConfigSchema;
  readonly propertyNames?: ConfigSchema;
  readonly items?: ConfigSchema;
  readonly required?: readonly string[];
  readonly $ref?: string;
  /** What a value must be, in words. */
  readonly 'x-expects'?: string;
  /** The first release that has the key. */
  readonly 'x-since'?: string;
  /** The last release that has it. */
  readonly 'x-until'?: string;
  /** Releases between the two that lack it. */
  readonly 'x-absent'?: readonly string[];
  /** JSON types and values that are taken only from a later release on. */
  readonly 'x-since-types'?: Readonly<Record<string, string>>;
  readonly 'x-since-values'?: Readonly<Record<string, string>>;
  /** A key beside it that serves in releases that lack it. */
  readonly 'x-instead'?: string;
  /** How that other key differs, as a clause. */
  readonly 'x-instead-how'?: string;
  /** Why the key changes nothing, and from which release on where it once did. */
  readonly 'x-no-effect'?: string;
  readonly 'x-no-effect-since'?: string;
  /** Why the key is the installer's own affair. */
  readonly 'x-internal'?: string;
  /** The modes in which the installer looks at the key, and those in which it stops without it. */
  readonly 'x-modes'?: readonly string[];
  readonly 'x-required'?: readonly string[];
  /** Whether the value is a secret. */
  readonly 'x-secret'?: boolean;
}

/** A part of a schema, its references followed, and the file that references within it are relative to. */
export interface Part {
  readonly schema: ConfigSchema;
  readonly file: string;
}

/** A part that a key goes through, and the step by which. */
export interface KeyPart extends Part {
  readonly step: Path[number];
}

/** Gives what the schema says of a node. */
export function nodeSchema(): Part {
  return followIn('site.schema.json', { $ref: '#/$defs/node' });
}

/** Gives what a part says of a key, or of an entry of a list. */
export function partAt({ schema, file }: Part, step: Path[number]): Part | undefined {
  const { items, properties = {}, additionalProperties: others } = schema;
  const named = typeof others === 'object' ? others : undefined;
  const part = typeof step === 'number' ? items : Object.hasOwn(properties, step) ? properties[step] : named;
  return part && followIn(file, part);
}

/** Gives the parts that a key goes through, the outermost first, as it is written; undefined where there is no such key. */
export function partsOf(key: string, part: Part = nodeSchema()): KeyPart[] | undefined {
  const { properties = {}, additionalProperties: others } = part.schema;
  const [index, number] = /^\[(\d+)\]\.?/.exec(key) ?? [];
  // Names that a map leaves to its writer may hold dots: the longest that can be meant is tried first.
  const free = typeof others === 'object' && !key.startsWith('.') ? beginnings(key) : [];
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

/** Gives the paths of all keys that have a name of their own and hold no others; of a list, those of its first entry. */
export function namedKeys(part: Part = nodeSchema(), path: Path = []): { readonly path: Path }[] {
  const { properties = {}, items } = part.schema;
  const inner = [...Object.keys(properties), ...(items ? [0] : [])].flatMap((step) => {
    const next = partAt(part, step);
    return next ? namedKeys(next, [...path, step]) : [];
  });
  return inner.length > 0 ? inner : [{ path }];
}

function beginnings(key: string): string[] {
  const ends = [...key].flatMap((character, at) => ('.['.includes(character) && at > 0 ? [at] : []));
  return [key.length, ...ends.reverse()].map((end) => key.slice(0, end));
}

/** Gives a part of the schema in a file with its reference followed: what it refers to, and over that what it says itself. */
export function followIn(file: string, part: ConfigSchema): Part {
  if (part.$ref === undefined) return { schema: part, file };
  const { $ref, ...own } = part;
  const [other, pointer = ''] = $ref.split('#');
  const path = other || file;
  const followed = followIn(path, schemaPart(path, pointer));
  return { schema: { ...followed.schema, ...own }, file: followed.file };
}
