// Derives src/knowledge/manifests/harvester.json, the kinds of a Harvester cluster with their keys, from published definitions:
//
//   node scripts/derive-manifest-kinds.mjs FOLDER [FILE]
//
// FOLDER has a folder for each minor release to add or to replace, such as v1.8, with the CustomResourceDefinitions of its components; the
// other releases stay as they are in the file. Definitions in common/, which may be missing, are the same in all these releases.
// docs/contributing/rule-target-import.md lists the repositories. The result has no descriptions, no `status`, and each part that occurs
// several times once.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const [folder, target = new URL('../src/knowledge/manifests/harvester.json', import.meta.url)] =
  process.argv.slice(2);
if (!folder) throw new Error('usage: node scripts/derive-manifest-kinds.mjs FOLDER [FILE]');

const before = existsSync(target) ? JSON.parse(readFileSync(target, 'utf8')) : { releases: [], kinds: {} };
const given = readdirSync(folder).filter((name) => /^v\d+\.\d+$/.test(name));
const compare = (a, b) => a.localeCompare(b, 'en', { numeric: true });
const releases = [...new Set([...before.releases, ...given])].sort(compare);
const [oldest] = releases;

/** The schemas of each kind, by release. */
const kinds = new Map();
for (const release of releases)
  if (given.includes(release)) addDefinitions(release);
  else addRecorded(release);

function addDefinitions(release) {
  for (const from of [release, 'common'].filter((name) => existsSync(join(folder, name))))
    for (const file of readdirSync(join(folder, from)).sort())
      for (const document of parseAllDocuments(readFileSync(join(folder, from, file), 'utf8')))
        add(document.toJS(), release);
}

/** Adds the kinds that the file has for a release. */
function addRecorded(release) {
  for (const [id, { scope, schema, ...annotations }] of Object.entries(before.kinds))
    if (isIn(annotations, release)) addSchema(id, scope, release, inRelease(schema, release));
}

function isIn({ 'x-since': since, 'x-until': until }, release) {
  const minor = (text) => text.replace(/(?:\.0|-head)$/, '');
  return !(since && compare(release, minor(since)) < 0) && !(until && compare(release, minor(until)) > 0);
}

function resolved({ $ref, ...part }) {
  return $ref === undefined ? part : { ...before.parts[$ref], ...part };
}

/** Returns a schema of the file as it is in one release, with its keywords in the order of `reduced`. */
function inRelease({ $ref, ...part }, release) {
  const {
    type,
    nullable,
    enum: values,
    required,
    items,
    properties,
    additionalProperties,
    ...others
  } = $ref === undefined ? part : { ...before.parts[$ref], ...part };
  const result = {};
  if (type) result.type = type;
  if (nullable) result.nullable = true;
  const since = others['x-since-values'] ?? {};
  if (values) result.enum = values.filter((value) => isIn({ 'x-since': since[value] }, release));
  for (const [key, value] of Object.entries(others)) if (!key.startsWith('x-')) result[key] = value;
  const sometimes = Object.entries(others['x-required-in'] ?? {});
  const needed = sometimes.flatMap(([key, span]) => (isIn(span, release) ? [key] : []));
  if (required || needed.length > 0) result.required = [...(required ?? []), ...needed].sort();
  if (items) result.items = inRelease(items, release);
  if (properties)
    result.properties = Object.fromEntries(
      Object.entries(properties)
        .filter(([, value]) => isIn(resolved(value), release))
        .map(([key, value]) => [key, inRelease(value, release)]),
    );
  if (additionalProperties)
    result.additionalProperties =
      additionalProperties === true ? true : inRelease(additionalProperties, release);
  return result;
}

function add(definition, release) {
  if (definition?.kind !== 'CustomResourceDefinition') return;
  const { group, scope, names, versions } = definition.spec;
  for (const { name, schema } of versions) {
    addSchema(`${group}/${name}/${names.kind}`, scope, release, rootOf(schema.openAPIV3Schema));
  }
}

function addSchema(id, scope, release, schema) {
  if (!kinds.has(id)) kinds.set(id, { scope, schemas: new Map() });
  kinds.get(id).schemas.set(release, schema);
}

/** Users write no `status`, and the metadata of all kinds are alike. */
function rootOf({ properties, required = [], ...rest }) {
  const { status, apiVersion, kind, metadata, ...own } = properties;
  return reduced({ ...rest, properties: own, required: required.filter((key) => key in own) });
}

