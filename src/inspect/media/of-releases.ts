import { BOOTED, RELEASES_URL } from '../../knowledge/tables/harvester-media.ts';
import { type InstalledRelease, installedReleases } from '../../site/installed-releases.ts';
import type { Site } from '../../site/model.ts';
import { signaturePath, urlOf } from '../../tree/paths.ts';
import type { Medium } from './medium.ts';

/** Gives the files of each release that a site installs, and the signatures of what iPXE loads of them. */
export function* releaseMedia(site: Site): Iterable<Medium> {
  for (const release of installedReleases(site)) yield* ofRelease(site, release);
}

function* ofRelease(
  site: Site,
  { version, arch, files, nodes: members }: InstalledRelease,
): Iterable<Medium> {
  const { server, sha512, size } = site;
  const release = { version, arch };
  const nodes = members.map(({ name }) => name);
  const upstream = (name: string) => `${RELEASES_URL}/${version}/${name}`;
  for (const kind of BOOTED) {
    const name = files[kind];
    yield {
      url: `${server.media.url}/${version}/${name}`,
      kind,
      size: size[name],
      sha512: sha512[name],
      from: { url: upstream(name) },
      release,
      served: server.media.path !== undefined,
      nodes,
    };
  }
  // What is pinned is not looked up.
  if (BOOTED.some((kind) => !sha512[files[kind]])) {
    const url = upstream(files.checksums);
    yield { url, kind: 'checksums', from: { url }, release, served: false, nodes: [] };
  }
  if (!server.sign) return;
  for (const kind of ['kernel', 'initrd'] as const) {
    const url = urlOf(site, signaturePath(`harvester/${version}/${files[kind]}`));
    yield { url, kind: 'signature', served: true, nodes };
  }
}
