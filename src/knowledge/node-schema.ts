import type { Path } from '../source/leaf.ts';
import type { ConfigSchema } from './config-schema.ts';
import { schemaPart } from './schemas.ts';

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
  return follow({ $ref: '#/$defs/node' }, 'site.schema.json');
}

/** Gives what a part says of a key, or of an entry of a list. */
export function partAt({ schema, file }: Part, step: Path[number]): Part | undefined {
  const { items, properties = {}, additionalProperties: others } = schema;
  const named = typeof others === 'object' ? others : undefined;
  const part = typeof step === 'number' ? items : Object.hasOwn(properties, step) ? properties[step] : named;
  return part && follow(part, file);
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

function follow(part: ConfigSchema, file: string): Part {
  if (part.$ref === undefined) return { schema: part, file };
  const { $ref, ...own } = part;
  const [other, pointer = ''] = $ref.split('#');
  const path = other || file;
  const followed = follow(schemaPart(path, pointer), path);
  return { schema: { ...followed.schema, ...own }, file: followed.file };
}
