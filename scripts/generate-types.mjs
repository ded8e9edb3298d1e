// Generates src/knowledge/*.gen.ts, the TypeScript types of the inventory, from its schemas. Part of every build; git ignores them.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const schemas = join(root, 'src', 'knowledge');
/** Reads a schema with the types to which harvgen converts values (`x-canonical`). */
const read = (name) =>
  JSON.parse(readFileSync(join(schemas, name), 'utf8'), (_, part) =>
    part?.['x-canonical'] ? { ...part, type: part['x-canonical'] } : part,
  );

const site = read('site.schema.json');
const { description } = site.$defs.layer.properties.config;
site.$defs.layer.properties.config = { tsType: 'HarvesterConfig', description };

// Node ranges are expanded before other code reads them.
delete site.properties.nodes.patternProperties;

const files = {
  'harvester-config.gen.ts': await types('HarvesterConfig', read('harvester/config.schema.json')),
  'site-inventory.gen.ts': await types(
    'SiteInventory',
    site,
    "import type { HarvesterConfig } from './harvester-config.gen.ts';\n",
  ),
};

async function types(name, schema, imports = '') {
  const bannerComment = `// Generated from src/knowledge/**/*.schema.json by \`npm run build\`: edit the schemas instead.\n${imports}`;
  return compile({ ...schema, title: name }, name, {
    bannerComment,
    cwd: schemas,
    style: { singleQuote: true, printWidth: 110 },
  });
}

for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'src', 'knowledge', name), text);
