import { placeOf } from '../origin.ts';
import { marksOf } from '../secrets/marks-of.ts';
import type { Site } from '../site/model.ts';
import type { Rule } from './rule.ts';

/** Source: nginx, src/http/modules/ngx_http_sub_filter_module.c ("number of search patterns exceeds 255"). */
const MOST = 255;

export const tooManySecrets: Rule = {
  code: 'too-many-secrets',
  severity: 'warning',
  what: `The configurations of a site hold at most ${MOST} secrets for nginx to fill in, each counted once for text, JSON and YAML.`,
  why: 'With more nginx does not start: "number of search patterns exceeds 255". A tree that is built with the values needs nothing to be filled in.',
  check(site, report) {
    if (!site.nodes?.every((node) => node?.os && node.config)) return;
    const count = marksOf(site as Site).length;
    if (count <= MOST) return;
    report({
      message: `The configurations hold ${count} secrets, and nginx fills in ${MOST} at most: it would not start with the include of this site.`,
      at: placeOf(site, 'nodes'),
      help: 'use fewer, or build the tree with their values (`harvgen build --secrets`), into a folder that is not in git',
    });
  },
};
