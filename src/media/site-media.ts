import type { Site } from '../site/model.ts';
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
