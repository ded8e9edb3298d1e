import { nearest } from '../inventory/nearest.ts';
import { isBroken, keyPlaceOf } from '../origin.ts';
import { harvesterMedia } from '../tables/harvester-media.ts';
import type { Rule } from './rule.ts';

export const unknownPin: Rule = {
  code: 'unknown-pin',
  severity: 'error',
  what: 'A SHA-512 pin is of a file that the site fetches.',
  why: 'A pin of a file that is never fetched protects nothing.',
  check({ clusters = [], sha512 }, report) {
    if (!sha512 || clusters.length === 0 || clusters.some((cluster) => !cluster?.version || !cluster.arch))
      return;
    const files = clusters.flatMap((cluster) => {
      if (!cluster?.version || !cluster.arch) return [];
      const { kernel, initrd, rootfs, iso } = harvesterMedia(cluster.version.text, cluster.arch);
      return [kernel, initrd, rootfs, iso];
    });
    for (const name of Object.keys(sha512)) {
      if (files.includes(name) || isBroken(sha512, name)) continue;
      const meant = nearest(name, files);
      report({
        message: `No node of the site boots from ${name}, so its pin protects nothing.`,
        at: keyPlaceOf(sha512, name),
        help: meant ? `did you mean ${meant}?` : `pins are for ${files.join(', ')}`,
      });
    }
  },
};
