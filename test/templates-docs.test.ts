import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TEMPLATE_DATA, templateDeclarations } from '../scripts/docs/declarations.ts';
import { compile } from '../src/compile.ts';
import { Report } from '../src/source/diagnostics/report.ts';
import { selfLocation } from '../src/source/origin.ts';
import { emitTargets } from '../src/targets/emit.ts';
import { rendererOf } from '../src/targets/render.ts';
import { builtInNames, builtInSource } from '../src/targets/templates/template.ts';
import { everySite } from './support/every-site.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const page = read('docs/reference/template-data.md');
const SITES = everySite();
const test = suite('docs/reference/template-data.md');
const { interfaces, aliases } = templateDeclarations();

/** Returns the first column of the first table below a heading. */
function namesBelow(heading: string): string[] {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [body = ''] = section.split('\n## ')[0]?.split('\n### ') ?? [];
  return Array.from(body.matchAll(/^\| `([\w/.-]+)` \|/gm), ([, name = '']) => name);
}

test('has a section for every built-in template, with exactly the values that the template gets', async () => {
  const passed = new Map(builtInNames().map((name) => [name, new Set<string>()]));
  for (const folder of SITES) {
    const { site } = await compile(folder);
    assert.ok(site);
    const render = rendererOf(new Map(), selfLocation(site), new Report());
    emitTargets(site, (template, data) => {
      for (const key of Object.keys(data)) passed.get(template)?.add(key);
      return render(template, data);
    });
  }
  const listed = namesBelow('Plain scripts');
  const asTheyAre = builtInNames().filter((name) => !builtInSource(name).file.endsWith('.eta'));
  assert.equal(listed, asTheyAre);
  for (const [name, keys] of passed) {
    assert.is(keys.size > 0, !asTheyAre.includes(name), name);
    if (keys.size > 0) assert.equal(namesBelow(`\`${name}.eta\``).sort(), [...keys].sort(), name);
  }
  const sections = Array.from(page.matchAll(/^### `(.*)\.eta`$/gm), ([, name]) => name);
  assert.equal(
    sections,
    [...passed.keys()].filter((name) => !asTheyAre.includes(name)),
  );
});

test('the types describe exactly the values that templates get', async () => {
  const types = new Map(interfaces.get('TemplateData')?.properties.map(({ name, type }) => [name, type]));
  const seen = new Set<string>();
  for (const folder of SITES) {
    const { site } = await compile(folder);
    assert.ok(site);
    const checked = new Map<unknown, Set<string>>();
    const render = rendererOf(new Map(), selfLocation(site), new Report());
    emitTargets(site, (template, data) => {
      const type = types.get(template)?.replace(/^\w+\./, '');
      if (type) assert.is(mismatch(data, type, template, checked, seen), undefined);
      return render(template, data);
    });
  }
  // The types of a site are those of the code, which uses every property.
  const declared = [...interfaces.values()].flatMap(({ name, own, file }) =>
    file.startsWith(TEMPLATE_DATA) && name !== 'TemplateData'
      ? own.map((property) => `${name}.${property.name}`)
      : [],
  );
  assert.equal(
    declared.filter((name) => !seen.has(name)),
    [],
  );
});

/** Types whose values the inventory's schema describes. */
const OF_SCHEMA = ['HarvesterConfig', 'Facts'];

/**
 * Returns the first difference between a value and its type, or undefined. Adds to `seen` the properties that have a value; `checked`
 * contains the objects that were compared already, each with its types.
 */
function mismatch(
  value: unknown,
  type: string,
  at: string,
  checked: Map<unknown, Set<string>>,
  seen: Set<string>,
): string | undefined {
  const text = type.replace(/^\((.*)\)$/, '$1').replace(/^readonly /, '');
  const inner = (one: unknown, type: string, name: string) =>
    mismatch(one, type, `${at}${name}`, checked, seen);
  const wrong = `${at} is not ${text}`;
  const list = /^(?:\((.*)\)|([^|]*))\[\]$/.exec(text);
  if (list) {
    if (!Array.isArray(value)) return wrong;
    return firstOf(value.map((one, index) => inner(one, list[1] ?? list[2] ?? '', `[${index}]`)));
  }
  const alternatives = /=>|^\{/.test(text) ? [text] : text.split(' | ');
  if (alternatives.length > 1)
    return alternatives.some((one) => inner(value, one, '') === undefined) ? undefined : wrong;
  const alias = aliases.get(text);
  if (text === 'unknown' || OF_SCHEMA.includes(text)) return undefined;
  if (text === 'Uint8Array') return value instanceof Uint8Array ? undefined : wrong;
  if (text.includes('=>')) return typeof value === 'function' ? undefined : wrong;
  if (text.startsWith("'")) return value === text.slice(1, -1) ? undefined : wrong;
  if (['string', 'number', 'boolean'].includes(text)) return typeof value === text ? undefined : wrong;
  if (typeof value !== 'object' || value === null) return alias ? inner(value, alias, '') : wrong;
  const record = /^Readonly<Record<string, (.*)>>$/.exec(text);
  if (record)
    return firstOf(Object.entries(value).map(([key, one]) => inner(one, record[1] ?? '', `.${key}`)));
  const declaration = interfaces.get(text);
  if (!declaration) return alias ? inner(value, alias, '') : text.startsWith('{') ? undefined : wrong;
  const types = checked.get(value) ?? new Set();
  if (types.has(text)) return undefined;
  checked.set(value, types.add(text));
  const known = new Map(declaration.properties.map((property) => [property.name, property]));
  const stray = Object.keys(value).find((key) => !known.has(key));
  if (stray !== undefined) return `${at}.${stray} is not in ${text}`;
  return firstOf(
    declaration.properties.map(({ name, type, isOptional }) => {
      const one = (value as Record<string, unknown>)[name];
      if (one === undefined) return isOptional ? undefined : `${at}.${name} is missing`;
      for (const owner of [text, ...basesOf(text)]) seen.add(`${owner}.${name}`);
      return inner(one, type, `.${name}`);
    }),
  );
}

function firstOf(found: readonly (string | undefined)[]): string | undefined {
  return found.find((one) => one !== undefined);
}

function basesOf(name: string): string[] {
  return interfaces.get(name)?.bases.flatMap((base) => [base, ...basesOf(base)]) ?? [];
}

test('has a table for every part of a site, with all its properties', () => {
  const parts = Array.from(
    read('src/site/model.ts').matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms),
    ([, name = '', body = '']) =>
      [name, Array.from(body.matchAll(/^ {2}readonly (\w+)\??:/gm), ([, key]) => key)] as const,
  );
  assert.ok(parts.length > 8);
  for (const [name, keys] of parts) assert.equal(namesBelow(name).sort(), keys.sort(), name);
});

test('lists the quoting rules of each ending', () => {
  const endings = new Set(builtInNames().map((name) => name.split('.').at(-1)));
  for (const ending of endings) assert.match(page, `\n| \`${ending}\` | `);
});

test('the paths of the templates exist', () => {
  for (const name of builtInNames()) {
    const { file, text } = builtInSource(name);
    assert.is(read(`src/targets/${file}`), text);
  }
});

test.run();
