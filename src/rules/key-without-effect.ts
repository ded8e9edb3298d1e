import { hasNoEffect } from '../knowledge/harvester/availability.ts';
import { releaseKeys } from '../site/release-keys.ts';
import { keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const keyWithoutEffect: Rule = {
  code: 'key-without-effect',
  severity: 'warning',
  what: 'Every key of a configuration does something.',
  why: 'Some keys are read and never used, in official examples too (`default_route`, `values_content`): what they seem to say does not happen.',
  check(site, report) {
    for (const { node, release, path, key, holder, schema, available } of releaseKeys(site)) {
      if (available !== 'present' || !hasNoEffect(schema, release)) continue;
      report({
        node,
        message: `${path} has no effect in Harvester ${release.text}. ${schema['x-no-effect']}`,
        at: keyPlaceOf(holder, key),
        help: 'remove it',
      });
    }
  },
};
