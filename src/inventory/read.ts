import { basename, resolve } from 'node:path';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  copyKeys,
  isBroken,
  isValueMap,
  keyLocationOf,
  located,
  locatedList,
  locationOf,
  selfLocation,
  type Value,
  type ValueMap,
} from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { canonicalizeConfigs } from './canonical-config.ts';
import { Disk } from './disk.ts';
import { expandRanges } from './expand-ranges.ts';
import { type InventoryFiles, readFiles } from './files.ts';
import { copyKey, layer } from './layer.ts';
import { type ManifestDocuments, readManifests } from './manifests.ts';
import { checkSecrets } from './secrets.ts';
import { validateSchema } from './validate-schema.ts';

/** The content of a site's directory, apart from its templates and files. */
export interface SiteContent {
  readonly inventory: Draft<SiteInventory>;
  /** The Kubernetes objects of its clusters, the lowest layer first. */
  readonly manifests: ManifestDocuments;
}

/**
 * Reads a site's directory: its files to one inventory that matches the schema, and its manifests. Reports and removes invalid
 * values of the inventory. Returns undefined if the files are unreadable.
 */
export function readSite(folder: string, report: Report, disk = new Disk()): SiteContent | undefined {
  const files = readFiles(folder, report, disk);
  const inventory = files && inventoryOf(folder, files, report);
  return inventory && { inventory, manifests: readManifests(files, report, disk) };
}

function inventoryOf(
  folder: string,
  files: InventoryFiles,
  report: Report,
): Draft<SiteInventory> | undefined {
  // Before layers of several files meet: each may spell a key in its own way.
  for (const { content } of [...files.own, ...files.included]) canonicalizeConfigs(content);
  const inventory = combine(files, report);
  checkSecrets(inventory, report);
  validateSchema(inventory, report);
  // An included file that is missing could contain anything.
  if (isBroken(inventory, 'include') || isBroken(Object(inventory.include))) return undefined;
  const site = inventory.site as string | undefined;
  if (site !== undefined && site !== basename(resolve(folder))) {
    report.error({
      code: 'site-name',
      message: `The site is named ${site}, but its directory ${basename(resolve(folder))}.`,
      at: locationOf(inventory, 'site'),
      help: `rename one of them: the output directory, out/${site}, must identify its source`,
    });
  }
  return inventory as unknown as Draft<SiteInventory>;
}

/**
 * Combines the files of a site into one inventory. The site's own files complement each other: maps merge, and a value that is
 * set twice is an error. Included files are lower layers, in order. Expands ranges of nodes.
 */
export function combine(files: InventoryFiles, report: Report): ValueMap {
  const [root, ...others] = files.own.map((file) => file.content);
  const mine = new WeakSet<ValueMap>();
  const own = clone(root as ValueMap);
  for (const other of others) add(own, other, []);
  let below: ValueMap | undefined;
  // Each layer has its own ranges: a higher layer may refer to single nodes, or to other ranges.
  for (const { content } of files.included) {
    const expanded = expandRanges(content, report);
    below = below ? layer(below, expanded) : expanded;
  }
  const above = expandRanges(own, report);
  const inventory = below ? layer(below, above) : above;
  setIncludes(files, inventory);
  return inventory;

  function add(to: ValueMap, from: ValueMap, path: readonly string[]): void {
    for (const [key, value] of Object.entries(from)) {
      const there = to[key];
      if (there === undefined) {
        copyKey(to, from, key);
      } else if (isValueMap(there) && isValueMap(value)) {
        const map = mine.has(there) ? there : clone(there);
        mine.add(map);
        to[key] = map;
        add(map, value, [...path, key]);
      } else if (!(path.length === 0 && key === 'include')) {
        report.error({
          code: 'set-twice',
          message: `${[...path, key].join('.')} is set in two files of the site: only one value can apply.`,
          at: keyLocationOf(from, key),
          related: [{ message: 'the other is at', at: keyLocationOf(to, key) }],
          help: 'keep one of them; or put a value that several sites share in an included file',
        });
      }
    }
  }
}

/** Sets `include` for the schema check, after the files have been read: all lists as one, or the first value that is not a list. */
function setIncludes({ own, included }: InventoryFiles, inventory: ValueMap): void {
  const maps = [...own, ...included].map((file) => file.content).filter((map) => 'include' in map);
  const [first] = maps;
  const odd = maps.find((map) => !Array.isArray(map.include));
  if (odd || maps.length < 2) {
    if (first) copyKey(inventory, odd ?? first, 'include');
    return;
  }
  const all = (maps as { include: Value[] }[]).flatMap(({ include }) =>
    include.map((value, index) => ({ value, at: locationOf(include, index) })),
  );
  inventory.include = locatedList(locationOf(first as ValueMap, 'include'), all);
}

function clone(map: ValueMap): ValueMap {
  const result: ValueMap = located(Object.create(null), selfLocation(map));
  copyKeys(result, map);
  return result;
}
