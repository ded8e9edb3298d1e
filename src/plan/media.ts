import { createHash } from 'node:crypto';
import {
  DHCP_ARCHITECTURES,
  GRUB_LOADERS,
  GRUB_PROGRAMS,
  IPXE_PROGRAMS,
  PXELINUX_PROGRAMS,
} from '../knowledge/boot-programs.ts';
import { BOOTED, RELEASES_URL } from '../knowledge/harvester.ts';
import { digestOf } from '../knowledge/harvester-digests.ts';
import { installedReleases } from '../site/clusters.ts';
import { isoUrlFor } from '../site/management.ts';
import type { Node, Site } from '../site/model.ts';
import { placeholdersIn } from '../source/placeholders.ts';
import {
  BOOT_SCRIPT,
  CLOUD_INIT_FILES,
  cloudInitPath,
  cloudInitUrl,
  configPath,
  configUrl,
  furtherScriptPaths,
  GRUB_SCRIPT,
  loaderUrl,
  pxelinuxMenus,
  pxelinuxScript,
  scriptPath,
  signaturePath,
  TFTP,
  urlOf,
  WWW,
} from '../tree/paths.ts';
import { type File, type Tree, textOf } from '../tree/tree.ts';
import { groupedBy } from '../values/grouped.ts';
import { shownUrl } from '../values/urls.ts';
import { linuxImages } from './linux-images.ts';
import {
  cloudInitMedia,
  configurationMedia,
  isoMedium,
  isServed,
  MEDIUM_KINDS,
  type Medium,
  type MediumKind,
  otherMedia,
  type Source,
} from './medium.ts';
import { grubNodes, grubProgramsOf, loaderOf, needsOwnIpxe, pxelinuxNodes } from './programs.ts';
import { manifestRequests } from './requests.ts';

/**
 * Returns every URL that a site's machines request during boot and installation, in the order of the boot. A mirror of them is
 * enough for a site without internet, except URLs that cannot be mirrored: accounts, webhooks, settings.
 */
export function mediaOf(site: Site, tree: Tree): Medium[] {
  const own = [
    ...programMedia(site),
    ...treeMedia(site, tree),
    ...releaseMedia(site),
    ...linuxMedia(site),
    ...manifestMedia(site),
    ...configurationMedia(site),
    ...cloudInitMedia(site),
  ];
  const known = new Set(own.flatMap(({ url, from }) => (from && 'url' in from ? [url, from.url] : url)));
  // A URL that occurs several times is one medium with all its nodes.
  const byUrl = groupedBy([...own, ...otherMedia(site, tree, known)], ({ url }) => url);
  const rank = new Map(site.nodes.map(({ name }, index) => [name, index]));
  const position = (name: string) => rank.get(name) ?? rank.size;
  const kindOf = ({ kind }: Medium) => MEDIUM_KINDS.indexOf(kind);
  return Array.from(byUrl.values(), (same): Medium => {
    const nodes = [...new Set(same.flatMap((medium) => medium.nodes))];
    return { ...same[0], nodes: nodes.sort((a, b) => position(a) - position(b)) };
  }).sort((a, b) => kindOf(a) - kindOf(b) || (a.url < b.url ? -1 : 1));
}

/** Returns the boot files of DHCP: iPXE binaries, and GRUB and PXELINUX binaries for nodes that boot with them. */
function* programMedia(site: Site): Iterable<Medium> {
  if (!site.networks.some(({ dhcp }) => dhcp)) return;
  const nodes = site.nodes.filter(({ bootNic }) => bootNic.network.dhcp);
  const loadedBy = (loader: string) => namesOf(nodes.filter((node) => loaderOf(node) === loader));
  const tftp = (program: string) => `tftp://${site.server.host}/${program}`;
  const program = { kind: 'program', served: true } as const;
  for (const { transport, loader } of DHCP_ARCHITECTURES) {
    const url = transport === 'http' ? loaderUrl(site, loader) : tftp(loader);
    yield { ...program, url, from: sourceOf(site, loader), nodes: loadedBy(loader) };
  }
  // By TFTP and by HTTP; shim loads its files by the same protocol.
  const seconds = new Map(Object.values(GRUB_LOADERS).map(({ shim, second }) => [second, shim]));
  for (const name of grubProgramsOf(site)) {
    const from = { package: GRUB_PROGRAMS[name]?.package ?? name };
    for (const url of [tftp(name), loaderUrl(site, name)])
      yield { ...program, url, from, nodes: loadedBy(seconds.get(name) ?? name) };
  }
  // By TFTP: PXELINUX loads its files from its own directory.
  const byPxelinux = namesOf(pxelinuxNodes(site));
  for (const { name, package: from } of byPxelinux.length > 0 ? PXELINUX_PROGRAMS : []) {
    const source = name in IPXE_PROGRAMS ? sourceOf(site, name) : { package: from };
    yield { ...program, url: tftp(name), from: source, nodes: byPxelinux };
  }
}

/** An iPXE binary that trusts the site's own CA or authority is not in a package. */
function sourceOf(site: Site, loader: string): Source {
  const { build, package: name } = IPXE_PROGRAMS[loader] ?? { build: loader };
  return name === undefined || needsOwnIpxe(site) ? { build } : { package: name };
}

