import * as boot from '../../knowledge/boot-programs.ts';
import { CREDENTIAL, DUMP_HEADER, DUMPED } from '../../knowledge/cluster-dump.ts';
import { bootedFiles, RELEASES_URL } from '../../knowledge/harvester.ts';
import { digestOf } from '../../knowledge/harvester-digests.ts';
import { diskNodes } from '../../plan/iscsi.ts';
import { servedImages } from '../../plan/linux-images.ts';
import * as plan from '../../plan/programs.ts';
import { installedReleases } from '../../site/clusters.ts';
import { upgradeReleases } from '../../site/manifests.ts';
import type { Cluster, Site } from '../../site/model.ts';
import * as paths from '../../tree/paths.ts';
import { urlHost } from '../../values/addresses.ts';
import { reachablePorts } from '../systemd/systemd.ts';
import type { Emitted, Target } from '../target.ts';
import { imageScripts } from './images.ts';

/** Scripts with the commands of operators. */
export const scripts: Target = {
  name: 'scripts',
  *emit(site, render) {
    /** Yields a script whose template has its path in the tree, followed by a plain script; nothing if the site does not need it. */
    function* renderScript(path: string, data: object | undefined, part?: string): Iterable<Emitted> {
      if (!data) return;
      yield { path, content: render(path, data) + (part ? render(part, {}) : ''), executable: true };
    }
    yield* renderScript(paths.FETCH_MEDIA, fetched(site));
    yield* renderScript('scripts/sign-media.sh', signed(site), 'scripts/sign-media-run.sh');
    yield* renderScript(paths.BUILD_IPXE, builtIpxe(site));
    yield* renderScript(paths.PUT_GRUB, grub(site));
    yield* renderScript(paths.PUT_PXELINUX, pxelinux(site));
    yield* imageScripts(site, render);
    const clusters = clustersOnHost(site);
    yield* renderScript('scripts/wait-ready.sh', clusters);
    yield* renderScript('scripts/kubeconfig.sh', clusters);
    yield* renderScript(paths.DUMP_CLUSTER, dumped(site));
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
  const pinned = (names: readonly string[]) =>
    names.map((name) => ({ name, sha512: digestOf(site.sha512, name) }));
  const releases = installedReleases(site).map(({ version, arch, files }) => {
    return { version, arch, checksums: files.checksums, files: pinned(bootedFiles(files)) };
  });
  const installed = new Set(releases.map(({ version, arch }) => `${version} ${arch}`));
  for (const { version, arch, files } of upgradeReleases(site))
    if (!installed.has(`${version} ${arch}`))
      releases.push({ version, arch, checksums: files.checksums, files: pinned([files.iso]) });
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
  if (!plan.buildsIpxe(site)) return undefined;
  const { signs, https } = plan.builtInOf(site);
  const programs = plan.hasEmbedded(site) ? plan.imageProgramsOf(site) : [];
  const images = programs.map((program) => imageOf(site, program));
  const loaders = plan.loadersOf(site).map((loader) => {
    const build = plan.buildOf(loader);
    return { ...build, cross: crossOf(build.program) };
  });
  const isBios = ({ program }: { readonly program: string }) => program.startsWith('bin/');
  const crosses = new Set([...images, ...loaders].map(({ cross }) => cross));
  const ofImages = images.length > 0 ? ['iso', 'usb', 'efi'] : [];
  const ofLoaders = loaders.length > 0 ? ['loaders'] : [];
  return {
    site,
    script: plan.hasEmbedded(site) ? paths.embedPath(site) : undefined,
    authority: signs,
    https,
    needsCa: plan.needsCa(site),
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
  return program.includes('arm64')
    ? { ...build, efi: `${name}-arm64.efi`, boot: 'BOOTAA64.EFI' }
    : { ...build, efi: `${name}.efi`, boot: 'BOOTX64.EFI' };
}

/** Returns the script's variable with the compiler prefix, which is empty if the machine has the same architecture. */
function crossOf(program: string): string {
  return program.startsWith('bin-arm64') ? 'cross' : 'cross_x86';
}

/** The architectures of GRUB's formats in the names of Red Hat's packages. */
const RPM = { 'x86_64-efi': 'x64', 'arm64-efi': 'aa64' } as const;

/** Returns the GRUB programs to copy to the TFTP directory, if a machine of the site boots GRUB. */
function grub(site: Site) {
  const seconds = Object.values(boot.GRUB_LOADERS).map(({ second }) => second);
  const programs = plan.grubProgramsOf(site).flatMap((name) => {
    const program = boot.GRUB_PROGRAMS[name];
    if (!program) return [];
    const rpm = 'format' in program ? RPM[program.format] : undefined;
    return [{ name, ...program, isSecond: seconds.includes(name), rpm }];
  });
  return programs.length > 0 ? { site, programs, modules: boot.GRUB_MODULES } : undefined;
}

/**
 * Returns the PXELINUX programs to copy to the TFTP directory, if a machine of the site boots PXELINUX. A site with diskless
 * nodes always gets the script, because it also removes the menu of the last machine that did.
 */
function pxelinux(site: Site) {
  const isLoaded = plan.hasPxelinux(site);
  if (!isLoaded && site.images.length === 0 && diskNodes(site).length === 0) return undefined;
  const loaded = isLoaded ? boot.PXELINUX_PROGRAMS : [];
  const isOwn = ({ name }: { readonly name: string }) => name === boot.IPXE_KERNEL && plan.needsOwnIpxe(site);
  const programs = loaded.filter((program) => !isOwn(program));
  const own = loaded.filter(isOwn).map(({ name }) => name);
  return { site, isLoaded, programs, own, build: paths.BUILD_IPXE };
}

/**
 * Returns the clusters on a libvirt host, for the scripts that wait until a cluster is ready and that fetch its kubeconfig.
 * Returns undefined if the site has no host, or no cluster on it.
 */
function clustersOnHost(site: Site) {
  const onHost = site.host ? site.clusters.filter(({ members }) => members.length > 0) : [];
  if (onHost.length === 0) return undefined;
  const clusters = onHost.map((cluster) => {
    // Harvester's web interface, and the Kubernetes API (RKE2).
    const [web, api] = [exposedAt(cluster, site, 443), exposedAt(cluster, site, 6443)];
    // The nodes that may have a kubeconfig, the create node first: a worker never serves the API.
    const nodes = [...cluster.members]
      .sort((a, b) => Number(b.mode === 'create') - Number(a.mode === 'create'))
      .flatMap(({ name, ip, role }) => (role === 'worker' ? [] : { name, ip }));
    return { name: cluster.name, vip: cluster.vip, web, api, nodes };
  });
  return { site, clusters };
}

/** Returns the address, and the port if it differs, by which users reach a port of a cluster's VIP through the host. */
function exposedAt(cluster: Cluster, site: Site, to: number): string | undefined {
  const exposed = reachablePorts(site).find((port) => port.cluster === cluster && port.to === to);
  const address = site.host?.address ?? exposed?.address;
  if (!exposed || address === undefined) return undefined;
  return exposed.port === to ? urlHost(address) : `${urlHost(address)}:${exposed.port}`;
}
