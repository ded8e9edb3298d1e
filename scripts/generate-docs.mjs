// Writes the generated parts of docs/: the keys of docs/inventory.md from schema/site.schema.json, and the lists of docs/rules.md
// from src/rules and src/source/diagnostics/codes.ts. With --check it writes nothing and fails if they are not up to date.
// Needs tsx, because it imports the TypeScript sources of the rules.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { multiSiteRules } from '../src/rules/across/index.ts';
import { rules } from '../src/rules/index.ts';
import { valueRules } from '../src/rules/secret-values.ts';
import { FILE_CODES, OWN_CODES, REFERENCE_CODES, SHAPE_CODES } from '../src/source/diagnostics/codes.ts';
import { IMPORT_CODES } from '../src/source/diagnostics/import-codes.ts';
import { withThreads } from '../src/source/diagnostics/words.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const schema = JSON.parse(readFileSync(join(root, 'schema', 'site.schema.json'), 'utf8'));

put('docs/inventory.md', 'keys', keyTable());
put('docs/rules.md', 'files', codeTable(FILE_CODES));
put('docs/rules.md', 'shape', codeTable(SHAPE_CODES));
put('docs/rules.md', 'references', codeTable(REFERENCE_CODES));
put('docs/rules.md', 'own', codeTable(OWN_CODES));
put('docs/rules.md', 'import', codeTable(IMPORT_CODES));
put('docs/rules.md', 'rules', ruleTable(rules));
put('docs/rules.md', 'across', codeTable(multiSiteRules));
put('docs/rules.md', 'values', ruleTable(valueRules));

/** Writes a text between the markers `<!-- name -->` and `<!-- /name -->` of a page. */
function put(page, name, text) {
  const path = join(root, page);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(
    new RegExp(`(<!-- ${name}[^>]*-->\n)[\\s\\S]*(\n<!-- /${name} -->)`),
    (_, begin, end) => `${begin}\n${text}${end}`,
  );
  if (!process.argv.includes('--check')) writeFileSync(path, after);
  else if (after !== before) {
    console.error(`${page} is not up to date: run \`npm run generate\``);
    process.exitCode = 1;
  }
}

function codeTable(codes) {
  const rows = codes.map(
    ({ code, severity, what, why }) =>
      `| \`${code}\` | ${severity} | ${cell(what)} | ${withThreads(cell(why), link)} |\n`,
  );
  return `| code | severity | requirement | reason |\n|---|---|---|---|\n${rows.join('')}`;
}

function ruleTable(list) {
  const rows = list.map(
    ({ code, severity, what, why, essential }) =>
      `| \`${code}\` | ${severity}${essential ? '\\*' : ''} | ${cell(what)} | ${withThreads(cell(why), link)} |\n`,
  );
  return `| code | severity | requirement | reason |\n|---|---|---|---|\n${rows.join('')}`;
}

function link(name, url) {
  return `[${name}](${url})`;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}

function keyTable() {
  const rows = keysBelow(schema, '').map(
    ({ path, description, example }) => `| \`${path}\` | ${description} | ${example} |\n`,
  );
  return `| key | description | example |\n|---|---|---|\n${rows.join('')}`;
}

/** Returns every key of a schema with its path; lists as `[]`, maps with free names as `<name>`. Lists a layer's keys once. */
function keysBelow(node, path) {
  const rows = [];
  for (const [key, raw] of Object.entries(node.properties ?? {})) {
    const here = path ? `${path}.${key}` : key;
    if (raw.$ref?.startsWith('#/$defs/layer/properties/')) continue;
    const value = resolve(raw);
    rows.push({ path: here, description: value.description ?? '', example: example(value) });
    if (raw.$ref?.startsWith('harvester/')) continue;
    if (key === 'clusters') continue;
    rows.push(...keysBelow(value, here));
    if (value.items) rows.push(...keysBelow(resolve(value.items), `${here}[]`));
    const named =
      typeof value.additionalProperties === 'object' ? resolve(value.additionalProperties) : undefined;
    if (named?.properties && key !== 'profiles') rows.push(...keysBelow(named, `${here}.<name>`));
  }
  return rows;
}

function resolve(node) {
  if (!node.$ref?.startsWith('#/')) return node;
  const target = node.$ref
    .slice(2)
    .split('/')
    .reduce((value, key) => value[key], schema);
  const { $ref, ...own } = node;
  return { ...resolve(target), ...own };
}

function example({ examples }) {
  if (!examples) return '';
  const text = JSON.stringify(examples[0]);
  return text.length > 90 ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}
