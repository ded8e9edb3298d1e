import {
  GRUB_LOADERS,
  GRUB_MODULES,
  GRUB_PROGRAMS,
  IPXE_KERNEL,
  PXELINUX_PROGRAMS,
} from '../../knowledge/boot-programs.ts';
import { CREDENTIAL, DUMP_HEADER, DUMPED } from '../../knowledge/cluster-dump.ts';
import { bootedFiles, RELEASES_URL } from '../../knowledge/harvester.ts';
import { digestOf } from '../../knowledge/harvester-digests.ts';
import { diskNodes } from '../../plan/iscsi.ts';
import { servedImages } from '../../plan/linux-images.ts';
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
} from '../../plan/programs.ts';
import { installedReleases } from '../../site/clusters.ts';
import { upgradeReleases } from '../../site/manifests.ts';
import type { Cluster, Host, Site } from '../../site/model.ts';
import {
  BUILD_IPXE,
  DUMP_CLUSTER,
  embedPath,
  FETCH_MEDIA,
  PUT_GRUB,
  PUT_PXELINUX,
} from '../../tree/paths.ts';
import { urlHost } from '../../values/addresses.ts';
import type { Emitted, Target } from '../target.ts';
import { imageScripts } from './images.ts';

/** Scripts with the commands of operators. */
export const scripts: Target = {
  name: 'scripts',
  *emit(site, render) {
    /** Yields a script whose template has its path in the tree, followed by plain scripts; nothing if the site does not need it. */
    function* renderScript(
      path: string,
      data: object | undefined,
      ...parts: readonly string[]
    ): Iterable<Emitted> {
      if (!data) return;
      const content = [render(path, data), ...parts.map((part) => render(part, {}))].join('');
      yield { path, content, executable: true };
    }
    yield* renderScript(FETCH_MEDIA, fetched(site));
    yield* renderScript('scripts/sign-media.sh', signed(site), 'scripts/sign-media-run.sh');
    yield* renderScript(BUILD_IPXE, builtIpxe(site));
    yield* renderScript(PUT_GRUB, grub(site));
    yield* renderScript(PUT_PXELINUX, pxelinux(site));
    yield* imageScripts(site, render);
    const clusters = clustersOnHost(site);
    yield* renderScript('scripts/wait-ready.sh', clusters);
    yield* renderScript('scripts/kubeconfig.sh', clusters);
    yield* renderScript(DUMP_CLUSTER, dumped(site));
  },
};

/** Returns what a dump of a Harvester cluster contains; undefined for a site without one. */
function dumped(site: Site) {
  if (site.clusters.every(({ members }) => members.length === 0)) return undefined;
  return { site, resources: Object.keys(DUMPED), header: DUMP_HEADER, credential: CREDENTIAL };
}

const mediaFolder = ({ server }: Site) => server.media.path ?? '/srv/harvgen/media';

/** Returns each installed release, with its files and their pins, the ISOs of upgrades, and the images of the boot server. */
function fetched(site: Site) {
  const releases = installedReleases(site).map(({ version, arch, files }) => ({
    version,
    arch,
    checksums: files.checksums,
    files: bootedFiles(files).map((name) => ({ name, sha512: digestOf(site.sha512, name) })),
  }));
  const installed = new Set(releases.map(({ version, arch }) => `${version} ${arch}`));
  for (const { version, arch, files } of upgradeReleases(site))
    if (!installed.has(`${version} ${arch}`)) {
      const iso = { name: files.iso, sha512: digestOf(site.sha512, files.iso) };
      releases.push({ version, arch, checksums: files.checksums, files: [iso] });
    }
  const images = servedImages(site);
  if (releases.length === 0 && !images) return undefined;
  return { site, releases, from: RELEASES_URL, folder: mediaFolder(site), images };
}

