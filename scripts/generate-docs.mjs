// Writes the manual page, and the parts of docs/ that are generated from the sources, each between the marks `<!-- name: … -->` and `<!-- /name -->` of a
// page. The generators are in scripts/docs/. With --check it writes nothing, and exits with 1 if a page differs. Run by tsx, because
// the generators import the sources.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from './docs/cli.mjs';
import { harvesterKeys } from './docs/harvester-config.mjs';
import { ignoredVariableTable, importFormatTable } from './docs/import-mappings.mjs';
import { installedKeys } from './docs/installed-keys.mjs';
import { inventoryKeys } from './docs/inventory.mjs';
import { manPage } from './docs/man.mjs';
import { releases } from './docs/releases.mjs';
import { rules } from './docs/rules.mjs';
import { namedTypes, templates } from './docs/template-data.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

put('docs/reference/cli.md', 'commands', commands());
put('docs/reference/harvester-config.md', 'keys', harvesterKeys());
put('docs/reference/import-mappings.md', 'formats', importFormatTable());
put('docs/reference/import-mappings.md', 'ignored-variables', ignoredVariableTable());
put('docs/reference/installed-keys.md', 'keys', installedKeys());
put('docs/reference/inventory.md', 'keys', inventoryKeys());
put('docs/reference/releases.md', 'releases', releases());
put('docs/reference/rules.md', 'rules', rules());
put('docs/reference/template-data.md', 'templates', templates());
put('docs/reference/template-data.md', 'types', namedTypes());
write('man/harvgen.1', manPage());

/** Writes a text between the marks of a page, or with --check compares it. Throws an error if the page does not have the marks. */
function put(page, name, text) {
  const before = readFileSync(join(root, page), 'utf8');
  const [start, end] = [`<!-- ${name}: generated`, `\n<!-- /${name} -->`];
  const [from, to] = [before.indexOf('\n', before.indexOf(start)), before.indexOf(end)];
  if (!before.includes(start) || to < from) throw new Error(`${page} does not have the marks of ${name}`);
  const after = `${before.slice(0, from)}\n\n${text}${before.slice(to)}`;
  write(page, after);
}

/** Writes a page, or with --check compares it. */
function write(page, text) {
  const path = join(root, page);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`${page} differs from its source: run \`npm run generate\``);
    process.exitCode = 1;
  }
}
