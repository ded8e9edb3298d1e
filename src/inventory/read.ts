import { basename, resolve } from 'node:path';
import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import {
  copyKeys,
  hasErrors,
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
import { Disk } from './disk.ts';
import { expandRanges } from './expand-ranges.ts';
import { type InventoryFiles, readFiles } from './files.ts';
import { copyKey, layer } from './layer.ts';
import { checkSecrets } from './secrets.ts';
import { validateSchema } from './shape.ts';

/**
 * Reads a site's folder to one inventory whose shape is right: what is not is reported, and missing in what is given.
 * Gives undefined where the files could not be read at all.
 */
export function readInventory(
  folder: string,
  report: Report,
  disk = new Disk(),
): Draft<SiteInventory> | undefined {
  const files = readFiles(folder, report, disk);
  if (!files) return undefined;
  const inventory = combine(files, report);
  checkSecrets(inventory, report);
  validateSchema(inventory, report);
  // What should have been included could have said anything.
  if (isBroken(inventory, 'include') || hasErrors(Object(inventory.include))) return undefined;
  const site = inventory.site as string | undefined;
  if (site !== undefined && site !== basename(resolve(folder))) {
    report.error({
      code: 'site-name',
      message: `The site is called ${site}, and its folder ${basename(resolve(folder))}.`,
      at: locationOf(inventory, 'site'),
      help: `rename one of them: the name of the output folder, out/${site}, must tell where it comes from`,
    });
  }
  return inventory as unknown as Draft<SiteInventory>;
}

/**
 * Makes one inventory of a site's files. The site's own files add to each other: maps merge, and the same leaf set
 * twice is reported. The included ones lie below them as layers, in their order. Ranges of nodes are nodes then.
 */
export function combine(files: InventoryFiles, report: Report): ValueMap {
  const [root, ...others] = files.own.map((file) => file.content);
  const mine = new WeakSet<ValueMap>();
  const own = clone(root as ValueMap);
  for (const other of others) add(own, other, []);
  let below: ValueMap | undefined;
  // Each layer has ranges of its own: a layer above says of single nodes, or of other ranges, what it likes.
  for (const { content } of files.included) {
    const expanded = expandRanges(content, report);
    below = below ? layer(below, expanded) : expanded;
  }
  const above = expandRanges(own, report);
  const inventory = below ? layer(below, above) : above;
  sayIncludes(files, inventory);
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
          message: `${[...path, key].join('.')} is set in two files of the site: only one of the two could count.`,
          at: keyLocationOf(from, key),
          related: [{ message: 'the other is at', at: keyLocationOf(to, key) }],
          help: 'keep one of them; what several sites share belongs into a file that they include',
        });
      }
    }
  }
}

/**
 * What is included is read by now. What remains to be done is to check what each file says of it: all of the lists as
 * one, or the first that is no list.
 */
function sayIncludes({ own, included }: InventoryFiles, inventory: ValueMap): void {
  const saying = [...own, ...included].map((file) => file.content).filter((map) => 'include' in map);
  const [first] = saying;
  const odd = saying.find((map) => !Array.isArray(map.include));
  if (odd || saying.length < 2) {
    if (first) copyKey(inventory, odd ?? first, 'include');
    return;
  }
  const all = (saying as { include: Value[] }[]).flatMap(({ include }) =>
    include.map((value, index) => ({ value, at: locationOf(include, index) })),
  );
  inventory.include = locatedList(locationOf(first as ValueMap, 'include'), all);
}

function clone(map: ValueMap): ValueMap {
  const result: ValueMap = located(Object.create(null), selfLocation(map));
  copyKeys(result, map);
  return result;
}
