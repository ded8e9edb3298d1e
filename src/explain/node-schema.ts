import type { ConfigSchema } from '../harvester/config-schema.ts';
import { schemaPart } from '../tables/schemas.ts';
import type { Path } from './leaf.ts';

/** A part of a schema, its references followed, and the file that references within it are relative to. */
export interface Part {
  readonly schema: ConfigSchema;
  readonly file: string;
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
export function partsOf(key: string, part: Part = nodeSchema()): Part[] | undefined {
  const { properties = {}, additionalProperties: others } = part.schema;
  const index = /^\[\d+\]\.?/.exec(key)?.[0];
  // Names that a map leaves to its writer may hold dots: the longest that can be meant is tried first.
  const free = typeof others === 'object' && !key.startsWith('.') ? beginnings(key) : [];
  const steps: [Path[number], string][] = index
    ? [[0, key.slice(index.length)]]
    : [...Object.keys(properties), ...free].flatMap((name): [string, string][] => {
        if (key !== name && !(key.startsWith(name) && '.['.includes(key.charAt(name.length)))) return [];
        return [[name, key.slice(name.length).replace(/^\.(?=.)/, '')]];
      });
  for (const [step, rest] of steps) {
    const next = partAt(part, step);
    const inner = next && (rest === '' ? [] : partsOf(rest, next));
    if (next && inner) return [next, ...inner];
  }
  return undefined;
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