function* treeMedia(site: Site, tree: Tree): Iterable<Medium> {
  const inWww = (path: string, kind: MediumKind, nodes: readonly string[], url = urlOf(site, path)) =>
    fileMedia(tree.get(`${WWW}/${path}`), url, kind, nodes);
  yield* inWww(BOOT_SCRIPT, 'script', namesOf(site.nodes));
  yield* signatureMedia(site, BOOT_SCRIPT, namesOf(site.nodes));
  for (const node of site.nodes) {
    const nodes = [node.name];
    for (const path of [scriptPath(node), ...furtherScriptPaths(node)]) {
      yield* inWww(path, 'script', nodes);
      yield* signatureMedia(site, path, nodes);
    }
    if (node.os === 'harvester')
      yield* inWww(configPath(node), 'configuration', nodes, configUrl(site, node));
    for (const file of node.cloudInit ? CLOUD_INIT_FILES : []) {
      const url = `${cloudInitUrl(site, node)}${file}`;
      yield* inWww(`${cloudInitPath(node)}${file}`, 'configuration', nodes, url);
    }
  }
  const byGrub = grubNodes(site);
  yield* inWww(GRUB_SCRIPT, 'script', namesOf(byGrub.map(({ node }) => node)));
  for (const { node, paths } of byGrub) for (const path of paths) yield* inWww(path, 'script', [node.name]);
  for (const node of pxelinuxNodes(site))
    for (const path of [...pxelinuxMenus(node), pxelinuxScript(node)]) {
      const url = `tftp://${site.server.host}/${path}`;
      yield* fileMedia(tree.get(`${TFTP}/${path}`), url, 'script', [node.name]);
    }
  // The nodes that request a site file are unknown.
  for (const { path } of site.files)
    if (path.startsWith(`${WWW}/`)) yield* inWww(path.slice(WWW.length + 1), 'file', []);
}

function* signatureMedia(site: Site, path: string, nodes: readonly string[]): Iterable<Medium> {
  const url = urlOf(site, signaturePath(path));
  if (site.server.sign) yield { url, kind: 'signature', served: true, nodes };
}

function* fileMedia(file: File | undefined, url: string, kind: MediumKind, nodes: readonly string[]) {
  if (file) yield { url, kind, ...measured(file, kind), served: true, nodes };
}

/** A configuration or a script with placeholders has no fixed content. */
function measured(file: File, kind: MediumKind): Pick<Medium, 'size' | 'sha512'> {
  if ((kind === 'configuration' || kind === 'script') && placeholdersIn(textOf(file)).length > 0) return {};
  const bytes = typeof file.content === 'string' ? Buffer.from(file.content) : file.content;
  return { size: bytes.length, sha512: createHash('sha512').update(bytes).digest('hex') };
}

function* releaseMedia(site: Site): Iterable<Medium> {
  const { server, sha512, size } = site;
  for (const { version, arch, files, nodes: members } of installedReleases(site)) {
    const nodes = namesOf(members);
    const release = { version, arch };
    const upstream = (name: string) => `${RELEASES_URL}/${version}/${name}`;
    const ofKinds = BOOTED.flatMap((kind) => {
      const url = `${server.media.url}/${version}/${files[kind]}`;
      // The installer may fetch the ISO over another network.
      const urls = kind === 'iso' ? members.map((node) => isoUrlFor(node, url, server)) : [url];
      return [...new Set(urls)].map((url) => ({ kind, url }));
    });
    for (const { kind, url } of ofKinds) {
      const name = files[kind];
      yield {
        url,
        kind,
        size: size[name],
        sha512: digestOf(sha512, name),
        from: { url: upstream(name) },
        release,
        served: server.media.path !== undefined,
        nodes,
      };
    }
    // Pinned files need no checksum file.
    if (BOOTED.some((kind) => !digestOf(sha512, files[kind]))) {
      const url = upstream(files.checksums);
      yield { url, kind: 'checksums', from: { url }, release, served: false, nodes: [] };
    }
    for (const kind of ['kernel', 'initrd'] as const)
      yield* signatureMedia(site, `harvester/${version}/${files[kind]}`, nodes);
  }
}

function* linuxMedia(site: Site): Iterable<Medium> {
  for (const { url, kind, path, nodes } of linuxImages(site)) {
    const shown = { url: shownUrl(url) };
    const served = path !== undefined;
    yield { ...shown, kind, from: served ? undefined : shown, served, nodes: namesOf(nodes) };
  }
}

/** Returns the VM images and upgrades of manifests, which the cluster downloads. */
function* manifestMedia(site: Site): Iterable<Medium> {
  for (const { kind, url, sha512 } of manifestRequests(site)) {
    const served = isServed(site, url);
    const shown = shownUrl(url);
    const from = served ? undefined : { url: shown };
    if (kind === 'release') yield { ...isoMedium(site, url), nodes: [] };
    else yield { url: shown, kind: 'image', sha512, from, served, nodes: [] };
  }
}

function namesOf(nodes: readonly Pick<Node, 'name'>[]): string[] {
  return nodes.map(({ name }) => name);
}
