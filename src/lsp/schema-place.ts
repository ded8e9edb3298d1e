import { followIn, type Part, partAt, siteSchema } from '../knowledge/schemas.ts';
import type { Path } from '../source/leaf.ts';

/** Returns the part of the schema of a site's file at a path; undefined for an unknown key. */
export function partAlong(path: Path): Part | undefined {
  return path.reduce<Part | undefined>((part, step) => part && partInside(part, step), siteSchema());
}

/** Returns the part for a key or an entry, also of a range of nodes; of alternatives, the first: that for a single node. */
export function partInside(part: Part, step: Path[number]): Part | undefined {
  const { patternProperties = {} } = part.schema;
  const named = Object.entries(patternProperties).find(([pattern]) =>
    new RegExp(pattern, 'u').test(`${step}`),
  );
  const found = named && typeof step === 'string' ? followIn(part.file, named[1]) : partAt(part, step);
  const [first] = found?.schema.anyOf ?? [];
  if (!found || !first) return found;
  const { schema, file } = followIn(found.file, first);
  return { schema: { ...schema, ...found.schema }, file };
}

/** The maps whose entries have the keys of a layer. */
const LAYERS = ['nodes.*', 'profiles.*', 'defaults'];

/** Returns a text that is equal for the same key of different nodes, layers, list entries and names; a label's value has its own. */
export function kindOfPlace(path: Path): string {
  let part: Part | undefined = siteSchema();
  const steps = path.map((step, index) => {
    const isName = part && index < path.length - 1 && !Object.hasOwn(part.schema.properties ?? {}, step);
    const shown = typeof step === 'number' ? '[]' : isName ? '*' : step;
    part = part && partInside(part, step);
    return shown;
  });
  const text = steps.join('.');
  const layer = LAYERS.find((layer) => text === layer || text.startsWith(`${layer}.`));
  return layer === undefined ? text : `layer${text.slice(layer.length)}`;
}

/** Returns the paths of the maps whose keys other values of a site name (`x-refers`). Computed once. */
export function namedMaps(): ReadonlySet<string> {
  maps ??= new Set(
    [...JSON.stringify(siteSchema().schema).matchAll(REFERS)].flatMap(([, path]) => path ?? []),
  );
  return maps;
}

let maps: ReadonlySet<string> | undefined;

const REFERS = /"x-refers":"([^"]+)"/g;
