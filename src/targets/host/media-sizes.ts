import { BOOTED } from '../../knowledge/harvester.ts';
import { installedReleases } from '../../site/clusters.ts';
import type { Site } from '../../site/model.ts';

/** What each kind of file takes at most, in bytes, where the inventory does not say it. Source: the releases up to v1.8. */
const AT_MOST = { kernel: 20e6, initrd: 200e6, rootfs: 1.5e9, iso: 7.5e9 } as const;

/** A file of a release on the boot server. */
export interface MediumFile {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** Gives Harvester's files that a site's machines fetch from a folder of the boot server, and how much room they take. */
export function mediaSizes(site: Site, folder: string): MediumFile[] {
  return installedReleases(site).flatMap(({ version, files }) =>
    BOOTED.map((kind) => ({
      path: `${folder}/${version}/${files[kind]}`,
      size: site.size[files[kind]] ?? AT_MOST[kind],
    })),
  );
}
