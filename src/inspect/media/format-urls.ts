import type { Medium } from './medium.ts';
import type { SiteMedia } from './site-media.ts';

/** Renders the URLs of the releases' files, which a mirror is made from, each once and sorted, one a line. */
export function formatUrls(lists: readonly SiteMedia[]): string {
  const urls = lists.flatMap(({ media }) =>
    media.flatMap(({ from, release }) => (release && from && 'url' in from ? [from.url] : [])),
  );
  return [...new Set(urls)]
    .sort()
    .map((url) => `${url}\n`)
    .join('');
}

/**
 * Gives what is to be had by URL, and is left out there, each once: what is no file of a release does not lie in a mirror of
 * releases, and its login is not shown.
 */
export function leftOut(media: readonly Medium[]): string[] {
  return media.flatMap(({ from, release }) => (!release && from && 'url' in from ? [from.url] : []));
}
