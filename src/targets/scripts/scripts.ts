import type { Site } from '../../site/model.ts';
import { type Arch, harvesterMedia, RELEASES_URL } from '../../tables/harvester-media.ts';
import type { Target } from '../target.ts';

const FETCH_MEDIA = 'scripts/fetch-media.sh';
const SIGN_MEDIA = 'scripts/sign-media.sh';

/** What a person would otherwise type. */
export const scripts: Target = {
  name: 'scripts',
  *emit(site, render) {
    const releases = releasesOf(site);
    const folder = site.server.media.path ?? '/srv/harvgen/media';
    if (releases.length > 0) {
      const data = { site, releases, from: RELEASES_URL, folder };
      yield {
        path: FETCH_MEDIA,
        content: render('scripts/fetch-media.sh', data),
        executable: true,
      };
    }
    if (site.server.sign) {
      const { signer, path } = site.server.sign;
      const data = { site, signer, media: folder, signatures: path, files: releases.flatMap(bootedOf) };
      yield { path: SIGN_MEDIA, content: render('scripts/sign-media.sh', data), executable: true };
    }
  },
};

interface Release {
  readonly version: string;
  readonly arch: Arch;
  readonly checksums: string;
  readonly files: readonly { readonly name: string; readonly sha512: string | undefined }[];
}

/** What iPXE itself loads of a release: it can verify nothing else. */
function bootedOf({ version, arch, files }: Release) {
  const { kernel, initrd } = harvesterMedia(version, arch);
  return files.flatMap(({ name, sha512 }) =>
    name === kernel || name === initrd ? [{ version, name, sha512 }] : [],
  );
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
