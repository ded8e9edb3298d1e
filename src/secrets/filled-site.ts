import type { Site } from '../site/model.ts';
import { copyWith } from '../source/origin.ts';

/** Gives a site as it is when its tree holds the values of its secrets: nginx then fills nothing in. */
export function filledSite(site: Site): Site {
  return copyWith(site, { server: copyWith(site.server, { secrets: undefined }) });
}
