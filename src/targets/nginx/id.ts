import type { Site } from '../../site/model.ts';

/** Gives what the names of nginx's variables for a site begin with. A name takes no hyphen. */
export function nginxId(site: Site): string {
  return `harvgen_${site.name.replaceAll('-', '_')}`;
}
