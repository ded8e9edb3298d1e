// Writes src/inventory/*.gen.ts: the TypeScript types of the inventory, made from schema/.
// With --check it writes nothing and fails when a file is not what the schemas give.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from 'json-schema-to-typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const schemas = join(root, 'schema');
const read = (name) => JSON.parse(readFileSync(join(schemas, name), 'utf8'));

const site = read('site.schema.json');
const { description } = site.$defs.layer.properties.config;
site.$defs.layer.properties.config = { tsType: 'HarvesterConfig', description };

// Ranges of nodes are nodes before anything of harvgen's reads them.
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
  const bannerComment = `// Made from schema/ by \`npm run generate\`: edit the schemas instead.\n${imports}`;
  return compile({ ...schema, title: name }, name, {
    bannerComment,
    cwd: schemas,
    style: { singleQuote: true, printWidth: 110 },
  });
}

for (const [name, text] of Object.entries(files)) {
  const path = join(root, 'src', 'inventory', name);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`src/inventory/${name} is not what schema/ gives: run \`npm run generate\``);
    process.exitCode = 1;
  }
}
