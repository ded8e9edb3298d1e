import { instead } from '../knowledge/harvester/instead.ts';
import { releaseKeys } from '../site/release-keys.ts';
import { keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

/** Where the installer does not drop what it does not know, but stops at it. */
const STRICT = /^system_settings\.[^.]+$/;

export const keyTooNew: Rule = {
  code: 'key-too-new',
  severity: 'error',
  what: 'Every key of a configuration exists in the release that reads it.',
  why: 'The installer drops a key that came later without a word, and stops at such a system setting (harvester/harvester#6329).',
  check(site, report) {
    for (const { node, release, path, key, holder, schema, parent, available } of releaseKeys(site)) {
      if (available !== 'too-new') continue;
      const since = schema['x-since'];
      const other = instead(schema, parent, release);
      report({
        node,
        message: `${path} came with Harvester ${since}: ${release.text} ${STRICT.test(path) ? 'stops at it' : 'drops it without a word'}.`,
        at: keyPlaceOf(holder, key),
        help: other
          ? `use ${other}, which ${release.text} has: ${schema['x-instead-how']}`
          : `remove it, or install ${since} or newer`,
      });
    }
  },
};
