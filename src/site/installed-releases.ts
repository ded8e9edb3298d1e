import { type Arch, harvesterMedia, type Media } from '../knowledge/tables/harvester-media.ts';
import type { Node, Site } from './model.ts';

/** A Harvester release that machines of a site install. */
export interface InstalledRelease {
  /** With its leading v. */
  readonly version: string;
  readonly arch: Arch;
  readonly files: Media;
  /** Who installs it. */
  readonly nodes: readonly Node[];
}

/** Gives each release that a cluster with members installs, once. */
export function installedReleases({ clusters }: Pick<Site, 'clusters'>): InstalledRelease[] {
  const releases = new Map<string, InstalledRelease>();
  for (const { version, arch, members } of clusters) {
    if (members.length === 0) continue;
    const key = `${version.text} ${arch}`;
    const { nodes = [] } = releases.get(key) ?? {};
    const files = harvesterMedia(version.text, arch);
    releases.set(key, { version: version.text, arch, files, nodes: [...nodes, ...members] });
  }
  return [...releases.values()];
}
