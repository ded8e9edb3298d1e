import { type Arch, bootedFiles, RELEASES_URL } from '../../knowledge/harvester.ts';
import { installedReleases } from '../../site/clusters.ts';
import type { Site } from '../../site/model.ts';
import { servedImages } from '../../site/nodes.ts';
import { FETCH_MEDIA } from '../../tree/paths.ts';
import type { Target } from '../target.ts';
import { buildIpxe } from './build-ipxe.ts';
import { clusterScripts } from './cluster-scripts.ts';
import { imageScripts } from './images.ts';
import { putGrub } from './put-grub.ts';
import { putPxelinux } from './put-pxelinux.ts';

const SIGN_MEDIA = 'scripts/sign-media.sh';

/** What a person would otherwise type. */
export const scripts: Target = {
  name: 'scripts',
  *emit(site, render) {
    const releases = releasesOf(site);
    const folder = site.server.media.path ?? '/srv/harvgen/media';
    const images = servedImages(site);
    if (releases.length > 0 || images) {
      const data = { site, releases, from: RELEASES_URL, folder, images };
      yield {
        path: FETCH_MEDIA,
        content: render('scripts/fetch-media.sh', data),
        executable: true,
      };
    }
    if (site.server.sign) {
      const { signer, path } = site.server.sign;
      const data = { site, signer, media: folder, signatures: path, files: verifiedFiles(site) };
      yield { path: SIGN_MEDIA, content: render('scripts/sign-media.sh', data), executable: true };
    }
    yield* buildIpxe(site, render);
    yield* putGrub(site, render);
    yield* putPxelinux(site, render);
    yield* imageScripts(site, render);
    yield* clusterScripts(site, render);
  },
};

interface Release {
  readonly version: string;
  readonly arch: Arch;
  readonly checksums: string;
  readonly files: readonly { readonly name: string; readonly sha512: string | undefined }[];
}

/** Each release that a node installs, with its files and their pins. */
function releasesOf(site: Site): Release[] {
  return installedReleases(site).map(({ version, arch, files }) => ({
    version,
    arch,
    checksums: files.checksums,
    files: bootedFiles(files).map((name) => ({ name, sha512: site.sha512[name] })),
  }));
}

/** What iPXE itself loads of each release: it can verify nothing else. */
function verifiedFiles(site: Site) {
  return installedReleases(site).flatMap(({ version, files: { kernel, initrd } }) =>
    [kernel, initrd].map((name) => ({ version, name, sha512: site.sha512[name] })),
  );
}
