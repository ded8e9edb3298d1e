// docs/reference/inventory.md, from src/knowledge/site.schema.json.
import { cell, code, linkTo, table } from './page.mjs';
import { exampleOf, mapsBelow, schemaIn, typeOf } from './schema.mjs';

/** Keys whose own keys are in another section, or on another page: by the path, the link. */
const ELSEWHERE = {
  'clusters.<name>': linkTo('cluster', 'as `cluster`'),
  defaults: linkTo('nodes', 'as a node'),
  'profiles.<name>': linkTo('nodes', 'as a node'),
  'nodes.<name>.config': '[Harvester configuration](harvester-config.md)',
};

const NODE = 'nodes.<name>.';

/** Returns the generated part of the page: a section for each map of the inventory. */
export function inventoryKeys() {
  const schema = schemaIn('site.schema.json');
  const layer = new Set(Object.keys(schema.$defs.layer.properties));
  const [root, ...maps] = mapsBelow(schema, schema, (path) => path in ELSEWHERE);
  const sections = new Map(maps.map((map) => [map.path, headingOf(map.path)]));
  const keyTable = (keys) => table(['Key', 'Type', 'Description', 'Example'], keys.map(row));
  const row = ({ path, name, isRequired, schema: part }) => {
    const inner = [path, `${path}.<name>`, `${path}[]`].find((one) => sections.has(one));
    const elsewhere = ELSEWHERE[path] ?? ELSEWHERE[`${path}.<name>`];
    const type = typeOf(part, schema) + (elsewhere ? `, ${elsewhere}` : '');
    return [
      inner ? linkTo(sections.get(inner), code(name)) : code(name),
      isRequired ? `${type}; required` : type,
      cell(part.description ?? ''),
      exampleOf(part),
    ];
  };
  const tables = ({ path, keys }) => {
    if (`${path}.` !== NODE) return [keyTable(keys)];
    return [
      'These keys are of a node alone:\n',
      keyTable(keys.filter(({ name }) => !layer.has(name))),
      'These keys may also be in `defaults` and `profiles.<name>`:\n',
      keyTable(keys.filter(({ name }) => layer.has(name))),
    ];
  };
  return [
    '## Top level\n',
    ...tables(root),
    ...maps.flatMap((map) => [
      `${/[.[]/.test(map.path.replace(/\.<name>$/, '')) ? '###' : '##'} ${code(headingOf(map.path))}\n`,
      ...(map.schema.description && !map.path.endsWith('.<name>')
        ? [`${cell(map.schema.description)}\n`]
        : []),
      ...tables(map),
    ]),
  ].join('\n');
}

/** Returns the heading of a map: its path without the names that the user chooses; without `nodes` if it is in a node. */
function headingOf(path) {
  const short = path.startsWith(NODE) ? path.slice(NODE.length) : path;
  return short.replaceAll('.<name>', '').replaceAll('[]', '');
}
