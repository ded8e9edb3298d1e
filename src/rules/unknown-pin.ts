import { bootedFiles, harvesterMedia } from '../knowledge/tables/harvester-media.ts';
import { hasKnownCluster } from '../site/cluster-shape.ts';
import { membersOf } from '../site/members.ts';
import { isBroken, keyPlaceOf } from '../source/origin.ts';
import { nearest } from '../values/nearest.ts';
import type { Rule } from './rule.ts';

export const unknownPin: Rule = {
  code: 'unknown-pin',
  severity: 'error',
  what: 'A SHA-512 pin, or a size, is of a file that a node of the site boots from.',
  why: 'A pin of a file that is never fetched protects nothing.',
  check(site, report) {
    const { clusters = [], sha512 = {}, size = {} } = site;
    if (Object.keys(sha512).length === 0 && Object.keys(size).length === 0) return;
    if (clusters.length === 0 || clusters.some((cluster) => !cluster?.version || !cluster.arch)) return;
    const isKnown =
      !isBroken(site, 'nodes') && (site.nodes ?? []).every((node) => node && hasKnownCluster(node));
    const files = clusters.flatMap((cluster) => {
      if (!cluster?.version || !cluster.arch || (isKnown && membersOf(cluster).length === 0)) return [];
      return bootedFiles(harvesterMedia(cluster.version.text, cluster.arch));
    });
    const unknown = [
      ...Object.keys(sha512).map((name) => ({ name, pins: sha512, what: 'pin protects' })),
      ...Object.keys(size).map((name) => ({ name, pins: size, what: 'size tells' })),
    ];
    for (const { name, pins, what } of unknown) {
      if (files.includes(name) || isBroken(pins, name)) continue;
      report({
        message: `No node of the site boots from ${name}, so its ${what} nothing.`,
        at: keyPlaceOf(pins, name),
        help: whatToDo(name, files),
      });
    }
  },
};

function whatToDo(name: string, files: readonly string[]): string {
  const meant = nearest(name, files);
  if (meant) return `did you mean ${meant}?`;
  return files.length > 0 ? `pins are for ${files.join(', ')}` : 'remove it: no node installs Harvester';
}
