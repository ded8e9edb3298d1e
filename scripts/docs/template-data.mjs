// docs/reference/template-data.md, from the types in scripts/docs/template-data and their docstrings.
import { TEMPLATE_DATA, templateDeclarations } from './declarations.ts';
import { cell, code, linkTo, listed, table } from './page.mjs';

/** Types that are described on another page, or need no description, in words. */
const WORDS = {
  string: 'text',
  number: 'number',
  boolean: 'true or false',
  unknown: 'any value',
  Uint8Array: 'bytes',
  HarvesterConfig: '[map](harvester-config.md)',
  Facts: '[map](inventory.md#nodes) with `labels`, `disks`, `hardware`, `bmc` and `vm`',
};

/** Docstrings of properties that are the same in all types, for those that have none. */
const COMMON = { node: 'The node.', site: 'The whole site.' };

const { interfaces, aliases } = templateDeclarations();

/** Returns the section of each template: when it is rendered, and its data. */
export function templates() {
  return templateTypes()
    .map(
      ([template, type]) =>
        `### \`${template}.eta\`\n\n${cell(docOf(type))}\n\n${propertyTable(declaration(type).properties)}`,
    )
    .join('\n');
}

/** Returns the section of each type of a site, in the order of the sources. */
export function siteTypes() {
  return typeSections([...interfaces.keys()].filter((name) => isReached(name) && !isOfTemplate(name)));
}

/** Returns the section of each other type that the data of a template refers to, by name. */
export function otherTypes() {
  return typeSections([...interfaces.keys()].filter((name) => isReached(name) && isOfTemplate(name)).sort());
}

function typeSections(names) {
  return names
    .map((name) => {
      const { bases, own, properties } = declaration(name);
      const inherits = bases.length > 0 && own.length > 0;
      const beside = inherits ? `It has all of ${listed(bases.map((base) => linkTo(base)))}, and:\n\n` : '';
      return `### ${name}\n\n${cell(docOf(name))}\n\n${beside}${propertyTable(inherits ? own : properties)}`;
    })
    .join('\n');
}

const isOfTemplate = (name) => declaration(name).file.startsWith(TEMPLATE_DATA);

/** Whether the data of a template refers to a type, or has it by inheritance, without the types of whole templates. */
function isReached(name) {
  if (reached.size === 0) for (const [, type] of templateTypes()) reach(type);
  return reached.has(name) && !templateTypes().some(([, type]) => type === name);
}

const reached = new Set();

function templateTypes() {
  return declaration('TemplateData').properties.map(({ name, type }) => [name, type.replace(/^\w+\./, '')]);
}

function declaration(name) {
  const found = interfaces.get(name);
  if (!found) throw new Error(`scripts/docs/template-data.mjs does not know the type ${name}`);
  return found;
}

function docOf(name) {
  const { doc } = declaration(name);
  if (!doc) throw new Error(`the interface ${name} has no docstring`);
  return doc;
}

function reach(name) {
  if (reached.has(name)) return;
  reached.add(name);
  const { properties, bases } = declaration(name);
  if (!templateTypes().some(([, type]) => type === name)) for (const base of bases) reach(base);
  for (const { type } of properties)
    for (const [word] of type.matchAll(/\b[A-Z]\w+/g)) {
      const target = word in WORDS ? '' : (aliases.get(word) ?? word);
      for (const [inner] of target.matchAll(/\b[A-Z]\w+/g)) if (interfaces.has(inner)) reach(inner);
    }
}

function propertyTable(properties) {
  return table(
    ['Name', 'Type', 'Description'],
    properties.map((property) => [
      code(property.name),
      `${typeInWords(property.type)}${property.isOptional ? '; optional' : ''}`,
      cell(property.doc || COMMON[property.name] || ''),
    ]),
  );
}

/** Returns a TypeScript type in words, with links to the sections of types. Throws an error for a form that it cannot read. */
function typeInWords(type) {
  const text = type
    .replace(/^\((.*)\)$/, '$1')
    .replace(/^readonly /, '')
    .trim();
  if (text in WORDS) return WORDS[text];
  if (text.includes('=>')) return 'function';
  const list = /^(?:\((.*)\)|([^|]*))\[\]$/.exec(text);
  if (list) return `list of ${plural(typeInWords(list[1] ?? list[2]))}`;
  const record = /^Readonly<Record<string, ([^|]*)>>$/.exec(text);
  if (record) return record[1] === 'unknown' ? 'map' : `map of ${plural(typeInWords(record[1]))}`;
  if (text.includes(' | '))
    return listed(
      [
        ...new Set(
          text
            .split(' | ')
            .filter((one) => one !== 'undefined')
            .map(typeInWords),
        ),
      ],
      'or',
    );
  if (/^'[^']*'$/.test(text)) return code(text.slice(1, -1));
  if (text.startsWith('{'))
    return `map with ${listed(Array.from(text.matchAll(/(\w+\??):/g), ([, name]) => code(name)))}`;
  if (interfaces.has(text)) return linkTo(text);
  if (aliases.has(text)) return typeInWords(aliases.get(text));
  throw new Error(`scripts/docs/template-data.mjs cannot read the type ${type}`);
}

function plural(words) {
  return words.replace(/^(text|number|map|list)\b/, '$1s');
}
