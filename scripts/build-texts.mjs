// Writes the data files next to the code into dist/. All are in one compressed file, which few commands read. What every command reads, the
// schemas and the digests of releases, is also in files of its own, without descriptions. The scripts among the templates are in the code:
// build-templates.mjs.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OFTEN = [
  'knowledge/harvester/config.schema.json',
  'knowledge/harvester/digests.json',
  'knowledge/site.schema.json',
];

const texts = {};
for (const given of readdirSync(join(root, 'src'), { recursive: true }).sort()) {
  const path = given.replaceAll('\\', '/');
  if (!/\.(json|eta|yaml|css|js|bash|zsh|fish)$|^cli\/.*\.sh$/.test(path)) continue;
  const text = readFileSync(join(root, 'src', path), 'utf8');
  texts[path] = path.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text;
  if (!OFTEN.includes(path)) continue;
  const target = join(root, 'dist', path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, JSON.stringify(withoutDescriptions(JSON.parse(text))));
}
const missing = OFTEN.filter((path) => !texts[path]);
if (missing.length > 0) throw new Error(`scripts/build-texts.mjs: there is no ${missing.join(', ')}`);
writeFileSync(join(root, 'dist', 'texts.json.br'), brotliCompressSync(JSON.stringify(texts)));

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
