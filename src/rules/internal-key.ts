import { releaseKeys } from '../site/release-keys.ts';
import { keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const internalKey: Rule = {
  code: 'internal-key',
  severity: 'warning',
  what: "A configuration leaves alone what is the installer's own.",
  why: 'The versions of what a release is made of are built into it: a node that is told others looks for images that the ISO does not carry.',
  check(site, report) {
    for (const { node, path, key, holder, schema, available } of releaseKeys(site)) {
      if (available !== 'present' || !schema['x-internal']) continue;
      report({
        node,
        message: `${path} is the installer's own. ${schema['x-internal']}`,
        at: keyPlaceOf(holder, key),
        help: 'remove it',
      });
    }
  },
};
