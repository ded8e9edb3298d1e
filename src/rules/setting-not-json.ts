import { parseJsonMap } from '../knowledge/harvester/json-map.ts';
import { releaseKeys } from '../site/release-keys.ts';
import { placeOf } from '../source/origin.ts';
import { isAtLeast } from '../values/version.ts';
import type { Rule } from './rule.ts';

const SETTING = /^system_settings\.[^.]+$/;
const SECRET = /\$\{secret:[^}]*\}/g;
const ONLY_SECRET = /^\s*\$\{secret:[^}]*\}\s*$/;

export const settingNotJson: Rule = {
  code: 'setting-not-json',
  severity: 'error',
  what: 'A system setting that holds a map is written as one, or as its JSON in a string.',
  why: 'Harvester reads the string as JSON and takes nothing else: the setting does not hold, and with such a containerd-registry the installer stops ("could not parse containerd-registry as JSON").',
  check(site, report) {
    for (const { node, release, path, key, holder, value, schema, available } of releaseKeys(site)) {
      if (available !== 'present' || !SETTING.test(path) || typeof value !== 'string') continue;
      // What became a map later is still taken as the plain text that it was.
      if (![schema.type].flat().includes('object') || schema['x-since-types']?.object) continue;
      // Empty is unset, but for the one setting that the installer itself parses.
      const mayBeEmpty = key !== 'containerd-registry' || !isAtLeast(release, 'v1.2.2');
      if ((value === '' && mayBeEmpty) || isJsonMap(value)) continue;
      report({
        node,
        message: `${path} is a string that is no JSON of a map: Harvester would not take it.`,
        at: placeOf(holder, key),
        help: `write ${schema['x-expects']}: harvgen makes the JSON of a map`,
      });
    }
  },
};

/** Says whether a string holds the JSON of a map, or a secret as a whole, which may be one. */
function isJsonMap(text: string): boolean {
  return ONLY_SECRET.test(text) || parseJsonMap(text.replace(SECRET, '0')) !== undefined;
}
