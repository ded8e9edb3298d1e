import type { Site } from '../../site/model.ts';
import { WWW } from '../../tree/paths.ts';
import { serverOf, shownUrl } from '../../values/shown-url.ts';
import type { MediumKind } from './medium.ts';

const URLS = /https?:\/\/[^\s'"`<>|;&()\\]+/g;

/** What a configuration has a machine fetch or ask, as it may be shown. */
export interface Asked {
  readonly url: string;
  readonly kind: MediumKind;
}

/** Gives the URLs in a text, as they stand in it. */
export function urlsInText(text: string): string[] {
  return Array.from(text.matchAll(URLS), ([url]) => url);
}

/** Gives what the URLs in commands ask for. Whoever knows the path may call: of others than the boot server it is not shown. */
export function askedByCommand(site: Site, command: string): Asked[] {
  return urlsInText(command).map((url) => ({
    url: isServed(site, url) ? shownUrl(url) : serverOf(url),
    kind: 'command',
  }));
}

/** Says whether the boot server has what a URL leads to. */
export function isServed({ server, files }: Site, url: string): boolean {
  if (!url.startsWith(`${server.url}/`)) return false;
  const path = url.slice(server.url.length + 1);
  if (path.startsWith('harvester/')) return server.media.path !== undefined;
  if (path.startsWith('images/')) return server.images.path !== undefined;
  return files.some((file) => file.path === `${WWW}/${path}`);
}
