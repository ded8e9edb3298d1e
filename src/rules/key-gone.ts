import { instead } from '../knowledge/harvester/instead.ts';
import { releaseKeys } from '../site/release-keys.ts';
import { keyPlaceOf } from '../source/origin.ts';
import type { Rule } from './rule.ts';

export const keyGone: Rule = {
  code: 'key-gone',
  severity: 'error',
  what: 'No key of a configuration is one that the release has no longer.',
  why: 'The installer drops a key that it once had without a word: what it was for does not happen.',
  check(site, report) {
    for (const { node, release, path, key, holder, schema, parent, available } of releaseKeys(site)) {
      if (available !== 'gone') continue;
      const other = instead(schema, parent, release);
      const until = schema['x-until'];
      report({
        node,
        message: until
          ? `${until} was the last Harvester release with ${path}: ${release.text} drops it without a word.`
          : `Harvester ${release.text} is a release without ${path}: it drops it without a word.`,
        at: keyPlaceOf(holder, key),
        help: other ? `use ${other}, which ${release.text} has: ${schema['x-instead-how']}` : 'remove it',
      });
    }
  },
};
