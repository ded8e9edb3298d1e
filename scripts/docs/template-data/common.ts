import type { Site } from '../../../src/site/model.ts';

/** The data of a template that gets only the site. */
export interface SiteData {
  /** The whole site. */
  readonly site: Site;
}

/** Files that machines or the cluster download from a directory of the boot server. */
export interface ServedFolder {
  /** The directory on the boot server. */
  readonly folder: string;
  /** The paths of the files below it. */
  readonly files: readonly string[];
  /** The paths of the VM images below it, which only the cluster downloads. */
  readonly vmImages: readonly string[];
}
