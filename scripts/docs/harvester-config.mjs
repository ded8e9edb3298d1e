// docs/reference/harvester-config.md, from src/knowledge/harvester/config.schema.json.
import { OLDEST_RELEASE } from '../../src/knowledge/harvester.ts';
import { cell, code, linkTo, listed, table } from './page.mjs';
import { exampleOf, mapsBelow, schemaIn, typeOf } from './schema.mjs';

/** Returns the generated part of the page: a section for each map of the configuration. */
export function harvesterKeys() {
  const schema = schemaIn('harvester/config.schema.json');
  const maps = mapsBelow(schema, schema, () => false);
  const paths = maps.map(({ path }) => path);
  const headings = new Map(paths.map((path) => [path, headingOf(path, paths)]));
  const row = ({ path, name, schema: part }) => {
    const inner = [path, `${path}.<name>`, `${path}[]`].find((one) => headings.has(one));
    return [
      inner ? linkTo(headings.get(inner), code(name)) : code(name),
      `${typeOf(part, schema)}${requiredIn(part)}`,
      releasesOf(part),
      (part['x-modes'] ?? []).length === 1 ? code(part['x-modes'][0]) : 'both',
      cell([part.description, ...notesOf(part)].filter(Boolean).join(' ')),
      exampleOf(part),
    ];
  };
  return maps
    .flatMap(({ path, schema: { description }, keys }) => [
      `${path === '' || !/[.[]/.test(path) ? '##' : '###'} ${path === '' ? 'Top level' : code(headings.get(path))}\n`,
      ...(description && path !== '' ? [`${cell(description)}\n`] : []),
      table(['Key', 'Type', 'Releases', 'Mode', 'Description', 'Example'], keys.map(row)),
    ])
    .join('\n');
}

/** Returns the releases that have a key, in words. */
export function releasesOf(part) {
  const since = part['x-since'] ?? OLDEST_RELEASE;
  const until = part['x-until'];
  const absent = part['x-absent'] ? `, not ${listed(part['x-absent'])}` : '';
  if (until) return since === until ? `only ${since}` : `${since} to ${until}${absent}`;
  return since === OLDEST_RELEASE && !absent ? 'all' : `from ${since}${absent}`;
}

function requiredIn({ 'x-required': modes }) {
  if (!modes) return '';
  return modes.length > 1 ? '; required' : `; required with mode ${code(modes[0])}`;
}

function notesOf(part) {
  const effect = part['x-no-effect'];
  const since = part['x-no-effect-since'];
  return [
    part['x-secret'] && 'Secret.',
    ...sinceNotes(part['x-since-types']).map(([type, from]) => `As ${type}: from ${from}.`),
    ...sinceNotes(part['x-since-values']).map(([value, from]) => `${code(value)}: from ${from}.`),
    part['x-instead'] && `Releases without it: use ${code(part['x-instead'])}; ${part['x-instead-how']}.`,
    effect && `No effect${since ? ` from ${since}` : ''}: ${effect}`,
    part['x-internal'] && `Do not set it: ${part['x-internal']}`,
  ].filter(Boolean);
}

function sinceNotes(since) {
  return Object.entries(since ?? {})
    .filter(([, release]) => release !== OLDEST_RELEASE)
    .map(([what, release]) => [{ object: 'a map', array: 'a list', string: 'text' }[what] ?? what, release]);
}

/** Returns the heading of a map. One that may be a list of maps instead has two headings, the second with its brackets. */
function headingOf(path, paths) {
  const short = path.replaceAll('.<name>', '');
  return paths.includes(path.replace(/\[\]$/, '')) && path.endsWith('[]')
    ? short
    : short.replaceAll('[]', '');
}
