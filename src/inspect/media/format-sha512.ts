import type { Medium } from './medium.ts';
import { mediaPath, pinnable, type SiteMedia } from './site-media.ts';

/** Renders what `sha512sum -c` reads in the media folder: the digests that are pinned, each once. */
export function formatSha512(lists: readonly SiteMedia[]): string {
  const lines = lists.flatMap(({ media }) =>
    media.flatMap((medium) =>
      medium.release && medium.sha512 ? [`${medium.sha512}  ${mediaPath(medium)}\n`] : [],
    ),
  );
  return [...new Set(lines)].sort((a, b) => (a.slice(128) < b.slice(128) ? -1 : 1)).join('');
}

/** Gives the files of releases that are not pinned, and could be, by folder and name, each once. */
export function unpinned(media: readonly Medium[]): string[] {
  return [...pinnable(media)].flatMap(([path, { sha512 }]) => (sha512 ? [] : [path]));
}
