import { harvesterMedia } from '../../knowledge/tables/harvester-media.ts';
import type { Site } from '../../site/model.ts';
import type { Medium } from './medium.ts';

/** The list of a site. */
export interface SiteMedia {
  readonly site: Site;
  /** The site's folder, as it was named. */
  readonly folder: string;
  readonly media: readonly Medium[];
}

/** Gives the folder and the name of a release's file below a mirror: what stands behind the place of all releases. */
export function mediaPath({ url, release }: Medium): string | undefined {
  return release && `${release.version}/${url.replace(/^.*\//, '')}`;
}

/** Gives the files of releases that can be pinned, by folder and name, each once; another ISO than the whole one cannot. */
export function pinnable(media: readonly Medium[]): Map<string, Medium> {
  return new Map(
    media.flatMap((medium) => {
      const { release, kind, url } = medium;
      if (!release || kind === 'checksums') return [];
      const files: string[] = Object.values(harvesterMedia(release.version, release.arch));
      const isKnown = files.some((name) => url.endsWith(`/${name}`));
      return isKnown ? [[mediaPath(medium) ?? '', medium] as const] : [];
    }),
  );
}
