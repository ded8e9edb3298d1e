import type { Site } from '../../site/model.ts';
import { type Arch, harvesterMedia, RELEASES_URL } from '../../tables/harvester-media.ts';
import type { Target } from '../target.ts';

/** What a person would otherwise type. */
export const scripts: Target = {
  name: 'scripts',
  *emit(site, render) {
    const releases = releasesOf(site);
    if (releases.length === 0) return;
    const data = {
      site,
      releases,
      from: RELEASES_URL,
      folder: site.server.media.path ?? '/srv/harvgen/media',
    };
    yield {
      path: 'scripts/fetch-media.sh',
      content: render('scripts/fetch-media.sh', data),
      executable: true,
    };
  },
};

interface Release {
  readonly version: string;
  readonly arch: Arch;
  readonly checksums: string;
  readonly files: readonly { readonly name: string; readonly sha512: string | undefined }[];
}

/** Each release that a node installs, once, with its files and their pins. */
function releasesOf(site: Site): Release[] {
  const releases = new Map<string, Release>();
  for (const { version, arch, members } of site.clusters) {
    if (members.length === 0 || releases.has(`${version.text} ${arch}`)) continue;
    const { kernel, initrd, rootfs, iso, checksums } = harvesterMedia(version.text, arch);
    const files = [kernel, initrd, rootfs, iso].map((name) => ({ name, sha512: site.sha512[name] }));
    releases.set(`${version.text} ${arch}`, { version: version.text, arch, checksums, files });
  }
  return [...releases.values()];
}
