import {
  GRUB_LOADERS,
  GRUB_MODULES,
  GRUB_PROGRAMS,
  IPXE_KERNEL,
  PXELINUX_PROGRAMS,
} from '../../knowledge/boot-programs.ts';
import { bootedFiles, RELEASES_URL } from '../../knowledge/harvester.ts';
import { installedReleases } from '../../site/clusters.ts';
import type { Cluster, Host, Site } from '../../site/model.ts';
import { servedImages } from '../../site/nodes.ts';
import { BUILD_IPXE, embedPath, FETCH_MEDIA, PUT_GRUB, PUT_PXELINUX } from '../../tree/paths.ts';
import { diskNodes } from '../iscsi/iscsi.ts';
import {
  buildOf,
  buildsIpxe,
  builtInOf,
  grubProgramsOf,
  hasEmbedded,
  hasPxelinux,
  imageProgramsOf,
  loadersOf,
  needsCa,
  needsOwnIpxe,
} from '../programs.ts';
import type { Emitted, Render, Target } from '../target.ts';
import { imageScripts } from './images.ts';

/** What a person would otherwise type. */
export const scripts: Target = {
  name: 'scripts',
  *emit(site, render) {
    yield* filled(site, render, FETCH_MEDIA, fetched(site));
    yield* filled(site, render, 'scripts/sign-media.sh', signed(site), 'scripts/sign-media-run.sh');
    yield* filled(site, render, BUILD_IPXE, builtIpxe(site));
    yield* filled(site, render, PUT_GRUB, grub(site));
    yield* filled(site, render, PUT_PXELINUX, pxelinux(site));
    yield* imageScripts(site, render);
    const clusters = clustersOnHost(site);
    yield* filled(site, render, 'scripts/wait-ready.sh', clusters);
    yield* filled(site, render, 'scripts/kubeconfig.sh', clusters);
  },
};

/**
 * A script whose template lies where the script does in the tree, and behind it parts that are scripts as they lie here; none where
 * the site has nothing for it.
 */
function* filled(
  site: Site,
  render: Render,
  path: string,
  data: object | undefined,
  ...parts: readonly string[]
): Iterable<Emitted> {
  if (!data) return;
  const content = [render(path, { site, ...data }), ...parts.map((part) => render(part, {}))].join('');
  yield { path, content, executable: true };
}

const mediaFolder = ({ server }: Site) => server.media.path ?? '/srv/harvgen/media';

/** Each release that a node installs, with its files and their pins; and what the boot server has of Linux. */
function fetched(site: Site) {
  const releases = installedReleases(site).map(({ version, arch, files }) => ({
    version,
    arch,
    checksums: files.checksums,
    files: bootedFiles(files).map((name) => ({ name, sha512: site.sha512[name] })),
  }));
  const images = servedImages(site);
  if (releases.length === 0 && !images) return undefined;
  return { releases, from: RELEASES_URL, folder: mediaFolder(site), images };
}

/** What iPXE itself loads of each release: it can verify nothing else. */
function signed(site: Site) {
  const { sign } = site.server;
  if (!sign) return undefined;
  const files = installedReleases(site).flatMap(({ version, files: { kernel, initrd } }) =>
    [kernel, initrd].map((name) => ({ version, name, sha512: site.sha512[name] })),
  );
  return { signer: sign.signer, media: mediaFolder(site), signatures: sign.path, files };
}

/** What iPXE for a site's machines is built of, where there is anything to build. */
function builtIpxe(site: Site) {
  if (!buildsIpxe(site)) return undefined;
  const { signs, https } = builtInOf(site);
  const images = hasEmbedded(site) ? imageProgramsOf(site).map((program) => imageOf(site, program)) : [];
  const loaders = loadersOf(site)
    .map(buildOf)
    .map((build) => ({ ...build, cross: crossOf(build.program) }));
  const isBios = ({ program }: { readonly program: string }) => program.startsWith('bin/');
  const crosses = new Set([...images, ...loaders].map(({ cross }) => cross));
  const ofImages = images.length > 0 ? ['iso', 'usb', 'efi'] : [];
  const ofLoaders = loaders.length > 0 ? ['loaders'] : [];
  return {
    script: hasEmbedded(site) ? embedPath(site) : undefined,
    authority: signs,
    https,
    needsCa: needsCa(site),
    /**
     * In CONFIG= and below config/local. The compiler takes it for words of C: a hyphen would end one, and `linux` is a macro.
     * Two names may come out as one; the script does not touch the other's.
     */
    config: `harvgen_${site.name.replaceAll('-', '_')}`,
    images,
    loaders,
    trust: [...(signs ? ['authority.crt'] : []), ...(https ? ['ca.pem'] : [])],
    // Beyond the default configuration. Source: iPXE, src/config/general.h.
    defines: [...(signs ? ['IMAGE_TRUST_CMD'] : []), ...(https ? ['DOWNLOAD_PROTO_HTTPS'] : [])],
    known: [...ofImages, ...ofLoaders],
    what: images.length > 0 ? ofImages : ['loaders'],
    bootsBios: images.find((image) => !('efi' in image))?.program,
    bios: [...(images.some(isBios) ? ['iso', 'usb'] : []), ...(loaders.some(isBios) ? ofLoaders : [])],
    x86: crosses.has('cross_x86'),
    arm64: crosses.has('cross'),
  };
}

