// Writes the data files next to the code into two compressed files of dist/. Few commands read texts.json.br, which has all of them. Every
// command reads often.json.br. This has the schemas without descriptions, the digests of releases, the kinds of diagnostics, and facts that most builds read. The scripts among the templates are
// in the code: build-templates.mjs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OFTEN = [
  'knowledge/facts/boot-programs.json',
  'knowledge/facts/cloud-init.json',
  'knowledge/facts/cloud-providers.json',
  'knowledge/facts/cluster-dump.json',
  'knowledge/facts/cluster-settings.json',
  'knowledge/facts/hosts.json',
  'knowledge/facts/known-values.json',
  'knowledge/harvester/config.schema.json',
  'knowledge/harvester/digests.json',
  'knowledge/site.schema.json',
  'source/diagnostics/codes.json',
];

const texts = {};
const often = {};
for (const given of readdirSync(join(root, 'src'), { recursive: true }).sort()) {
  const path = given.replaceAll('\\', '/');
  if (!/\.(json|eta|yaml|css|js|bash|zsh|fish)$|^rehearse\/.*\.sh$/.test(path)) continue;
  const text = readFileSync(join(root, 'src', path), 'utf8');
  texts[path] = path.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text;
  if (OFTEN.includes(path)) often[path] = JSON.stringify(withoutDescriptions(JSON.parse(text)));
}
const missing = OFTEN.filter((path) => !often[path]);
if (missing.length > 0) throw new Error(`scripts/build-texts.mjs: there is no ${missing.join(', ')}`);
for (const [name, all] of Object.entries({ texts, often }))
  writeFileSync(join(root, 'dist', `${name}.json.br`), brotliCompressSync(JSON.stringify(all)));

/** Returns a schema without the keywords that only readers need; keys of an inventory can have the same names. */
function withoutDescriptions(schema, isMap = false) {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((part) => withoutDescriptions(part));
  const kept = Object.entries(schema).filter(
    ([key]) => isMap || !['description', 'examples', '$comment'].includes(key),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      !isMap && key.startsWith('x-')
        ? value
        : withoutDescriptions(value, !isMap && ['properties', 'patternProperties', '$defs'].includes(key)),
    ]),
  );
}
