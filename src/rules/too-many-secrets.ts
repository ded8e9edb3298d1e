import { marksOf } from '../secrets/marks-of.ts';
import type { Site } from '../site/model.ts';
import { placeOf } from '../source/origin.ts';
import { MOST_FILTERS } from '../targets/nginx/include.ts';
import type { Rule } from './rule.ts';

export const tooManySecrets: Rule = {
  code: 'too-many-secrets',
  severity: 'warning',
  what: `The scripts and configurations of a site hold at most ${MOST_FILTERS} secrets for nginx to fill in, each counted once for text, JSON and YAML.`,
  why: 'With more nginx does not start: "number of search patterns exceeds 255". A tree that is built with the values needs nothing to be filled in.',
  check(site, report) {
    if (!site.nodes?.every((node) => node?.os)) return;
    const count = marksOf(site as Site).length;
    if (count <= MOST_FILTERS) return;
    report({
      message: `The scripts and configurations hold ${count} secrets, and nginx fills in ${MOST_FILTERS} at most: it would not start with the include of this site.`,
      at: placeOf(site, 'nodes'),
      help: 'use fewer, or build the tree with their values (`harvgen build --secrets`), into a folder that is not in git',
    });
  },
};