/** Returns a schema with the keywords that harvgen checks. */
function reduced(schema) {
  const result = {};
  const isIntOrString = schema['x-kubernetes-int-or-string'];
  if (isIntOrString) result.type = ['integer', 'string'];
  else if (schema.type) result.type = schema.type;
  if (schema.nullable) result.nullable = true;
  if (schema.enum) result.enum = schema.enum;
  for (const key of ['pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'maxItems', 'maxProperties'])
    if (schema[key] !== undefined) result[key] = schema[key];
  // The API server sets a missing key to its default before it validates the object.
  const required = (schema.required ?? []).filter((key) => schema.properties?.[key]?.default === undefined);
  if (required.length > 0) result.required = required.sort();
  if (schema.items) result.items = reduced(schema.items);
  if (schema.properties)
    result.properties = Object.fromEntries(
      Object.entries(schema.properties)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => [key, reduced(value)]),
    );
  if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = reduced(schema.additionalProperties);
  else if (schema['x-kubernetes-preserve-unknown-fields'] || (schema.type === 'object' && !schema.properties))
    result.additionalProperties = true;
  return result;
}

/** Merges the schemas of several releases: keys and values that some of them lack have the releases that have them. */
function merged(schemas) {
  const all = [...schemas.values()];
  const texts = new Set(all.map((schema) => JSON.stringify(schema)));
  if (texts.size === 1) return all[0];
  const newest = all.at(-1);
  const result = { ...newest };
  if (all.some(({ properties }) => properties)) {
    const names = [...new Set(all.flatMap(({ properties = {} }) => Object.keys(properties)))].sort();
    result.properties = Object.fromEntries(
      names.map((name) => {
        const having = new Map(
          [...schemas].flatMap(([release, { properties = {} }]) =>
            name in properties ? [[release, properties[name]]] : [],
          ),
        );
        return [name, { ...merged(having), ...span(having, schemas) }];
      }),
    );
  }
  for (const key of ['items', 'additionalProperties'])
    if (all.some((schema) => typeof schema[key] === 'object'))
      result[key] = merged(
        new Map(
          [...schemas].flatMap(([release, schema]) =>
            typeof schema[key] === 'object' ? [[release, schema[key]]] : [],
          ),
        ),
      );
  if (all.some((schema) => schema.enum)) {
    result.enum = [...new Set(all.flatMap((schema) => schema.enum ?? []))];
    const since = result.enum.flatMap((value) => {
      const [first] = [...schemas]
        .filter(([, schema]) => schema.enum?.includes(value))
        .map(([release]) => release);
      return first === [...schemas.keys()][0] ? [] : [[value, `${first}.0`]];
    });
    if (all.some((schema) => !schema.enum)) delete result.enum;
    else if (since.length > 0) result['x-since-values'] = Object.fromEntries(since);
  }
  const requiring = (key) => new Map([...schemas].filter(([, { required = [] }]) => required.includes(key)));
  const required = [...new Set(all.flatMap((schema) => schema.required ?? []))].sort();
  result.required = required.filter((key) => requiring(key).size === all.length);
  const others = required.filter((key) => !result.required.includes(key));
  if (others.length > 0)
    result['x-required-in'] = Object.fromEntries(others.map((key) => [key, span(requiring(key), schemas)]));
  if (result.required.length === 0) delete result.required;
  return result;
}

/** Returns the first and the last release of a part, unless it is in all of them. */
function span(having, among) {
  const [first, last] = [[...having.keys()][0], [...having.keys()].at(-1)];
  const [begin, end] = [[...among.keys()][0], [...among.keys()].at(-1)];
  return {
    ...(first === begin ? {} : { 'x-since': `${first}.0` }),
    ...(last === end ? {} : { 'x-until': `${last}-head` }),
  };
}

const whole = Object.fromEntries(
  [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { scope, schemas }]) => {
      const [first] = schemas.keys();
      const since = first === oldest ? {} : { 'x-since': `${first}.0` };
      return [id, { scope, ...since, schema: merged(schemas) }];
    }),
);

/** The number of occurrences and the name of each part that is longer than a reference to it. */
const parts = new Map();
const LONG = 100;
for (const { schema } of Object.values(whole)) count(schema, 'root');

function count(schema, name) {
  const text = JSON.stringify(schema);
  const known = parts.get(text);
  if (known) known.times += 1;
  else if (text.length > LONG) parts.set(text, { times: 1, name });
  // The parts of a part that is known are counted once.
  if (!known) eachPart(schema, count, name);
}

function eachPart({ properties = {}, items, additionalProperties }, call, name) {
  for (const [key, value] of Object.entries(properties)) call(value, key);
  if (items) call(items, name);
  if (typeof additionalProperties === 'object') call(additionalProperties, name);
}

const defs = {};
const names = new Map();

function shared(schema) {
  const text = JSON.stringify(schema);
  const part = parts.get(text);
  if (!part || part.times < 2) return inner(schema);
  if (!names.has(text)) {
    let name = part.name;
    for (let number = 2; Object.hasOwn(defs, name); number += 1) name = `${part.name}${number}`;
    names.set(text, name);
    defs[name] = {};
    defs[name] = inner(schema);
  }
  return { $ref: names.get(text) };
}

function inner(schema) {
  const result = { ...schema };
  if (schema.properties)
    result.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, value]) => [key, shared(value)]),
    );
  if (schema.items) result.items = shared(schema.items);
  if (typeof schema.additionalProperties === 'object')
    result.additionalProperties = shared(schema.additionalProperties);
  return result;
}

const result = Object.fromEntries(
  Object.entries(whole).map(([id, { schema, ...kind }]) => [id, { ...kind, schema: inner(schema) }]),
);
// A line for each kind and each shared part, so that a new release is a readable change.
const lines = (map) =>
  Object.entries(map)
    .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(',\n');
const sorted = Object.fromEntries(Object.entries(defs).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(
  target,
  `{\n  "releases": ${JSON.stringify(releases)},\n  "kinds": {\n${lines(result)}\n  },\n  "parts": {\n${lines(sorted)}\n  }\n}\n`,
);
