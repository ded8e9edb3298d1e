import { nearest } from '../inventory/nearest.ts';
import { isBroken, keyPlaceOf } from '../origin.ts';
import { harvesterMedia } from '../tables/harvester-media.ts';
import type { Rule } from './rule.ts';

export const unknownPin: Rule = {
  code: 'unknown-pin',
  severity: 'error',
  what: 'A SHA-512 pin, or a size, is of a file that the site fetches.',
  why: 'A pin of a file that is never fetched protects nothing.',
  check({ clusters = [], sha512 = {}, size = {} }, report) {
    if (clusters.length === 0 || clusters.some((cluster) => !cluster?.version || !cluster.arch)) return;
    const files = clusters.flatMap((cluster) => {
      if (!cluster?.version || !cluster.arch) return [];
      const { kernel, initrd, rootfs, iso } = harvesterMedia(cluster.version.text, cluster.arch);
      return [kernel, initrd, rootfs, iso];
    });
    const unknown = [
      ...Object.keys(sha512).map((name) => ({ name, pins: sha512, what: 'pin protects' })),
      ...Object.keys(size).map((name) => ({ name, pins: size, what: 'size tells' })),
    ];
    for (const { name, pins, what } of unknown) {
      if (files.includes(name) || isBroken(pins, name)) continue;
      const meant = nearest(name, files);
      report({
        message: `No node of the site boots from ${name}, so its ${what} nothing.`,
        at: keyPlaceOf(pins, name),
        help: meant ? `did you mean ${meant}?` : `pins are for ${files.join(', ')}`,
      });
    }
  },
};
