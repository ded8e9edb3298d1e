import type { Report } from '../source/diagnostics/report.ts';
import { copyKeys, keyPlaceOf, located, placeOf, selfPlace, setPlace } from '../source/origin.ts';
import { isValueMap, type Value, type ValueMap } from '../source/value.ts';
import { bareMap } from '../values/bare-map.ts';
import { expandRanges } from './expand-ranges.ts';
import type { InventoryFiles } from './files.ts';
import { copyKey, layer } from './layer.ts';

/**
 * Makes one inventory of a site's files. The site's own files add to each other: maps merge, and the same leaf set
 * twice is reported. The included ones lie below them as layers, in their order. Ranges of nodes are nodes then.
 */
export function combine(files: InventoryFiles, report: Report): ValueMap {
  const [root, ...others] = files.own.map((file) => file.content);
  const work: Work = { mine: new WeakSet(), report };
  const own = clone(root as ValueMap);
  for (const other of others) add(own, other, [], work);
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
  const all: Value[] = located([], placeOf(first as ValueMap, 'include'));
  for (const { include } of saying as { include: Value[] }[]) {
    include.forEach((name, index) => {
      setPlace(all, all.length, placeOf(include, index));
      all.push(name);
    });
  }
  inventory.include = all;
}

/** Adds the values of one map to another that is `mine`: made here, and so free to change. */
function add(mine: ValueMap, from: ValueMap, path: readonly string[], work: Work): void {
  for (const [key, value] of Object.entries(from)) {
    const there = mine[key];
    if (there === undefined) {
      copyKey(mine, from, key);
    } else if (isValueMap(there) && isValueMap(value)) {
      const map = work.mine.has(there) ? there : clone(there);
      work.mine.add(map);
      mine[key] = map;
      add(map, value, [...path, key], work);
    } else if (!(path.length === 0 && key === 'include')) {
      work.report.error({
        code: 'set-twice',
        message: `${[...path, key].join('.')} is set in two files of the site: only one of the two could count.`,
        at: keyPlaceOf(from, key),
        related: [{ message: 'the other is at', at: keyPlaceOf(mine, key) }],
        help: 'keep one of them; what several sites share belongs into a file that they include',
      });
    }
  }
}

interface Work {
  readonly mine: WeakSet<ValueMap>;
  readonly report: Report;
}

function clone(map: ValueMap): ValueMap {
  const result: ValueMap = located(bareMap(), selfPlace(map));
  copyKeys(result, map);
  return result;
}
