import type { SiteMedia } from './site-media.ts';

/** Renders the URLs that a mirror is made from, each once and sorted, one a line. */
export function formatUrls(lists: readonly SiteMedia[]): string {
  const urls = lists.flatMap(({ media }) =>
    media.flatMap(({ from }) => (from && 'url' in from ? [from.url] : [])),
  );
  return [...new Set(urls)]
    .sort()
    .map((url) => `${url}\n`)
    .join('');
}