/** Returns the files of each release that iPXE itself loads: it cannot verify any other. */
function signed(site: Site) {
  const { sign } = site.server;
  if (!sign) return undefined;
  const files = installedReleases(site).flatMap(({ version, files: { kernel, initrd } }) =>
    [kernel, initrd].map((name) => ({ version, name, sha512: digestOf(site.sha512, name) })),
  );
  return { site, signer: sign.signer, media: mediaFolder(site), signatures: sign.path, files };
}

/** Returns the parts of iPXE for a site's machines, if any must be built. */
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
    site,
    script: hasEmbedded(site) ? embedPath(site) : undefined,
    authority: signs,
    https,
    needsCa: needsCa(site),
    /**
     * In CONFIG= and below config/local. The C preprocessor reads the name: a hyphen would end it, and `linux` is a macro.
     * Two site names can map to the same; the script does not touch the files of the other.
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
 * Returns a program inside images: its make target and, for UEFI, the name of its separate file and the name that
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

/** Returns the script's variable with the compiler prefix, which is empty if the machine has the same architecture. */
function crossOf(program: string): string {
  return program.startsWith('bin-arm64') ? 'cross' : 'cross_x86';
}

/** The architectures of GRUB's formats in the names of Red Hat's packages. */
const RPM = { 'x86_64-efi': 'x64', 'arm64-efi': 'aa64' } as const;

/** Returns the GRUB programs to copy to the TFTP directory, if a machine of the site boots GRUB. */
function grub(site: Site) {
  const seconds = new Set(Object.values(GRUB_LOADERS).map(({ second }) => second));
  const programs = grubProgramsOf(site).flatMap((name) => {
    const program = GRUB_PROGRAMS[name];
    if (!program) return [];
    const rpm = 'format' in program ? RPM[program.format] : undefined;
    return [{ name, ...program, isSecond: seconds.has(name), rpm }];
  });
  return programs.length > 0 ? { site, programs, modules: GRUB_MODULES } : undefined;
}

/**
 * Returns the PXELINUX programs to copy to the TFTP directory, if a machine of the site boots PXELINUX. A site with diskless
 * nodes always gets the script, because it also removes the menu of the last machine that did.
 */
function pxelinux(site: Site) {
  const isLoaded = hasPxelinux(site);
  if (!isLoaded && site.images.length === 0 && diskNodes(site).length === 0) return undefined;
  const loaded = isLoaded ? PXELINUX_PROGRAMS : [];
  const isOwn = ({ name }: { readonly name: string }) => name === IPXE_KERNEL && needsOwnIpxe(site);
  return {
    site,
    isLoaded,
    programs: loaded.filter((program) => !isOwn(program)),
    own: loaded.filter(isOwn).map(({ name }) => name),
    build: BUILD_IPXE,
  };
}

/**
 * Returns the clusters on a libvirt host, for the scripts that wait until a cluster is ready and that fetch its kubeconfig.
 * Returns undefined if the site has no host, or no cluster on it.
 */
function clustersOnHost(site: Site) {
  const { host, clusters } = site;
  const onHost = clusters.filter(({ members }) => members.length > 0);
  if (!host || onHost.length === 0) return undefined;
  return { site, clusters: onHost.map((cluster) => scriptCluster(cluster, host)) };
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
    // The nodes that may have a kubeconfig: a worker never serves the API.
    nodes: [...creates, ...others]
      .filter(({ role }) => role !== 'worker')
      .map(({ name, ip }) => ({ name, ip })),
  };
}

/** Returns the address, and the port if it differs, by which users reach a port of a cluster's VIP through the host. */
function exposedAt(cluster: Cluster, host: Host, to: number): string | undefined {
  // Ports on the loopback address are only for the host itself.
  const exposed = host.expose.find(
    (one) => one.cluster === cluster && one.to === to && !one.address?.startsWith('127.'),
  );
  const address = host.address ?? exposed?.address;
  if (!exposed || address === undefined) return undefined;
  return exposed.port === to ? urlHost(address) : `${urlHost(address)}:${exposed.port}`;
}
