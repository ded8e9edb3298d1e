import { posix } from 'node:path';
import type { Site } from '../site/model.ts';
import { cloudInitFiles, isFileMap } from '../site/written-files.ts';
import { type Place, placeKey, placeOf } from '../source/origin.ts';
import type { Draft } from '../values/draft.ts';
import type { Rule } from './rule.ts';

export const cloudConfigFileTwice: Rule = {
  code: 'cloud-config-file-twice',
  severity: 'error',
  what: 'No two entries of one list of `write_files` of cloud-config write the same file, but for one that says `append: true`.',
  why: 'They are written in their order: of the first nothing is left.',
  check(site, report) {
    const groupOf = groupsOfEntries(site);
    const seen = new Map<object, Map<string, Place>>();
    for (const { node, name, entry, at } of cloudInitFiles(site)) {
      if (!isFileMap(entry)) continue;
      const { path, append = false, defer = false } = entry;
      if (typeof path !== 'string' || path.includes('${secret:')) continue;
      const first = seen.get(node) ?? new Map<string, Place>();
      seen.set(node, first);
      const file = posix.normalize(path);
      // A node's entry may replace what a group has for others, and a deferred one what stands there until then.
      const key = JSON.stringify([name, groupOf.get(placeKey(at)), isTrue(defer), file]);
      const before = first.get(key);
      if (!before) first.set(key, placeOf(entry, 'path'));
      if (!before || isTrue(append)) continue;
      report({
        node,
        oncePerPlace: true,
        message: `write_files of ${name} writes ${file} twice: what this entry holds replaces what an earlier one does.`,
        at: placeOf(entry, 'path'),
        related: [{ message: 'it is written first at', at: before }],
        help: 'keep one of the two, or say `append: true` of this one',
      });
    }
  },
};

/** Gives the group that says each entry, by the place of the entry; those of layers are of none. */
function groupsOfEntries({ groups = [] }: Draft<Site>): ReadonlyMap<string, string> {
  const groupOf = new Map<string, string>();
  for (const group of groups) {
    const { name, userData } = group ?? {};
    if (!group || name === undefined || userData === undefined) continue;
    // All that a text of cloud-config says stands at the place of the text.
    groupOf.set(placeKey(placeOf(group, 'userData')), name);
    const entries: unknown = typeof userData === 'object' ? userData.write_files : undefined;
    if (!Array.isArray(entries)) continue;
    for (const index of entries.keys()) groupOf.set(placeKey(placeOf(entries, index)), name);
  }
  return groupOf;
}

/** Whether cloud-init takes a value for true. Source: cloud-init, util.py (translate_bool). */
function isTrue(value: unknown): boolean {
  return value === true || /^(true|1|on|yes)$/i.test(String(value).trim());
}
