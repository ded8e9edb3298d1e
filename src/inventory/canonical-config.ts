import { configSchema, follow } from '../knowledge/config-schema.ts';
import type { ConfigSchema } from '../knowledge/schemas.ts';
import type { Path } from '../source/leaf.ts';
import {
  inherit,
  isValueMap,
  locatedList,
  locationOf,
  type Value,
  type ValueMap,
  writtenText,
} from '../source/origin.ts';

/**
 * Converts the configurations of an inventory to their canonical form: keys in any spelling, and values of any type, that the
 * installer's loader converts. Values keep their source locations. Leaves everything else to the validation. Sources:
 * rename.go, coerce.go and schemas.go in pkg/config of the installer; `x-canonical` and `x-case` of the schema.
 */
export function canonicalizeConfigs({ defaults, profiles, nodes }: ValueMap): void {
  const layers = [
    defaults,
    ...[profiles, nodes].flatMap((map) => (isValueMap(map) ? Object.values(map) : [])),
  ];
  // An alias of YAML is the same object as its anchor.
  const configs = new Set(layers.map((layer) => (isValueMap(layer) ? layer.config : undefined)));
  for (const config of configs) if (isValueMap(config)) inMap(config, configSchema());
}

function inMap(map: ValueMap, schema: ConfigSchema): void {
  const { properties = {}, additionalProperties: others } = schema;
  for (const written of Object.keys(map)) {
    const key = canonicalKey(written, schema);
    if (key !== written && !(key in map)) {
      map[key] = map[written] as Value;
      inherit(map, key, map, written);
      delete map[written];
    }
    const part = Object.hasOwn(properties, key) ? properties[key] : others;
    if (key in map && typeof part === 'object') inValue(map, key, follow(part));
  }
}

/** Returns a path in a site's file with the spelling that the file has for the keys of a configuration. */
export function spelledPath(file: ValueMap, path: Path): Path {
  const [layers] = path;
  const start = layers === 'defaults' ? 1 : layers === 'profiles' || layers === 'nodes' ? 2 : path.length;
  if (path[start] !== 'config') return path;
  let schema = configSchema();
  let value: Value | undefined = file;
  return path.map((step, index) => {
    const map: Value | undefined = value;
    const { properties = {}, items, additionalProperties: others } = schema;
    const isKey = index > start && isValueMap(map) && !(step in map);
    const spelled = (isKey && Object.keys(map).find((key) => canonicalKey(key, schema) === step)) || step;
    value = (map as ValueMap | undefined)?.[spelled];
    const part = typeof step === 'number' ? items : (properties[step] ?? others);
    if (index > start) schema = typeof part === 'object' ? follow(part) : {};
    return spelled;
  });
}

/** Returns a path in a site's file with the canonical spelling of the keys of a configuration. */
export function canonicalPath(path: Path): Path {
  const start = path[0] === 'defaults' ? 1 : 2;
  if (path[start] !== 'config') return path;
  let schema = configSchema();
  return path.map((step, index) => {
    if (index <= start) return step;
    const { properties = {}, items, additionalProperties: others } = schema;
    const key = typeof step === 'number' ? step : canonicalKey(step, schema);
    const part = typeof step === 'number' ? items : (properties[key] ?? others);
    schema = typeof part === 'object' ? follow(part) : {};
    return key;
  });
}

/** Returns the key that the loader reads for a spelling: in camelCase or lower case, or the singular of a plural. */
function canonicalKey(written: string, schema: ConfigSchema): string {
  const { properties = {}, additionalProperties: others, 'x-renamed': renamed = {} } = schema;
  if (Object.hasOwn(properties, written) || Object.hasOwn(renamed, written) || others !== false)
    return written;
  const plain = (key: string) => key.toLowerCase().replaceAll('_', '');
  const names = Object.keys(properties);
  const wanted = plain(written);
  return names.find((name) => [wanted, `${wanted}s`].includes(plain(name))) ?? written;
}

function inValue(holder: ValueMap | Value[], key: string | number, schema: ConfigSchema): void {
  const value = (holder as ValueMap)[key] as Value;
  const items = schema.items && follow(schema.items);
  if (isValueMap(value)) inMap(value, schema);
  else if (!Array.isArray(value)) (holder as ValueMap)[key] = canonicalValue(value, schema, holder, key);
  else if (items) for (const index of value.keys()) inValue(value, index, items);
}

function canonicalValue(value: Value, schema: ConfigSchema, holder: object, key: string | number): Value {
  const wanted = [schema['x-canonical'] ?? []].flat();
  if (typeof value === 'number' || typeof value === 'boolean') {
    // The loader would turn 010 into 8 and 1.10 into 1.1: the validation asks for quotes.
    const isPlain = wanted.includes('string') && writtenText(holder, key) === String(value);
    return isPlain ? String(value) : value;
  }
  if (typeof value !== 'string') return value;
  const at = locationOf(holder, key as never);
  // After a hyphen without a blank, the text is an entry, or several: the validation asks for the blank.
  if (wanted.includes('array')) return /^-\S/.test(value) ? value : locatedList(at, [{ value, at }]);
  if (wanted.includes('integer') && /^(0|[1-9]\d{0,8})$/.test(value)) return Number(value);
  const other = schema['x-case'] === 'upper' ? value.toUpperCase() : value.toLowerCase();
  return schema['x-case'] && schema.enum?.includes(other) ? other : value;
}
