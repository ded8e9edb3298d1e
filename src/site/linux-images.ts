import type { Node, Site } from './model.ts';

/** A file that machines of a site boot Linux from. */
export interface LinuxImage {
  readonly url: string;
  readonly kind: 'kernel' | 'initrd' | 'rootfs';
  /** Where it lies below `server.images`, if the boot server itself hands it out. */
  readonly path?: string | undefined;
  /** Who boots from it, in the inventory's order. */
  readonly nodes: readonly Node[];
}

/** Gives the kernels, initrds and root file systems that nodes boot Linux from, each once, in the inventory's order. */
export function linuxImages(site: Pick<Site, 'nodes' | 'server'>): LinuxImage[] {
  const byUrl = new Map<string, LinuxImage & { readonly nodes: Node[] }>();
  for (const node of site.nodes) {
    for (const { url, kind } of imagesOf(node)) {
      const known = byUrl.get(url);
      if (known?.nodes.at(-1) === node) continue;
      if (known) known.nodes.push(node);
      else byUrl.set(url, { url, kind, path: pathOf(site, url), nodes: [node] });
    }
  }
  return [...byUrl.values()];
}

/** Gives where the files lie on the boot server that machines boot Linux from, below `server.images`, each once and sorted. */
export function imagePaths(site: Pick<Site, 'nodes' | 'server'>): string[] {
  return linuxImages(site)
    .flatMap(({ path }) => path ?? [])
    .sort();
}

function imagesOf({ linux }: Node): Pick<LinuxImage, 'url' | 'kind'>[] {
  if (!linux) return [];
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
