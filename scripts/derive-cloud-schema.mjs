// Derives test/data/cloud-schema.json, a closed JSON Schema of the arguments in the emitted cloud/main.tf.json, from the types
// that the cdktf projects generate from each provider's own schema (`terraform providers schema -json`). Run it manually after
// an emitter sets another argument: node --import tsx scripts/derive-cloud-schema.mjs
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mainsOf } from '../test/support/cloud-mains.ts';

/** The newest packages with the types, by the prefix of resource types. */
const PACKAGES = {
  aws: '@cdktn/provider-aws@24.1.0',
  azurerm: '@cdktn/provider-azurerm@16.1.0',
  digitalocean: '@cdktf/provider-digitalocean@13.14.1',
  google: '@cdktf/provider-google@16.12.1',
};

/** Arguments that each resource has. Source: the documentation of OpenTofu and Terraform, "Meta-arguments". */
const META = {
  depends_on: { type: 'array', items: { type: 'string' } },
  lifecycle: {
    type: 'object',
    additionalProperties: false,
    properties: {
      ignore_changes: { type: 'array', items: { type: 'string' } },
      precondition: {
        type: 'object',
        additionalProperties: false,
        required: ['condition', 'error_message'],
        properties: { condition: { type: 'string' }, error_message: { type: 'string' } },
      },
      prevent_destroy: { type: 'boolean' },
    },
  },
};

/** An expression that Terraform evaluates to any type. */
const EXPRESSION = { type: 'string', pattern: '^\\$\\{.+\\}$' };

const texts = new Map();
const folder = mkdtempSync(join(tmpdir(), 'harvgen-cloud-'));
try {
  const mains = await mainsOf();
  const archives = Object.fromEntries(
    Object.entries(PACKAGES).map(([prefix, name]) => {
      const packed = execFileSync('npm', ['pack', '--silent', name], { cwd: folder, encoding: 'utf8' });
      return [prefix, join(folder, packed.trim())];
    }),
  );
  const schema = { data: {}, provider: {}, resource: {} };
  for (const main of mains) {
    for (const kind of ['resource', 'data'])
      for (const [type, blocks] of Object.entries(main[kind] ?? {}))
        for (const block of Object.values(blocks))
          schema[kind][type] = merged(schema[kind][type], schemaOf(archives, kind, type, block));
    for (const [name, block] of Object.entries(main.provider))
      schema.provider[name] = merged(schema.provider[name], schemaOf(archives, 'provider', name, block));
  }
  const lines = Object.entries(schema).map(([kind, types]) => {
    const entries = Object.entries(types).sort(([one], [other]) => (one < other ? -1 : 1));
    const ofTypes = entries.map(([type, value]) => `  "${type}": ${JSON.stringify(sorted(value))}`);
    return `"${kind}": {\n${ofTypes.join(',\n')}\n}`;
  });
  const source = `Derived from ${Object.values(PACKAGES).join(', ')} by scripts/derive-cloud-schema.mjs.`;
  const head = [`"//": "${source}"`, `"meta": ${JSON.stringify(sorted(META))}`];
  writeFileSync('test/data/cloud-schema.json', `{\n${[...head, ...lines].join(',\n')}\n}\n`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Returns the schema of one block: the arguments that it sets, and all that it needs. */
function schemaOf(archives, kind, type, block) {
  const prefix = kind === 'provider' ? type : type.slice(0, type.indexOf('_'));
  const short = type.slice(prefix.length + 1).replaceAll('_', '-');
  const name = kind === 'provider' ? 'provider' : kind === 'data' ? `data-${prefix}-${short}` : short;
  const path = `package/lib/${name}/index.d.ts`;
  const key = `${prefix}/${path}`;
  const text = texts.get(key) ?? execFileSync('tar', ['-xzOf', archives[prefix], path], { encoding: 'utf8' });
  texts.set(key, text);
  const interfaces = new Map(
    [...text.matchAll(/^export interface (\w+)[^{]*\{\n(.*?)^\}/gms)].map(([, title, body]) => [title, body]),
  );
  const root = [...interfaces.keys()].find((title) => title.endsWith('Config'));
  return objectOf(interfaces, root, block);
}

function objectOf(interfaces, title, used) {
  const properties = {};
  const required = [];
  const body = interfaces.get(title);
  // The documentation of an argument has its exact name.
  for (const [, name, optional, type] of body.matchAll(
    /#(\w+) \w+#\w+\}(?:(?!\*\/).)*\*\/\s+readonly \w+(\??): ([^;]+(?:;\s+\})?);/gs,
  )) {
    if (optional === '') required.push(name);
    if (optional === '' || name in used) properties[name] = typeSchema(interfaces, type, used[name]);
  }
  const unknown = Object.keys(used).filter((name) => !(name in properties) && !(name in META));
  if (unknown.length > 0) throw new Error(`${title} has no ${unknown.join(', ')}`);
  return { type: 'object', additionalProperties: false, required, properties };
}

function typeSchema(interfaces, written, used) {
  const type = written.replace(/ \| \w+\.IResolvable| \| \(\w+\.IResolvable\)\[\]/g, '').replace(/\s+/g, ' ');
  if (type === 'string') return { type: 'string' };
  if (type === 'number' || type === 'boolean') return { anyOf: [{ type }, EXPRESSION] };
  const [, item] = /^(string|number)\[\]$/.exec(type) ?? [];
  if (item) return { anyOf: [{ type: 'array', items: typeSchema(interfaces, item) }, EXPRESSION] };
  if (type.startsWith('{')) return { type: 'object', additionalProperties: { type: 'string' } };
  const title = type.replace(/\[\]$/, '');
  if (!interfaces.has(title)) throw new Error(`an unknown type: ${written}`);
  const items = (Array.isArray(used) ? used : used === undefined ? [{}] : [used])
    .map((one) => objectOf(interfaces, title, one))
    .reduce(merged, undefined);
  // A block is an object; one that repeats, also a list.
  return type === title ? items : { anyOf: [items, { type: 'array', items }] };
}

/** Returns a schema with the arguments of both. */
function merged(one, other) {
  if (one === undefined || other === undefined) return one ?? other;
  const items = merged(one.anyOf?.[0].properties && one.anyOf[0], other.anyOf?.[0]);
  if (one.anyOf && items) return { anyOf: [items, { type: 'array', items }] };
  if (!one.properties || !other.properties) return other;
  const properties = { ...one.properties };
  for (const [name, value] of Object.entries(other.properties))
    properties[name] = merged(properties[name], value);
  return { ...one, properties };
}

function sorted(value) {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
