// Writes the schema of the inventory for editors and validators, schema/site.schema.json, from src/knowledge/. Git ignores it. It compiles
// in the strict mode of ajv: without harvgen's annotations, without its formats, and with one type for each value.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const { PATTERNS, splitTypes } = await import(new URL('dist/knowledge/release-schema.js', root).href);

const CONFIG = 'harvester/config.schema.json';
/** The keywords whose value is a map of schemas, a schema, and a list of schemas. */
const MAPS = ['properties', 'patternProperties', '$defs'];
const PARTS = ['items', 'additionalProperties', 'propertyNames'];
const LISTS = ['anyOf', 'oneOf', 'allOf'];

const config = withSpellings(read(CONFIG));
const site = published(read('site.schema.json'), (ref) =>
  ref.replace(new RegExp(`^${CONFIG}#?`), '#/$defs/harvester-config'),
);
// In one file, so that a validator needs no other.
site.$defs['harvester-config'] = published((({ $schema, ...part }) => part)(config), (ref) =>
  ref.replace('#', '#/$defs/harvester-config'),
);
const { $schema, ...rest } = site;
const text = JSON.stringify({ $schema, $id: 'harvgen:/schema/site.schema.json', ...rest });
writeFileSync(new URL('schema/site.schema.json', root), `${text}\n`);

/**
 * Adds the other spellings of keys and values that harvgen accepts in a configuration: src/inventory/canonical-config.ts. Any value of
 * such a key is accepted, because copies of the schemas would double the file. `harvgen check` validates the value.
 */
function withSpellings(part) {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(withSpellings);
  const { properties, enum: values, ...rest } = part;
  const result = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, withSpellings(value)]));
  if (properties && part.additionalProperties === false) {
    const names = Object.keys(properties);
    const pattern = `(${names.map(anySpelling).join('|')})$`;
    const others = Object.keys(part['x-renamed'] ?? {}).filter((name) => RegExp(`^${pattern}`).test(name));
    return {
      ...result,
      patternProperties: { [`^(?!(${[...names, ...others].join('|')})$)${pattern}`]: true },
    };
  }
  if (!part['x-case']) return result;
  return { ...rest, anyOf: [{ enum: values }, { pattern: `^(${values.map(anyCase).join('|')})$` }] };
}

/** Returns the pattern of a key in any case, with and without the underscores between its words, and of a plural's singular. */
function anySpelling(name) {
  return anyCase(name.replace(/(?<=[a-z])(?=[A-Z])/g, '_'))
    .replaceAll('_', '_?')
    .replace(/\[sS\]$/, '$&?');
}

/** Returns the pattern of a text in any case. */
function anyCase(text) {
  return text.replace(/[a-z]/gi, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`);
}

/**
 * Returns a part of a schema to publish. Only entries of lists have required keys: a file can be a part of a site, and its maps are merged
 * with those of other files.
 */
function published(part, refOf = (ref) => ref, isEntry = false) {
  if (typeof part !== 'object') return part;
  const inner = (schema, isInList = isEntry) => published(schema, refOf, isInList);
  const result = {};
  for (const [keyword, value] of Object.entries(part)) {
    if (keyword.startsWith('x-') || (keyword === 'required' && !isEntry)) continue;
    if (keyword === '$ref') result.$ref = refOf(value);
    else if (keyword === 'format') Object.assign(result, PATTERNS[value] && { pattern: PATTERNS[value] });
    else if (MAPS.includes(keyword))
      result[keyword] = Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inner(one)]));
    else if (LISTS.includes(keyword)) result[keyword] = value.map((one) => inner(one));
    else if (PARTS.includes(keyword)) result[keyword] = inner(value, isEntry || keyword === 'items');
    else result[keyword] = value;
  }
  return splitTypes(result);
}

function read(path) {
  return JSON.parse(readFileSync(new URL(`src/knowledge/${path}`, root), 'utf8'));
}
