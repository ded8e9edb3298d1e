import type { Cluster, Site } from '../site/model.ts';
import { harvesterMedia, RELEASES_URL } from '../tables/harvester-media.ts';
import { signaturePath, urlOf } from '../targets/paths.ts';
import type { Medium } from './medium.ts';

/** The files of a release that a machine boots from, by what they are for. */
const BOOTED = ['kernel', 'initrd', 'rootfs', 'iso'] as const;

/** Gives the files of each release that a cluster with members installs, and the signatures of what iPXE loads of them. */
export function* releaseMedia(site: Site): Iterable<Medium> {
  for (const cluster of site.clusters) if (cluster.members.length > 0) yield* ofCluster(site, cluster);
}

function* ofCluster(site: Site, { version, arch, members }: Cluster): Iterable<Medium> {
  const { server, sha512, size } = site;
  const files = harvesterMedia(version.text, arch);
  const release = { version: version.text, arch };
  const nodes = members.map(({ name }) => name);
  const upstream = (name: string) => `${RELEASES_URL}/${version.text}/${name}`;
  for (const kind of BOOTED) {
    const name = files[kind];
    yield {
      url: `${server.media.url}/${version.text}/${name}`,
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
    const url = urlOf(site, signaturePath(`harvester/${version.text}/${files[kind]}`));
    yield { url, kind: 'signature', served: true, nodes };
  }
}
