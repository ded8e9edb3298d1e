import type { Medium } from './medium.ts';
import type { SiteMedia } from './site-media.ts';

/** Renders lists as one JSON document: schema/media.schema.json is its form. */
export function formatJson(lists: readonly SiteMedia[]): string {
  const sites = lists.map(({ site, media }) => ({ site: site.name, media: media.map(plain) }));
  return `${JSON.stringify({ sites }, null, 2)}\n`;
}

/** In the order of the schema; what is not known is not there. */
function plain({ url, kind, size, sha512, from, release, served, nodes }: Medium) {
  return { url, kind, size, sha512, from, release, served, nodes };
}
