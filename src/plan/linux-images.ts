import { manifestsOf, textIn } from '../site/manifests.ts';
import type { LinuxBoot, Node, Site } from '../site/model.ts';
import { onceFor } from '../values/once-for.ts';

/** A file that machines of a site boot Linux from. */
export interface LinuxImage {
  readonly url: string;
  readonly kind: 'kernel' | 'initrd' | 'rootfs';
  /** The path below `server.images`, if the boot server itself serves it. */
  readonly path?: string | undefined;
  readonly nodes: readonly Node[];
}

type Booted = Pick<Site, 'nodes' | 'server' | 'unknownMachines'>;

/** Returns the kernels, initrds and root file systems that machines boot Linux from, each once, in the inventory's order. */
export function linuxImages(site: Booted): LinuxImage[] {
  const byUrl = new Map<string, LinuxImage & { readonly nodes: Node[] }>();
  for (const node of bootingLinux(site.nodes)) {
    for (const { url, kind } of imagesOf(node.linux)) {
      const known = byUrl.get(url);
      if (known?.nodes.at(-1) === node) continue;
      if (known) known.nodes.push(node);
      else byUrl.set(url, { url, kind, path: pathOf(site, url), nodes: [node] });
    }
  }
  for (const { url, kind } of site.unknownMachines.flatMap(imagesOf))
    if (!byUrl.has(url)) byUrl.set(url, { url, kind, path: pathOf(site, url), nodes: [] });
  return [...byUrl.values()];
}

/**
 * Returns the files of Linux and the VM images that the boot server itself serves, as sorted paths below a directory. Returns
 * undefined if it serves none.
 */
export function servedImages(site: Booted & Pick<Site, 'manifests'>) {
  const { path: folder } = site.server.images;
  const ofVms = manifestsOf('VirtualMachineImage')(site).flatMap(
    (one) => pathOf(site, textIn(one, 'spec', 'url') ?? '') ?? [],
  );
  const booted = new Set(linuxImages(site).flatMap(({ path }) => path ?? []));
  const vmImages = [...new Set(ofVms)].filter((path) => !booted.has(path)).sort();
  if (folder === undefined || booted.size + vmImages.length === 0) return undefined;
  return { folder, files: [...booted].sort(), vmImages };
}

type Booting = Node & { readonly linux: LinuxBoot };

/** The nodes that boot Linux. Cached: there are many readers, and most nodes of large sites boot another OS. */
const bootingLinux = onceFor((nodes: Site['nodes']) =>
  nodes.filter((node): node is Booting => node.linux !== undefined),
);

function imagesOf(linux: LinuxBoot): Pick<LinuxImage, 'url' | 'kind'>[] {
  return [
    { url: linux.kernel, kind: 'kernel' },
    ...linux.initrds.map((url) => ({ url, kind: 'initrd' as const })),
    ...(linux.squashfs === undefined ? [] : [{ url: linux.squashfs, kind: 'rootfs' as const }]),
  ];
}

function pathOf({ server: { images } }: Pick<Site, 'server'>, url: string): string | undefined {
  return images.path !== undefined && url.startsWith(`${images.url}/`)
    ? url.slice(images.url.length + 1)
    : undefined;
}
