// The generated tables of docs/reference/import-mappings.md: the formats of `harvgen import`, and the variables that it ignores.

import { IMPORT_FORMATS, JOINED_FORMATS } from '../../src/import/import-formats.ts';
import { harvesterCloud } from '../../src/import/tfvars/variables.ts';
import { PROVIDERS } from '../../src/knowledge/cloud-providers.ts';
import { cell, code, table } from './page.mjs';

/** Returns a table of all formats, with the files and options that each accepts. */
export function importFormatTable() {
  const alone = IMPORT_FORMATS.map(({ name, what, takes }) => [
    code(name),
    cell(what),
    'one',
    optionsOf(takes),
  ]);
  const joined = JOINED_FORMATS.map(({ name, what }) => [
    code(name),
    cell(what),
    'any, `--join`',
    optionsOf(['harvesterVersion', 'server', 'subnet']),
  ]);
  return table(['format', 'content', 'files', 'options'], [...alone, ...joined]);
}

/** Returns a table of the variables of harvester-cloud that a site does not contain, with the advice for each. */
export function ignoredVariableTable() {
  const ignored = Object.entries(harvesterCloud().variables).filter(
    ([, { instead }]) => instead !== undefined,
  );
  const rows = ignored.map(([name, { only, instead }]) => [
    code(name),
    only ? only.map((provider) => PROVIDERS[provider].title).join(', ') : 'all',
    cell(instead),
  ]);
  return table(['variable', 'providers', 'instead'], rows);
}

function optionsOf(names) {
  return names
    .map((name) => code(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`))
    .join(', ');
}