/**
 * A program that images hold: what make calls it; if UEFI starts it, the name that it goes by on its own, and the one that
 * firmware looks for on a medium (UEFI specification, 3.5.1.1).
 */
function imageOf({ name }: Site, program: string) {
  const build = { program, cross: crossOf(program) };
  if (!program.endsWith('.efi')) return build;
  const isArm = program.includes('arm64');
  return {
    ...build,
    efi: isArm ? `${name}-arm64.efi` : `${name}.efi`,
    boot: isArm ? 'BOOTAA64.EFI' : 'BOOTX64.EFI',
  };
}

/** The variable of the script with the compiler's prefix, which is empty where the machine is one of that kind. */
function crossOf(program: string): string {
  return program.startsWith('bin-arm64') ? 'cross' : 'cross_x86';
}

/** How Red Hat's packages call the architectures of GRUB's formats. */
const RPM = { 'x86_64-efi': 'x64', 'arm64-efi': 'aa64' } as const;

/** What GRUB has to be put where firmware loads it, where a machine of the site does. */
function grub(site: Site) {
  const seconds = new Set(Object.values(GRUB_LOADERS).map(({ second }) => second));
  const programs = grubProgramsOf(site).flatMap((name) => {
    const program = GRUB_PROGRAMS[name];
    if (!program) return [];
    const rpm = 'format' in program ? RPM[program.format] : undefined;
    return [{ name, ...program, isSecond: seconds.has(name), rpm }];
  });
  return programs.length > 0 ? { programs, modules: GRUB_MODULES } : undefined;
}

/**
 * What PXELINUX has to be put where firmware loads it, where a machine of the site does; and where there are diskless nodes
 * at all, since the last one that did so leaves its menu behind there, which is still to be taken away.
 */
function pxelinux(site: Site) {
  const isLoaded = hasPxelinux(site);
  if (!isLoaded && site.images.length === 0 && diskNodes(site).length === 0) return undefined;
  const loaded = isLoaded ? PXELINUX_PROGRAMS : [];
  const isOwn = ({ name }: { readonly name: string }) => name === IPXE_KERNEL && needsOwnIpxe(site);
  return {
    isLoaded,
    programs: loaded.filter((program) => !isOwn(program)),
    own: loaded.filter(isOwn).map(({ name }) => name),
    build: BUILD_IPXE,
  };
}

/**
 * The clusters on a libvirt host, for what a person runs once its machines are on: one script waits until a cluster is
 * ready, and one fetches its kubeconfig. None where the site has no host, or no cluster on it.
 */
function clustersOnHost({ host, clusters }: Site) {
  const onHost = clusters.filter(({ members }) => members.length > 0);
  if (!host || onHost.length === 0) return undefined;
  return { clusters: onHost.map((cluster) => scriptCluster(cluster, host)) };
}

function scriptCluster(cluster: Cluster, host: Host) {
  const creates = cluster.members.filter(({ mode }) => mode === 'create');
  const others = cluster.members.filter(({ mode }) => mode !== 'create');
  return {
    name: cluster.name,
    vip: cluster.vip,
    // Harvester's web interface, and the Kubernetes API (RKE2).
    web: exposedAt(cluster, host, 443),
    api: exposedAt(cluster, host, 6443),
    // The nodes that may have a kubeconfig: a worker never becomes one that has the API.
    nodes: [...creates, ...others]
      .filter(({ role }) => role !== 'worker')
      .map(({ name, ip }) => ({ name, ip })),
  };
}

/** By which address, and which port where it is another, people reach a port of a cluster's VIP through the host. */
function exposedAt(cluster: Cluster, host: Host, to: number): string | undefined {
  // What listens at the loopback is for the host itself.
  const exposed = host.expose.find(
    (one) => one.cluster === cluster && one.to === to && !one.address?.startsWith('127.'),
  );
  const address = host.address ?? exposed?.address;
  if (!exposed || address === undefined) return undefined;
  return exposed.port === to ? address : `${address}:${exposed.port}`;
}
