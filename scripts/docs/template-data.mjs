// docs/reference/template-data.md: the data of each template and the types of a site, from the code.
import { descriptionOf, docOf, mergedShape, withTemplateTypes } from '../template-types.mjs';
import { cell, code, linkTo, listed, table } from './page.mjs';

/** Types that another page describes, or that are no maps of a site, in words. */
const WORDS = {
  string: 'text',
  number: 'number',
  boolean: 'true or false',
  unknown: 'any value',
  'Uint8Array<ArrayBufferLike>': 'bytes',
  HarvesterConfig: '[map](harvester-config.md)',
  Facts: '[map](inventory.md#nodes) with `labels`, `disks`, `hardware`, `bmc` and `vm`',
};

/** Descriptions of properties that are the same everywhere, for those without a docstring. */
const COMMON = new Map([
  ['node', 'The node.'],
  ['site', 'The whole site.'],
]);

const sections = withTemplateTypes((types, checker) => {
  /** The named types that templates reach, with their sections, in the order in which they are met. */
  const named = new Map();
  const templates = [...types].map(([name, found]) => {
    const { properties } = mergedShape(found, checker, true);
    return `### \`${name}.eta\`\n\n${cell(descriptionOf(name))}\n\n${tableOf(properties, reach)}`;
  });
  return { templates, types: [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, section]) => section) };

  /** Returns a named type as a link to its section, which it adds. */
  function reach(name, type) {
    if (!named.has(name)) {
      named.set(name, undefined);
      const doc = docOf(type.getSymbol(), checker);
      if (!doc) throw new Error(`the type ${name}, which a template reads, has no docstring`);
      const { properties } = mergedShape([type], checker, true);
      named.set(name, `### ${name}\n\n${cell(doc)}\n\n${tableOf(properties, reach)}`);
    }
    return linkTo(name);
  }
});

/** Returns the section of each template: when it is rendered, and its data. */
export function templates() {
  return sections.templates.join('\n');
}

/** Returns the section of each type with a name that the data of a template contains. */
export function namedTypes() {
  return sections.types.join('\n');
}

function tableOf(properties, reach) {
  return table(['Name', 'Type', 'Description'], rowsOf(properties, '', reach));
}

/** Returns a row for each property, and below it rows for those of the map that it is, or of the maps in its list. */
function rowsOf(properties, prefix, reach) {
  return properties.flatMap((property) => {
    const name = `${prefix}${property.name}`;
    const words = `${wordsOf(property, reach)}${property.isOptional ? '; optional' : ''}`;
    const row = [code(name), words, cell(property.doc || (COMMON.get(property.name) ?? ''))];
    const { properties: inner = [], path } = innermost(property);
    return [row, ...rowsOf(inner, `${name}${path}.`, reach)];
  });
}

function innermost(shape, path = '') {
  if (shape.list) return innermost(shape.list, `${path}[]`);
  return shape.map ? innermost(shape.map, `${path}.*`) : { ...shape, path };
}

/** Returns a type in words, with a link to the section of a named type. */
function wordsOf({ text, type, list, map, union, properties }, reach) {
  if (properties) return 'map';
  if (list) return `list of ${plural(wordsOf(list, reach))}`;
  if (map?.text === 'unknown') return 'map';
  if (map) return `map of ${plural(wordsOf(map, reach))}`;
  if (union) {
    const words = new Set(union.map((shape) => wordsOf(shape, reach)));
    return listed(
      [...words].filter((word) => !(words.has('text') && /^`.*`$/.test(word))),
      'or',
    );
  }
  if (Object.hasOwn(WORDS, text)) return WORDS[text];
  if (text.includes('=>')) return 'function';
  const literal = /^"(.*)"$/.exec(text);
  if (literal) return code(literal[1]);
  if (text.startsWith('`')) return 'text';
  if (/^\d/.test(text)) return 'number';
  if (/^[A-Z]\w*$/.test(text)) return reach(text, type);
  return code(text);
}

function plural(words) {
  return words.replace(/^(text|number|map|list)\b/, '$1s');
}
