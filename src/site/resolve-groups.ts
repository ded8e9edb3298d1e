import type { SiteInventory } from '../knowledge/site-inventory.gen.ts';
import type { Report } from '../source/diagnostics/report.ts';
import { brokenKeys, isBroken, keyPlaceOf, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import { build } from './build.ts';
import type { Group } from './model.ts';

/** Makes the groups of an inventory, in its order. */
export function resolveGroups({ groups = {} }: Draft<SiteInventory>): Draft<Group>[] {
  return Object.entries(groups).flatMap(([name, group]) => {
    if (!group) return [];
    const { description, cloud_init: cloudInit } = group;
    const { user_data: userData, meta_data: metaData } = cloudInit ?? {};
    return [
      build<Draft<Group>>(
        { name, description, userData, metaData },
        cloudInit ?? group,
        { userData: 'user_data', metaData: 'meta_data' },
        keyPlaceOf(groups, name),
      ),
    ];
  });
}

const NONE: Draft<Group>[] = [];

const byName = new WeakMap<readonly Draft<Group>[], ReadonlyMap<string | undefined, Draft<Group>>>();

/** The groups of a site by their names: gone through once for all its nodes. */
function namesOf(groups: readonly Draft<Group>[]): ReadonlyMap<string | undefined, Draft<Group>> {
  const known = byName.get(groups) ?? new Map(groups.map((group) => [group.name, group]));
  byName.set(groups, known);
  return known;
}

/** Gives the groups that a node lists, in its order; reports those that there are not, and those that it lists again. */
export function groupsOf(
  node: { readonly groups?: readonly (string | undefined)[] },
  groups: readonly Draft<Group>[],
  inventory: Draft<SiteInventory>,
  report: Report,
): Draft<Group>[] {
  const { groups: names } = node;
  if (!names) return NONE;
  const complete = !isBroken(inventory, 'groups') && brokenKeys(inventory.groups ?? {}).length === 0;
  return names.flatMap((name, index) => {
    const found = namesOf(groups).get(name);
    const first = names.indexOf(name);
    if (found && first < index) {
      report.error({
        code: 'group-twice',
        message: `The group ${name} is listed twice.`,
        at: placeOf(names, index),
        related: [{ message: 'it is listed first at', at: placeOf(names, first) }],
        help: 'take one of the two out; the order of groups is that in which they count',
      });
      return [];
    }
    if (found) return [found];
    if (name !== undefined && complete)
      report.error({
        code: 'unknown-group',
        message: `There is no group ${name}.`,
        at: placeOf(names, index),
        help: `known groups: ${groups.map((group) => group.name).join(', ') || `none: define it, \`groups: {${name}: {}}\``}`,
      });
    return [];
  });
}
