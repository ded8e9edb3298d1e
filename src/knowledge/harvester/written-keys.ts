import { type ConfigSchema, configSchema, follow } from './config-schema.ts';

/** A key of a configuration, and what the schema says of it. */
export interface WrittenKey {
  /** Such as install.webhooks[0].event. */
  readonly path: string;
  readonly key: string;
  /** The map that holds it; it knows where the key stands (`keyPlaceOf`, `placeOf`). */
  readonly holder: Readonly<Record<string, unknown>>;
  readonly value: unknown;
  readonly schema: ConfigSchema;
  /** What the schema says of the map that holds it. */
  readonly parent: ConfigSchema;
  /** What it says of the key that the map, or the list that the map is in, is the value of. */
  readonly above: ConfigSchema | undefined;
}

const known = new WeakMap<object, readonly WrittenKey[]>();

/**
 * Gives every key of a configuration that the schema knows, outer before inner. Gone through once for a
 * configuration, which nodes often share and rules all ask for.
 */
export function writtenKeys(config: object): readonly WrittenKey[] {
  let keys = known.get(config);
  if (!keys) {
    keys = [...inMap(config as Record<string, unknown>, configSchema(), undefined, '')];
    known.set(config, keys);
  }
  return keys;
}

function* inMap(
  map: Readonly<Record<string, unknown>>,
  parent: ConfigSchema,
  above: ConfigSchema | undefined,
  at: string,
): Iterable<WrittenKey> {
  for (const [key, value] of Object.entries(map)) {
    const described = parent.properties?.[key] ?? named(parent);
    if (!described) continue;
    const schema = follow(described);
    const path = at ? `${at}.${key}` : key;
    yield { path, key, holder: map, value, schema, parent, above };
    yield* inside(value, schema, schema, path);
  }
}

function* inside(
  value: unknown,
  schema: ConfigSchema,
  above: ConfigSchema,
  path: string,
): Iterable<WrittenKey> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) {
    yield* inMap(value as Record<string, unknown>, schema, above, path);
    return;
  }
  const items = schema.items && follow(schema.items);
  if (!items) return;
  for (const [index, item] of value.entries()) yield* inside(item, items, above, `${path}[${index}]`);
}

/** What a map of freely named things says of each. */
function named({ additionalProperties }: ConfigSchema): ConfigSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
